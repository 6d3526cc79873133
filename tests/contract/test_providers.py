"""The one suite that every adapter passes: what a provider promises, whoever it is.

Parts are for those who have what they ask about (a key, a book, a search, a socket); what a vendor does alone is in
`test_providers_<kind>*.py`, its faults in `test_faults.py`. IEX HIST is a recording and passes what applies to one.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.contract.adapters import ADAPTERS, MINUTES, ROW, Adapter
from tests.contract.stands import GOOD_PRICES, KEY, SECRET, STANDS
from tests.fault_server import (
    CutOff,
    Drop,
    FaultServer,
    HalfJson,
    HardReset,
    Html,
    Mute,
    NotANumber,
    Reply,
    Send,
    Status,
)
from tests.unit.providers.recorded import DATA, needs
from tests.unit.providers.test_iex_hist import FORMS, written
from tests.waiting import eventually
from tradesim.kernel.clock import NS_PER_SECOND, ManualClock, WallClock
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
from tradesim.model.feed import (
    Capability,
    FeedBook,
    FeedEvent,
    FeedQuote,
    FeedReset,
    FeedTrade,
    LinkState,
)
from tradesim.model.market import Timeframe
from tradesim.providers import http
from tradesim.providers.background import in_background
from tradesim.providers.budget import Forgetful
from tradesim.providers.contract import Provider
from tradesim.providers.iex import hist
from tradesim.providers.iex.cloud import IexCloud
from tradesim.providers.iex.hist import HistFile
from tradesim.providers.vendors import ROWS, Built

NOW = MINUTES[-1] * NS_PER_SECOND + 59 * NS_PER_SECOND
MINUTE = 60 * NS_PER_SECOND
YES = "yes"
KEYED = [name for name, each in ADAPTERS.items() if each.row.keys]
STREAMED = [name for name, stand in STANDS.items() if stand.welcome]


def with_answer(kind: Capability) -> list[str]:
    return [name for name, each in ADAPTERS.items() if kind in each.answers]


def test_every_vendor_of_the_registry_is_in_this_suite():
    assert {row.id for row in ROWS if not row.is_discontinued} == set(ADAPTERS) == set(STANDS)
    assert [row.id for row in ROWS if row.is_discontinued] == ["iexcloud"], "its part is at the end"


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture(autouse=True)
def nobody_waits_for_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still: waiting for the budget would be waiting for nothing."""
    monkeypatch.setattr(http, "PATIENCE_S", 0.0)


@pytest.fixture
def adapter(name: str) -> Adapter:
    return ADAPTERS[name]


@pytest.fixture
def provider(adapter: Adapter, server: FaultServer, clock: ManualClock) -> Iterator[Any]:
    made = adapter.built(server, clock)
    yield made
    made.close()


def questions(adapter: Adapter, provider: Provider) -> dict[Capability, Callable[[], Any]]:
    """All that it can be asked."""
    symbol = adapter.symbol
    every: dict[Capability, Callable[[], Any]] = {
        Capability.QUOTE: lambda: provider.quote(symbol),
        Capability.BOOK: lambda: provider.book(symbol),
        Capability.BARS_INTRADAY: lambda: provider.bars(symbol, Timeframe.M1, NOW - 10 * MINUTE, NOW),
        Capability.BARS_DAILY: lambda: provider.bars(symbol, Timeframe.D1, NOW - 99 * 1_440 * MINUTE, NOW),
        Capability.SEARCH: lambda: provider.search(adapter.search_for),
    }
    return {kind: ask for kind, ask in every.items() if provider.capabilities()[kind] == YES}


everybody = pytest.mark.parametrize("name", ADAPTERS)
keyed = pytest.mark.parametrize("name", KEYED)
streamed = pytest.mark.parametrize("name", STREAMED)


# --- what it is


