"""Bots that know Alpaca's addresses by heart and use no SDK: `tradesim run` brings them here all the same. 76."""

import importlib.util
import io

import pytest

from tradesim.ops.bots import Plan, Supervised

KEYS = """
KEY, SECRET = "AKREALKEYOFALPACA", "their own secret"
SHOWN = {"APCA-API-KEY-ID": KEY, "APCA-API-SECRET-KEY": SECRET}
TRADING, DATA = "https://paper-api.alpaca.markets", "https://data.alpaca.markets"
ORDER = {"symbol": "AAPL", "qty": "7", "side": "buy", "type": "market", "time_in_force": "day"}
"""

REQUESTS = """
import requests
placed = requests.post(TRADING + "/v2/orders", json=ORDER, headers=SHOWN, timeout=60)
session = requests.Session()
session.headers.update(SHOWN)
quote = session.get(DATA + "/v2/stocks/quotes/latest", params={"symbols": "AAPL", "feed": "iex"}, timeout=60).json()
by_pair = requests.get(TRADING + "/v2/account", auth=(KEY, SECRET), timeout=60)
print(placed.json()["symbol"], sorted(quote["quotes"]), by_pair.status_code)
"""

HTTPX = """
import asyncio, httpx
async def watched():
    async with httpx.AsyncClient(base_url=DATA, headers=SHOWN) as client:
        return (await client.get("/v2/stocks/quotes/latest", params={"symbols": "AAPL"})).json()
with httpx.Client(base_url=TRADING, headers=SHOWN) as client:
    placed = client.post("/v2/orders", json=ORDER).json()
quote = asyncio.run(watched())
print(placed["symbol"], sorted(quote["quotes"]), httpx.get(TRADING + "/v2/account", auth=(KEY, SECRET)).status_code)
"""

URLLIB = """
import json
from urllib.request import Request, urlopen
wish = Request(TRADING + "/v2/orders", json.dumps(ORDER).encode(), {**SHOWN, "Content-Type": "application/json"})
placed = json.load(urlopen(wish, timeout=60))
quote = json.load(urlopen(Request(DATA + "/v2/stocks/quotes/latest?symbols=AAPL", headers=SHOWN), timeout=60))
account = urlopen(Request(TRADING + "/v2/account", headers={"Authorization": "Basic eDp5"}), timeout=60)
print(placed["symbol"], sorted(quote["quotes"]), account.status)
"""

AIOHTTP = """
import aiohttp, asyncio
async def trade():
    async with aiohttp.ClientSession(headers=SHOWN) as session:
        async with session.post(TRADING + "/v2/orders", json=ORDER) as reply:
            placed = await reply.json()
        async with session.get(DATA + "/v2/stocks/quotes/latest", params={"symbols": "AAPL"}) as reply:
            quote = await reply.json()
        async with session.ws_connect("wss://paper-api.alpaca.markets/stream") as line:
            await line.send_json({"action": "auth", "key": KEY, "secret": SECRET})
            assert "authorized" in str((await line.receive()).data)
    async with aiohttp.ClientSession(TRADING, headers={"Authorization": "Basic eDp5"}) as session:
        async with session.get("/v2/account") as reply:
            print(placed["symbol"], sorted(quote["quotes"]), reply.status)
asyncio.run(trade())
"""

BY_PROGRAM = {"requests": REQUESTS, "httpx": HTTPX, "urllib": URLLIB, "aiohttp": AIOHTTP}

WEBSOCKET_CLIENT = """
import json, threading, requests, websocket
def on_open(line):
    line.send(json.dumps({"action": "auth", "key": KEY, "secret": SECRET}))
    line.send(json.dumps({"action": "listen", "data": {"streams": ["trade_updates"]}}))
def on_message(line, message):
    said = json.loads(message)
    if said["stream"] == "listening":
        threading.Thread(target=lambda: requests.post(TRADING + "/v2/orders", json=ORDER, headers=SHOWN)).start()
    if said["stream"] == "trade_updates":
        print("heard", said["data"]["event"], flush=True)
        if said["data"]["event"] == "fill":
            line.close()
def on_error(line, error):
    print("error", repr(error), flush=True)
told = {"on_open": on_open, "on_message": on_message, "on_error": on_error}
websocket.WebSocketApp("wss://paper-api.alpaca.markets/stream", **told).run_forever()
"""

WEBSOCKETS = """
import asyncio, json, ssl, websockets
LOGINS = (
    {"action": "auth", "key": KEY, "secret": SECRET},
    {"action": "authenticate", "data": {"key_id": KEY, "secret_key": SECRET}},
)
async def watch():
    for login in LOGINS:
        tls = ssl.create_default_context()
        async with websockets.connect("wss://paper-api.alpaca.markets/stream", ssl=tls) as line:
            await line.send(json.dumps(login))
            print("heard", await line.recv())
asyncio.run(watch())
"""

WEBSOCKETS_SYNC = """
import json
from websockets.sync.client import connect
with connect("wss://paper-api.alpaca.markets/stream") as line:
    line.send(json.dumps({"action": "auth", "key": KEY, "secret": SECRET}))
    print("heard", line.recv())
"""


def said_by(house, tmp_path, program):
    """What the bot printed; it must have ended well."""
    path, echo = tmp_path / "bot.py", io.BytesIO()
    path.write_text(KEYS + program)
    ended = Supervised(Plan(path, time_limit_s=180), house.url, house.keys, tmp_path, echo).wait()
    said = echo.getvalue().decode()
    assert ended.exit_code == 0, said
    return said


def require(library):
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")


@pytest.mark.parametrize("library", BY_PROGRAM)
def test_a_bot_with_addresses_by_heart_trades_here(house, tmp_path, library):
    require(library)
    assert "AAPL ['AAPL'] 200" in said_by(house, tmp_path, BY_PROGRAM[library])
    assert house.trading().get_open_position("AAPL").qty == "7"


def test_websocket_client_hears_its_fill(house, tmp_path):
    require("websocket")
    assert "heard fill" in said_by(house, tmp_path, WEBSOCKET_CLIENT)


@pytest.mark.parametrize("program", [WEBSOCKETS, WEBSOCKETS_SYNC], ids=["asyncio", "sync"])
def test_websockets_logs_in(house, tmp_path, program):
    said = said_by(house, tmp_path, program)
    assert '"authorized"' in said and "unauthorized" not in said


def test_what_goes_to_others_is_left_alone(house, tmp_path):
    """Neither the address nor the key of a request to somebody whose name only ends like Alpaca's is touched."""
    theirs = """
import json, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
import requests
seen = []
class Other(BaseHTTPRequestHandler):
    def do_GET(self):
        seen.append(dict(self.headers))
        self.send_response(200)
        self.end_headers()
server = HTTPServer(("127.0.0.1", 0), Other)
threading.Thread(target=server.serve_forever, daemon=True).start()
requests.get(f"http://127.0.0.1:{server.server_port}/", headers=SHOWN, timeout=60)
import requests.adapters
try:
    requests.get("https://notalpaca.markets.invalid/", timeout=5)
except requests.ConnectionError as error:
    print("elsewhere", "notalpaca.markets.invalid" in str(error))
print("key kept", seen[0]["APCA-API-KEY-ID"] == KEY)
"""
    said = said_by(house, tmp_path, theirs)
    assert "elsewhere True" in said and "key kept True" in said
