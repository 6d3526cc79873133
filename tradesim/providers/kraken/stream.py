"""Listening to Kraken's websocket v2: books proven message by message, prints without holes.

A book that proves false is asked for again by itself; the connection and the other symbols stay.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import BadPayload, RetryLater
from tradesim.model.feed import Feed, FeedEvent, FeedHalt, FeedReset, FeedTrade, Origin
from tradesim.providers.dialect import Dialect
from tradesim.providers.errands import Errands
from tradesim.providers.kraken.book import KrakenBook
from tradesim.providers.kraken.limits import DEPTH, DEPTHS, HEARTBEAT_WITHIN_S, QUIET_BOOK_S
from tradesim.providers.kraken.parse import PROVIDER, Alive, Answer, BookChange, Message, PastTrades, Status, messages
from tradesim.providers.line import Address, Line
from tradesim.providers.patience import Patience
from tradesim.providers.trade_run import Gap, TradeRun, missed

URL = "wss://ws.kraken.com/v2"
BOOK, TRADE = "book", "trade"
OPEN_STATES = {"online", "post_only"}
"""In `post_only` orders rest but nothing trades; `cancel_only` and `maintenance` are halts."""


class MissingTrades(Struct, frozen=True):
    symbol: str
    gap: Gap
    since: int


TradeErrands = Errands[MissingTrades, list[FeedTrade]]


class KrakenDialect(Dialect):
    provider = PROVIDER
    feed = Feed.CRYPTO

    def __init__(self, rng: random.Random, errands: TradeErrands, url: str = URL, depth: int = DEPTH) -> None:
        if depth not in DEPTHS:
            raise ValueError(f"depth must be one of {DEPTHS}, was {depth}")
        self.refusals: dict[str, str] = {}
        self._url, self._depth, self._errands = url, depth, errands
        self._patience: Patience[str] = Patience(rng)
        self._books: dict[str, KrakenBook] = {}
        self._runs: dict[str, TradeRun] = {}
        self._latest: dict[str, int] = {}
        self._asked: dict[int, tuple[str, str, str]] = {}
        self._number = 0
        self._system = "online"
        self._halted: set[str] = set()
        self._alive_at: int | None = None

    # -- what the connection calls

    def address(self) -> Address:
        return Address(self._url)

    def opened(self, line: Line) -> None:
        self._books, self._asked, self._alive_at = {}, {}, None
        self._system = "online"
        self.refusals = {}
        self._patience.cancel()
        line.ready()

    def subscribe(self, line: Line, symbols: Sequence[str]) -> None:
        for symbol in symbols:
            self._ask_book(line, symbol)
            self._say(line, "subscribe", TRADE, symbol, snapshot=True)

    def unsubscribe(self, line: Line, symbols: Sequence[str]) -> None:
        for symbol in symbols:
            self._books.pop(symbol, None)
            self._patience.forget(symbol)
            if symbol not in self.refusals:
                self._say(line, "unsubscribe", BOOK, symbol, depth=self._depth)
                self._say(line, "unsubscribe", TRADE, symbol)

    def heard(self, line: Line, message: str | bytes, received: int) -> Sequence[FeedEvent]:
        self._alive_at = received
        told = [event for each in messages(message, received) for event in self._events(line, each, received)]
        return [*self._halts(line, received), *told] if self._halted or self._system not in OPEN_STATES else told

    def due(self, line: Line, now: int) -> Sequence[FeedEvent]:
        if self._alive_at is not None and now - self._alive_at > HEARTBEAT_WITHIN_S * NS_PER_SECOND:
            raise RetryLater(f"no heartbeat from Kraken for {HEARTBEAT_WITHIN_S:g} s", 0.0)
        for symbol in self._patience.due(now):
            if symbol in line.symbols:
                self._say(line, "unsubscribe", BOOK, symbol, depth=self._depth)
                self._ask_book(line, symbol)
        return [trade for errand, answer in self._errands.done() for trade in self._filled(errand, answer)]

    def silence_s(self, symbols: Sequence[str], now: int) -> float | None:
        return QUIET_BOOK_S * 2

    def symbol_silence_s(self, symbol: str, now: int) -> float | None:
        return QUIET_BOOK_S

    # -- what is said

    def _ask_book(self, line: Line, symbol: str) -> None:
        self._books[symbol] = KrakenBook(symbol, self._depth)
        line.expect(f"the snapshot of {symbol}")
        self._say(line, "subscribe", BOOK, symbol, depth=self._depth, snapshot=True)

    def _say(self, line: Line, method: str, channel: str, symbol: str, **more: Any) -> None:
        self._number += 1
        self._asked[self._number] = (method, channel, symbol)
        if method == "subscribe":
            line.expect(_ack(channel, symbol))
        params = {"channel": channel, "symbol": [symbol], **more}
        line.say(msgspec.json.encode({"method": method, "params": params, "req_id": self._number}).decode())

    # -- what is heard

    def _events(self, line: Line, message: Message, received: int) -> Sequence[FeedEvent]:
        match message:
            case BookChange():
                return self._book(line, message, received)
            case FeedTrade():
                return self._trade(message)
            case PastTrades():
                return self._past(message)
            case Answer():
                return self._answered(line, message)
            case Status():
                self._system = message.system
                return ()
            case Alive():
                return ()
        return (message,)

    def _book(self, line: Line, change: BookChange, received: int) -> Sequence[FeedEvent]:
        book = self._books.get(change.symbol)
        if book is None:
            return ()
        events = book.apply(change, received)
        if any(isinstance(event, FeedReset) for event in events):
            self._patience.failed(change.symbol, received)
        elif events:
            self._patience.good(change.symbol, received)
        if change.is_snapshot:
            line.answered(f"the snapshot of {change.symbol}")
        return events

    def _trade(self, trade: FeedTrade) -> Sequence[FeedTrade]:
        is_news, gap = self._run(trade.symbol).take(trade)
        if gap:
            self._miss(trade.symbol, gap)
        if is_news:
            self._latest[trade.symbol] = trade.origin.ts_event
        return (trade,) if is_news else ()

    def _past(self, past: PastTrades) -> Sequence[FeedEvent]:
        """On the first line the past is not news; after a break what we had not heard is."""
        known = {symbol for symbol, run in self._runs.items() if run.last is not None}
        told = [event for trade in past.trades for event in self._trade(trade)]
        return [missed(trade) for trade in told if trade.symbol in known]

    def _answered(self, line: Line, answer: Answer) -> Sequence[FeedEvent]:
        method, channel, symbol = self._asked.pop(answer.req_id or 0, (answer.method, answer.channel, answer.symbol))
        if channel and symbol:
            line.answered(_ack(channel, symbol))
        if answer.is_success or method == "unsubscribe":
            return ()
        if symbol is None:
            raise BadPayload(f"Kraken refused something unnamed: {answer.error}")
        if "rate" in (answer.error or "").lower():
            raise RetryLater(f"Kraken says: {answer.error}", 0.0)
        line.answered(f"the snapshot of {symbol}")
        self.refusals[symbol] = f"Kraken says: {answer.error}"
        line.refused(symbol)
        return ()

    def _halts(self, line: Line, received: int) -> Sequence[FeedEvent]:
        """The status comes with the greeting already, before any symbol is asked for, and is of them all.

        What was halted on the line before is said to be open on the next one.
        """
        wanted = set() if self._system in OPEN_STATES else set(line.symbols)
        changed = [symbol for symbol in line.symbols if (symbol in wanted) != (symbol in self._halted)]
        self._halted = self._halted.difference(line.symbols) | wanted
        origin = Origin(PROVIDER, Feed.CRYPTO, received, received)
        return [FeedHalt(symbol, symbol in wanted, f"Kraken is in {self._system}", origin) for symbol in changed]

    # -- prints that were missed

    def _run(self, symbol: str) -> TradeRun:
        return self._runs.setdefault(symbol, TradeRun())

    def _miss(self, symbol: str, gap: Gap) -> None:
        self._errands.send(MissingTrades(symbol, gap, self._latest.get(symbol, 0)))

    def _filled(self, errand: MissingTrades, answer: list[FeedTrade] | Exception) -> Sequence[FeedEvent]:
        if isinstance(answer, Exception):
            return ()
        return self._run(errand.symbol).fill(errand.gap, answer)

    @property
    def books(self) -> Mapping[str, KrakenBook]:
        return self._books


def _ack(channel: str, symbol: str) -> str:
    return f"its answer to the subscription of {channel} {symbol}"
