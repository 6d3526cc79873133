"""A key is made on the page, used and revoked in a running desk: its secret was in one answer and is nowhere else."""

import json
from pathlib import Path

import pytest
import requests

from tests.browser.serving import Serving
from tests.integration.test_keys_are_nowhere import Session, spellings

PAGES = ("", "_dash-layout", "_dash-dependencies", "healthz", "sim/v1/status", "sim/v1/orders", "sim/v1/bots")
BOT = "import os\nprint(os.environ['APCA_API_KEY_ID'])\n"


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> tuple[Session, Path, dict]:
    folder = tmp_path_factory.mktemp("data")
    with Serving(folder, environment={"TRADESIM_LOG": "DEBUG"}) as serving:
        session = Session(serving)
        before = len(session.said)
        made = session.call("keys-make", "keys-made", {"n": 1, "account": "Robots", "label": "laptop"})
        del session.said[before:]
        pair = {"APCA-API-KEY-ID": made["id"], "APCA-API-SECRET-KEY": made["secret"]}
        order = {"symbol": "AAPL", "qty": "1", "side": "buy", "type": "market", "time_in_force": "day"}
        sent = requests.post(f"{serving.url}/v2/orders", json=order, headers=pair, timeout=60)
        assert sent.status_code == 200, sent.text
        made["rows"] = session.call("keys-asked", "keys-rows", {"n": 2})
        made["programs"] = session.call("bots-asked", "bots-rows", {"n": 1, "files": True})
        kept = session.call("bots-wish", "bots-done", {"n": 2, "do": "save", "name": "tell.py", "content": BOT})
        session.call("bots-wish", "bots-done", {"n": 3, "do": "start", "file": kept["file"]})
        for page in PAGES:
            session.read(page)
        session.listen()
        made["revoked"] = session.call("keys-revoke", "keys-revoked", {"n": 4, "id": made["id"]})
        made["after"] = requests.get(f"{serving.url}/v2/account", headers=pair, timeout=60).status_code
    return session, folder, made


def test_the_answer_that_made_it_tells_what_a_client_gets(run):
    _, _, made = run
    assert made["ok"] and made["trial"]["status"] == 200
    assert json.loads(made["trial"]["body"])["status"] == "ACTIVE"


def test_it_works_is_counted_and_is_revoked(run):
    _, _, made = run
    (row,) = [each for each in made["rows"]["keys"] if each["id"] == made["id"]]
    assert (row["account"], row["label"], row["today"]) == ("Robots", "laptop", 2)
    (program,) = made["programs"]["programs"]
    assert (program["key"], program["account"], program["orders"]) == (made["id"], "Robots", 1)
    assert made["revoked"]["ok"] and made["after"] == 401


def test_its_secret_is_nowhere_else(run):
    session, folder, made = run
    found = [path for path in folder.rglob("*") if path.is_file()] + [session.serving.log]
    assert len(found) > 5
    for form in spellings(made["secret"]):
        assert form not in bytes(session.said)
        for path in found:
            assert form not in path.read_bytes(), path.name
