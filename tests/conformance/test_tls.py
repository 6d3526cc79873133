"""Clients that insist on TLS, against the desk as its owner starts it: the stock stream of 73, and a bot by 76."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from websocket import create_connection

from tests.browser.serving import ROOT, Serving
from tests.conformance.test_other_traders import JS3, require_node
from tests.waiting import eventually
from tradesim.storage.apikeys import ApiKeys
from tradesim.storage.certificates import made_certificate
from tradesim.storage.datafolder import data_folder

trustme = pytest.importorskip("trustme", reason="trustme is not installed: no certificate can be made")
pytestmark = pytest.mark.slow
HERE = Path(__file__).parent

BOT = """
import asyncio, ssl, urllib.request
import threading

from alpaca.trading.client import TradingClient
from alpaca.trading.stream import TradingStream
from alpaca.trading.requests import MarketOrderRequest

client = TradingClient("AKREALKEYOFALPACA", "their own secret", paper=True)
stream = TradingStream("AKREALKEYOFALPACA", "their own secret", paper=True)

heard = threading.Event()

async def on_update(update):
    heard.set()
    event = str(getattr(update.event, "value", update.event))
    print("heard", event, flush=True)
    if event == "fill":
        await stream.stop_ws()

stream.subscribe_trade_updates(on_update)

def trade():
    while not heard.is_set():
        client.submit_order(MarketOrderRequest(symbol="F", qty=1, side="buy", time_in_force="day"))
        heard.wait(2)
threading.Thread(target=trade).start()
stream.run()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tls") / "data"


@pytest.fixture(scope="module")
def certificate(folder):
    return made_certificate(data_folder(folder), (), time.time_ns())


@pytest.fixture(scope="module")
def desk(folder, certificate):
    with Serving(folder, environment={"TRADESIM_CERT": str(certificate.server)}) as served:
        yield served


@pytest.fixture(scope="module")
def key(folder, desk):
    made = ApiKeys(folder, time.time_ns).create()
    return made.key.id, made.secret


def test_who_does_not_trust_the_desk_gets_no_further(desk):
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{desk.url}/healthz", timeout=60)
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(desk.url.replace("https", "http") + "/healthz", timeout=60)
    assert requests.get(f"{desk.url}/healthz", timeout=60, verify=desk.verify).json()["status"] == "ok"


def test_a_long_message_in_one_record_is_heard_whole(desk, key):
    """A TLS record is longer than what is read at once: the rest of it is in no socket any more."""
    trusting = {"ca_certs": desk.verify}
    line = create_connection(f"{desk.url.replace('https', 'wss')}/v2/iex", timeout=60, sslopt=trusting)
    assert json.loads(line.recv()) == [{"T": "success", "msg": "connected"}]
    line.send(json.dumps({"action": "auth", "key": key[0], "secret": key[1]}))
    assert json.loads(line.recv()) == [{"T": "success", "msg": "authenticated"}]
    names = [f"NAME{n}" for n in range(1_500)] + ["AAPL"]
    line.send(json.dumps({"action": "subscribe", "quotes": names}))
    while (said := json.loads(line.recv())[0])["T"] != "subscription":
        assert said["T"] == "q", said
    assert sorted(said["quotes"]) == sorted(names)
    line.close()


def test_the_page_s_socket_works_over_tls(desk):
    origin = desk.url
    line = create_connection(
        f"{desk.url.replace('https', 'wss')}/ws", timeout=60, origin=origin, sslopt={"ca_certs": desk.verify}
    )
    assert json.loads(line.recv())
    line.close()


def test_73_the_stock_stream_of_the_former_javascript_sdk(desk, key, certificate):
    require_node(JS3)
    env = {
        **os.environ,
        "APCA_API_KEY_ID": key[0],
        "APCA_API_SECRET_KEY": key[1],
        "NODE_EXTRA_CA_CERTS": str(certificate.authority),
    }
    command = ["node", str(HERE / "js3_streams.cjs"), str(JS3.resolve()), desk.url]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    seen = json.loads(done.stdout.strip().splitlines()[-1])
    assert (seen["quote"] in ("AAPL", "F"), seen["coin"], seen["problems"]) == (True, "BTC/USD", [])
    assert float(seen["cash"]) > 0


def test_76_a_bot_of_tradesim_run_trusts_the_desk(folder, certificate, desk, tmp_path):
    done = run_bot(folder, tmp_path, TRADESIM_CERT=str(certificate.server), PORT=str(desk.port))
    assert (done.returncode, "heard fill" in done.stdout) == (0, True), done.stdout + done.stderr


def test_76_at_a_certificate_of_another_name_bots_trade_where_the_owner_says(tmp_path):
    folder = tmp_path / "data"
    own = written_certificate(tmp_path)
    with Serving(folder, environment={"TRADESIM_CERT": str(own)}, name="localhost") as served:
        lost = run_bot(folder, tmp_path, TRADESIM_CERT=str(own), PORT=str(served.port))
        assert lost.returncode == 1 and "set TRADESIM_URL" in lost.stderr, lost.stderr
        done = run_bot(folder, tmp_path, TRADESIM_CERT=str(own), TRADESIM_URL=served.url)
        assert (done.returncode, "heard fill" in done.stdout) == (0, True), done.stdout + done.stderr
        written_bot(folder / "bots")
        run = served.post("bots", path="bot.py")
        eventually(lambda: "heard fill" in (folder / "bots" / "runs" / f"{run['id']}.log").read_text())


def written_certificate(folder):
    """One for `localhost` alone, signed by an office's own authority."""
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    issued.private_key_and_cert_chain_pem.write_to_path(folder / "fullchain.pem")
    authority.cert_pem.write_to_path(folder / "trusted.pem")
    return folder / "fullchain.pem"


def written_bot(folder):
    folder.mkdir(exist_ok=True)
    (folder / "bot.py").write_text(BOT)
    return folder / "bot.py"


def run_bot(folder, at, **environment):
    return subprocess.run(
        [sys.executable, "-m", "tradesim.cli", "run", "--time-limit", "180", str(written_bot(at))],
        cwd=ROOT,
        env={**os.environ, "TRADESIM_DATA": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
