"""Finnhub, Alpaca, Polygon and Alpha Vantage on this machine: their REST answers and sockets, on one moving market.

`python -m tests.fake_vendors` prints the settings with which `make run` finds them, and takes commands a line each:
`kill alpaca`, `start alpaca`, `mute alpaca`, `echo alpaca` (every answer is an error that repeats the key). Shapes are
those of the vendors' documents and recorded samples. Outside New York's hours see tests.noon.
"""

import contextlib
import json
import math
import os
import random
import re
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from websockets.sync.server import ServerConnection

from tests.fault_server import Do, FaultServer, Reply, Seen
from tests.noon import VARIABLE, is_open, shift_s
from tests.ports import free_port
from tradesim.marketdata.days import NEW_YORK, zone

SHARES = {
    "AAPL": ("Apple Inc.", 229.83),
    "MSFT": ("Microsoft Corporation", 421.40),
    "NVDA": ("NVIDIA Corporation", 140.86),
    "SPY": ("SPDR S&P 500 ETF Trust", 591.16),
}
EVERY_S = 0.2
DAY_S, MINUTE_S = 86_400, 60
KEYS = {
    "FINNHUB_API_KEY": "fh-key-9c41d07ae2b85f36",
    "ALPACA_API_KEY_ID": "PKTEST0A7E93C1D52F",
    "ALPACA_API_SECRET_KEY": "alp-secret-51be/77aa+01cf=",
    "POLYGON_API_KEY": "pg-key-3d0f6ea1924b7c58",
    "ALPHAVANTAGE_API_KEY": "AVKEY7Q2M4X8Z1",
}


