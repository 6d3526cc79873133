"""Binance's stream frames and REST answers. Spot; the futures' `pu` is understood where a recording has it."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from tradesim.kernel.clock import NS_PER_MS
from tradesim.kernel.errors import (
    BadKey,
    BadPayload,
    NotOffered,
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
from tradesim.providers.digits import decimal_of, level_of, none_if_zero, price_of, qty_of

PROVIDER = "binance"
READ = AnswerReader("Binance")
INTERVALS = {
    Timeframe.S1: "1s",
    Timeframe.M1: "1m",
    Timeframe.M5: "5m",
    Timeframe.M15: "15m",
    Timeframe.H1: "1h",
    Timeframe.H4: "4h",
    Timeframe.D1: "1d",
}
TIMEFRAMES = {interval: timeframe for timeframe, interval in INTERVALS.items()}
DEFAULT_RETRY_S, BLOCKED_S = 5.0, 120.0
ABSENT = msgspec.Raw(b"")

Rows = tuple[PriceLevel, ...]


class DepthDiff(Struct, frozen=True):
    """Changes `first_id` to `last_id`. `previous_id` is told in futures only, to prove that none is missing."""

    name: str
    first_id: int
    last_id: int
    bids: Rows
    asks: Rows
    ts_event: int
    previous_id: int | None = None


class DepthSnapshot(Struct, frozen=True):
    """A REST book, as it was after change `last_id`."""

    last_id: int
    bids: Rows
    asks: Rows


class Ack(Struct, frozen=True):
    id: int


class Refusal(Struct, frozen=True):
    code: int
    message: str
    id: int | None


class ShuttingDown(Struct, frozen=True):
    """The server says goodbye: connect anew at once."""


class Named(Struct, frozen=True):
    """A trade, quote or bar under Binance's own name of the pair."""

    name: str
    event: FeedTrade | FeedQuote | FeedBar


Message = DepthDiff | Named | Ack | Refusal | ShuttingDown


class _Frame(msgspec.Struct):
    stream: str | None = None
    data: msgspec.Raw = ABSENT
    id: int | None = None
    code: int | None = None
    msg: str | None = None
    error: dict[str, Any] | None = None


class _Kind(msgspec.Struct):
    e: str = "bookTicker"
    """Spot's book ticker is the only event that does not say what it is."""


class _Depth(msgspec.Struct):
    s: str
    E: int
    U: int
    u: int
    b: list[tuple[str, str]]
    a: list[tuple[str, str]]
    pu: int | None = None


class _Trade(msgspec.Struct):
    s: str
    p: str
    q: str
    T: int
    m: bool
    t: int


class _AggTrade(msgspec.Struct):
    s: str
    p: str
    q: str
    T: int
    m: bool
    a: int


class _Ticker(msgspec.Struct):
    s: str
    u: int
    b: str
    B: str
    a: str
    A: str
    T: int | None = None


class _Candle(msgspec.Struct):
    t: int
    i: str
    o: str
    h: str
    l: str  # noqa: E741
    c: str
    v: str
    q: str
    x: bool


class _Kline(msgspec.Struct):
    s: str
    E: int
    k: _Candle


class _Snapshot(msgspec.Struct):
    lastUpdateId: int  # noqa: N815
    bids: list[tuple[str, str]]
    asks: list[tuple[str, str]]


class _Fault(msgspec.Struct):
    code: int
    msg: str = ""


_frame = msgspec.json.Decoder(_Frame)
_kind = msgspec.json.Decoder(_Kind)
_depth = msgspec.json.Decoder(_Depth)
_trade = msgspec.json.Decoder(_Trade)
_agg_trade = msgspec.json.Decoder(_AggTrade)
_ticker = msgspec.json.Decoder(_Ticker)
_kline = msgspec.json.Decoder(_Kline)
_snapshot = msgspec.json.Decoder(_Snapshot)
_fault = msgspec.json.Decoder(_Fault)


def message_of(frame: str | bytes, received: int) -> Message:
    """What one frame of a combined stream says. Raises BadPayload for what has not the documented form."""
    head = READ.decoded(_frame.decode, frame)
    if head.data is ABSENT:
        return _answer(head, frame)
    kind = READ.decoded(_kind.decode, head.data).e
    read = EVENTS.get(kind)
    if read is None:
        raise BadPayload(f"a Binance event was wanted, found {kind!r}")
    return read(head.data, received)


