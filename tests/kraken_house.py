"""A Kraken on this machine: its REST answers and its websocket v2, with a book that moves and checksums that hold.

`python -m tests.kraken_house` runs one until Ctrl-C and says where it is, for a look at the page.
"""

import json
import random
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

PAIRS = {"BTC/USD": ("XBTUSD", 970_000, 1), "ETH/USD": ("ETHUSD", 335_000, 2), "SOL/USD": ("SOLUSD", 19_500, 2)}
LEVELS = 25
CHECKED = 10


class Pair:
    """One book of `LEVELS` rows a side around a middle that wanders; prices in ticks of `10 ** -places`."""

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self.name, self.middle, self.places = PAIRS[symbol]
        self.rng = random.Random(symbol)
        self.trade_id = 1
        self.bids: dict[int, str] = {}
        self.asks: dict[int, str] = {}
        self.refill()

    def refill(self) -> None:
        for step in range(1, LEVELS + 1):
            self.bids.setdefault(self.middle - step, self.size())
            self.asks.setdefault(self.middle + step, self.size())

    def size(self) -> str:
        return f"{self.rng.randint(10, 400) / 100:.8f}"

    def text(self, ticks: int) -> str:
        return f"{ticks / 10**self.places:.{self.places}f}"

    def tops(self, count: int) -> tuple[list[int], list[int]]:
        return sorted(self.bids, reverse=True)[:count], sorted(self.asks)[:count]

    def checksum(self) -> int:
        bids, asks = self.tops(CHECKED)
        rows = [*((price, self.asks[price]) for price in asks), *((price, self.bids[price]) for price in bids)]
        digits = "".join(part.replace(".", "").lstrip("0") for price, qty in rows for part in (self.text(price), qty))
        return zlib.crc32(digits.encode())

    def rows(self, prices: list[int], side: dict[int, str]) -> str:
        return ",".join(f'{{"price":{self.text(price)},"qty":{side[price]}}}' for price in prices)

    def book(self, kind: str, bids: list[int], asks: list[int], gone: str = "") -> str:
        told_bids, told_asks = self.rows(bids, self.bids), self.rows(asks, self.asks)
        data = f'"symbol":"{self.symbol}","bids":[{told_bids}],"asks":[{told_asks}],"checksum":{self.checksum()}'
        return f'{{"channel":"book","type":"{kind}","data":[{{{data},"timestamp":"{stamp()}"}}]}}'

    def snapshot(self) -> str:
        bids, asks = self.tops(LEVELS)
        return self.book("snapshot", bids, asks)

    def moved(self) -> list[str]:
        """A new size somewhere, and now and then a print at the touch."""
        side, other = (self.bids, self.asks) if self.rng.random() < 0.5 else (self.asks, self.bids)
        bids, asks = self.tops(LEVELS)
        price = self.rng.choice((bids if side is self.bids else asks)[:8])
        side[price] = self.size()
        changed = ([price], []) if side is self.bids else ([], [price])
        said = [self.book("update", *changed)]
        if self.rng.random() < 0.4:
            said.append(self.print(bids[0] if other is self.bids else asks[0], "sell" if other is self.bids else "buy"))
        return said

    def print(self, price: int, side: str) -> str:
        self.trade_id += 1
        qty = f"{self.rng.randint(1, 50) / 1000:.8f}"
        data = f'"symbol":"{self.symbol}","side":"{side}","price":{self.text(price)},"qty":{qty},"ord_type":"market"'
        row = f'{{{data},"trade_id":{self.trade_id},"timestamp":"{stamp()}"}}'
        return f'{{"channel":"trade","type":"update","data":[{row}]}}'


def stamp() -> str:
    now = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1e6):06d}Z"


