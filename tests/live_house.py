"""A provider that says what a test tells it to, and a live market on it with a clock that stands still."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from tests.fakes import BTC, INSTRUMENTS, ManualClock
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.feed import (
    Capability,
    Feed,
    FeedBar,
    FeedBook,
    FeedCorrection,
    FeedEvent,
    FeedHalt,
    FeedQuote,
    FeedReset,
    FeedTrade,
    LinkState,
    Listing,
    Origin,
    ProviderHealth,
    TradeFlag,
)
from tradesim.model.market import Side, Timeframe
from tradesim.providers.contract import Hear
from tradesim.providers.live.source import LiveRules, LiveSource

NOON = 1_767_718_800 * NS_PER_SECOND
"""2026-01-06 12:00 New York, a Tuesday."""
ALL = dict.fromkeys(Capability, "yes")
SYMBOL = BTC.symbol


def dec(number: Any) -> Decimal:
    return Decimal(str(number))


class FakeProvider:
    """Implements `contract.Provider` and `contract.Stream`; REST answers are functions or errors."""

    needs_key = is_discontinued = False

    def __init__(
        self,
        name: str,
        clock: ManualClock,
        able: Mapping[Capability, str] | None = None,
        feed: Feed = Feed.CRYPTO,
        streams: bool = True,
    ) -> None:
        self.id, self.title, self.clock, self.feed = name, name.title(), clock, feed
        self.able, self.streams = dict(able or ALL), streams
        self.hear: Hear = lambda events: None
        self.wanted: tuple[str, ...] = ()
        self.is_started = self.is_stopped = self.is_closed = False
        self.asked: list[tuple[Any, ...]] = []
        self.retries = self.renewals = 0
        self.asked_again: list[str] = []
        self.answer_bars: Callable[..., list[FeedBar]] | Exception = lambda *_: []
        self.answer_quote: FeedQuote | Exception | None = None

    # provider

    def capabilities(self) -> Mapping[Capability, str]:
        return self.able

    def quote(self, symbol: str) -> FeedQuote:
        self.asked.append(("quote", symbol))
        if isinstance(self.answer_quote, FeedQuote):
            return self.answer_quote
        raise self.answer_quote or AssertionError("no quote set")

    def book(self, symbol: str) -> FeedBook:
        raise AssertionError("not asked in these tests")

    def bars(self, symbol: str, timeframe: Timeframe, start: int, end: int) -> list[FeedBar]:
        self.asked.append(("bars", symbol, timeframe, start, end))
        if isinstance(self.answer_bars, Exception):
            raise self.answer_bars
        return self.answer_bars(symbol, timeframe, start, end)

    def search(self, text: str) -> list[Listing]:
        return []

    def stream(self) -> "FakeProvider | None":
        return self if self.streams else None

    def health(self) -> ProviderHealth:
        return ProviderHealth(self.id, self.title, LinkState.LIVE)

    def close(self) -> None:
        self.is_closed = True

    # stream

    def start(self, hear: Hear) -> None:
        self.hear, self.is_started = hear, True

    def want(self, symbols: Iterable[str]) -> None:
        self.wanted = tuple(symbols)

    def retry(self) -> None:
        self.retries += 1

    def ask_again(self, symbol: str) -> None:
        self.asked_again.append(symbol)

    def renew(self) -> None:
        self.renewals += 1

    def stop(self) -> None:
        self.is_stopped = True

    # what a test says

    def origin(self, ago_s: float = 0.0) -> Origin:
        now = self.clock.now()
        return Origin(self.id, self.feed, now - int(ago_s * NS_PER_SECOND), now)

    def book_of(
        self, bids: Sequence[tuple[Any, Any]], asks: Sequence[tuple[Any, Any]], is_snapshot: bool = True
    ) -> FeedBook:
        rows = [tuple((dec(p), dec(q)) for p, q in side) for side in (bids, asks)]
        return FeedBook(SYMBOL, rows[0], rows[1], is_snapshot, self.origin())

    def trade(self, price: Any, qty: Any = 1, id_: str | None = None, ago_s: float = 0.0, **more: Any) -> FeedTrade:
        return FeedTrade(SYMBOL, dec(price), dec(qty), self.origin(ago_s), id_, **more)

    def quote_of(self, bid: Any, ask: Any, qty: Any = 1, **more: Any) -> FeedQuote:
        both = {key: None if value is None else dec(value) for key, value in {"bid": bid, "ask": ask}.items()}
        sizes = {} if qty is None else {"bid_qty": dec(qty), "ask_qty": dec(qty)}
        return FeedQuote(SYMBOL, origin=self.origin(), **both, **sizes, **more)

    def reset(self, why: str = "checksum") -> FeedReset:
        return FeedReset(SYMBOL, why, self.origin())

    def lost(self, why: str = "the line broke") -> FeedReset:
        return FeedReset(SYMBOL, why, self.origin(), is_line_gone=True)

    def halt(self, is_halted: bool, why: str = "LUDP") -> FeedHalt:
        return FeedHalt(SYMBOL, is_halted, why, self.origin())

    def correction(self, id_: str, replaced_by: FeedTrade | None = None) -> FeedCorrection:
        return FeedCorrection(SYMBOL, id_, self.origin(), replaced_by)

    def bar(self, start: int, close: Any, timeframe: Timeframe = Timeframe.M1, **more: Any) -> FeedBar:
        given = {"open": dec(close), "high": dec(close), "low": dec(close), "close": dec(close), "volume": dec(1)}
        return FeedBar(SYMBOL, timeframe, start, origin=self.origin(), **{**given, **more})


class House:
    """A live market of one symbol on fake providers."""

    def __init__(self, *names: str, rules: LiveRules | None = None, **more: Any) -> None:
        self.clock = ManualClock(NOON)
        self.providers = {name: FakeProvider(name, self.clock, **more) for name in names or ("alpha",)}
        self.rules = rules
        self.source: LiveSource

    def open(self, symbols: Sequence[str] = (SYMBOL,), store: Any = None) -> "House":
        instruments = {symbol: INSTRUMENTS[symbol] for symbol in symbols}
        self.source = LiveSource(self.providers, instruments, self.clock, rules=self.rules, store=store)
        self.wait(0)
        return self

    def __getitem__(self, name: str) -> FakeProvider:
        return self.providers[name]

    def say(self, *events: FeedEvent) -> None:
        """Heard and taken at once."""
        for event in events:
            self.providers[event.origin.provider].hear([event])
        self.source.advance(self.clock.now())

    def wait(self, seconds: float) -> None:
        self.clock.advance(int(seconds * NS_PER_SECOND))
        self.source.advance(self.clock.now())

    def top(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        bids, asks = self.source.venue.top(SYMBOL, 10)
        return [(each.price, each.qty) for each in bids], [(each.price, each.qty) for each in asks]


__all__ = ["NOON", "SYMBOL", "FakeProvider", "House", "Side", "TradeFlag", "dec"]
