"""Recordings of Kraken's old websocket v1, read into the same book messages. Live, only v2 is spoken.

A v1 frame is an array: channel id, one or two parts (`as`/`bs` snapshot, `a`/`b` change, `c` checksum), name, pair.
"""

from typing import Any

import msgspec

from tradesim.kernel.errors import BadPayload
from tradesim.model.feed import Feed, FeedQuote, FeedTrade, Origin
from tradesim.model.market import Side
from tradesim.providers.digits import level_of, moment_of_seconds, price_of, qty_of
from tradesim.providers.kraken.naming import symbol_of
from tradesim.providers.kraken.parse import PROVIDER, BookChange, Digits

_any = msgspec.json.Decoder(float_hook=str)


def book_change(frame: bytes) -> BookChange | None:
    """None for what is not a book (status, heartbeats, answers)."""
    found = _parts(frame, "book")
    if found is None:
        return None
    parts, pair = found
    told = {key: value for part in parts for key, value in part.items()}
    is_snapshot = "as" in told or "bs" in told
    bids, asks = (told.get(key + "s" if is_snapshot else key, []) for key in ("b", "a"))
    moments = [moment_of_seconds(row[2]) for row in (*bids, *asks)]
    checksum = int(told["c"]) if "c" in told else None
    return BookChange(symbol_of(pair), _digits(bids), _digits(asks), is_snapshot, checksum, max(moments, default=None))


def trades(frame: bytes, received: int) -> list[FeedTrade]:
    """v1 prints carry no id: price, volume, time, side, order type, misc."""
    found = _parts(frame, "trade")
    if found is None:
        return []
    rows, pair = found
    return [_trade(row, symbol_of(pair), received) for group in rows for row in group]


def quote(frame: bytes, received: int) -> FeedQuote | None:
    found = _parts(frame, "ticker")
    if found is None:
        return None
    (ticker,), pair = found
    bid, ask = level_of(ticker["b"][0], ticker["b"][2]), level_of(ticker["a"][0], ticker["a"][2])
    origin = Origin(PROVIDER, Feed.CRYPTO, received, received)
    return FeedQuote(symbol_of(pair), bid[0], ask[0], origin, bid[1], ask[1], last=price_of(ticker["c"][0]))


def _parts(frame: bytes, channel: str) -> tuple[list[Any], str] | None:
    try:
        told = _any.decode(frame)
    except msgspec.MsgspecError as error:
        raise BadPayload(f"the recording holds what cannot be read: {error}") from error
    if not isinstance(told, list) or not str(told[-2]).startswith(channel):
        return None
    return told[1:-2], str(told[-1])


def _digits(rows: list[Any]) -> tuple[Digits, ...]:
    return tuple((row[0], row[1]) for row in rows)


def _trade(row: list[Any], symbol: str, received: int) -> FeedTrade:
    side = Side.BUY if row[3] == "b" else Side.SELL
    origin = Origin(PROVIDER, Feed.CRYPTO, moment_of_seconds(row[2]), received)
    return FeedTrade(symbol, price_of(row[0]), qty_of(row[1]), origin, aggressor=side)
