"""Alpha Vantage, Finnhub, Polygon, Alpaca and IEX as providers: answers, refusals, faults, and no key in any word."""

import logging
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.fault_server import CutOff, FaultServer, HalfJson, HardReset, Html, NoAnswer, NotANumber, Reply, Status
from tests.unit.providers.recorded import PROVIDERS, document, lines, needs
from tests.waiting import eventually
from tradesim.kernel.clock import ManualClock, WallClock
from tradesim.kernel.errors import (
    BadKey,
    BadPayload,
    NoData,
    NotEntitled,
    NotOffered,
    ProviderError,
    RateLimited,
    RetryLater,
    UnknownSymbol,
)
from tradesim.model.feed import Capability, Feed, LinkState
from tradesim.model.market import Timeframe
from tradesim.providers import http
from tradesim.providers.alpaca import Alpaca, IexViaAlpaca
from tradesim.providers.alphavantage import AlphaVantage
from tradesim.providers.background import in_background
from tradesim.providers.budget import Forgetful
from tradesim.providers.finnhub import Finnhub
from tradesim.providers.http import Timeouts
from tradesim.providers.iex.cloud import IexCloud
from tradesim.providers.polygon import Polygon
from tradesim.providers.vendor import Vendor, Wiring

KEY, SECRET = "KEY-of-8f3a91c2", "SECRET-of-77aa01"
NOW = int(datetime(2026, 11, 18, 16, 0, tzinfo=UTC).timestamp()) * 10**9
MINUTE = 60 * 10**9

AV_QUOTE = {
    "Global Quote": {
        "01. symbol": "MSFT",
        "05. price": "112.13",
        "07. latest trading day": "2018-10-05",
        "08. previous close": "112.79",
    }
}
POLYGON_SNAPSHOT = {
    "status": "OK",
    "ticker": {
        "ticker": "MSFT",
        "lastQuote": {"P": 112.14, "S": 5, "p": 112.12, "s": 3, "t": 1651251948407646487},
        "lastTrade": {"c": None, "i": "1", "p": 112.13, "s": 200, "t": 1651251948294080343},
        "prevDay": {"c": 112.79},
        "updated": 1651251948294080343,
    },
}
ALPACA_SNAPSHOT = {
    "MSFT": {
        "latestTrade": {"t": "2021-05-03T14:45:50.456Z", "p": 112.13, "s": 200, "c": ["@"], "i": 1, "z": "C"},
        "latestQuote": {"t": "2021-05-03T14:45:50.5Z", "ap": 112.14, "as": 7, "bp": 112.12, "bs": 9, "c": ["R"]},
        "prevDailyBar": {"t": "2021-04-30T04:00:00Z", "o": 1, "h": 2, "l": 1, "c": 112.79, "v": 9},
    }
}


@dataclass(frozen=True)
class Case:
    make: Callable[[FaultServer, str, Wiring], Vendor]
    path: str
    quote: dict[str, Any]


CASES = {
    "alphavantage": Case(lambda server, key, wiring: AlphaVantage(key, wiring, server.http_url), "/query", AV_QUOTE),
    "finnhub": Case(
        lambda server, key, wiring: Finnhub(key, wiring, server.http_url, server.ws_url),
        "/api/v1/quote",
        {"c": 112.13, "pc": 112.79, "t": 1651251948, "h": 1, "l": 1, "o": 1, "d": 1, "dp": 1},
    ),
    "polygon": Case(
        lambda server, key, wiring: Polygon(key, wiring, server.http_url, server.ws_url),
        "/v2/snapshot/locale/us/markets/stocks/tickers/MSFT",
        POLYGON_SNAPSHOT,
    ),
    "alpaca": Case(
        lambda server, key, wiring: Alpaca(key, key and SECRET, wiring, Feed.IEX, server.http_url, server.ws_url),
        "/v2/stocks/snapshots",
        ALPACA_SNAPSHOT,
    ),
    "iex_alpaca": Case(
        lambda server, key, wiring: IexViaAlpaca(key, key and SECRET, wiring, server.http_url, server.ws_url),
        "/v2/stocks/snapshots",
        ALPACA_SNAPSHOT,
    ),
}


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as each:
        yield each


def wiring(clock=None, store=None) -> Wiring:
    return Wiring(clock or WallClock(), random.Random(1), store, timeouts=Timeouts(0.5, 0.5, 0.6))


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


