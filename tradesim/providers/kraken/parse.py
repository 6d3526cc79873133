"""Kraken's websocket v2 frames and REST answers. Prices and sizes keep their digits: the checksum is over them.

A price is a bare JSON number on v2; read as a float it loses its trailing zeros and every checksum with them.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import (
    BadPayload,
    NoData,
    NotEntitled,
    ProviderError,
    RateLimited,
    RetryLater,
    UnknownSymbol,
)
from tradesim.model.feed import Feed, FeedBar, FeedBook, FeedQuote, FeedTrade, Listing, Origin, PriceLevel
from tradesim.model.instrument import AssetClass
from tradesim.model.market import Side, Timeframe
from tradesim.providers.answers import AnswerReader
from tradesim.providers.decoding import described
from tradesim.providers.digits import (
    decimal_of,
    digits_of,
    level_of,
    moment_of,
    moment_of_seconds,
    none_if_zero,
    price_of,
    qty_of,
    whole_of,
)
from tradesim.providers.kraken.naming import symbol_of

PROVIDER = "kraken"
READ = AnswerReader("Kraken")
MINUTES = {
    Timeframe.M1: 1,
    Timeframe.M5: 5,
    Timeframe.M15: 15,
    Timeframe.H1: 60,
    Timeframe.H4: 240,
    Timeframe.D1: 1440,
}
TIMEFRAMES = {minutes: timeframe for timeframe, minutes in MINUTES.items()}
DEFAULT_RETRY_S = 5.0

Digits = tuple[str, str]
"""Price and quantity as sent."""


class BookChange(Struct, frozen=True):
    """A book message of one symbol, digits untouched. `checksum` is None where the vendor sent none."""

    symbol: str
    bids: tuple[Digits, ...]
    asks: tuple[Digits, ...]
    is_snapshot: bool
    checksum: int | None
    ts_event: int | None


class PastTrades(Struct, frozen=True):
    """The latest prints before we listened, oldest first: for filling gaps, not news."""

    trades: tuple[FeedTrade, ...]


class Answer(Struct, frozen=True):
    """To a subscription or its end. `error` is Kraken's sentence when it refused."""

    method: str
    is_success: bool
    req_id: int | None
    channel: str | None
    symbol: str | None
    error: str | None


class Status(Struct, frozen=True):
    """Of the whole exchange: online, cancel_only, maintenance, post_only."""

    system: str


class Alive(Struct, frozen=True):
    """A heartbeat or pong: the line works, which says nothing of the data."""


Message = BookChange | PastTrades | FeedTrade | FeedQuote | FeedBar | Answer | Status | Alive


class _Frame(msgspec.Struct):
    channel: str | None = None
    type: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"[]")
    method: str | None = None
    success: bool | None = None
    req_id: int | None = None
    error: str | None = None
    symbol: str | None = None
    result: dict[str, Any] | None = None


class _Level(msgspec.Struct):
    price: Any
    qty: Any


class _Book(msgspec.Struct):
    symbol: str
    bids: list[_Level] = []
    asks: list[_Level] = []
    checksum: int | None = None
    timestamp: str | None = None


class _Trade(msgspec.Struct):
    symbol: str
    side: str
    price: Any
    qty: Any
    trade_id: int
    timestamp: str


class _Ticker(msgspec.Struct):
    symbol: str
    bid: Any
    bid_qty: Any
    ask: Any
    ask_qty: Any
    last: Any
    timestamp: str | None = None


class _Ohlc(msgspec.Struct):
    symbol: str
    interval: int
    interval_begin: str
    open: Any
    high: Any
    low: Any
    close: Any
    volume: Any
    vwap: Any


class _Status(msgspec.Struct):
    system: str


class _Body(msgspec.Struct):
    error: list[str] = []
    result: dict[str, Any] | None = None


_frame = msgspec.json.Decoder(_Frame)
_books = msgspec.json.Decoder(list[_Book], float_hook=str)
_trades = msgspec.json.Decoder(list[_Trade], float_hook=str)
_tickers = msgspec.json.Decoder(list[_Ticker], float_hook=str)
_ohlcs = msgspec.json.Decoder(list[_Ohlc], float_hook=str)
_statuses = msgspec.json.Decoder(list[_Status])
_body = msgspec.json.Decoder(_Body, float_hook=str)


def messages(frame: str | bytes, received: int) -> list[Message]:
    """All that one websocket frame says, in order. Raises BadPayload for what has not the documented form."""
    head = READ.decoded(_frame.decode, frame)
    if head.method is not None or head.success is not None:
        return [Alive() if head.method == "pong" else _answer(head)]
    read = CHANNELS.get(head.channel or "")
    if read is None:
        raise BadPayload(f"a Kraken channel was wanted, found {described(frame)}")
    return read(head, received)