@everybody
def test_it_names_itself_and_says_of_everything_whether_it_can(adapter: Adapter, provider: Provider):
    row = adapter.row
    assert isinstance(provider.id, str) and (provider.id, provider.title) == (row.id, row.title)
    assert (provider.needs_key, provider.is_discontinued) == (bool(row.keys), False)
    said = provider.capabilities()
    assert set(said) == set(Capability) and all(said.values())
    assert said[Capability.QUOTE] == YES
    assert (provider.stream() is None) == (said[Capability.STREAM] != YES)
    health = provider.health()
    assert (health.provider, health.title, health.state) == (row.id, row.title, LinkState.OFF)
    assert (health.error, health.errors, health.requests) == (None, 0, 0)
    assert health.budget_left and all(left > 0 for left in health.budget_left.values())


@everybody
def test_it_closes_more_than_once(provider: Provider):
    provider.close()
    provider.close()


# --- what it answers


@everybody
def test_a_quote_is_in_normal_form_and_is_counted(adapter: Adapter, provider: Provider, server: FaultServer):
    adapter.well(server, Capability.QUOTE)
    quote = provider.quote(adapter.symbol)
    assert (quote.symbol, quote.origin.provider) == (adapter.symbol, adapter.name)
    told = {price for price in (quote.bid, quote.ask, quote.last) if price is not None}
    assert told and told <= GOOD_PRICES and all(isinstance(price, Decimal) for price in told)
    assert quote.origin.ts_received == NOW and quote.origin.ts_event <= NOW
    health = provider.health()
    assert (health.requests, health.errors, health.error, health.last_heard) == (1, 0, None, NOW)


@pytest.mark.parametrize("name", with_answer(Capability.BOOK))
def test_a_book_is_whole_and_best_first(adapter: Adapter, provider: Provider, server: FaultServer):
    adapter.well(server, Capability.BOOK)
    book = provider.book(adapter.symbol)
    assert book.is_snapshot and (book.symbol, book.origin.provider) == (adapter.symbol, adapter.name)
    assert (book.bids, book.asks) == (((Decimal(99), Decimal(3)),), ((Decimal(101), Decimal(2)),))