def _answer(head: _Frame, frame: str | bytes) -> Ack | Refusal:
    told = head.error or {}
    code, message = head.code or told.get("code"), head.msg or told.get("msg")
    if isinstance(code, int):
        return Refusal(code, str(message), head.id)
    if head.id is None:
        raise BadPayload(f"a Binance stream frame was wanted, found {described(frame)}")
    return Ack(head.id)


def _diff(data: msgspec.Raw, _received: int) -> DepthDiff:
    depth = READ.decoded(_depth.decode, data)
    return DepthDiff(depth.s, depth.U, depth.u, _rows(depth.b), _rows(depth.a), depth.E * NS_PER_MS, depth.pu)


def _rows(rows: list[tuple[str, str]]) -> Rows:
    return tuple(level_of(price, qty) for price, qty in rows)


def _print(data: msgspec.Raw, received: int) -> Named:
    trade = READ.decoded(_trade.decode, data)
    return _named_trade(trade, trade.t, received)


def _aggregate(data: msgspec.Raw, received: int) -> Named:
    trade = READ.decoded(_agg_trade.decode, data)
    return _named_trade(trade, trade.a, received)


def _named_trade(trade: _Trade | _AggTrade, number: int, received: int) -> Named:
    return Named(trade.s, _feed_trade(trade.s, trade.p, trade.q, number, trade.T, trade.m, received))


def _feed_trade(
    symbol: str, price: Any, qty: Any, number: int, ms: int, is_maker_buyer: bool, received: int
) -> FeedTrade:
    return FeedTrade(
        symbol,
        price_of(price),
        qty_of(qty),
        Origin(PROVIDER, Feed.CRYPTO, ms * NS_PER_MS, received, number),
        trade_id=str(number),
        aggressor=Side.SELL if is_maker_buyer else Side.BUY,
    )


def _quote(data: msgspec.Raw, received: int) -> Named:
    """Spot gives no time with it: ours stands for theirs. `sequence` is the book change that it shows."""
    ticker = READ.decoded(_ticker.decode, data)
    moment = received if ticker.T is None else ticker.T * NS_PER_MS
    return Named(
        ticker.s,
        FeedQuote(
            ticker.s,
            bid=none_if_zero(decimal_of(ticker.b)),
            ask=none_if_zero(decimal_of(ticker.a)),
            origin=Origin(PROVIDER, Feed.CRYPTO, moment, received, ticker.u),
            bid_qty=qty_of(ticker.B),
            ask_qty=qty_of(ticker.A),
        ),
    )


def _bar(data: msgspec.Raw, received: int) -> Named:
    kline = READ.decoded(_kline.decode, data)
    candle = kline.k
    timeframe = TIMEFRAMES.get(candle.i)
    if timeframe is None:
        raise BadPayload(f"a bar of {', '.join(TIMEFRAMES)} was wanted, found {candle.i!r}")
    start = candle.t * NS_PER_MS
    origin = Origin(PROVIDER, Feed.CRYPTO, kline.E * NS_PER_MS, received)
    prices = (price_of(candle.o), price_of(candle.h), price_of(candle.l), price_of(candle.c))
    volume = qty_of(candle.v)
    return Named(
        kline.s,
        FeedBar(kline.s, timeframe, start, *prices, volume, origin, _vwap(candle.q, volume), is_final=candle.x),
    )


def _vwap(turnover: Any, volume: Decimal) -> Decimal | None:
    return qty_of(turnover) / volume if volume else None


def _farewell(_data: msgspec.Raw, _received: int) -> ShuttingDown:
    return ShuttingDown()


EVENTS: dict[str, Callable[[msgspec.Raw, int], Message]] = {
    "depthUpdate": _diff,
    "trade": _print,
    "aggTrade": _aggregate,
    "bookTicker": _quote,
    "kline": _bar,
    "serverShutdown": _farewell,
}


def snapshot_of(body: bytes) -> DepthSnapshot:
    """REST `depth`."""
    told = READ.decoded(_snapshot.decode, body)
    return DepthSnapshot(told.lastUpdateId, _rows(told.bids), _rows(told.asks))


def rest_book(body: bytes, symbol: str, received: int) -> FeedBook:
    """No time is given: ours stands for theirs."""
    told = snapshot_of(body)
    origin = Origin(PROVIDER, Feed.CRYPTO, received, received, told.last_id)
    return FeedBook(symbol, told.bids, told.asks, True, origin)


