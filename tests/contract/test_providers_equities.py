"""What Alpha Vantage, Finnhub, Polygon and Alpaca do each alone; what all promise is in `test_providers.py`."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.contract.adapters import ADAPTERS
from tests.contract.stands import KEY
from tests.fault_server import FaultServer, Reply, Status
from tests.unit.providers.recorded import PROVIDERS, document, lines, needs
from tests.waiting import eventually
from tradesim.kernel.clock import ManualClock, WallClock
from tradesim.kernel.errors import (
    BadPayload,
    NotEntitled,
    ProviderError,
    RateLimited,
    UnknownSymbol,
)
from tradesim.model.corporate import Basis
from tradesim.model.feed import Capability, Feed
from tradesim.model.market import Timeframe
from tradesim.providers import http
from tradesim.providers.alpaca import IexViaAlpaca
from tradesim.providers.budget import Forgetful
from tradesim.providers.contract import AdjustedPast
from tradesim.providers.iex.cloud import IexCloud
from tradesim.providers.polygon import Polygon
from tradesim.providers.vendor import Vendor, Wiring

NOW = int(datetime(2026, 11, 18, 16, 0, tzinfo=UTC).timestamp()) * 10**9
MINUTE = 60 * 10**9


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as each:
        yield each


@pytest.mark.parametrize("place", range(7))
def test_alphavantage_notices_in_a_200(server: FaultServer, place: int):
    told = [line for line in lines("alphavantage", "http200_notice_bodies.jsonl") if "Meta" not in str(line["body"])]
    line = told[place]
    server.answers("/query", Reply(line["body"]))
    provider = ADAPTERS["alphavantage"].built(server, WallClock())
    with pytest.raises(ProviderError) as raised:
        provider.quote("MSFT")
    assert not isinstance(raised.value, BadPayload)
    if line["kind"] == "daily_limit":
        assert provider.health().budget_left["day"] == 0


def test_alphavantage_takes_the_short_form_when_the_long_one_is_premium(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(http, "PATIENCE_S", 0.0)
    series = {
        "Time Series (Daily)": {
            "2026-11-17": {"1. open": "1", "2. high": "2", "3. low": "1", "4. close": "2", "5. volume": "9"}
        }
    }
    premium = {"Information": "The outputsize=full parameter value is a premium feature"}
    server.answers("/query", lambda seen: Reply(premium if seen.query["outputsize"] == "full" else series))
    clock = ManualClock(NOW)
    provider = ADAPTERS["alphavantage"].built(server, clock)
    for _ in range(2):
        assert len(ask_daily(provider, clock)) == 1
    assert [seen.query["outputsize"] for seen in server.seen] == ["full", "compact", "compact"]
    assert provider.capabilities()[Capability.BARS_DAILY] == "yes"


def ask_daily(provider: Vendor, clock: ManualClock) -> list[Any]:
    for _ in range(3):
        clock.advance(2 * 10**9)
        try:
            return provider.bars("MSFT", Timeframe.D1, NOW - 365 * 86_400 * 10**9, NOW)
        except RateLimited:
            continue
    raise AssertionError("never answered")


def test_finnhub_says_of_an_unknown_symbol_that_it_is_one(server: FaultServer):
    server.answers("/api/v1/quote", Reply({"c": 0, "d": None, "dp": None, "h": 0, "l": 0, "o": 0, "pc": 0, "t": 0}))
    with pytest.raises(UnknownSymbol):
        ADAPTERS["finnhub"].built(server, WallClock()).quote("NOPE")


def test_finnhub_without_candles_still_has_quotes(server: FaultServer):
    server.answers("/api/v1/stock/candle", ADAPTERS["finnhub"].not_in_plan)
    server.answers("/api/v1/quote", ADAPTERS["finnhub"].answers[Capability.QUOTE])
    provider = ADAPTERS["finnhub"].built(server, WallClock())
    for _ in range(2):
        with pytest.raises(NotEntitled):
            provider.bars("MSFT", Timeframe.M1, NOW - MINUTE, NOW)
    assert provider.quote("MSFT").last == 100
    assert len(server.seen) == 2


def test_polygon_follows_pages_on_its_own_host_and_sends_the_key_again(server: FaultServer):
    row = {"o": 1, "h": 2, "l": 1, "c": 2, "v": 5}
    start = NOW - 10 * MINUTE
    first = {
        "status": "OK",
        "results": [{**row, "t": start // 10**6}],
        "next_url": "https://api.massive.com/v2/aggs/next?cursor=abc",
    }
    server.answers(f"/v2/aggs/ticker/MSFT/range/1/minute/{start // 10**6}/{(NOW - 1) // 10**6}", Reply(first))
    server.answers("/v2/aggs/next", Reply({"status": "OK", "results": [{**row, "t": (start + MINUTE) // 10**6}]}))
    provider = ADAPTERS["polygon"].built(server, ManualClock(NOW))
    bars = provider.bars("MSFT", Timeframe.M1, start, NOW)
    assert [bar.start for bar in bars] == [start, start + MINUTE]
    assert [seen.headers["Authorization"] for seen in server.seen] == [f"Bearer {KEY}"] * 2
    assert server.seen[1].query == {"cursor": "abc"}


def test_polygon_never_follows_a_page_to_a_stranger(server: FaultServer):
    server.answers("*", Reply({"status": "OK", "results": [], "next_url": "https://example.com/v2/aggs?cursor=1"}))
    with pytest.raises(BadPayload, match=r"example\.com"):
        ADAPTERS["polygon"].built(server, WallClock()).bars("MSFT", Timeframe.M1, NOW - MINUTE, NOW)
    assert len(server.seen) == 1


def test_polygon_gives_the_days_before_today_where_today_is_not_in_the_plan(server: FaultServer):
    refused = {"status": "NOT_AUTHORIZED", "message": "Attempted to request today's data before end of day."}
    day = {"o": 1, "h": 2, "l": 1, "c": 2, "v": 5, "t": 1794891600000}
    server.answers(
        "*",
        lambda seen: (
            Status(403, refused) if int(seen.path.split("/")[-1]) > 1794978000000 else Reply({"results": [day]})
        ),
    )
    provider = ADAPTERS["polygon"].built(server, ManualClock(NOW))
    for _ in range(2):
        provider.bars("MSFT", Timeframe.D1, NOW - 9 * 86_400 * 10**9, NOW)
    assert provider.capabilities()[Capability.BARS_DAILY] == "yes"
    assert len(server.seen) == 3


def test_alpaca_asks_sip_for_what_is_old_and_iex_for_what_is_new(server: FaultServer):
    def bars(seen: Any) -> Reply:
        row = {"t": seen.query["start"], "o": 1, "h": 2, "l": 1, "c": 2, "v": 5}
        return Reply({"bars": {"MSFT": [row]}, "next_page_token": None})

    server.answers("/v2/stocks/bars", bars)
    provider = ADAPTERS["alpaca"].built(server, ManualClock(NOW))
    told = provider.bars("MSFT", Timeframe.M1, NOW - 60 * MINUTE, NOW)
    assert [seen.query["feed"] for seen in server.seen] == ["sip", "iex"]
    assert [bar.origin.feed for bar in told] == [Feed.SIP, Feed.IEX]
    server.seen.clear()
    only = ADAPTERS["iex_alpaca"].built(server, ManualClock(NOW))
    only.bars("MSFT", Timeframe.M1, NOW - 60 * MINUTE, NOW)
    assert [seen.query["feed"] for seen in server.seen] == ["iex"]


def test_alpaca_goes_on_with_iex_where_sip_is_refused(server: FaultServer):
    recent = {"message": "subscription does not permit querying recent SIP data"}
    good = {"bars": {"MSFT": [{"t": "2026-11-18T15:00:00Z", "o": 1, "h": 2, "l": 1, "c": 2, "v": 5}]}}
    server.answers("*", lambda seen: Status(403, recent) if seen.query["feed"] == "sip" else Reply(good))
    provider = ADAPTERS["alpaca"].built(server, ManualClock(NOW))
    for _ in range(2):
        assert len(provider.bars("MSFT", Timeframe.M1, NOW - 60 * MINUTE, NOW - 30 * MINUTE)) == 1
    assert [seen.query["feed"] for seen in server.seen] == ["sip", "iex", "iex"]


@pytest.mark.parametrize("name", ["alpaca", "iex_alpaca"])
@pytest.mark.parametrize("basis", Basis)
def test_alpaca_is_asked_for_days_on_any_basis(server: FaultServer, name: str, basis: Basis):
    bar = {"t": "2026-11-16T05:00:00Z", "o": 1, "h": 2, "l": 1, "c": 1.5, "v": 9}
    server.answers("/v2/stocks/bars", Reply({"bars": {"AAPL": [bar]}, "next_page_token": None}))
    provider = ADAPTERS[name].built(server, ManualClock(NOW))
    assert isinstance(provider, AdjustedPast)
    told = provider.adjusted_days("AAPL", basis, NOW - 5 * 24 * 60 * MINUTE, NOW - 24 * 60 * MINUTE)
    assert [float(each.close) for each in told] == [1.5]
    assert {(seen.query["adjustment"], seen.query["timeframe"]) for seen in server.seen} == {(basis.value, "1Day")}


def test_alpaca_pages_may_break_within_a_symbol(server: FaultServer):
    def page(seen: Any) -> Reply:
        minute = 1 if seen.query.get("page_token") == "two" else 0
        row = {"t": f"2026-11-18T15:0{minute}:00Z", "o": 1, "h": 2, "l": 1, "c": 2, "v": 5}
        return Reply({"bars": {"MSFT": [row]}, "next_page_token": None if minute else "two"})

    server.answers("*", page)
    provider = ADAPTERS["iex_alpaca"].built(server, ManualClock(NOW))
    assert len(provider.bars("MSFT", Timeframe.M1, NOW - 60 * MINUTE, NOW)) == 2


def test_an_invalid_symbol_of_alpaca_is_null_and_unknown(server: FaultServer):
    server.answers("*", Reply({"INVALID": None}))
    with pytest.raises(UnknownSymbol):
        ADAPTERS["alpaca"].built(server, WallClock()).quote("INVALID")


def test_iex_via_alpaca_says_how_little_it_shows():
    assert IexViaAlpaca.title == "IEX via Alpaca, about 2-3 % of volume"
    assert IexCloud().is_discontinued


def test_a_recorded_answer_goes_through_byte_for_byte(server: FaultServer):
    body = needs(PROVIDERS / "alphavantage" / "mock_time_series.json").read_bytes()
    server.answers("/query", Reply(body))
    at = int(datetime(2017, 12, 18, 20, 0, tzinfo=UTC).timestamp()) * 10**9
    provider = ADAPTERS["alphavantage"].built(server, ManualClock(at))
    assert len(provider.bars("MSFT", Timeframe.M1, at - 24 * 60 * MINUTE, at)) == 100


def test_polygon_learns_its_sale_conditions_once_a_day() -> None:
    told = document("polygon", "rest_v3_reference_conditions_asset_class=stocks.json")
    store = Forgetful()
    with FaultServer() as server:
        server.answers("/v3/reference/conditions", Reply(told))
        for _ in range(2):
            provider = Polygon("k" * 32, Wiring(WallClock(), random.Random(1), store), server.http_url, server.ws_url)
            usual = provider._conditions
            provider.stream()
            provider.stream()
            eventually(lambda provider=provider, usual=usual: provider._conditions is not usual)
            provider.close()
        assert len(server.seen) == 1
