"""Every adapter of the registry on a server of this machine: what each answers when it is well, and how it refuses.

A vendor without a row here fails the suite. `tests/contract/stands.py` has its socket, `faults.py` its faults.
"""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.contract.stands import KEY, POLICY, SECRET, STANDS
from tests.fault_server import FaultServer, Reply, Status
from tradesim.kernel.clock import Clock
from tradesim.model.feed import Capability
from tradesim.model.market import Timeframe
from tradesim.providers.budget import BudgetStore
from tradesim.providers.vendor import Wiring
from tradesim.providers.vendors import ROWS, Built, Row

MINUTE_S = 60
THIS_MINUTE = int(time.time()) // MINUTE_S * MINUTE_S
"""Epoch seconds: the last of three bars that every adapter is told began then."""
MINUTES = tuple(THIS_MINUTE - MINUTE_S * ago for ago in (2, 1, 0))
OHLCV = (100, 101, 99, 100, 7)
NEW_YORK = ZoneInfo("America/New_York")
STREAMS = {"alpaca": "/v2", "iex_alpaca": "/v2", "polygon": "/stocks"}
"""What follows the host in the address of a socket."""


@dataclass(frozen=True)
class Adapter:
    """`answers` are by what is asked, good ones; `unknown` and `throttled` refuse a symbol and a hurry."""

    row: Row
    answers: Mapping[Capability, Any]
    unknown: Any
    throttled: Any
    not_in_plan: Any = None
    search_for: str = "AAPL"
    lacks: Timeframe | None = Timeframe.S15
    """A length of bars that it does not give."""

    @property
    def name(self) -> str:
        return self.row.id

    @property
    def symbol(self) -> str:
        return STANDS[self.name].symbol

    def built(self, server: FaultServer, clock: Clock, is_keyed: bool = True, store: BudgetStore | None = None) -> Any:
        """By the registry, as the desk does."""
        keys = (KEY, SECRET)[: len(self.row.keys)] if is_keyed else ("",) * len(self.row.keys)
        wiring = Wiring(clock, random.Random(1), store, policy=POLICY)
        stream_url = server.ws_url + STREAMS.get(self.name, "")
        return self.row.build(Built(wiring, keys, server.http_url, stream_url))

    def well(self, server: FaultServer, kind: Capability) -> None:
        """What is asked next is answered."""
        server.answers("*", self.answers[kind])


