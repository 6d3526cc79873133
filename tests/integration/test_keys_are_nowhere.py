"""A whole run with vendors that repeat their keys in errors: no key is in a page, log, cache file, journal or lock."""

import base64
import gzip
import json
import time
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
import requests
import websocket

from tests.browser.serving import Serving
from tests.fake_vendors import KEYS, FakeVendors
from tests.noon import VARIABLE, shift_s
from tests.waiting import eventually
from tradesim.storage.keys import KEYS_FILE

ON_DISK = "FINNHUB_API_KEY"
"""Kept in the data folder; the others come by the environment."""
PROVIDERS = ("alpaca", "iex_alpaca", "polygon", "finnhub", "alphavantage")
PAGES = ("", "_dash-layout", "_dash-dependencies", "healthz", "sim/v1/status", "sim/v1/account", "sim/v1/orders")
RECORDED = ("alpaca", "polygon", "finnhub", "alphavantage")
LISTEN_S = 2.0


def spellings(key: str) -> set[bytes]:
    """As it stands, as addresses, JSON and headers write it."""
    forms = {key, quote(key, safe=""), quote_plus(key), json.dumps(key)[1:-1]}
    return {form.encode() for form in forms} | {base64.b64encode(key.encode()).rstrip(b"=")}


class Session:
    """A desk in a process of its own, and everything that it said over HTTP and the socket."""

    def __init__(self, serving: Serving) -> None:
        self.serving, self.said = serving, bytearray()

    def read(self, path: str) -> None:
        self.said += requests.get(f"{self.serving.url}/{path}", timeout=60).content

    def call(self, question: str, answer: str, value: dict) -> dict:
        """A callback of the page."""
        body = {
            "output": f"{answer}.data",
            "outputs": {"id": answer, "property": "data"},
            "inputs": [{"id": question, "property": "data", "value": value}],
            "changedPropIds": [f"{question}.data"],
        }
        headers = {"Origin": self.serving.url}
        reply = requests.post(f"{self.serving.url}/_dash-update-component", json=body, headers=headers, timeout=60)
        assert reply.ok, reply.text
        self.said += reply.content
        return reply.json()["response"][answer]["data"]

    def state(self) -> dict:
        return self.call("providers-asked", "providers-rows", {"n": 1, "what": "state", "symbol": "AAPL"})

    def errors(self) -> dict[str, str]:
        return {row["id"]: row["error"] or "" for row in self.state()["providers"]}

    def listen(self) -> None:
        line = websocket.create_connection(self.serving.url.replace("http", "ws") + "/ws", origin=self.serving.url)
        line.send(json.dumps({"op": "subscribe", "topics": ["status", "market", "feeds", "desk", "tape:AAPL"]}))
        until = time.monotonic() + LISTEN_S
        line.settimeout(LISTEN_S)
        while time.monotonic() < until:
            self.said += line.recv().encode()
        line.close()


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> tuple[Session, Path, Path]:
    """Everything was asked, refused and told; the desk has ended."""
    folder, state = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("state")
    keys_file = folder / KEYS_FILE
    keys_file.write_text(json.dumps({ON_DISK: KEYS[ON_DISK]}))
    keys_file.chmod(0o600)
    seconds = shift_s(time.time())
    wanted = ("live", "alpaca", "AAPL", "--backup", "polygon", "--backup", "finnhub", "--backup", "alphavantage")
    with FakeVendors(seconds) as vendors:
        own = {VARIABLE: str(seconds), "XDG_STATE_HOME": str(state), "TRADESIM_LOG": "DEBUG", ON_DISK: ""}
        environment = {**vendors.environment, **own}
        with Serving(folder, *wanted, program=("-m", "tests.noon"), environment=environment) as serving:
            session = Session(serving)
            session.listen()
            record_all(session, is_on=True)
            make_them_echo(session, vendors)
            session.listen()
            record_all(session, is_on=False)
            for page in PAGES:
                session.read(page)
            session.call("providers-asked", "providers-rows", {"n": 2, "what": "market"})
    return session, folder, state


def record_all(session: Session, is_on: bool) -> None:
    """Of the providers of the open market: what they say, log-ins included, is written down."""
    for provider in RECORDED:
        wish = {"n": 1, "provider": provider, "on": is_on}
        assert session.call("providers-record", "providers-recorded", wish)["ok"]
    if is_on:
        eventually(lambda: all(row["frames"] + row["answers"] for row in recorded(session)))


def recorded(session: Session) -> list[dict]:
    return [row["recording"] for row in session.state()["providers"] if row["id"] in RECORDED]


def make_them_echo(session: Session, vendors: FakeVendors) -> None:
    for vendor in vendors.each.values():
        vendor.kill()
        vendor.echoes = True
        vendor.start()
    for provider in PROVIDERS:
        session.call("providers-test", "providers-tested", {"n": 1, "provider": provider})
        session.call("providers-search", "providers-found", {"n": 1, "provider": provider, "text": "apple"})
    eventually(lambda: all("***" in session.errors()[name] for name in ("alpaca", "polygon", "finnhub")))


def test_every_vendor_did_repeat_its_key_and_the_page_was_told_without_it(run) -> None:
    session, *_ = run
    said = session.said.decode()
    for title in ("Alpaca", "Polygon", "Finnhub", "Alpha Vantage"):
        assert title in said
    assert "detected your API key as ***" in said and "***" in said


@pytest.mark.parametrize("name", KEYS)
def test_the_key_is_in_no_page_and_no_message(run, name: str) -> None:
    session, *_ = run
    assert not [form for form in spellings(KEYS[name]) if form in session.said]


@pytest.mark.parametrize("name", KEYS)
def test_the_key_is_in_no_log_cache_file_journal_recording_or_lock(run, name: str) -> None:
    session, folder, state = run
    files = [path for at in (folder, state) for path in at.rglob("*") if path.is_file()]
    files = [*(path for path in files if path != folder / KEYS_FILE), session.serving.log]
    assert session.serving.log in files and any(path.suffix == ".db" for path in files)
    assert any("cache" in path.parts for path in files)
    contents = {path: unpacked(path) for path in files}
    recordings = [path for path in files if path.name.endswith(".traffic.gz")]
    assert {path.name.split()[0] for path in recordings} == set(RECORDED)
    assert any(b"***" in contents[path] for path in recordings), "nobody repeated a key while it was recorded"
    assert len(contents[session.serving.log]) > 1_000
    found = [path.name for path, content in contents.items() for form in spellings(KEYS[name]) if form in content]
    assert not found


def unpacked(path: Path) -> bytes:
    content = path.read_bytes()
    return content + gzip.decompress(content) if path.suffix == ".gz" else content


def test_the_kept_keys_are_their_owners_alone(run) -> None:
    _, folder, _ = run
    assert (folder / KEYS_FILE).stat().st_mode & 0o777 == 0o600
