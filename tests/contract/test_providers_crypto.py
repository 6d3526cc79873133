"""What every provider promises, kept by the three crypto exchanges: answers, refusals and health, by real requests."""

import json
import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.fault_server import CutOff, FaultServer, HardReset, Html, NotANumber, Reply, Status
from tradesim.kernel.clock import ManualClock
from tradesim.kernel.errors import BadPayload, NotOffered, RateLimited, RetryLater, UnknownSymbol
from tradesim.model.feed import Capability, LinkState
from tradesim.model.market import Timeframe
from tradesim.providers import http
from tradesim.providers.background import in_background
from tradesim.providers.binance import Binance
from tradesim.providers.coinbase import Coinbase
from tradesim.providers.contract import Provider
from tradesim.providers.kraken import Kraken

MINUTE = 60 * 10**9
NOW = 1_000 * MINUTE
TIME = "1970-01-01T16:39:59Z"


def kraken_result(result: Any) -> Reply:
    return Reply({"error": [], "result": result})


KRAKEN = {
    "/0/public/Ticker": kraken_result(
        {"XXBTZUSD": {"a": ["100.1", "1", "2"], "b": ["100.0", "1", "3"], "c": ["100.0", "1"]}}
    ),
    "/0/public/Depth": kraken_result({"XXBTZUSD": {"bids": [["100.0", "3", 5]], "asks": [["100.1", "2", 6]]}}),
    "/0/public/OHLC": kraken_result(
        {"XXBTZUSD": [[60 * at, "1", "2", "0.5", "1.5", "1", "3", 4] for at in (997, 998, 999)], "last": 1}
    ),
    "/0/public/AssetPairs": kraken_result(
        {
            "XXBTZUSD": {
                "wsname": "XBT/USD",
                "status": "online",
                "tick_size": "0.1",
                "pair_decimals": 1,
                "lot_decimals": 8,
            },
        }
    ),
}
COINBASE = {
    "/products/BTC-USD/ticker": Reply({"price": "100.0", "bid": "100.0", "ask": "100.1", "time": TIME}),
    "/products/BTC-USD/book": Reply({"bids": [["100.0", "3", 1]], "asks": [["100.1", "2", 1]], "sequence": 5}),
    "/products/BTC-USD/candles": Reply([[60 * at, 0.5, 2, 1, 1.5, 3] for at in (999, 998, 997)]),
    "/products": Reply(
        [{"id": "BTC-USD", "status": "online", "quote_increment": "0.1", "base_increment": "0.00000001"}]
    ),
}
BINANCE = {
    "/api/v3/ticker/24hr": Reply(
        {
            "lastPrice": "100.0",
            "bidPrice": "100.0",
            "askPrice": "100.1",
            "bidQty": "3",
            "askQty": "2",
            "prevClosePrice": "99",
            "closeTime": 59_999_000,
        }
    ),
    "/api/v3/depth": Reply({"lastUpdateId": 5, "bids": [["100.0", "3"]], "asks": [["100.1", "2"]]}),
    "/api/v3/klines": Reply(
        [[60_000 * at, "1", "2", "0.5", "1.5", "3", 60_000 * at + 59_999, "3"] for at in (997, 998, 999)]
    ),
    "/api/v3/exchangeInfo": Reply(
        {
            "symbols": [
                {
                    "status": "TRADING",
                    "baseAsset": "BTC",
                    "quoteAsset": "USD",
                    "filters": [
                        {"filterType": "PRICE_FILTER", "tickSize": "0.1"},
                        {"filterType": "LOT_SIZE", "stepSize": "0.00000001"},
                    ],
                }
            ]
        }
    ),
}
VENDORS: dict[str, tuple[Callable[..., Any], dict[str, Reply]]] = {
    "kraken": (Kraken, KRAKEN),
    "coinbase": (Coinbase, COINBASE),
    "binance": (Binance, BINANCE),
}


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW - MINUTE // 2)


