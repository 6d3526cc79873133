"""Coinbase Exchange's websocket frames and REST answers. (Advanced Trade has other shapes and is not spoken here.)

A match tells the side of the resting order; who crossed was the other one. The ticker tells the side that crossed.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import BadPayload, NotOffered, ProviderError, RateLimited, RetryLater, UnknownSymbol
from tradesim.model.feed import Feed, FeedBar, FeedBook, FeedQuote, FeedTrade, Listing, Origin, PriceLevel
from tradesim.model.instrument import AssetClass
from tradesim.model.market import Side, Timeframe
from tradesim.providers.answers import AnswerReader
from tradesim.providers.coinbase.naming import symbol_of
from tradesim.providers.decoding import described
from tradesim.providers.digits import decimal_of, level_of, moment_of, none_if_zero, price_of, qty_of, whole_of

PROVIDER = "coinbase"
READ = AnswerReader("Coinbase")
GRANULARITIES = {
    Timeframe.M1: 60,
    Timeframe.M5: 300,
    Timeframe.M15: 900,
    Timeframe.H1: 3600,
    Timeframe.D1: 86400,
}
DEFAULT_RETRY_S = 5.0

Change = tuple[Side, Decimal, Decimal]
"""Side, price and the new size there; 0, however written, removes the level."""


class BookSnapshot(Struct, frozen=True):
    symbol: str
    bids: tuple[PriceLevel, ...]
    asks: tuple[PriceLevel, ...]


class BookUpdate(Struct, frozen=True):
    symbol: str
    changes: tuple[Change, ...]
    ts_event: int


class LastMatch(Struct, frozen=True):
    """The newest print before we subscribed: where the count begins, not news."""

    trade: FeedTrade


class Heartbeat(Struct, frozen=True):
    """Every second for every product, with the newest trade's number."""

    symbol: str
    last_trade_id: int


class Subscribed(Struct, frozen=True):
    """The whole of what is subscribed now: symbols by channel."""

    channels: Mapping[str, frozenset[str]]


class Refusal(Struct, frozen=True):
    message: str
    reason: str


Message = BookSnapshot | BookUpdate | LastMatch | FeedTrade | FeedQuote | Heartbeat | Subscribed | Refusal


class _Kind(msgspec.Struct):
    type: str


class _Snapshot(msgspec.Struct):
    product_id: str
    bids: list[tuple[str, str]]
    asks: list[tuple[str, str]]


class _Update(msgspec.Struct):
    product_id: str
    changes: list[tuple[str, str, str]]
    time: str


class _Match(msgspec.Struct):
    product_id: str
    trade_id: int
    side: str
    size: str
    price: str
    time: str


class _Ticker(msgspec.Struct):
    product_id: str
    price: str
    best_bid: str
    best_ask: str
    time: str
    sequence: int | None = None
    best_bid_size: str | None = None
    best_ask_size: str | None = None


class _Heartbeat(msgspec.Struct):
    product_id: str
    last_trade_id: int


class _Channel(msgspec.Struct):
    name: str
    product_ids: list[str] = []


class _Channels(msgspec.Struct):
    channels: list[_Channel]


class _Refusal(msgspec.Struct):
    message: str = ""
    reason: str = ""


class _Fault(msgspec.Struct):
    message: str = ""


_kind = msgspec.json.Decoder(_Kind)
_snapshot = msgspec.json.Decoder(_Snapshot)
_update = msgspec.json.Decoder(_Update)
_match = msgspec.json.Decoder(_Match)
_ticker = msgspec.json.Decoder(_Ticker)
_heartbeat = msgspec.json.Decoder(_Heartbeat)
_channels = msgspec.json.Decoder(_Channels)
_refusal = msgspec.json.Decoder(_Refusal)
_fault = msgspec.json.Decoder(_Fault)


def message_of(frame: str | bytes, received: int) -> Message:
    """What one websocket frame says. Raises BadPayload for what has not the documented form."""
    kind = READ.decoded(_kind.decode, frame).type
    read = TYPES.get(kind)
    if read is None:
        raise BadPayload(f"a Coinbase message type was wanted, found {described(frame)}")
    return read(frame, received)


def _book_snapshot(frame: str | bytes, _received: int) -> BookSnapshot:
    told = READ.decoded(_snapshot.decode, frame)
    return BookSnapshot(symbol_of(told.product_id), _levels(told.bids), _levels(told.asks))


def _levels(rows: list[tuple[str, str]]) -> tuple[PriceLevel, ...]:
    return tuple(level_of(price, qty) for price, qty in rows)


def _book_update(frame: str | bytes, _received: int) -> BookUpdate:
    told = READ.decoded(_update.decode, frame)
    changes = tuple((_side(side), *level_of(price, qty)) for side, price, qty in told.changes)
    return BookUpdate(symbol_of(told.product_id), changes, moment_of(told.time))


def _side(text: str) -> Side:
    try:
        return Side(text)
    except ValueError as error:
        raise BadPayload(f"buy or sell was wanted, found {text!r}") from error


def _trade(frame: str | bytes, received: int) -> FeedTrade:
    told = READ.decoded(_match.decode, frame)
    return FeedTrade(
        symbol_of(told.product_id),
        price_of(told.price),
        qty_of(told.size),
        Origin(PROVIDER, Feed.CRYPTO, moment_of(told.time), received, told.trade_id),
        trade_id=str(told.trade_id),
        aggressor=_side(told.side).opposite,
    )


def _last_match(frame: str | bytes, received: int) -> LastMatch:
    return LastMatch(_trade(frame, received))