def test_a_provider_names_itself_and_says_of_everything_whether_it_can(server: FaultServer, case: Case):
    provider = case.make(server, KEY, wiring())
    assert provider.id and provider.title and provider.needs_key and not provider.is_discontinued
    said = provider.capabilities()
    assert set(said) == set(Capability) and all(said.values())
    assert said[Capability.QUOTE] == "yes"
    assert (provider.stream() is None) == (said[Capability.STREAM] != "yes")
    assert provider.health().state is LinkState.OFF
    provider.close()


def test_a_quote_is_in_normal_form_and_is_counted(server: FaultServer, case: Case):
    server.answers(case.path, Reply(case.quote))
    provider = case.make(server, KEY, wiring())
    quote = provider.quote("MSFT")
    assert (quote.symbol, quote.last, quote.prev_close) == ("MSFT", Decimal("112.13"), Decimal("112.79"))
    assert quote.origin.provider == provider.id and quote.origin.ts_event <= quote.origin.ts_received
    health = provider.health()
    assert (health.state, health.requests, health.errors, health.error) == (LinkState.LIVE, 1, 0, None)
    assert all(left >= 0 for left in health.budget_left.values()) and health.budget_left
    provider.close()


def test_the_key_is_where_the_vendor_takes_it_and_in_the_address_only_where_it_must(server: FaultServer, case: Case):
    server.answers(case.path, Reply(case.quote))
    provider = case.make(server, KEY, wiring())
    provider.quote("MSFT")
    (seen,) = server.seen
    assert (KEY in seen.query.values()) == (provider.id == "alphavantage")
    assert (KEY in " ".join(seen.headers.values())) == (provider.id != "alphavantage")


def test_without_a_key_nothing_is_asked(server: FaultServer, case: Case):
    provider = case.make(server, "", wiring())
    with pytest.raises(BadKey, match="key"):
        provider.quote("MSFT")
    assert "needs a key" in provider.capabilities()[Capability.QUOTE]
    assert provider.stream() is None and server.seen == []
    assert provider.health().state is LinkState.REFUSED


def echo(seen: Any) -> Reply:
    """A vendor that repeats everything that was sent to it."""
    return Reply({"message": f"bad: {seen.query} {dict(seen.headers)}", "error": f"{seen.query} {seen.headers}"}, 403)


