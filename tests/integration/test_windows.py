"""The desk without anything that only POSIX has: the same page, stream and orders, one to a folder and to a port."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.browser.serving import NOWHERE, ROOT, Serving
from tests.page import Page
from tests.ports import free_port
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there every other test says it")
PROGRAM = ("-m", "tests.windows")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with Serving(tmp_path_factory.mktemp("data"), program=PROGRAM) as serving:
        yield serving


def ended(folder: Path, port: int, *arguments: str) -> subprocess.CompletedProcess:
    own = {"TRADESIM_DATA": str(folder), "PORT": str(port), "TRADESIM_PROVIDER_URLS": NOWHERE}
    command = [sys.executable, *PROGRAM, *arguments]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        timeout=3 * PATIENCE_S,
        check=False,
    )


def test_the_page_and_its_stream_are_served(desk) -> None:
    assert 'id="react-entry-point"' in requests.get(desk.url, timeout=PATIENCE_S).text
    page = Page(desk.port)
    page.say(op="subscribe", topics=["market"])
    page.hear(lambda page: page.of("market"))
    page.end()


def test_an_order_is_taken(desk) -> None:
    assert desk.post("orders", symbol="AAPL", side="buy", qty="100", type="market")["id"]


def test_a_second_desk_on_the_folder_ends_with_one_sentence(desk) -> None:
    done = ended(desk.folder, free_port())
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stderr.startswith("tradesim: another TradeSim (pid ")
    assert done.stderr.count("\n") == 1


def test_a_taken_port_ends_with_one_sentence(desk, tmp_path) -> None:
    done = ended(tmp_path, desk.port)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith(f"tradesim: port {desk.port} on 127.0.0.1 is already taken")


def test_other_verbs_work_too(tmp_path) -> None:
    log = tmp_path / "facts.jsonl"
    done = ended(tmp_path, free_port(), "session", "--seconds", "1", "--log", str(log))
    assert done.returncode == 0 and log.stat().st_size
