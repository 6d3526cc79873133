"""Listening to Coinbase Exchange: `level2_batch`, `matches`, `ticker` and `heartbeat`, each product by itself.

Prints have no holes in their numbers, heartbeats tell the newest number: what is missing is asked for by REST.
"""

import random
from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import BadPayload, NotEntitled, RetryLater
from tradesim.model.feed import Feed, FeedEvent, FeedQuote, FeedReset, FeedTrade, Origin
from tradesim.providers.coinbase.book import CoinbaseBook
from tradesim.providers.coinbase.limits import HEARTBEAT_WITHIN_S, QUIET_BOOK_S
from tradesim.providers.coinbase.naming import product_of
from tradesim.providers.coinbase.parse import (
    PROVIDER,
    BookSnapshot,
    BookUpdate,
    Heartbeat,
    LastMatch,
    Message,
    Refusal,
    Subscribed,
    message_of,
)
from tradesim.providers.dialect import Dialect
from tradesim.providers.errands import Errands
from tradesim.providers.line import Address, Line
from tradesim.providers.patience import Patience
from tradesim.providers.trade_run import Gap, TradeRun

URL = "wss://ws-feed.exchange.coinbase.com"
BOOK = "level2_batch"
CHANNELS = (BOOK, "matches", "ticker", "heartbeat")


class MissingTrades(Struct, frozen=True):
    symbol: str
    gap: Gap


TradeErrands = Errands[MissingTrades, list[FeedTrade]]


