"""Listening to Binance spot: `depth@100ms`, `trade` and `bookTicker` of every symbol on one combined stream.

The book's beginning comes by REST. A stream whose name is misspelt is accepted and stays silent for ever, so
silence is never believed: REST is asked whether the book has moved.
"""

import random
from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import BadPayload, RetryLater, UnknownSymbol
from tradesim.model.feed import Feed, FeedEvent, FeedQuote, FeedReset, FeedTrade
from tradesim.providers.binance.book import BinanceBook
from tradesim.providers.binance.limits import CONNECTION_LIFE_S, FIRST_BOOK_AFTER_S, QUIET_BOOK_S
from tradesim.providers.binance.naming import binance_name
from tradesim.providers.binance.parse import (
    PROVIDER,
    Ack,
    DepthDiff,
    DepthSnapshot,
    Message,
    Named,
    Refusal,
    ShuttingDown,
    message_of,
)
from tradesim.providers.dialect import Dialect
from tradesim.providers.errands import Errands
from tradesim.providers.line import Address, Line
from tradesim.providers.patience import Patience
from tradesim.providers.trade_run import Gap, TradeRun

URL = "wss://data-stream.binance.vision"
STREAMS = ("depth@100ms", "trade", "bookTicker")
LEAVES_BEFORE_S = 1800.0


class ErrandKind(StrEnum):
    BOOK = "book"
    PROBE = "probe"
    TRADES = "trades"


class Errand(Struct, frozen=True):
    """`line` numbers the connection that asked; answers for an earlier one are void."""

    kind: ErrandKind
    symbol: str
    line: int
    gap: Gap | None = None


Found = DepthSnapshot | list[FeedTrade]
BinanceErrands = Errands[Errand, Found]