def _answer(head: _Frame) -> Answer:
    result = head.result or {}
    symbol = result.get("symbol", head.symbol)
    return Answer(
        method=head.method or "",
        is_success=bool(head.success),
        req_id=head.req_id,
        channel=result.get("channel"),
        symbol=symbol if isinstance(symbol, str) else None,
        error=head.error,
    )


def _book_changes(head: _Frame, _received: int) -> list[Message]:
    return [_book_change(book, head.type == "snapshot") for book in READ.decoded(_books.decode, head.data)]


def _book_change(book: _Book, is_snapshot: bool) -> BookChange:
    return BookChange(
        book.symbol,
        tuple((digits_of(level.price), digits_of(level.qty)) for level in book.bids),
        tuple((digits_of(level.price), digits_of(level.qty)) for level in book.asks),
        is_snapshot,
        book.checksum,
        None if book.timestamp is None else moment_of(book.timestamp),
    )


def _trade_messages(head: _Frame, received: int) -> list[Message]:
    trades = tuple(_trade(trade, received) for trade in READ.decoded(_trades.decode, head.data))
    return [PastTrades(trades)] if head.type == "snapshot" else list(trades)


def _trade(trade: _Trade, received: int) -> FeedTrade:
    return FeedTrade(
        trade.symbol,
        price_of(trade.price),
        qty_of(trade.qty),
        Origin(PROVIDER, Feed.CRYPTO, moment_of(trade.timestamp), received, trade.trade_id),
        trade_id=str(trade.trade_id),
        aggressor=_side(trade.side),
    )


def _side(text: str) -> Side:
    try:
        return Side(text)
    except ValueError as error:
        raise BadPayload(f"buy or sell was wanted, found {text!r}") from error


def _quotes(head: _Frame, received: int) -> list[Message]:
    return [_quote(ticker, received) for ticker in READ.decoded(_tickers.decode, head.data)]


def _quote(ticker: _Ticker, received: int) -> FeedQuote:
    return FeedQuote(
        ticker.symbol,
        bid=none_if_zero(decimal_of(ticker.bid)),
        ask=none_if_zero(decimal_of(ticker.ask)),
        origin=_origin(received if ticker.timestamp is None else moment_of(ticker.timestamp), received),
        bid_qty=qty_of(ticker.bid_qty),
        ask_qty=qty_of(ticker.ask_qty),
        last=none_if_zero(decimal_of(ticker.last)),
    )


def _bars(head: _Frame, received: int) -> list[Message]:
    return [_bar(ohlc, received) for ohlc in READ.decoded(_ohlcs.decode, head.data) if ohlc.interval in TIMEFRAMES]


def _bar(ohlc: _Ohlc, received: int) -> FeedBar:
    """Never final: Kraken repeats a bar until the next one begins."""
    timeframe, start = TIMEFRAMES[ohlc.interval], moment_of(ohlc.interval_begin)
    return FeedBar(
        ohlc.symbol,
        timeframe,
        start,
        price_of(ohlc.open),
        price_of(ohlc.high),
        price_of(ohlc.low),
        price_of(ohlc.close),
        qty_of(ohlc.volume),
        _origin(start, received),
        vwap=none_if_zero(decimal_of(ohlc.vwap)),
        is_final=False,
    )


def _status_messages(head: _Frame, _received: int) -> list[Message]:
    return [Status(status.system) for status in READ.decoded(_statuses.decode, head.data)]


def _alive(_head: _Frame, _received: int) -> list[Message]:
    return [Alive()]


CHANNELS: dict[str, Callable[[_Frame, int], list[Message]]] = {
    "book": _book_changes,
    "trade": _trade_messages,
    "ticker": _quotes,
    "ohlc": _bars,
    "status": _status_messages,
    "heartbeat": _alive,
}


def result_of(body: bytes) -> dict[str, Any]:
    """Kraken answers 200 to everything; the error is in the body. Raises the error of the tree that fits it."""
    answer = READ.decoded(_body.decode, body)
    faults = [text for text in answer.error if text.startswith("E")]
    if faults:
        raise error_of(faults[0])
    if answer.result is None:
        raise BadPayload("Kraken's answer has neither result nor error")
    return answer.result


def error_of(text: str) -> ProviderError:
    """`EGeneral:Too many requests` and its kind, sorted by what the caller should do."""
    said = f"Kraken says: {text}"
    lowered = text.lower()
    if "rate limit" in lowered or "too many requests" in lowered or "throttled" in lowered:
        return RateLimited(said, DEFAULT_RETRY_S)
    if "unknown asset pair" in lowered:
        return UnknownSymbol(said)
    if "permission denied" in lowered:
        return NotEntitled(said)
    if lowered.startswith("eservice") or "internal error" in lowered or "temporary lockout" in lowered:
        return RetryLater(said, DEFAULT_RETRY_S)
    return BadPayload(said)