class CoinbaseDialect(Dialect):
    provider = PROVIDER
    feed = Feed.CRYPTO

    def __init__(self, rng: random.Random, errands: TradeErrands, url: str = URL) -> None:
        self.refusals: dict[str, str] = {}
        self._url, self._errands = url, errands
        self._patience: Patience[str] = Patience(rng)
        self._books: dict[str, CoinbaseBook] = {}
        self._runs: dict[str, TradeRun] = {}
        self._behind: dict[str, int] = {}
        self._alive_at: int | None = None
        self._is_in_doubt = False

    # -- what the connection calls

    def address(self) -> Address:
        return Address(self._url)

    def opened(self, line: Line) -> None:
        self._books, self._behind, self._alive_at = {}, {}, None
        self.refusals, self._is_in_doubt = {}, False
        self._patience.cancel()
        line.ready()

    def subscribe(self, line: Line, symbols: Sequence[str]) -> None:
        for symbol in symbols:
            self._await_book(line, symbol)
            line.expect(_ack(symbol))
            line.say(_said("subscribe", symbol, CHANNELS))

    def unsubscribe(self, line: Line, symbols: Sequence[str]) -> None:
        for symbol in symbols:
            self._books.pop(symbol, None)
            self._patience.forget(symbol)
            if symbol not in self.refusals:
                line.say(_said("unsubscribe", symbol, CHANNELS))

    def heard(self, line: Line, message: str | bytes, received: int) -> Sequence[FeedEvent]:
        self._alive_at = received
        try:
            told = message_of(message, received)
        except BadPayload:
            self._is_in_doubt = True
            raise
        return self._events(line, told, received)

    def due(self, line: Line, now: int) -> Sequence[FeedEvent]:
        if self._alive_at is not None and now - self._alive_at > HEARTBEAT_WITHIN_S * NS_PER_SECOND:
            raise RetryLater(f"no heartbeat from Coinbase for {HEARTBEAT_WITHIN_S:g} s", 0.0)
        for symbol in self._patience.due(now):
            if symbol in line.symbols:
                line.say(_said("unsubscribe", symbol, (BOOK,)))
                self._await_book(line, symbol)
                line.say(_said("subscribe", symbol, (BOOK,)))
        filled = [trade for errand, answer in self._errands.done() for trade in self._filled(errand, answer)]
        return [*self._doubted(now), *filled]

    def silence_s(self, symbols: Sequence[str], now: int) -> float | None:
        return QUIET_BOOK_S * 2

    def symbol_silence_s(self, symbol: str, now: int) -> float | None:
        return QUIET_BOOK_S

    # -- what is heard

    def _await_book(self, line: Line, symbol: str) -> None:
        self._books[symbol] = CoinbaseBook(symbol)
        line.expect(_snapshot(symbol))

    def _events(self, line: Line, message: Message, received: int) -> Sequence[FeedEvent]:
        match message:
            case BookUpdate() | BookSnapshot():
                return self._book(line, message, received)
            case FeedTrade():
                return self._trade(message)
            case LastMatch():
                self._begin(message.trade)
            case FeedQuote():
                return self._ticker(message, received)
            case Heartbeat():
                self._heartbeat(message)
            case Subscribed():
                self._subscribed(line, message)
            case Refusal():
                self._refused(line, message)
        return ()

    def _book(self, line: Line, message: BookUpdate | BookSnapshot, received: int) -> Sequence[FeedEvent]:
        book = self._books.get(message.symbol)
        if book is None:
            return ()
        if isinstance(message, BookSnapshot):
            line.answered(_snapshot(message.symbol))
            events = book.snapshot(message, received)
        else:
            events = book.update(message, received)
        return self._judged(message.symbol, events, received)

    def _judged(self, symbol: str, events: Sequence[FeedEvent], received: int) -> Sequence[FeedEvent]:
        if any(isinstance(event, FeedReset) for event in events):
            self._patience.failed(symbol, received)
        elif events:
            self._patience.good(symbol, received)
        return events

    def _doubted(self, now: int) -> Sequence[FeedEvent]:
        """What could not be read may have been a change of any book, and nothing else would tell: all begin anew."""
        if not self._is_in_doubt:
            return ()
        self._is_in_doubt = False
        origin = Origin(PROVIDER, Feed.CRYPTO, now, now)
        resets = [
            book.void("a message that could not be read", origin) for book in self._books.values() if book.is_live
        ]
        for reset in resets:
            self._patience.failed(reset.symbol, now)
        return resets

    def _ticker(self, quote: FeedQuote, received: int) -> Sequence[FeedEvent]:
        """The book tells the best prices sooner; the ticker is the check on it."""
        book = self._books.get(quote.symbol)
        reset = book.ticker(quote, received) if book else None
        return self._judged(quote.symbol, (reset,), received) if reset else ()

    def _subscribed(self, line: Line, subscribed: Subscribed) -> None:
        """The whole of what is subscribed: a symbol is answered when all its channels are there."""
        held = [subscribed.channels.get(channel, frozenset()) for channel in CHANNELS]
        for symbol in line.symbols:
            if all(symbol in symbols for symbols in held):
                line.answered(_ack(symbol))

    def _refused(self, line: Line, refusal: Refusal) -> None:
        """Coinbase names the product within its sentence, if at all."""
        why = f"Coinbase says: {refusal.message}: {refusal.reason}"
        named = [symbol for symbol in line.symbols if product_of(symbol) in refusal.reason]
        if not named and "authentication" in refusal.reason:
            raise NotEntitled(why)
        if not named:
            raise RetryLater(why, 0.0)
        for symbol in named:
            self.refusals[symbol] = why
            line.answered(_ack(symbol))
            line.answered(_snapshot(symbol))
            line.refused(symbol)

    # -- prints

    def _run(self, symbol: str) -> TradeRun:
        return self._runs.setdefault(symbol, TradeRun())

    def _trade(self, trade: FeedTrade) -> Sequence[FeedEvent]:
        is_news, gap = self._run(trade.symbol).take(trade)
        self._miss(trade.symbol, gap)
        return (trade,) if is_news else ()

    def _begin(self, newest: FeedTrade) -> None:
        if newest.origin.sequence is not None:
            self._miss(newest.symbol, self._run(newest.symbol).begin(newest.origin.sequence))

    def _heartbeat(self, heartbeat: Heartbeat) -> None:
        """Behind at two heartbeats in a row by the same print: it was lost, not late."""
        last = self._run(heartbeat.symbol).last
        if last is None or heartbeat.last_trade_id <= last:
            self._behind.pop(heartbeat.symbol, None)
            return
        if heartbeat.symbol in self._behind:
            self._miss(heartbeat.symbol, Gap(last, self._behind.pop(heartbeat.symbol) + 1))
        else:
            self._behind[heartbeat.symbol] = heartbeat.last_trade_id

    def _miss(self, symbol: str, gap: Gap | None) -> None:
        if gap:
            self._errands.send(MissingTrades(symbol, gap))

    def _filled(self, errand: MissingTrades, answer: list[FeedTrade] | Exception) -> Sequence[FeedEvent]:
        if isinstance(answer, Exception):
            return ()
        return self._run(errand.symbol).fill(errand.gap, answer)

    @property
    def books(self) -> Mapping[str, CoinbaseBook]:
        return self._books


def _said(what: str, symbol: str, channels: Sequence[str]) -> str:
    frame = {"type": what, "product_ids": [product_of(symbol)], "channels": list(channels)}
    return msgspec.json.encode(frame).decode()


def _ack(symbol: str) -> str:
    return f"its answer to the subscription of {symbol}"


def _snapshot(symbol: str) -> str:
    return f"the snapshot of {symbol}"
