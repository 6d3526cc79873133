"""Polygon's socket. Lower case is the bid and upper case the ask; sizes of quotes are round lots."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct

from tradesim.kernel.clock import NS_PER_MS
from tradesim.kernel.errors import (
    BadPayload,
)
from tradesim.model.feed import (
    Feed,
    FeedBar,
    FeedBook,
    FeedEvent,
    FeedHalt,
    FeedTrade,
    Origin,
)
from tradesim.model.market import Timeframe
from tradesim.providers.decoding import decoded
from tradesim.providers.fields import (
    amount,
    amount_or_none,
    members,
    ns,
    rows,
    text,
    whole,
)
from tradesim.providers.polygon.conditions import Conditions
from tradesim.providers.polygon.envelope import SHOWN
from tradesim.providers.polygon.naming import PROVIDER, our_symbol
from tradesim.providers.polygon.prices import NS_PER_US, ROUND_LOT, id_of, level_of, quote_of


class Status(Struct, frozen=True):
    """connected, auth_success, auth_failed, auth_timeout, success, max_connections, error …"""

    status: str
    words: str

    @property
    def topic(self) -> str | None:
        """The topic that an ack is of: `subscribed to: T.AAPL`."""
        head, colon, topic = self.words.partition(": ")
        return topic.strip() if colon and head.endswith("subscribed to") else None


def frames(body: str | bytes, received_ns: int, known: Conditions, feed: Feed = Feed.SIP) -> list[FeedEvent | Status]:
    """One message of the socket, always an array, in its order. Raises BadPayload."""
    told = decoded(body)
    if not isinstance(told, list):
        raise BadPayload(f"a frame must be an array, was {told!r:.40}")
    made: list[FeedEvent | Status] = []
    for each in told:
        row = members(each, "an event")
        reader = READERS.get(str(row.get("ev")))
        if row.get("ev") == "status":
            made.append(Status(str(row.get("status", "")), str(row.get("message", ""))[:SHOWN]))
        elif reader is not None:
            event = reader(row, received_ns, known, feed)
            made += [] if event is None else [event]
        elif row.get("ev") not in SILENT:
            raise BadPayload(f"ev must be one of the documented channels, was {row.get('ev')!r:.40}")
    return made


SILENT = ("NOI", "FMV", "V", "C", "CA", "CAS")
"""Channels that are never asked for and say nothing of quotes, trades or books of stocks and crypto."""


def _ws_trade(row: Mapping[str, Any], received_ns: int, known: Conditions, feed: Feed) -> FeedEvent:
    sequence = whole(row["q"], "q") if row.get("q") is not None else None
    origin = Origin(PROVIDER, feed, ns(row.get("t"), NS_PER_MS, "t"), received_ns, sequence)
    symbol, flags = our_symbol(text(row.get("sym"), "sym")), known.of(rows(row.get("c"), "c"))
    return FeedTrade(
        symbol, amount(row.get("p"), "p"), amount(row.get("s"), "s"), origin, id_of(row.get("i")), flags=flags
    )


def _ws_quote(row: Mapping[str, Any], received_ns: int, known: Conditions, feed: Feed) -> FeedEvent:
    sequence = whole(row["q"], "q") if row.get("q") is not None else None
    origin = Origin(PROVIDER, feed, ns(row.get("t"), NS_PER_MS, "t"), received_ns, sequence)
    return quote_of(our_symbol(text(row.get("sym"), "sym")), row, ("bp", "bs", "ap", "as"), origin, ROUND_LOT)


def _ws_minute(row: Mapping[str, Any], received_ns: int, known: Conditions, feed: Feed) -> FeedEvent:
    return _ws_bar(row, "sym", Timeframe.M1, received_ns, feed)


def _ws_second(row: Mapping[str, Any], received_ns: int, known: Conditions, feed: Feed) -> FeedEvent:
    return _ws_bar(row, "sym", Timeframe.S1, received_ns, feed)


def _ws_pair_minute(row: Mapping[str, Any], received_ns: int, known: Conditions, feed: Feed) -> FeedEvent:
    return _ws_bar(row, "pair", Timeframe.M1, received_ns, Feed.CRYPTO)


def _ws_pair_second(row: Mapping[str, Any], received_ns: int, known: Conditions, feed: Feed) -> FeedEvent:
    return _ws_bar(row, "pair", Timeframe.S1, received_ns, Feed.CRYPTO)


def _ws_bar(row: Mapping[str, Any], name: str, timeframe: Timeframe, received_ns: int, feed: Feed) -> FeedBar:
    start = ns(row.get("s"), NS_PER_MS, "s")
    origin = Origin(PROVIDER, feed, ns(row.get("e"), NS_PER_MS, "e"), received_ns)
    symbol = _pair(row) if name == "pair" else our_symbol(text(row.get(name), name))
    opened, high, low, close, volume = (amount(row.get(key), key) for key in "ohlcv")
    vwap = amount_or_none(row.get("vw"), "vw")
    return FeedBar(symbol, timeframe, start, opened, high, low, close, volume, origin, vwap)


def _ws_band(row: Mapping[str, Any], received_ns: int, known: Conditions, feed: Feed) -> FeedEvent | None:
    """LULD: the symbol is in `T`. Its documents say ms and its samples are µs, so here alone the size decides.

    Indicator 17 is a pause of trading, 18 its end.
    """
    codes = rows(row.get("i"), "i")
    symbol = our_symbol(text(row.get("T"), "T"))
    unit = NS_PER_MS if whole(row.get("t"), "t") < FIRST_MICROSECONDS else NS_PER_US
    origin = Origin(PROVIDER, feed, ns(row.get("t"), unit, "t"), received_ns)
    if PAUSED in codes or RESUMED in codes:
        return FeedHalt(symbol, PAUSED in codes, "limit up, limit down", origin)
    return None


PAUSED, RESUMED = 17, 18
FIRST_MICROSECONDS = 10**14


def _ws_crypto_trade(row: Mapping[str, Any], received_ns: int, known: Conditions, feed: Feed) -> FeedEvent:
    origin = Origin(PROVIDER, Feed.CRYPTO, ns(row.get("t"), NS_PER_MS, "t"), received_ns)
    return FeedTrade(_pair(row), amount(row.get("p"), "p"), amount(row.get("s"), "s"), origin, id_of(row.get("i")))


def _ws_crypto_quote(row: Mapping[str, Any], received_ns: int, known: Conditions, feed: Feed) -> FeedEvent:
    origin = Origin(PROVIDER, Feed.CRYPTO, ns(row.get("t"), NS_PER_MS, "t"), received_ns)
    return quote_of(_pair(row), row, ("bp", "bs", "ap", "as"), origin, Decimal(1))


def _ws_crypto_book(row: Mapping[str, Any], received_ns: int, known: Conditions, feed: Feed) -> FeedEvent:
    origin = Origin(PROVIDER, Feed.CRYPTO, ns(row.get("t"), NS_PER_MS, "t"), received_ns)
    bids, asks = (tuple(level_of(each) for each in rows(row.get(side), side)) for side in "ba")
    return FeedBook(_pair(row), bids, asks, True, origin)


def _pair(row: Mapping[str, Any]) -> str:
    return text(row.get("pair"), "pair").replace("-", "/")


READERS = {
    "T": _ws_trade,
    "Q": _ws_quote,
    "AM": _ws_minute,
    "A": _ws_second,
    "LULD": _ws_band,
    "XT": _ws_crypto_trade,
    "XQ": _ws_crypto_quote,
    "XL2": _ws_crypto_book,
    "XA": _ws_pair_minute,
    "XAS": _ws_pair_second,
}