def iso(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def in_new_york(second: int) -> str:
    return datetime.fromtimestamp(second, NEW_YORK).strftime("%Y-%m-%d %H:%M:%S")


def named(names: str) -> dict[str, int]:
    return dict(zip(names.split(), OHLCV, strict=True))


def kraken(result: Any) -> Reply:
    return Reply({"error": [], "result": {"XXBTZUSD": result, "last": 1}})


def alpaca_bars(symbol: str) -> Reply:
    bars = [{"t": iso(at), **named("o h l c v")} for at in MINUTES]
    return Reply({"bars": {symbol: bars}, "next_page_token": None})


def alpaca(name: str) -> Adapter:
    quote, bars = Reply(STANDS[name].quote), alpaca_bars(STANDS[name].symbol)
    return Adapter(
        ROW[name],
        {Capability.QUOTE: quote, Capability.BARS_INTRADAY: bars, Capability.BARS_DAILY: bars},
        unknown=Reply({STANDS[name].symbol: None}),
        throttled=Status(429, STANDS[name].throttle),
        not_in_plan=Status(403, {"message": "subscription does not permit this"}),
    )


BINANCE_PAIR = {
    "status": "TRADING",
    "baseAsset": "BTC",
    "quoteAsset": "USDT",
    "filters": [
        {"filterType": "PRICE_FILTER", "tickSize": "0.1"},
        {"filterType": "LOT_SIZE", "stepSize": "0.00000001"},
    ],
}
KRAKEN_PAIR = {"wsname": "XBT/USD", "status": "online", "tick_size": "0.1", "pair_decimals": 1, "lot_decimals": 8}
COINBASE_PAIR = {"id": "BTC-USD", "status": "online", "quote_increment": "0.1", "base_increment": "0.00000001"}
AV_COLUMNS = "open high low close volume"
AV_MATCH = {"1. symbol": "AAPL", "2. name": "Apple Inc", "3. type": "Equity", "4. region": "United States"}
FINNHUB_MATCH = {"symbol": "AAPL", "displaySymbol": "AAPL", "description": "APPLE INC", "type": "Common Stock"}
POLYGON_MATCH = {"ticker": "AAPL", "name": "Apple Inc.", "market": "stocks", "primary_exchange": "XNAS"}


def av_bars(label: str) -> Reply:
    rows = {
        in_new_york(at): {f"{n}. {name}": value for n, (name, value) in enumerate(named(AV_COLUMNS).items(), 1)}
        for at in reversed(MINUTES)
    }
    return Reply({"Meta Data": {"6. Time Zone": "US/Eastern"}, f"Time Series ({label})": rows})


def polygon_bars() -> Reply:
    return Reply({"status": "OK", "results": [{"t": at * 1_000, **named("o h l c v")} for at in MINUTES]})


def finnhub_bars() -> Reply:
    columns = {name: [value] * len(MINUTES) for name, value in named("o h l c v").items()}
    return Reply({"s": "ok", "t": list(MINUTES), **columns})


def quoted(name: str) -> Reply:
    return Reply(STANDS[name].quote)


ROW = {row.id: row for row in ROWS}
ADAPTERS = {
    each.name: each
    for each in (
        Adapter(
            ROW["kraken"],
            {
                Capability.QUOTE: quoted("kraken"),
                Capability.BOOK: kraken({"bids": [["99", "3", 5]], "asks": [["101", "2", 6]]}),
                Capability.BARS_INTRADAY: kraken(
                    [[at, "100", "101", "99", "100", "100", "7", 4] for at in MINUTES],
                ),
                Capability.SEARCH: kraken(KRAKEN_PAIR),
            },
            unknown=Reply({"error": ["EQuery:Unknown asset pair"]}),
            throttled=Reply(STANDS["kraken"].throttle),
            search_for="btc",
        ),
        Adapter(
            ROW["coinbase"],
            {
                Capability.QUOTE: quoted("coinbase"),
                Capability.BOOK: Reply({"bids": [["99", "3", 1]], "asks": [["101", "2", 1]], "sequence": 5}),
                Capability.BARS_INTRADAY: Reply([[at, 99, 101, 100, 100, 7] for at in reversed(MINUTES)]),
                Capability.SEARCH: Reply([COINBASE_PAIR]),
            },
            unknown=Status(404, {"message": "NotFound"}),
            throttled=Status(429, {"message": "slow down"}),
            search_for="btc",
        ),
        Adapter(
            ROW["binance"],
            {
                Capability.QUOTE: quoted("binance"),
                Capability.BOOK: Reply({"lastUpdateId": 5, "bids": [["99", "3"]], "asks": [["101", "2"]]}),
                Capability.BARS_INTRADAY: Reply(
                    [[at * 1_000, "100", "101", "99", "100", "7", (at + MINUTE_S) * 1_000 - 1, "700"] for at in MINUTES]
                ),
                Capability.SEARCH: Reply({"symbols": [BINANCE_PAIR]}),
            },
            unknown=Status(400, {"code": -1121, "msg": "Invalid symbol."}),
            throttled=Status(429, {"code": -1003, "msg": "too much"}, Retry_After="9"),
            search_for="btc",
        ),
        alpaca("alpaca"),
        alpaca("iex_alpaca"),
        alpaca("alpaca_crypto"),
        Adapter(
            ROW["finnhub"],
            {
                Capability.QUOTE: quoted("finnhub"),
                Capability.BARS_INTRADAY: finnhub_bars(),
                Capability.SEARCH: Reply({"count": 1, "result": [FINNHUB_MATCH]}),
            },
            unknown=Reply({"c": 0, "d": None, "dp": None, "h": 0, "l": 0, "o": 0, "pc": 0, "t": 0}),
            throttled=Status(429, STANDS["finnhub"].throttle),
            not_in_plan=Status(403, {"error": "You don't have access to this resource."}),
        ),
        Adapter(
            ROW["polygon"],
            {
                Capability.QUOTE: quoted("polygon"),
                Capability.BARS_INTRADAY: polygon_bars(),
                Capability.SEARCH: Reply({"status": "OK", "results": [POLYGON_MATCH]}),
            },
            unknown=Status(404, {"status": "NOT_FOUND", "message": "Ticker not found."}),
            throttled=Status(429, STANDS["polygon"].throttle),
            not_in_plan=Status(403, {"status": "NOT_AUTHORIZED", "message": "You are not entitled to this data."}),
            lacks=None,
        ),
        Adapter(
            ROW["alphavantage"],
            {
                Capability.QUOTE: quoted("alphavantage"),
                Capability.BARS_INTRADAY: av_bars("1min"),
                Capability.SEARCH: Reply({"bestMatches": [AV_MATCH]}),
            },
            unknown=Reply({"Global Quote": {}}),
            throttled=Reply(STANDS["alphavantage"].throttle),
            not_in_plan=Reply({"Information": "Thank you! This is a premium endpoint."}),
        ),
    )
}