def rest_quote(body: bytes, symbol: str, received: int) -> FeedQuote:
    """`ticker/24hr`: last, best bid and ask, and the close of the 24 hours before."""
    told = READ.mapping(body)
    return FeedQuote(
        symbol,
        bid=none_if_zero(decimal_of(READ.at(told, "bidPrice"))),
        ask=none_if_zero(decimal_of(READ.at(told, "askPrice"))),
        origin=Origin(PROVIDER, Feed.CRYPTO, READ.at(told, "closeTime") * NS_PER_MS, received),
        bid_qty=qty_of(READ.at(told, "bidQty")),
        ask_qty=qty_of(READ.at(told, "askQty")),
        last=none_if_zero(decimal_of(READ.at(told, "lastPrice"))),
        prev_close=none_if_zero(decimal_of(READ.at(told, "prevClosePrice"))),
    )


def rest_bars(body: bytes, symbol: str, timeframe: Timeframe, received: int) -> list[FeedBar]:
    """`klines`, oldest first; one whose close time has not passed is still forming."""
    return [_rest_bar(row, symbol, timeframe, received) for row in READ.rows(body)]


def _rest_bar(row: Any, symbol: str, timeframe: Timeframe, received: int) -> FeedBar:
    start, volume = READ.at(row, 0) * NS_PER_MS, qty_of(READ.at(row, 5))
    return FeedBar(
        symbol,
        timeframe,
        start,
        price_of(READ.at(row, 1)),
        price_of(READ.at(row, 2)),
        price_of(READ.at(row, 3)),
        price_of(READ.at(row, 4)),
        volume,
        Origin(PROVIDER, Feed.CRYPTO, start, received),
        _vwap(READ.at(row, 7), volume),
        is_final=READ.at(row, 6) * NS_PER_MS < received,
    )


def rest_trades(body: bytes, symbol: str, received: int) -> list[FeedTrade]:
    """`trades`, oldest first."""
    return [
        _feed_trade(
            symbol,
            READ.at(row, "price"),
            READ.at(row, "qty"),
            READ.at(row, "id"),
            READ.at(row, "time"),
            READ.at(row, "isBuyerMaker"),
            received,
        )
        for row in READ.rows(body)
    ]


def listings(body: bytes) -> list[Listing]:
    """`exchangeInfo`: what can be traded now, with its steps."""
    pairs = READ.at(READ.mapping(body), "symbols")
    return [_listing(pair) for pair in pairs if READ.at(pair, "status") == "TRADING"]


def _listing(pair: Any) -> Listing:
    symbol = f"{READ.at(pair, 'baseAsset')}/{READ.at(pair, 'quoteAsset')}"
    filters = {READ.at(each, "filterType"): each for each in READ.at(pair, "filters")}
    return Listing(
        symbol,
        symbol,
        AssetClass.CRYPTO,
        PROVIDER,
        exchange="Binance",
        tick_size=none_if_zero(decimal_of(READ.at(READ.at(filters, "PRICE_FILTER"), "tickSize"))),
        lot_size=none_if_zero(decimal_of(READ.at(READ.at(filters, "LOT_SIZE"), "stepSize"))),
    )


def error_of(status: int, body: bytes, headers: Mapping[str, str]) -> ProviderError:
    """Sorted by what the caller should do; the code in the body tells more than the status."""
    try:
        fault = _fault.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        fault = _Fault(0, "no reason given")
    said = f"Binance answered {status}: {fault.msg}"
    if status in (418, 429):
        return RateLimited(said, _seconds(headers.get("Retry-After"), BLOCKED_S if status == 418 else DEFAULT_RETRY_S))
    if status == 451:
        return NotOffered("Binance does not serve this country; choose binance.us in the settings")
    if status == 403:
        return RateLimited(f"{said} (its firewall had too many)", BLOCKED_S)
    if fault.code in (-1121, -1100):
        return UnknownSymbol(said)
    if fault.code in (-2014, -2015):
        return BadKey(said)
    if status >= 500:
        return RetryLater(said, DEFAULT_RETRY_S)
    return BadPayload(said)


def _seconds(text: str | None, otherwise: float) -> float:
    return float(text) if text is not None and text.isdigit() else otherwise