class BinanceDialect(Dialect):
    provider = PROVIDER
    feed = Feed.CRYPTO

    def __init__(self, rng: random.Random, errands: BinanceErrands, url: str = URL) -> None:
        self.refusals: dict[str, str] = {}
        self._url, self._errands = url.rstrip("/"), errands
        self._patience: Patience[str] = Patience(rng)
        self._books: dict[str, BinanceBook] = {}
        self._symbols: dict[str, str] = {}
        self._runs: dict[str, TradeRun] = {}
        self._changed_at: dict[str, int] = {}
        self._under_way: set[tuple[ErrandKind, str]] = set()
        self._unasked: dict[str, int | None] = {}
        self._line = self._number = 0
        self._opened_at: int | None = None

    # -- what the connection calls

    def address(self) -> Address:
        return Address(f"{self._url}/stream")

    def opened(self, line: Line) -> None:
        self._line += 1
        self._opened_at = None
        self._books, self._symbols, self._changed_at, self._unasked = {}, {}, {}, {}
        self._under_way = set()
        self.refusals = {}
        self._patience.cancel()
        line.ready()

    def subscribe(self, line: Line, symbols: Sequence[str]) -> None:
        for symbol in symbols:
            self._books[symbol] = BinanceBook(symbol)
            self._symbols[binance_name(symbol)] = symbol
            self._unasked[symbol] = None
        self._say(line, "SUBSCRIBE", symbols)

    def unsubscribe(self, line: Line, symbols: Sequence[str]) -> None:
        for symbol in symbols:
            self._symbols.pop(binance_name(symbol), None)
            self._books.pop(symbol, None)
            self._changed_at.pop(symbol, None)
            self._unasked.pop(symbol, None)
            self._patience.forget(symbol)
        self._say(line, "UNSUBSCRIBE", symbols)

    def heard(self, line: Line, message: str | bytes, received: int) -> Sequence[FeedEvent]:
        return self._events(line, message_of(message, received), received)

    def due(self, line: Line, now: int) -> Sequence[FeedEvent]:
        self._leave_in_time(now)
        for symbol in self._patience.due(now):
            self._ask_book(symbol)
        for symbol in line.symbols:
            self._look_after(symbol, now)
        return [event for errand, found in self._errands.done() for event in self._came(line, errand, found, now)]

    def silence_s(self, symbols: Sequence[str], now: int) -> float | None:
        return QUIET_BOOK_S * 4

    # -- what is said and asked

    def _say(self, line: Line, method: str, symbols: Sequence[str]) -> None:
        self._number += 1
        names = [f"{binance_name(symbol).lower()}@{stream}" for symbol in symbols for stream in STREAMS]
        line.expect(_ack(self._number))
        line.say(msgspec.json.encode({"method": method, "params": names, "id": self._number}).decode())

    def _ask(self, kind: ErrandKind, symbol: str, gap: Gap | None = None) -> None:
        if kind is not ErrandKind.TRADES:
            if (kind, symbol) in self._under_way:
                return
            self._under_way.add((kind, symbol))
        self._errands.send(Errand(kind, symbol, self._line, gap))

    def _ask_book(self, symbol: str) -> None:
        book = self._books.get(symbol)
        if book and book.wants_snapshot and not self._patience.is_planned(symbol):
            self._unasked.pop(symbol, None)
            self._ask(ErrandKind.BOOK, symbol)

    def _look_after(self, symbol: str, now: int) -> None:
        """A book not begun after a while is fetched; one that is quiet for long is held against REST."""
        if symbol in self._unasked:
            since = self._unasked[symbol]
            if since is None:
                self._unasked[symbol] = now
            elif now - since > FIRST_BOOK_AFTER_S * NS_PER_SECOND:
                self._ask_book(symbol)
        elif now - self._changed_at.setdefault(symbol, now) > QUIET_BOOK_S * NS_PER_SECOND:
            self._ask(ErrandKind.PROBE, symbol)

    def _leave_in_time(self, now: int) -> None:
        if self._opened_at is None:
            self._opened_at = now
        if now - self._opened_at > (CONNECTION_LIFE_S - LEAVES_BEFORE_S) * NS_PER_SECOND:
            raise RetryLater("Binance ends connections after 24 hours; this one is replaced before", 0.0)

    # -- what is heard

    def _events(self, line: Line, message: Message, received: int) -> Sequence[FeedEvent]:
        match message:
            case DepthDiff():
                return self._depth(line, message, received)
            case Named():
                return self._named(message, received)
            case Ack():
                line.answered(_ack(message.id))
            case Refusal():
                raise BadPayload(f"Binance refused a subscription: {message.message} ({message.code})")
            case ShuttingDown():
                raise RetryLater("Binance is restarting the server of this connection", 0.0)
        return ()

    def _depth(self, line: Line, diff: DepthDiff, received: int) -> Sequence[FeedEvent]:
        symbol = self._symbols.get(diff.name)
        if symbol is None:
            return ()
        self._changed_at[symbol] = received
        book = self._books[symbol]
        events = book.change(diff, received)
        line.keeps(symbol)
        if not book.is_live and not events:
            self._ask_book(symbol)
        return self._judged(symbol, events, received)

    def _judged(self, symbol: str, events: Sequence[FeedEvent], received: int) -> Sequence[FeedEvent]:
        if any(isinstance(event, FeedReset) for event in events):
            self._patience.failed(symbol, received)
        elif events:
            self._patience.good(symbol, received)
        return events

    def _named(self, named: Named, received: int) -> Sequence[FeedEvent]:
        symbol = self._symbols.get(named.name)
        if symbol is None:
            return ()
        event = replace(named.event, symbol=symbol)
        if isinstance(event, FeedTrade):
            return self._trade(event)
        if isinstance(event, FeedQuote):
            reset = self._books[symbol].quote(event, received)
            return self._judged(symbol, (reset, event), received) if reset else (event,)
        return (event,)

    # -- what REST said

    def _came(self, line: Line, errand: Errand, found: Found | Exception, now: int) -> Sequence[FeedEvent]:
        if errand.line != self._line or errand.symbol not in self._books:
            return ()
        self._under_way.discard((errand.kind, errand.symbol))
        if isinstance(found, Exception):
            self._failed(line, errand, found, now)
            return ()
        if isinstance(found, DepthSnapshot):
            return self._snapshot(errand, found, now)
        return self._run(errand.symbol).fill(errand.gap, found) if errand.gap else ()

    def _snapshot(self, errand: Errand, found: DepthSnapshot, now: int) -> Sequence[FeedEvent]:
        book = self._books[errand.symbol]
        if errand.kind is ErrandKind.PROBE:
            self._probed(book, found, now)
            return ()
        events = book.snapshot(found, now)
        if book.wants_snapshot:
            self._patience.failed(errand.symbol, now)
        return events

    def _probed(self, book: BinanceBook, found: DepthSnapshot, now: int) -> None:
        is_quiet = now - self._changed_at.get(book.symbol, now) > QUIET_BOOK_S * NS_PER_SECOND
        self._changed_at[book.symbol] = now
        if is_quiet and book.is_live and found.last_id > book.last_id:
            missed = found.last_id - book.last_id
            raise RetryLater(f"the line is open but mute: {book.symbol} had {missed} changes that did not come", 0.0)

    def _failed(self, line: Line, errand: Errand, error: Exception, now: int) -> None:
        if isinstance(error, UnknownSymbol):
            self.refusals[errand.symbol] = str(error)
            line.refused(errand.symbol)
        elif errand.kind is ErrandKind.PROBE:
            self._changed_at[errand.symbol] = now
        elif errand.kind is ErrandKind.BOOK:
            least_s = error.after_s if isinstance(error, RetryLater) else 0.0
            self._patience.failed(errand.symbol, now, least_s)

    # -- prints

    def _run(self, symbol: str) -> TradeRun:
        return self._runs.setdefault(symbol, TradeRun())

    def _trade(self, trade: FeedTrade) -> Sequence[FeedEvent]:
        is_news, gap = self._run(trade.symbol).take(trade)
        if gap:
            self._ask(ErrandKind.TRADES, trade.symbol, gap)
        return (trade,) if is_news else ()

    @property
    def books(self) -> Mapping[str, BinanceBook]:
        return self._books


def _ack(number: int) -> str:
    return f"its answer to request {number}"