@everybody
def test_bars_are_oldest_first_within_the_span_and_none_is_final_before_it_is_over(
    adapter: Adapter, provider: Provider, server: FaultServer
):
    adapter.well(server, Capability.BARS_INTRADAY)
    since = MINUTES[1] * NS_PER_SECOND
    bars = provider.bars(adapter.symbol, Timeframe.M1, since, NOW)
    assert [bar.start // NS_PER_SECOND for bar in bars] == list(MINUTES[1:])
    assert [bar.is_final for bar in bars if bar.start + MINUTE > NOW] in ([], [False])
    assert bars[0].is_final
    for bar in bars:
        assert (bar.symbol, bar.timeframe, bar.origin.provider) == (adapter.symbol, Timeframe.M1, adapter.name)
        assert (bar.open, bar.high, bar.low, bar.close, bar.volume) == (100, 101, 99, 100, 7)
        assert bar.origin.ts_event <= bar.origin.ts_received == NOW


@pytest.mark.parametrize("name", with_answer(Capability.SEARCH))
def test_a_search_finds_in_our_spelling(adapter: Adapter, provider: Provider, server: FaultServer):
    adapter.well(server, Capability.SEARCH)
    (found,) = provider.search(adapter.search_for)
    assert (found.symbol, found.provider, found.asset_class) == (adapter.symbol, adapter.name, adapter.row.asset_class)


# --- what it refuses


@everybody
def test_what_is_not_offered_is_said_before_anything_is_asked(
    adapter: Adapter, provider: Provider, server: FaultServer
):
    can, lacks = provider.capabilities(), adapter.lacks
    refused: list[Callable[[], Any]] = []
    refused += [lambda: provider.bars(adapter.symbol, lacks, NOW - MINUTE, NOW)] if lacks else []
    refused += [lambda: provider.book(adapter.symbol)] if can[Capability.BOOK] != YES else []
    refused += [lambda: provider.search("x")] if can[Capability.SEARCH] != YES else []
    for ask in refused:
        with pytest.raises(NotOffered):
            ask()
    assert server.seen == []


@everybody
def test_a_symbol_that_it_does_not_have_is_unknown_and_no_failure_of_the_line(
    adapter: Adapter, provider: Provider, server: FaultServer
):
    server.answers("*", adapter.unknown)
    with pytest.raises((UnknownSymbol, NoData)):
        provider.quote(adapter.symbol)


@everybody
def test_a_throttle_is_obeyed_without_asking_again(adapter: Adapter, provider: Provider, server: FaultServer):
    server.answers("*", adapter.throttled)
    for _ in range(3):
        with pytest.raises(RateLimited) as told:
            provider.quote(adapter.symbol)
        assert told.value.after_s > 0
    assert len(server.seen) == 1
    assert any(left == 0 for left in provider.health().budget_left.values())


@everybody
def test_what_the_machine_asks_by_itself_leaves_room_for_clicks(
    adapter: Adapter, provider: Any, server: FaultServer, clock: ManualClock
):
    budget = provider.http.budget
    pace = 2 * NS_PER_SECOND if min(budget.left().values()) == 1 else 0
    if max(budget.left().values()) == 1:
        pytest.skip("its plan is one question at a time, and a click waits for its turn")
    with pytest.raises(RateLimited, match="background work may ask"):
        for _ in range(10_000):
            clock.advance(pace)
            budget.spend(background=True)
    clock.advance(pace)
    adapter.well(server, Capability.QUOTE)
    with in_background(), pytest.raises(RateLimited, match="background work may ask"):
        provider.quote(adapter.symbol)
    assert server.seen == []
    provider.quote(adapter.symbol)


REFUSALS = (401, 402, 403, 404, 451)
MAY_BE_NOTHING = {"null", "an empty object"}
"""Answers of which a vendor may mean that nothing traded, or that nothing was found."""
FAULTS = {
    "HTML": (Html(), RetryLater),
    "HTML with 502": (Html(502), RetryLater),
    "HTML with 401": (Html(401), RetryLater),
    "HTML with 403": (Html(403), RetryLater),
    "HTML with 404": (Html(404), RetryLater),
    **{f"{status} in plain text": (Status(status, f"{status} blocked"), RetryLater) for status in REFUSALS},
    **{f"{status} of another kind": (Status(status, {"ray": "8f3a"}), RetryLater) for status in REFUSALS},
    **{f"{status} without a word": (Status(status, ""), RetryLater) for status in REFUSALS},
    "a log-in page": (Status(302, "", Location="http://login.hotel.example/"), RetryLater),
    "half of the JSON": (HalfJson({"price": "100.0", "status": "OK"}), BadPayload),
    "not a number": (NotANumber(), (BadPayload, UnknownSymbol, NoData)),
    "null": (Reply(b"null"), BadPayload),
    "a word": (Reply('"no"'), BadPayload),
    "a list of lists": (Reply(b"[[]]"), BadPayload),
    "an empty object": (Reply(b"{}"), (BadPayload, UnknownSymbol, NoData)),
    "nothing": (Reply(b""), BadPayload),
    "no server": (Status(503, "down"), RetryLater),
    "too many questions": (Status(429, "", Retry_After="7"), RateLimited),
    "cut off": (CutOff({"price": "100.0"}), RetryLater),
    "reset": (HardReset(), RetryLater),
}


@everybody
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_an_error_of_the_tree_and_never_a_price(
    adapter: Adapter, provider: Any, server: FaultServer, clock: ManualClock, fault: str
):
    """Whatever is asked. An empty answer may be one: nothing traded, nothing found."""
    answer, wanted = FAULTS[fault]
    for ask in questions(adapter, provider).values():
        server.answers("*", answer)
        clock.advance(24 * 60 * MINUTE)
        asked = len(server.seen)
        try:
            found = ask()
        except ProviderError as error:
            health = provider.health()
            assert isinstance(error, wanted), error
            assert isinstance(error, UnknownSymbol | NoData) or health.error, "a person sees nothing of it"
            assert KEY not in f"{error} {health}"
        else:
            assert found == [] and fault in MAY_BE_NOTHING, found
        assert len(server.seen) > asked, "it was not asked at all"


# --- those with a key


@keyed
def test_the_key_is_where_the_vendor_takes_it_and_in_the_address_only_where_it_must(
    adapter: Adapter, provider: Provider, server: FaultServer
):
    adapter.well(server, Capability.QUOTE)
    provider.quote(adapter.symbol)
    (seen,) = server.seen
    assert (KEY in seen.query.values()) == (provider.id == "alphavantage")
    assert (KEY in " ".join(seen.headers.values())) == (provider.id != "alphavantage")


@keyed
def test_without_a_key_nothing_is_asked(adapter: Adapter, server: FaultServer, clock: ManualClock):
    provider = adapter.built(server, clock, is_keyed=False)
    for ask in (lambda: provider.quote(adapter.symbol), lambda: provider.bars(adapter.symbol, Timeframe.D1, 1, NOW)):
        with pytest.raises(BadKey, match="key"):
            ask()
    assert "needs a key" in provider.capabilities()[Capability.QUOTE]
    assert provider.stream() is None and server.seen == []
    assert provider.health().state is LinkState.REFUSED
    provider.close()


@keyed
def test_what_the_plan_refuses_once_is_not_asked_for_again_even_after_a_restart(
    adapter: Adapter, server: FaultServer, clock: ManualClock
):
    store, symbol = Forgetful(), adapter.symbol
    server.answers("*", adapter.not_in_plan)
    for _ in range(2):
        provider = adapter.built(server, clock, store=store)
        for _ in range(2):
            with pytest.raises(NotEntitled):
                provider.quote(symbol)
        assert len(server.seen) == 1 and provider.capabilities()[Capability.QUOTE] != YES
        provider.close()
    assert KEY not in str(store.values)
    adapter.well(server, Capability.QUOTE)
    clock.advance(MINUTE)
    provider.try_again()
    assert provider.capabilities()[Capability.QUOTE] == YES


def echo(seen: Any) -> Reply:
    """A vendor that repeats everything that was sent to it."""
    return Reply({"message": f"bad: {seen.query} {dict(seen.headers)}", "error": f"{seen.query} {seen.headers}"}, 403)


@keyed
def test_no_key_is_in_any_word(adapter: Adapter, server: FaultServer, clock: ManualClock, caplog: Any):
    caplog.set_level(logging.DEBUG)
    words = ""
    for answer in (
        echo,
        HardReset(),
        Status(500, f"{KEY} {SECRET if len(adapter.row.keys) > 1 else ''}"),
        Reply(f'{{"Information": "API key as {KEY}"}}'),
    ):
        server.answers("*", answer)
        provider = adapter.built(server, clock)
        for ask in questions(adapter, provider).values():
            try:
                ask()
            except ProviderError as error:
                words += f"{error} {error!r} {error.args}"
        words += f"{provider!r} {provider.health()} {provider.capabilities()} {provider.stream()!r}"
        provider.close()
    for secret in (KEY, SECRET):
        assert secret not in words and secret not in caplog.text


# --- those with a socket


class Ear:
    """A provider's stream with what it told."""

    def __init__(self, provider: Any, symbol: str) -> None:
        self.events: list[FeedEvent] = []
        self.stream = provider.stream()
        self.stream.want([symbol])
        self.stream.start(self.events.extend)

    def of(self, kind: type) -> list[Any]:
        return [each for each in self.events if isinstance(each, kind)]

    def hears(self, fact: Callable[[], object]) -> None:
        eventually(fact, lambda: (self.stream.link(), self.events))


def in_normal_form(events: Sequence[FeedEvent], provider: str, symbol: str | None = None) -> None:
    for event in events:
        assert event.origin.provider == provider and event.origin.ts_event > 0
        assert event.symbol == (symbol or event.symbol) and event.symbol == event.symbol.strip().upper()
        if isinstance(event, FeedTrade):
            assert event.price > 0 and event.qty >= 0
        if isinstance(event, FeedQuote):
            assert all(price is None or price > 0 for price in (event.bid, event.ask, event.last))
        if isinstance(event, FeedBook):
            assert all(price > 0 and qty >= 0 for side in (event.bids, event.asks) for price, qty in side)


@pytest.fixture
def live(adapter: Adapter, server: FaultServer) -> Iterator[Any]:
    """A provider on a clock that goes."""
    made = adapter.built(server, WallClock())
    yield made
    made.close()


@streamed
def test_a_stream_tells_in_normal_form_and_is_well(adapter: Adapter, live: Any, server: FaultServer):
    stand = STANDS[adapter.name]
    prints = [stand.trade("100.0", number, 0.0) for number in (1, 2)]
    server.plays(*stand.welcome(server), *map(Send, prints), Mute())
    heard = Ear(live, adapter.symbol)
    heard.hears(lambda: len(heard.of(FeedTrade)) >= 2)
    in_normal_form(heard.events, adapter.name, adapter.symbol)
    assert {each.price for each in heard.of(FeedTrade)} == {Decimal(100)}
    health = live.health()
    assert (health.state, health.error, health.errors) == (LinkState.LIVE, None, 0)


@streamed
def test_a_line_that_breaks_voids_what_it_told_and_is_back_with_everything_asked_for_anew(
    adapter: Adapter, live: Any, server: FaultServer
):
    stand = STANDS[adapter.name]
    server.plays(*stand.welcome(server), Send(stand.trade("100.0", 1, 0.0)), Drop())
    server.plays(*stand.welcome(server), Send(stand.trade("101.0", 2, 0.0)), Mute())
    heard = Ear(live, adapter.symbol)
    heard.hears(lambda: any(each.price == 101 for each in heard.of(FeedTrade)))
    (reset,) = heard.of(FeedReset)
    assert reset.reason and reset.symbol == adapter.symbol
    before = heard.events[: heard.events.index(reset)]
    assert any(each.price == 100 for each in before if isinstance(each, FeedTrade))
    assert server.connections == 2
    assert live.health().state is LinkState.LIVE


@streamed
def test_a_stream_that_is_opened_anew_begins_again_and_one_that_nobody_wants_leaves(
    adapter: Adapter, live: Any, server: FaultServer
):
    stand = STANDS[adapter.name]
    server.plays(*stand.welcome(server), Send(stand.trade("100.0", 1, 0.0)), Mute())
    heard = Ear(live, adapter.symbol)
    heard.hears(lambda: heard.of(FeedTrade))
    heard.stream.renew()
    heard.hears(lambda: server.connections == 2 and len(heard.of(FeedReset)) == 1)
    heard.stream.want([])
    heard.hears(lambda: heard.stream.link().state is LinkState.OFF)
    live.close()
    assert server.connections == 2


# --- IEX HIST: a recording, in the same words

SAMPLE = DATA / "market" / "iex" / "TOPS16.pcapng.gz"


@pytest.mark.parametrize("called", ["own", "sample"])
def test_a_capture_of_iex_tells_in_normal_form_and_each_symbol_in_order_of_time(tmp_path: Path, called: str):
    path = written(tmp_path, FORMS["little.pcap"]) if called == "own" else needs(SAMPLE)
    capture = HistFile(path)
    events = [event for each in capture.messages() if (event := hist.event_of(each, NOW)) is not None]
    assert events and capture.counts.undecoded == 0
    in_normal_form(events, "iex_hist")
    for symbol in {event.symbol for event in events}:
        times = [event.origin.ts_event for event in events if event.symbol == symbol]
        assert times == sorted(times)


# --- IEX Cloud: gone, and says so


def test_a_vendor_that_is_gone_refuses_everything_and_says_when_and_what_instead():
    made = ROW["iexcloud"].build(Built(None, ()))  # type: ignore[arg-type]
    assert isinstance(made, IexCloud) and made.is_discontinued and made.stream() is None
    assert all("discontinued 2024-08-31" in said for said in made.capabilities().values())
    asked: list[Callable[[], Any]] = [
        lambda: made.quote("AAPL"),
        lambda: made.book("AAPL"),
        lambda: made.bars("AAPL", Timeframe.D1, 1, NOW),
        lambda: made.search("AAPL"),
    ]
    for ask in asked:
        with pytest.raises(NotOffered, match="replay IEX HIST"):
            ask()
    assert "discontinued" in (made.health().error or "")
    made.close()