class KrakenHouse:
    """`is_mute` keeps the line open and says nothing more."""

    def __init__(self, every_s: float = 0.05) -> None:
        self.pairs = {symbol: Pair(symbol) for symbol in PAIRS}
        self.every_s, self.is_mute = every_s, False
        self.lock, self.ended = threading.Lock(), threading.Event()
        self.lines: list[tuple[ServerConnection, set[str]]] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._ws = serve(self._line, "127.0.0.1", 0)

    def __enter__(self) -> "KrakenHouse":
        for run in (self._http.serve_forever, self._ws.serve_forever, self._move):
            threading.Thread(target=run, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._ws.shutdown()
        self._http.shutdown()
        self._http.server_close()

    @property
    def http_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self._ws.socket.getsockname()[1]}"

    def _move(self) -> None:
        while not self.ended.wait(self.every_s):
            with self.lock:
                for pair in self.pairs.values():
                    said = pair.moved()
                    for line, wanted in self.lines if not self.is_mute else ():
                        for text in said if pair.symbol in wanted else ():
                            self._send(line, text)

    def _send(self, line: ServerConnection, text: str) -> None:
        try:
            line.send(text)
        except ConnectionClosed:
            return

    def _line(self, line: ServerConnection) -> None:
        wanted: set[str] = set()
        with self.lock:
            self.lines.append((line, wanted))
        try:
            for message in line:
                with self.lock:
                    self._answer(line, wanted, json.loads(message))
        except ConnectionClosed:
            pass
        finally:
            with self.lock:
                self.lines = [each for each in self.lines if each[0] is not line]

    def _answer(self, line: ServerConnection, wanted: set[str], asked: dict[str, Any]) -> None:
        if asked["method"] == "ping":
            return self._send(line, json.dumps({"method": "pong", "req_id": asked.get("req_id")}))
        channel, (symbol,) = asked["params"]["channel"], asked["params"]["symbol"]
        known = symbol in self.pairs
        told = {"method": asked["method"], "success": known, "req_id": asked.get("req_id")}
        more = {"result": {"channel": channel, "symbol": symbol}} if known else {"error": "Currency pair not supported"}
        self._send(line, json.dumps({**told, **more}))
        if known and asked["method"] == "subscribe" and channel == "book":
            self._send(line, self.pairs[symbol].snapshot())
            wanted.add(symbol)
        return None

    def _result(self, path: str, query: dict[str, list[str]]) -> Any:
        what, name = path.rsplit("/", 1)[-1], query.get("pair", [""])[0]
        if what == "AssetPairs":
            return {pair.name: pair_row(pair) for pair in self.pairs.values()}
        pair = next((each for each in self.pairs.values() if each.name == name), None)
        if pair is None:
            return None
        bids, asks = pair.tops(LEVELS)
        now = int(time.time())
        if what == "Depth":
            rows = [[[pair.text(p), side[p], now] for p in at] for at, side in ((bids, pair.bids), (asks, pair.asks))]
            return {name: {"bids": rows[0], "asks": rows[1]}}
        if what == "OHLC":
            return {name: bars(pair, int(query["interval"][0]) * 60, now), "last": now}
        if what == "Ticker":
            bid, ask = pair.text(bids[0]), pair.text(asks[0])
            return {name: {"b": [bid, "1", "1.000"], "a": [ask, "1", "1.000"], "c": [bid, "0.1"]}}
        return {name: [], "last": "0"}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        house = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                with house.lock:
                    result = house._result(parts.path, parse_qs(parts.query))
                faults = [] if result is not None else ["EQuery:Unknown asset pair"]
                body = json.dumps({"error": faults, **({"result": result} if result is not None else {})}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return

        return Handler


def pair_row(pair: Pair) -> dict[str, Any]:
    tick = f"{10**-pair.places:.{pair.places}f}"
    wsname = pair.symbol.replace("BTC", "XBT")
    return {
        "wsname": wsname,
        "status": "online",
        "tick_size": tick,
        "pair_decimals": pair.places,
        "lot_decimals": 8,
    }


def bars(pair: Pair, seconds: int, now: int) -> list[list[Any]]:
    """A wandering past that ends where the book is."""
    rng, price, rows = random.Random(f"{pair.symbol}{seconds}"), pair.middle, []
    for start in range(now // seconds * seconds, now // seconds * seconds - 300 * seconds, -seconds):
        opened = price + rng.randint(-30, 30)
        high, low = max(opened, price) + rng.randint(0, 20), min(opened, price) - rng.randint(0, 20)
        texts = [pair.text(each) for each in (opened, high, low, price, price)]
        rows.append([start, *texts, f"{rng.randint(1, 900) / 10:.8f}", 10])
        price = opened
    return rows[::-1]


if __name__ == "__main__":
    with KrakenHouse() as house:
        print(f"TRADESIM_PROVIDER_URLS='kraken={house.http_url} {house.ws_url}'", flush=True)
        house.ended.wait()