def rest_bars(body: bytes, symbol: str, timeframe: Timeframe, received: int) -> list[FeedBar]:
    """`OHLC`: the last row is the bar that is still forming."""
    rows = _rows(body)
    last = len(rows) - 1
    return [_rest_bar(row, symbol, timeframe, received, number < last) for number, row in enumerate(rows)]


def _rest_bar(row: Any, symbol: str, timeframe: Timeframe, received: int, is_final: bool) -> FeedBar:
    start = whole_of(READ.at(row, 0)) * NS_PER_SECOND
    return FeedBar(
        symbol,
        timeframe,
        start,
        price_of(READ.at(row, 1)),
        price_of(READ.at(row, 2)),
        price_of(READ.at(row, 3)),
        price_of(READ.at(row, 4)),
        qty_of(READ.at(row, 6)),
        _origin(start, received),
        vwap=none_if_zero(decimal_of(READ.at(row, 5))),
        is_final=is_final,
    )


def rest_book(body: bytes, symbol: str, received: int) -> FeedBook:
    """`Depth`: no checksum and no time of the whole; the youngest level's second is the time."""
    book = _only(result_of(body))
    bids, asks = READ.at(book, "bids"), READ.at(book, "asks")
    seconds = [whole_of(READ.at(row, 2)) for row in (*bids, *asks)]
    origin = _origin(max(seconds) * NS_PER_SECOND if seconds else received, received)
    return FeedBook(symbol, _rest_levels(bids), _rest_levels(asks), True, origin)


def _rest_levels(rows: Any) -> tuple[PriceLevel, ...]:
    return tuple(level_of(READ.at(row, 0), READ.at(row, 1)) for row in rows)


def rest_quote(body: bytes, symbol: str, received: int) -> FeedQuote:
    """`Ticker`. Kraken gives no time with it: ours stands for theirs."""
    ticker = _only(result_of(body))
    bid, ask = READ.at(ticker, "b"), READ.at(ticker, "a")
    return FeedQuote(
        symbol,
        bid=none_if_zero(decimal_of(READ.at(bid, 0))),
        ask=none_if_zero(decimal_of(READ.at(ask, 0))),
        origin=_origin(received, received),
        bid_qty=qty_of(READ.at(bid, 2)),
        ask_qty=qty_of(READ.at(ask, 2)),
        last=none_if_zero(decimal_of(READ.at(READ.at(ticker, "c"), 0))),
    )


def rest_trades(body: bytes, symbol: str, received: int) -> list[FeedTrade]:
    """`Trades`, oldest first: price, volume, time, side, type, misc, id."""
    return [_rest_trade(row, symbol, received) for row in _rows(body)]


def _rest_trade(row: Any, symbol: str, received: int) -> FeedTrade:
    number = whole_of(READ.at(row, 6))
    return FeedTrade(
        symbol,
        price_of(READ.at(row, 0)),
        qty_of(READ.at(row, 1)),
        Origin(PROVIDER, Feed.CRYPTO, moment_of_seconds(READ.at(row, 2)), received, number),
        trade_id=str(number),
        aggressor=Side.BUY if READ.at(row, 3) == "b" else Side.SELL,
    )


def listings(body: bytes) -> list[Listing]:
    """`AssetPairs` that can be traded now, with their steps."""
    pairs = result_of(body).values()
    return [_listing(pair) for pair in pairs if "/" in str(_get(pair, "wsname")) and _get(pair, "status") == "online"]


def _listing(pair: Any) -> Listing:
    symbol = symbol_of(pair["wsname"])
    tick = _get(pair, "tick_size")
    return Listing(
        symbol,
        symbol,
        AssetClass.CRYPTO,
        PROVIDER,
        exchange="Kraken",
        tick_size=price_of(tick) if tick is not None else _step(READ.at(pair, "pair_decimals")),
        lot_size=_step(READ.at(pair, "lot_decimals")),
    )


def _step(decimals: Any) -> Any:
    return decimal_of("1").scaleb(-whole_of(decimals))


def system_status(body: bytes) -> Status:
    return Status(str(READ.at(result_of(body), "status")))


def _rows(body: bytes) -> list[Any]:
    return READ.rows_in(_only({name: value for name, value in result_of(body).items() if name != "last"}))


def _only(result: dict[str, Any]) -> Any:
    """One pair was asked for; its key may be another of its names (XXBTZUSD)."""
    if not result:
        raise NoData("Kraken has nothing for what was asked")
    return next(iter(result.values()))


def _get(holder: Any, key: str) -> Any:
    return holder.get(key) if isinstance(holder, dict) else None


def _origin(ts_event: int, received: int) -> Origin:
    return Origin(PROVIDER, Feed.CRYPTO, ts_event, received)
