import json
import os
from pathlib import Path

import flask_compress.flask_compress
import pytest
from flask import Flask

from tradesim.ui.bundle import SCRIPTS, SOURCE_MAP, STYLES, Bundler, joined, routes
from tradesim.ui.packing import pack

ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "b.js").write_text("second();\nthird();\n")
    (tmp_path / "a.js").write_text("first();\n")
    (tmp_path / "head.js").write_text("inHead();\n")
    (tmp_path / "a.css").write_text("a { color: red; }\n")
    (tmp_path / "b.css").write_text("b { color: blue; }\n" * 100)
    return tmp_path


@pytest.fixture
def client(folder):
    server, bundler = Flask("bundle"), Bundler(folder, without=frozenset({"head.js"}))
    server.register_blueprint(routes(bundler))
    pack(server)
    return server.test_client()


def test_scripts_come_in_alphabetical_order_without_what_is_in_the_head(client):
    text = client.get(SCRIPTS).text
    assert text.index("first();") < text.index("second();")
    assert "inHead" not in text


def test_a_script_that_throws_takes_no_other_with_it():
    script, _ = joined({"a.js": "throw new Error();", "b.js": "went = true;"})
    assert script.count("try {") == script.count("} catch") == 2


def test_source_map_points_each_line_at_its_file():
    scripts = {"a.js": "first();\n", "b.js": "second();\nthird();\n"}
    script, source_map = joined(scripts)
    lines = script.splitlines()
    for section, (name, text) in zip(json.loads(source_map)["sections"], scripts.items(), strict=True):
        at = section["offset"]["line"]
        assert section["map"]["sources"] == [f"/assets/{name}"]
        assert lines[at : at + len(text.splitlines())] == text.splitlines()
        assert section["map"]["mappings"].count(";") == text.count("\n")


def test_what_is_known_is_not_sent_again(client):
    for path in (SCRIPTS, STYLES, SOURCE_MAP):
        tag = client.get(path).headers["ETag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_an_edited_file_is_there_at_the_next_load(client, folder):
    former = client.get(STYLES)
    (folder / "a.css").write_text("a { color: green; }\n")
    os.utime(folder / "a.css", ns=(1, 1))
    edited = client.get(STYLES, headers={"If-None-Match": former.headers["ETag"]})
    assert edited.status_code == 200
    assert "green" in edited.text


@pytest.mark.parametrize("way", ["br", "zstd", "gzip"])
def test_other_machines_get_it_packed_and_know_it_again(client, way):
    asked = {"headers": {"Accept-Encoding": way}, "environ_overrides": ELSEWHERE}
    answer = client.get(STYLES, **asked)
    assert answer.headers["Content-Encoding"] == way
    assert len(answer.data) < 200
    asked["headers"]["If-None-Match"] = answer.headers["ETag"]
    assert client.get(STYLES, **asked).status_code == 304


def test_an_edited_file_is_packed_anew(client, folder):
    asked = {"headers": {"Accept-Encoding": "gzip"}, "environ_overrides": ELSEWHERE}
    former = client.get(STYLES, **asked).data
    (folder / "a.css").write_text("a { color: green; }\n")
    assert client.get(STYLES, **asked).data != former


def test_the_same_text_is_packed_once_whatever_the_path_claims(client, monkeypatch):
    packed = []
    compress = flask_compress.flask_compress._compress_data
    monkeypatch.setattr(
        flask_compress.flask_compress, "_compress_data", lambda *how: packed.append(1) or compress(*how)
    )
    for number in range(3):
        client.get(f"{STYLES}?v={number}", headers={"Accept-Encoding": "gzip"}, environ_overrides=ELSEWHERE)
    assert len(packed) == 1


def test_a_file_that_is_sent_from_the_disk_is_packed_too(tmp_path):
    (tmp_path / "icons.css").write_text("i { color: red; }\n" * 100)
    server = Flask("files", static_folder=str(tmp_path), static_url_path="/styles")
    pack(server)
    asked = {"headers": {"Accept-Encoding": "gzip"}, "environ_overrides": ELSEWHERE}
    assert server.test_client().get("/styles/icons.css", **asked).headers["Content-Encoding"] == "gzip"


def test_this_machine_gets_it_as_it_is(client):
    answer = client.get(STYLES, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers
    assert "b { color: blue; }" in answer.text