@pytest.fixture(autouse=True)
def nobody_waits_for_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still: waiting for the budget would be waiting for nothing."""
    monkeypatch.setattr(http, "PATIENCE_S", 0.0)


@pytest.fixture(params=VENDORS)
def vendor(request, server: FaultServer, clock: ManualClock) -> Iterator[Any]:
    make, answers = VENDORS[request.param]
    for path, reply in answers.items():
        server.answers(path, reply)
    provider = make(clock, random.Random(1), server.http_url, server.ws_url)
    yield provider
    provider.close()


def test_it_is_a_provider_that_needs_no_key(vendor: Provider):
    assert (vendor.needs_key, vendor.is_discontinued) == (False, False)
    assert vendor.id in VENDORS
    assert vendor.title == vendor.id.capitalize()
    assert dict(vendor.capabilities()) == dict.fromkeys(Capability, "yes")
    assert vendor.stream() is not None


def test_a_quote_has_both_sides_and_the_last_price(vendor: Provider):
    quote = vendor.quote("BTC/USD")
    assert (quote.symbol, quote.bid, quote.ask, quote.last) == ("BTC/USD", Decimal(100), Decimal("100.1"), Decimal(100))
    assert quote.origin.provider == vendor.id
    assert quote.origin.ts_received == NOW - MINUTE // 2


def test_a_book_is_whole(vendor: Provider):
    book = vendor.book("BTC/USD")
    assert book.is_snapshot
    assert (book.bids, book.asks) == (((Decimal(100), Decimal(3)),), ((Decimal("100.1"), Decimal(2)),))


def test_bars_are_oldest_first_within_the_span_and_the_last_may_be_forming(vendor: Provider):
    bars = vendor.bars("BTC/USD", Timeframe.M1, 998 * MINUTE, NOW)
    assert [bar.start // MINUTE for bar in bars] == [998, 999]
    assert [bar.is_final for bar in bars] == [True, False]
    assert (bars[0].open, bars[0].high, bars[0].low, bars[0].close) == (1, 2, Decimal("0.5"), Decimal("1.5"))
    assert bars[0].volume == 3


def test_a_search_finds_pairs_in_any_spelling_with_their_steps(
    vendor: Provider, server: FaultServer, clock: ManualClock
):
    for text in ("btc", "BTC/USD", "btcusd", "usd"):
        (found,) = vendor.search(text)
        assert (found.symbol, found.tick_size, found.lot_size) == ("BTC/USD", Decimal("0.1"), Decimal("0.00000001"))
    assert vendor.search("nothing like it") == []
    assert len(server.seen) == 1


def test_a_length_that_is_not_offered_is_said_before_anything_is_asked(vendor: Provider, server: FaultServer):
    with pytest.raises(NotOffered, match="15s was asked"):
        vendor.bars("BTC/USD", Timeframe.S15, 0, NOW)
    assert server.seen == []


def test_what_is_no_pair_is_unknown_before_anything_is_asked(vendor: Provider, server: FaultServer):
    with pytest.raises(UnknownSymbol, match="AAPL"):
        vendor.quote("AAPL")
    assert server.seen == []


UNKNOWN = {
    "kraken": Reply({"error": ["EQuery:Unknown asset pair"]}),
    "coinbase": Status(404, {"message": "NotFound"}),
    "binance": Status(400, {"code": -1121, "msg": "Invalid symbol."}),
}
THROTTLED = {
    "kraken": Reply({"error": ["EGeneral:Too many requests"]}),
    "coinbase": Status(429, {"message": "slow down"}),
    "binance": Status(429, {"code": -1003, "msg": "too much"}, Retry_After="9"),
}


def faulty(server: FaultServer, vendor: Provider, answer: Any) -> None:
    for path in VENDORS[vendor.id][1]:
        server.answers(path, answer)


def test_a_pair_that_it_does_not_trade_is_unknown(vendor: Provider, server: FaultServer):
    faulty(server, vendor, UNKNOWN[vendor.id])
    with pytest.raises(UnknownSymbol):
        vendor.quote("FOO/BAR") if vendor.id != "coinbase" else vendor.quote("BTC/USD")


def test_a_throttle_is_obeyed_without_asking_again(vendor: Provider, server: FaultServer, clock: ManualClock):
    faulty(server, vendor, THROTTLED[vendor.id])
    with pytest.raises(RateLimited) as told:
        vendor.quote("BTC/USD")
    assert told.value.after_s > 0
    asked = len(server.seen)
    with pytest.raises(RateLimited):
        vendor.quote("BTC/USD")
    assert len(server.seen) == asked


@pytest.mark.parametrize("vendor", ["coinbase", "binance"], indirect=True)
def test_what_the_machine_asks_by_itself_leaves_room_for_clicks(vendor: Provider, server: FaultServer):
    budget = vendor.http.budget
    share = int(0.8 * next(iter(budget.left().values())))
    budget.spend(share, background=True)
    with in_background(), pytest.raises(RateLimited, match="background work may ask"):
        vendor.quote("BTC/USD")
    assert not server.seen
    vendor.quote("BTC/USD")


FAULTS = {
    "html": (Html(), BadPayload),
    "half of the text": (Reply(b'{"error":[],"result":{"XX'), BadPayload),
    "not a number": (NotANumber(), BadPayload),
    "null": (Reply(b"null"), BadPayload),
    "a list of lists": (Reply(b"[[]]"), BadPayload),
    "empty object": (Reply(b"{}"), BadPayload),
    "nothing": (Reply(b""), BadPayload),
    "no server": (Status(502, "<html>"), RetryLater),
    "cut off": (CutOff(json.dumps({"error": []})), RetryLater),
    "reset": (HardReset(), RetryLater),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("what", ["quote", "book", "bars", "search"])
def test_faults_are_errors_of_the_tree_and_never_a_price(vendor: Provider, server: FaultServer, fault: str, what: str):
    answer, kind = FAULTS[fault]
    faulty(server, vendor, answer)
    ask = {
        "quote": lambda: vendor.quote("BTC/USD"),
        "book": lambda: vendor.book("BTC/USD"),
        "bars": lambda: vendor.bars("BTC/USD", Timeframe.M1, 998 * MINUTE, NOW),
        "search": lambda: vendor.search("btc"),
    }
    with pytest.raises(kind):
        ask[what]()
    assert vendor.health().errors >= (kind is RetryLater)


def test_health_tells_of_both_ways(vendor: Provider, server: FaultServer):
    health = vendor.health()
    assert (health.state, health.error, health.requests) == (LinkState.OFF, None, 0)
    vendor.quote("BTC/USD")
    health = vendor.health()
    assert (health.requests, health.last_heard) == (1, NOW - MINUTE // 2)
    assert health.budget_left