def _quote(frame: str | bytes, received: int) -> FeedQuote:
    told = READ.decoded(_ticker.decode, frame)
    return FeedQuote(
        symbol_of(told.product_id),
        bid=none_if_zero(decimal_of(told.best_bid)),
        ask=none_if_zero(decimal_of(told.best_ask)),
        origin=Origin(PROVIDER, Feed.CRYPTO, moment_of(told.time), received, told.sequence),
        bid_qty=None if told.best_bid_size is None else qty_of(told.best_bid_size),
        ask_qty=None if told.best_ask_size is None else qty_of(told.best_ask_size),
        last=none_if_zero(decimal_of(told.price)),
    )


def _heartbeat_message(frame: str | bytes, _received: int) -> Heartbeat:
    told = READ.decoded(_heartbeat.decode, frame)
    return Heartbeat(symbol_of(told.product_id), told.last_trade_id)


def _subscribed(frame: str | bytes, _received: int) -> Subscribed:
    told = READ.decoded(_channels.decode, frame)
    return Subscribed({each.name: frozenset(map(symbol_of, each.product_ids)) for each in told.channels})


def _refused(frame: str | bytes, _received: int) -> Refusal:
    told = READ.decoded(_refusal.decode, frame)
    return Refusal(told.message, told.reason)


TYPES: dict[str, Callable[[str | bytes, int], Message]] = {
    "snapshot": _book_snapshot,
    "l2update": _book_update,
    "match": _trade,
    "last_match": _last_match,
    "ticker": _quote,
    "heartbeat": _heartbeat_message,
    "subscriptions": _subscribed,
    "error": _refused,
}


def rest_bars(body: bytes, symbol: str, timeframe: Timeframe, received: int) -> list[FeedBar]:
    """`candles`: time, low, high, open, close, volume, newest first; oldest first here."""
    bars = [_bar(row, symbol, timeframe, received) for row in READ.rows(body)]
    return sorted(bars, key=lambda bar: bar.start)


def _bar(row: Any, symbol: str, timeframe: Timeframe, received: int) -> FeedBar:
    start = whole_of(READ.at(row, 0)) * NS_PER_SECOND
    low, high, opened, close = (price_of(READ.at(row, number)) for number in range(1, 5))
    return FeedBar(
        symbol,
        timeframe,
        start,
        opened,
        high,
        low,
        close,
        qty_of(READ.at(row, 5)),
        Origin(PROVIDER, Feed.CRYPTO, start, received),
        is_final=start + timeframe.ns <= received,
    )


def rest_book(body: bytes, symbol: str, received: int) -> FeedBook:
    """`book?level=2`: price, size and number of orders."""
    told = READ.mapping(body)
    time = told.get("time")
    origin = Origin(PROVIDER, Feed.CRYPTO, moment_of(time) if time else received, received, _sequence(told))
    return FeedBook(symbol, _rest_levels(READ.at(told, "bids")), _rest_levels(READ.at(told, "asks")), True, origin)


def _rest_levels(rows: Any) -> tuple[PriceLevel, ...]:
    return tuple(level_of(READ.at(row, 0), READ.at(row, 1)) for row in rows)


def _sequence(told: dict[str, Any]) -> int | None:
    sequence = told.get("sequence")
    return sequence if isinstance(sequence, int) else None


def rest_quote(body: bytes, symbol: str, received: int) -> FeedQuote:
    """`ticker`. Sizes at the best prices are not told."""
    told = READ.mapping(body)
    return FeedQuote(
        symbol,
        bid=none_if_zero(decimal_of(READ.at(told, "bid"))),
        ask=none_if_zero(decimal_of(READ.at(told, "ask"))),
        origin=Origin(PROVIDER, Feed.CRYPTO, moment_of(READ.at(told, "time")), received),
        last=none_if_zero(decimal_of(READ.at(told, "price"))),
    )


def rest_trades(body: bytes, symbol: str, received: int) -> list[FeedTrade]:
    """`trades`, oldest first here."""
    return [_rest_trade(row, symbol, received) for row in reversed(READ.rows(body))]


def _rest_trade(row: Any, symbol: str, received: int) -> FeedTrade:
    number = whole_of(READ.at(row, "trade_id"))
    return FeedTrade(
        symbol,
        price_of(READ.at(row, "price")),
        qty_of(READ.at(row, "size")),
        Origin(PROVIDER, Feed.CRYPTO, moment_of(READ.at(row, "time")), received, number),
        trade_id=str(number),
        aggressor=_side(READ.at(row, "side")).opposite,
    )


def listings(body: bytes) -> list[Listing]:
    """`products` that can be traded now."""
    return [
        _listing(row)
        for row in READ.rows(body)
        if READ.at(row, "status") == "online" and not row.get("trading_disabled")
    ]


def _listing(row: Any) -> Listing:
    symbol = symbol_of(READ.at(row, "id"))
    return Listing(
        symbol,
        symbol,
        AssetClass.CRYPTO,
        PROVIDER,
        exchange="Coinbase Exchange",
        tick_size=price_of(READ.at(row, "quote_increment")),
        lot_size=price_of(READ.at(row, "base_increment")),
    )


def error_of(status: int, body: bytes) -> ProviderError:
    """Sorted by what the caller should do."""
    try:
        message = _fault.decode(body).message
    except (msgspec.MsgspecError, UnicodeDecodeError):
        message = described(body)
    said = f"Coinbase answered {status}: {message}"
    if status == 429:
        return RateLimited(said, DEFAULT_RETRY_S)
    if status == 404:
        return UnknownSymbol(said)
    if status in (403, 451):
        return NotOffered(said)
    return RetryLater(said, DEFAULT_RETRY_S) if status >= 500 else BadPayload(said)