FAULTS = {
    "server error": (Status(503, "down"), RetryLater),
    "too many requests": (Status(429, "", Retry_After="7"), RateLimited),
    "HTML": (Html(), BadPayload),
    "HTML with 502": (Html(502), RetryLater),
    "half of the JSON": (HalfJson(AV_QUOTE), BadPayload),
    "NaN": (NotANumber(), BadPayload),
    "cut off": (CutOff(AV_QUOTE), RetryLater),
    "reset": (HardReset(), RetryLater),
    "no answer": (NoAnswer(), RetryLater),
    "a list": (Reply([1, 2]), BadPayload),
    "a word": (Reply('"no"'), BadPayload),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_an_error_that_says_what_to_do(server: FaultServer, case: Case, fault: str):
    answer, wanted = FAULTS[fault]
    server.answers(case.path, answer)
    provider = case.make(server, KEY, wiring())
    with pytest.raises(wanted) as raised:
        provider.quote("MSFT")
    if fault == "too many requests":
        assert raised.value.after_s == 7.0
    health = provider.health()
    assert health.error and health.errors == 1 and health.state is LinkState.WAITING
    assert KEY not in f"{raised.value} {health}"
    provider.close()


@pytest.mark.parametrize("body", [None, {}, {"quotes": None}, {"MSFT": []}, {"Global Quote": []}, {"c": []}])
def test_nulls_and_wrong_types_never_make_a_price(server: FaultServer, case: Case, body: Any):
    server.answers(case.path, Reply("null" if body is None else body))
    with pytest.raises((BadPayload, UnknownSymbol, NoData)):
        case.make(server, KEY, wiring()).quote("MSFT")


def test_no_key_is_in_any_word(server: FaultServer, case: Case, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    words = ""
    for answer in (
        echo,
        HardReset(),
        Status(500, f"{KEY} {case_secret(case)}"),
        Reply(f'{{"Information": "API key as {KEY}"}}'),
    ):
        server.answers("*", answer)
        provider = case.make(server, KEY, wiring())
        for ask in (lambda p=provider: p.quote("MSFT"), lambda p=provider: p.bars("MSFT", Timeframe.D1, 1, NOW)):
            try:
                ask()
            except ProviderError as error:
                words += f"{error} {error!r} {error.args}"
        words += f"{provider!r} {provider.health()} {provider.capabilities()} {provider.stream()!r}"
        provider.close()
    for secret in (KEY, SECRET):
        assert secret not in words
        assert secret not in caplog.text


def case_secret(case: Case) -> str:
    return SECRET if case.path == CASES["alpaca"].path else ""


REFUSALS = {
    "alphavantage": Reply({"Information": "Thank you! This is a premium endpoint."}),
    "finnhub": Status(403, {"error": "You don't have access to this resource."}),
    "polygon": Status(403, {"status": "NOT_AUTHORIZED", "message": "You are not entitled to this data."}),
    "alpaca": Status(403, {"message": "subscription does not permit this"}),
    "iex_alpaca": Status(403, {"message": "subscription does not permit this"}),
}


@pytest.mark.parametrize("vendor", CASES)
def test_an_entitlement_refused_once_is_not_asked_for_again_even_after_a_restart(server: FaultServer, vendor: str):
    case, store = CASES[vendor], Forgetful()
    server.answers(case.path, REFUSALS[vendor])
    provider = case.make(server, KEY, wiring(store=store))
    for _ in range(3):
        with pytest.raises(NotEntitled):
            provider.quote("MSFT")
    assert len(server.seen) == 1
    again = case.make(server, KEY, wiring(store=store))
    with pytest.raises(NotEntitled):
        again.quote("MSFT")
    assert len(server.seen) == 1 and again.capabilities()[Capability.QUOTE] != "yes"
    assert KEY not in str(store.values)
    other_key = case.make(server, KEY + "2", wiring(store=store))
    assert other_key.capabilities()[Capability.QUOTE] == "yes"
    server.answers(case.path, Reply(case.quote))
    again.try_again()
    assert again.capabilities()[Capability.QUOTE] == "yes"


def test_polls_leave_the_last_fifth_of_the_budget_to_clicks(server: FaultServer):
    server.answers("*", Reply(POLYGON_SNAPSHOT))
    provider = CASES["polygon"].make(server, KEY, wiring(ManualClock(NOW)))
    with in_background(), pytest.raises(RateLimited):
        for _ in range(5):
            provider.quote("MSFT")
    assert len(server.seen) == 4
    provider.quote("MSFT")
    with pytest.raises(RateLimited):
        provider.quote("MSFT")


# --- each vendor's own


@pytest.mark.parametrize("place", range(7))
def test_alphavantage_notices_in_a_200(server: FaultServer, place: int):
    told = [line for line in lines("alphavantage", "http200_notice_bodies.jsonl") if "Meta" not in str(line["body"])]
    line = told[place]
    server.answers("/query", Reply(line["body"]))
    provider = CASES["alphavantage"].make(server, KEY, wiring())
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
    provider = CASES["alphavantage"].make(server, KEY, wiring(clock))
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
        CASES["finnhub"].make(server, KEY, wiring()).quote("NOPE")


def test_finnhub_without_candles_still_has_quotes(server: FaultServer):
    server.answers("/api/v1/stock/candle", REFUSALS["finnhub"])
    server.answers("/api/v1/quote", Reply(CASES["finnhub"].quote))
    provider = CASES["finnhub"].make(server, KEY, wiring())
    for _ in range(2):
        with pytest.raises(NotEntitled):
            provider.bars("MSFT", Timeframe.M1, NOW - MINUTE, NOW)
    assert provider.quote("MSFT").last == Decimal("112.13")
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
    provider = CASES["polygon"].make(server, KEY, wiring(ManualClock(NOW)))
    bars = provider.bars("MSFT", Timeframe.M1, start, NOW)
    assert [bar.start for bar in bars] == [start, start + MINUTE]
    assert [seen.headers["Authorization"] for seen in server.seen] == [f"Bearer {KEY}"] * 2
    assert server.seen[1].query == {"cursor": "abc"}


def test_polygon_never_follows_a_page_to_a_stranger(server: FaultServer):
    server.answers("*", Reply({"status": "OK", "results": [], "next_url": "https://example.com/v2/aggs?cursor=1"}))
    with pytest.raises(BadPayload, match=r"example\.com"):
        CASES["polygon"].make(server, KEY, wiring()).bars("MSFT", Timeframe.M1, NOW - MINUTE, NOW)
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
    provider = CASES["polygon"].make(server, KEY, wiring(ManualClock(NOW)))
    for _ in range(2):
        provider.bars("MSFT", Timeframe.D1, NOW - 9 * 86_400 * 10**9, NOW)
    assert provider.capabilities()[Capability.BARS_DAILY] == "yes"
    assert len(server.seen) == 3


def test_alpaca_asks_sip_for_what_is_old_and_iex_for_what_is_new(server: FaultServer):
    def bars(seen: Any) -> Reply:
        row = {"t": seen.query["start"], "o": 1, "h": 2, "l": 1, "c": 2, "v": 5}
        return Reply({"bars": {"MSFT": [row]}, "next_page_token": None})

    server.answers("/v2/stocks/bars", bars)
    provider = CASES["alpaca"].make(server, KEY, wiring(ManualClock(NOW)))
    told = provider.bars("MSFT", Timeframe.M1, NOW - 60 * MINUTE, NOW)
    assert [seen.query["feed"] for seen in server.seen] == ["sip", "iex"]
    assert [bar.origin.feed for bar in told] == [Feed.SIP, Feed.IEX]
    server.seen.clear()
    only = CASES["iex_alpaca"].make(server, KEY, wiring(ManualClock(NOW)))
    only.bars("MSFT", Timeframe.M1, NOW - 60 * MINUTE, NOW)
    assert [seen.query["feed"] for seen in server.seen] == ["iex"]


def test_alpaca_goes_on_with_iex_where_sip_is_refused(server: FaultServer):
    recent = {"message": "subscription does not permit querying recent SIP data"}
    good = {"bars": {"MSFT": [{"t": "2026-11-18T15:00:00Z", "o": 1, "h": 2, "l": 1, "c": 2, "v": 5}]}}
    server.answers("*", lambda seen: Status(403, recent) if seen.query["feed"] == "sip" else Reply(good))
    provider = CASES["alpaca"].make(server, KEY, wiring(ManualClock(NOW)))
    for _ in range(2):
        assert len(provider.bars("MSFT", Timeframe.M1, NOW - 60 * MINUTE, NOW - 30 * MINUTE)) == 1
    assert [seen.query["feed"] for seen in server.seen] == ["sip", "iex", "iex"]


def test_alpaca_pages_may_break_within_a_symbol(server: FaultServer):
    def page(seen: Any) -> Reply:
        minute = 1 if seen.query.get("page_token") == "two" else 0
        row = {"t": f"2026-11-18T15:0{minute}:00Z", "o": 1, "h": 2, "l": 1, "c": 2, "v": 5}
        return Reply({"bars": {"MSFT": [row]}, "next_page_token": None if minute else "two"})

    server.answers("*", page)
    provider = CASES["iex_alpaca"].make(server, KEY, wiring(ManualClock(NOW)))
    assert len(provider.bars("MSFT", Timeframe.M1, NOW - 60 * MINUTE, NOW)) == 2


def test_an_invalid_symbol_of_alpaca_is_null_and_unknown(server: FaultServer):
    server.answers("*", Reply({"INVALID": None}))
    with pytest.raises(UnknownSymbol):
        CASES["alpaca"].make(server, KEY, wiring()).quote("INVALID")


def test_iex_via_alpaca_says_how_little_it_shows():
    assert IexViaAlpaca.title == "IEX via Alpaca, about 2-3 % of volume"
    assert IexCloud().is_discontinued


def test_what_is_not_offered_is_said_without_asking(server: FaultServer, case: Case):
    provider = case.make(server, KEY, wiring())
    with pytest.raises(NotOffered):
        provider.book("MSFT")
    assert server.seen == []


def test_a_recorded_answer_goes_through_byte_for_byte(server: FaultServer):
    body = needs(PROVIDERS / "alphavantage" / "mock_time_series.json").read_bytes()
    server.answers("/query", Reply(body))
    at = int(datetime(2017, 12, 18, 20, 0, tzinfo=UTC).timestamp()) * 10**9
    provider = CASES["alphavantage"].make(server, KEY, wiring(ManualClock(at)))
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