class Market:
    """What trades at any moment (Unix time, moved by `shift`): closed form, so that all vendors agree about it."""

    def __init__(self, shift: int = 0) -> None:
        self.shift = shift

    def now(self) -> float:
        return time.time() + self.shift

    def mid(self, symbol: str, at: float) -> float:
        base = SHARES[symbol][1]
        slow = 0.012 * math.sin(at / 40_000) + 0.004 * math.sin(at / 2_900) + 0.0012 * math.sin(at / 410)
        noise = random.Random(f"{symbol}{int(at * 2)}").gauss(0, 0.00006)
        return round(base * (1 + slow + noise), 2)

    def size(self, symbol: str, at: float, what: str) -> int:
        return random.Random(f"{what}{symbol}{int(at * 2)}").randint(1, 9)

    def bar(self, symbol: str, start: int, seconds: int) -> dict[str, float]:
        """o, h, l, c, v; a day's is that of its session."""
        step = max(1, seconds // 12)
        prices = [self.mid(symbol, at) for at in range(start, start + seconds, step)]
        volume = random.Random(f"v{symbol}{start}").randint(900, 24_000) * max(1, seconds // MINUTE_S)
        return {"o": prices[0], "h": max(prices), "l": min(prices), "c": prices[-1], "v": volume}

    def minutes(self, start: float, end: float) -> list[int]:
        """Starts of the minutes of sessions that are over by now."""
        first, last = int(start) // MINUTE_S * MINUTE_S, min(end, self.now())
        return [at for at in range(first, int(last), MINUTE_S) if at >= start and is_open(at)]

    def days(self, start: float, end: float) -> list[int]:
        """Midnights in New York of the sessions that are over by now."""
        day = datetime.fromtimestamp(start, zone(NEW_YORK)).date()
        found = []
        while True:
            midnight = datetime(day.year, day.month, day.day, tzinfo=zone(NEW_YORK)).timestamp()
            if midnight + DAY_S > min(end, self.now()):
                return found
            if midnight >= start and is_open(midnight + DAY_S // 2):
                found.append(int(midnight))
            day += timedelta(1)

    def bars(self, symbol: str, seconds: int, start: float, end: float) -> Iterator[tuple[int, dict[str, float]]]:
        """Starts and bars; a day's trades are those from 9:30 on."""
        if seconds >= DAY_S:
            for midnight in self.days(start, end):
                yield midnight, self.bar(symbol, midnight + 34_200, 23_400)
            return
        for at in self.minutes(start, end):
            yield at, self.bar(symbol, at, seconds)


def stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"


def moment(text: str) -> float:
    return datetime.fromisoformat(text[:26].rstrip("Z") + "+00:00").timestamp()


class FakeVendor(ABC):
    """One vendor on two ports of its own, which it keeps over `kill` and `start`.

    `echoes`: every answer is an error that repeats the key it was asked with. `is_mute`: the socket stays open and
    says nothing more.
    """

    name = ""
    path = ""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.echoes = self.is_mute = False
        self.ports = (free_port(), free_port())
        self._server: FaultServer | None = None
        self._number = 0

    @property
    def is_alive(self) -> bool:
        return self._server is not None

    def start(self) -> None:
        if self._server is None:
            self._server = FaultServer(*self.ports)
            self._server.answers("*", self._answered)
            self._server.plays(Do(self._converse))
            self._server.__enter__()

    def kill(self) -> None:
        """Lines are cut and nobody answers any more."""
        server, self._server = self._server, None
        if server is not None:
            server.__exit__()

    @property
    def urls(self) -> str:
        http, ws = self.ports
        return f"http://127.0.0.1:{http} ws://127.0.0.1:{ws}{self.path}"

    def next_id(self) -> int:
        self._number += 1
        return self._number

    def _answered(self, seen: Seen) -> Reply:
        key = self.key_of(seen)
        if self.echoes:
            return self.echo(key)
        if key not in KEYS.values():
            return self.unknown_key()
        return self.answer(seen)

    def _converse(self, line: ServerConnection, server: FaultServer) -> None:
        wanted: dict[str, None] = {}
        self.greet(line)
        spoke = 0.0
        while not server.ended.is_set():
            with contextlib.suppress(TimeoutError):
                self.hear(line, json.loads(line.recv(timeout=EVERY_S / 4)), wanted)
            if wanted and not self.is_mute and time.monotonic() - spoke >= EVERY_S:
                spoke = time.monotonic()
                self.tell(line, list(wanted), self.market.now())

    def greet(self, line: ServerConnection) -> None:  # noqa: B027 - not every vendor has a socket
        """It speaks first, or not at all."""

    @abstractmethod
    def key_of(self, seen: Seen) -> str: ...

    @abstractmethod
    def answer(self, seen: Seen) -> Reply: ...

    @abstractmethod
    def echo(self, key: str) -> Reply: ...

    @abstractmethod
    def unknown_key(self) -> Reply: ...

    def hear(  # noqa: B027
        self, line: ServerConnection, said: dict[str, Any], wanted: dict[str, None]
    ) -> None:
        """What the client says."""

    def tell(self, line: ServerConnection, symbols: list[str], at: float) -> None:  # noqa: B027
        """What is new of `symbols`."""


class FakeFinnhub(FakeVendor):
    """The free plan: a last price, search, live trades; no candles and no bid and ask."""

    name = "finnhub"

    def key_of(self, seen: Seen) -> str:
        return seen.headers.get("X-Finnhub-Token", "")

    def unknown_key(self) -> Reply:
        return Reply({"error": "Invalid API key"}, 401)

    def echo(self, key: str) -> Reply:
        return Reply({"error": f"Invalid API key {key}. Please check https://finnhub.io/api?token={key}"}, 401)

    def answer(self, seen: Seen) -> Reply:
        match seen.path:
            case "/api/v1/quote":
                return Reply(self._quote(seen.query.get("symbol", "")))
            case "/api/v1/search":
                found = [self._listed(symbol) for symbol in matching(seen.query.get("q", ""))]
                return Reply({"count": len(found), "result": found})
        return Reply({"error": "You don't have access to this resource."}, 403)

    def _quote(self, symbol: str) -> dict[str, Any]:
        if symbol not in SHARES:
            return {"c": 0, "d": None, "dp": None, "h": 0, "l": 0, "o": 0, "pc": 0, "t": 0}
        at = self.market.now()
        last, before = self.market.mid(symbol, at), self.market.mid(symbol, at - DAY_S)
        change = {"d": round(last - before, 2), "dp": round((last / before - 1) * 100, 4)}
        return {"c": last, **change, "h": last, "l": last, "o": last, "pc": before, "t": int(at)}

    def _listed(self, symbol: str) -> dict[str, str]:
        return {
            "description": SHARES[symbol][0].upper(),
            "displaySymbol": symbol,
            "symbol": symbol,
            "type": "Common Stock",
        }

    def greet(self, line: ServerConnection) -> None:
        key = re.sub(r".*token=", "", line.request.path if line.request else "")
        if self.echoes or key not in KEYS.values():
            line.send(json.dumps({"msg": f"Invalid API key {key}", "type": "error"}))

    def hear(self, line: ServerConnection, said: dict[str, Any], wanted: dict[str, None]) -> None:
        change(wanted, said["type"] == "subscribe", [said["symbol"]])

    def tell(self, line: ServerConnection, symbols: list[str], at: float) -> None:
        rows = [
            {"c": ["1"], "p": self.market.mid(symbol, at), "s": symbol, "t": int(at * 1_000), "v": 100}
            for symbol in symbols
        ]
        line.send(json.dumps({"data": rows, "type": "trade"}))


class FakeAlpaca(FakeVendor):
    """The free plan: IEX live, all exchanges once they are fifteen minutes old."""

    name, path = "alpaca", "/v2"

    def key_of(self, seen: Seen) -> str:
        key, secret = (seen.headers.get(f"APCA-API-{name}", "") for name in ("KEY-ID", "SECRET-KEY"))
        return key if self.echoes or secret == KEYS["ALPACA_API_SECRET_KEY"] else ""

    def unknown_key(self) -> Reply:
        return Reply({"message": "forbidden."}, 403)

    def echo(self, key: str) -> Reply:
        return Reply({"code": 40310000, "message": f"forbidden: key {key} with secret {self._secret}"}, 403)

    _secret = KEYS["ALPACA_API_SECRET_KEY"]

    def answer(self, seen: Seen) -> Reply:
        symbols = seen.query.get("symbols", "").split(",")
        match seen.path:
            case "/v2/stocks/snapshots":
                return Reply({symbol: self._snapshot(symbol) if symbol in SHARES else None for symbol in symbols})
            case "/v2/stocks/bars":
                return self._bars(seen, symbols)
        return Reply({"message": "endpoint not found."}, 404)

    def _bars(self, seen: Seen, symbols: list[str]) -> Reply:
        start, end = (moment(seen.query[name]) for name in ("start", "end"))
        if seen.query.get("feed") == "sip" and end > self.market.now() - 900:
            return Reply({"message": "subscription does not permit querying recent SIP data"}, 403)
        seconds = DAY_S if seen.query["timeframe"] == "1Day" else MINUTE_S
        told = {
            symbol: [{"t": stamp(at), **bar, "n": 9} for at, bar in self.market.bars(symbol, seconds, start, end)]
            for symbol in symbols
            if symbol in SHARES
        }
        return Reply({"bars": told, "next_page_token": None})

    def _quote(self, symbol: str, at: float) -> dict[str, Any]:
        mid, size = self.market.mid(symbol, at), self.market.size
        sides = {"bx": "V", "bp": round(mid - 0.01, 2), "ax": "V", "ap": round(mid + 0.01, 2)}
        return {**sides, "bs": size(symbol, at, "b"), "as": size(symbol, at, "a"), "c": ["R"], "z": "C", "t": stamp(at)}

    def _trade(self, symbol: str, at: float) -> dict[str, Any]:
        size = 100 * self.market.size(symbol, at, "t")
        return {
            "i": self.next_id(),
            "x": "V",
            "p": self.market.mid(symbol, at),
            "s": size,
            "c": ["@"],
            "z": "C",
            "t": stamp(at),
        }

    def _snapshot(self, symbol: str) -> dict[str, Any]:
        at = self.market.now()
        close = {"t": stamp(at - DAY_S), **self.market.bar(symbol, int(at - DAY_S), 600)}
        return {
            "latestTrade": self._trade(symbol, at),
            "latestQuote": self._quote(symbol, at),
            "minuteBar": {"t": stamp(at), **self.market.bar(symbol, int(at) - 60, 60)},
            "prevDailyBar": close,
        }

    def greet(self, line: ServerConnection) -> None:
        line.send(json.dumps([{"T": "success", "msg": "connected"}]))

    def hear(self, line: ServerConnection, said: dict[str, Any], wanted: dict[str, None]) -> None:
        if said["action"] == "auth":
            is_known = said["key"] == KEYS["ALPACA_API_KEY_ID"] and said["secret"] == self._secret
            if self.echoes or not is_known:
                words = f"auth failed for {said['key']} / {said['secret']}"
                line.send(json.dumps([{"T": "error", "code": 402, "msg": words}]))
                return
            line.send(json.dumps([{"T": "success", "msg": "authenticated"}]))
            return
        change(wanted, said["action"] == "subscribe", said["trades"])
        names = ("trades", "quotes", "bars", "updatedBars", "statuses", "corrections", "cancelErrors")
        line.send(json.dumps([{"T": "subscription", **{name: list(wanted) for name in names}}]))

    def tell(self, line: ServerConnection, symbols: list[str], at: float) -> None:
        rows: list[dict[str, Any]] = []
        for symbol in symbols:
            rows.append({"T": "q", "S": symbol, **self._quote(symbol, at)})
            if self.market.size(symbol, at, "when") > 4:
                rows.append({"T": "t", "S": symbol, **self._trade(symbol, at)})
        line.send(json.dumps(rows))


class FakePolygon(FakeVendor):
    """A paid plan: live quotes and trades; snapshots and bars by REST."""

    name, path = "polygon", "/stocks"

    def key_of(self, seen: Seen) -> str:
        return seen.headers.get("Authorization", "").removeprefix("Bearer ")

    def unknown_key(self) -> Reply:
        return Reply({"status": "ERROR", "request_id": "x", "error": "Unknown API Key"}, 401)

    def echo(self, key: str) -> Reply:
        return Reply({"status": "ERROR", "request_id": "x", "error": f"Unknown API Key apiKey={key} ({key})"}, 401)

    def answer(self, seen: Seen) -> Reply:
        parts = seen.path.strip("/").split("/")
        if seen.path.startswith("/v2/snapshot/"):
            return self._snapshot(parts[-1])
        if seen.path.startswith("/v2/aggs/ticker/"):
            return self._bars(parts[3], *parts[-4:])
        if seen.path == "/v3/reference/tickers":
            rows = [self._listed(symbol) for symbol in matching(seen.query.get("search", ""))]
            return Reply({"status": "OK", "count": len(rows), "results": rows})
        return Reply({"status": "NOT_FOUND", "message": "Not found"}, 404)

    def _snapshot(self, symbol: str) -> Reply:
        if symbol not in SHARES:
            return Reply({"status": "NOT_FOUND", "message": "Ticker not found."}, 404)
        at = self.market.now()
        mid = self.market.mid(symbol, at)
        quote = {"P": round(mid + 0.01, 2), "S": 4, "p": round(mid - 0.01, 2), "s": 3, "t": int(at * 1e9)}
        trade = {"c": [14], "i": str(self.next_id()), "p": mid, "s": 100, "t": int(at * 1e9), "x": 11}
        before = self.market.bar(symbol, int(at - DAY_S), 600)
        ticker = {"ticker": symbol, "lastQuote": quote, "lastTrade": trade, "prevDay": before, "updated": int(at * 1e9)}
        return Reply({"request_id": "x", "status": "OK", "ticker": ticker})

    def _bars(self, symbol: str, count: str, span: str, first: str, last: str) -> Reply:
        seconds = int(count) * {"minute": MINUTE_S, "day": DAY_S}[span]
        told = self.market.bars(symbol, seconds, int(first) / 1_000, int(last) / 1_000)
        rows = [{**bar, "vw": bar["c"], "n": 9, "t": at * 1_000} for at, bar in told]
        return Reply({"ticker": symbol, "status": "OK", "adjusted": True, "results": rows, "resultsCount": len(rows)})

    def _listed(self, symbol: str) -> dict[str, Any]:
        more = {"locale": "us", "primary_exchange": "XNAS", "type": "CS", "active": True, "currency_name": "usd"}
        return {"ticker": symbol, "name": SHARES[symbol][0], "market": "stocks", **more}

    def greet(self, line: ServerConnection) -> None:
        line.send(json.dumps([{"ev": "status", "status": "connected", "message": "Connected Successfully"}]))

    def hear(self, line: ServerConnection, said: dict[str, Any], wanted: dict[str, None]) -> None:
        if said["action"] == "auth":
            is_known = said["params"] == KEYS["POLYGON_API_KEY"] and not self.echoes
            words = "authenticated" if is_known else f"authentication failed for {said['params']}"
            status = "auth_success" if is_known else "auth_failed"
            line.send(json.dumps([{"ev": "status", "status": status, "message": words}]))
            return
        topics = said["params"].split(",")
        change(wanted, said["action"] == "subscribe", [topic.partition(".")[2] for topic in topics])
        told = [{"ev": "status", "status": "success", "message": f"{said['action']}d to: {topic}"} for topic in topics]
        line.send(json.dumps(told))

    def tell(self, line: ServerConnection, symbols: list[str], at: float) -> None:
        rows: list[dict[str, Any]] = []
        for symbol in symbols:
            mid, number = self.market.mid(symbol, at), self.next_id()
            quote = {"bx": 4, "bp": round(mid - 0.01, 2), "bs": 3, "ax": 7, "ap": round(mid + 0.01, 2), "as": 5}
            rows.append({"ev": "Q", "sym": symbol, **quote, "c": 0, "t": int(at * 1_000), "q": number, "z": 3})
            trade = {"x": 4, "i": str(number), "z": 3, "p": mid, "s": 100, "c": [0], "t": int(at * 1_000), "q": number}
            rows.append({"ev": "T", "sym": symbol, **trade})
        line.send(json.dumps(rows))


class FakeAlphaVantage(FakeVendor):
    """The free plan: end of day; minutes and long histories are premium. No socket."""

    name = "alphavantage"
    premium = (
        "Thank you for using Alpha Vantage! {what} You may subscribe to any of the premium plans at "
        "https://www.alphavantage.co/premium/ to instantly unlock all premium endpoints"
    )

    @property
    def urls(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}"

    def key_of(self, seen: Seen) -> str:
        return seen.query.get("apikey", "")

    def unknown_key(self) -> Reply:
        return Reply({"Error Message": "the parameter apikey is invalid or missing. Please claim your free API key."})

    def echo(self, key: str) -> Reply:
        words = f"We have detected your API key as {key} and our standard API rate limit is 25 requests per day."
        return Reply({"Information": words})

    def answer(self, seen: Seen) -> Reply:
        symbol = seen.query.get("symbol", "")
        match seen.query.get("function"):
            case "GLOBAL_QUOTE":
                return Reply({"Global Quote": self._quote(symbol) if symbol in SHARES else {}})
            case "SYMBOL_SEARCH":
                found = matching(seen.query.get("keywords", ""))
                return Reply({"bestMatches": [self._match(each) for each in found]})
            case "TIME_SERIES_DAILY" if seen.query.get("outputsize") == "compact":
                return Reply(self._days(symbol))
            case "TIME_SERIES_DAILY":
                what = "The outputsize=full parameter value is a premium feature for the TIME_SERIES_DAILY endpoint."
                return Reply({"Information": self.premium.format(what=what)})
            case "TIME_SERIES_INTRADAY":
                return Reply({"Information": self.premium.format(what="This is a premium endpoint.")})
        return Reply({"Error Message": "Invalid API call. Please retry or visit the documentation."})

    def _quote(self, symbol: str) -> dict[str, str]:
        days = [day for day, _ in self._past(symbol)][-2:]
        before, last = (bar for _, bar in self._past(symbol)[-2:])
        named = {"02. open": "o", "03. high": "h", "04. low": "l", "05. price": "c"}
        rows = {name: f"{last[key]:.4f}" for name, key in named.items()}
        close = {"07. latest trading day": days[-1], "08. previous close": f"{before['c']:.4f}"}
        return {"01. symbol": symbol, **rows, "06. volume": str(int(last["v"])), **close}

    def _days(self, symbol: str) -> dict[str, Any]:
        names = {"1. open": "o", "2. high": "h", "3. low": "l", "4. close": "c", "5. volume": "v"}
        rows = {day: {name: f"{bar[key]}" for name, key in names.items()} for day, bar in reversed(self._past(symbol))}
        meta = {"1. Information": "Daily Prices", "2. Symbol": symbol, "5. Time Zone": "US/Eastern"}
        return {"Meta Data": meta, "Time Series (Daily)": rows}

    def _past(self, symbol: str) -> list[tuple[str, dict[str, float]]]:
        now = self.market.now()
        told = list(self.market.bars(symbol, DAY_S, now - 150 * DAY_S, now))[-100:]
        return [(datetime.fromtimestamp(at, zone(NEW_YORK)).date().isoformat(), bar) for at, bar in told]

    def _match(self, symbol: str) -> dict[str, str]:
        place = {"3. type": "Equity", "4. region": "United States", "8. currency": "USD", "9. matchScore": "1.0000"}
        return {"1. symbol": symbol, "2. name": SHARES[symbol][0], **place}


def matching(text: str) -> list[str]:
    low = text.lower()
    return [symbol for symbol, (name, _) in SHARES.items() if low in symbol.lower() or low in name.lower()]


def change(wanted: dict[str, None], is_wanted: bool, symbols: list[str]) -> None:
    for symbol in symbols:
        if is_wanted and symbol in SHARES:
            wanted[symbol] = None
        elif not is_wanted:
            wanted.pop(symbol, None)


class FakeVendors:
    """All four, from `__enter__` to `__exit__`."""

    def __init__(self, shift: int = 0) -> None:
        self.market = Market(shift)
        made = (FakeAlpaca(self.market), FakePolygon(self.market), FakeFinnhub(self.market))
        self.each = {vendor.name: vendor for vendor in (*made, FakeAlphaVantage(self.market))}

    def __enter__(self) -> Self:
        for vendor in self.each.values():
            vendor.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for vendor in self.each.values():
            vendor.kill()

    def __getitem__(self, name: str) -> FakeVendor:
        return self.each[name]

    @property
    def environment(self) -> dict[str, str]:
        """The settings with which the desk finds them; other providers are nowhere."""
        named = {**{name: vendor.urls for name, vendor in self.each.items()}, "iex_alpaca": self.each["alpaca"].urls}
        away = dict.fromkeys(("kraken", "coinbase", "binance"), "http://127.0.0.1:9 ws://127.0.0.1:9")
        urls = ", ".join(f"{name}={url}" for name, url in (named | away).items())
        return {"TRADESIM_PROVIDER_URLS": urls, **KEYS}


def main() -> None:
    shift = int(os.environ.get(VARIABLE) or 0)
    with FakeVendors(shift) as vendors:
        for name, value in vendors.environment.items():
            print(f"export {name}='{value}'")
        if not is_open(time.time() + shift):
            hint = f"New York is closed: begin anew with {VARIABLE}={shift_s(time.time())} here and at the desk"
            print(f"# {hint} (python -m tests.noon live alpaca AAPL), which moves both to a noon")
        sys.stdout.flush()
        for line in sys.stdin:
            print(obeyed(vendors, line), flush=True)


def obeyed(vendors: FakeVendors, line: str) -> str:
    verb, _, name = line.strip().partition(" ")
    vendor = vendors.each.get(name)
    if vendor is None or verb not in ("kill", "start", "mute", "echo"):
        return f"wanted kill, start, mute or echo and one of {', '.join(vendors.each)}, found {line.strip()!r}"
    match verb:
        case "kill":
            vendor.kill()
        case "start":
            vendor.echoes = vendor.is_mute = False
            vendor.start()
        case "mute":
            vendor.is_mute = True
        case "echo":
            vendor.echoes = True
    return f"{name}: {verb}"


if __name__ == "__main__":
    main()
