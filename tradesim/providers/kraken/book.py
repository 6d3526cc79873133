"""Kraken's book of one symbol: apply in order, cut to the subscribed depth, prove by CRC-32 over the top ten.

There is no sequence number; the checksum is the gap detector, and without the cut it fails within seconds.
Source: docs.kraken.com, "Spot websockets v2, book checksum".
"""

import zlib
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from tradesim.kernel.errors import BadPayload
from tradesim.model.feed import Feed, FeedBook, FeedEvent, FeedReset, Origin, PriceLevel
from tradesim.providers.digits import price_of, qty_of
from tradesim.providers.kraken.limits import DEPTH
from tradesim.providers.kraken.parse import PROVIDER, BookChange, Digits
from tradesim.providers.levels import Levels, is_crossed, quote_of_top

CHECKED_LEVELS = 10
ZERO = Decimal(0)


class Resting(NamedTuple):
    """What the book remembers of a price: the quantity, and the digits that enter the checksum."""

    qty: Decimal
    digits: str


class KrakenBook:
    """Void until a snapshot comes; void again when a message does not prove true, which is told by a FeedReset."""

    def __init__(self, symbol: str, depth: int = DEPTH) -> None:
        self.symbol = symbol
        self.is_live = False
        self.proven = 0
        self._depth = depth
        self._bids: Levels[Resting] = Levels(is_bid=True)
        self._asks: Levels[Resting] = Levels(is_bid=False)

    def apply(self, change: BookChange, received: int) -> tuple[FeedEvent, ...]:
        if not (change.is_snapshot or self.is_live):
            return ()
        origin = Origin(PROVIDER, Feed.CRYPTO, change.ts_event or received, received, change.checksum)
        try:
            return self._applied(change, origin)
        except BadPayload as error:
            return (self.void(str(error), origin),)

    def void(self, reason: str, origin: Origin) -> FeedReset:
        self.is_live = False
        self._clear()
        return FeedReset(self.symbol, reason, origin)

    def best(self) -> tuple[PriceLevel | None, PriceLevel | None]:
        return _best(self._bids), _best(self._asks)

    def checksum(self) -> int:
        top = (*self._asks.top(CHECKED_LEVELS), *self._bids.top(CHECKED_LEVELS))
        return zlib.crc32("".join(resting.digits for _price, resting in top).encode())

    def _applied(self, change: BookChange, origin: Origin) -> tuple[FeedEvent, ...]:
        before = self.best()
        if change.is_snapshot:
            self._clear()
        bids = _changed(self._bids, change.bids, self._depth)
        asks = _changed(self._asks, change.asks, self._depth)
        fault = self._fault(change.checksum)
        if fault:
            return (self.void(fault, origin),)
        self.is_live = True
        book = FeedBook(self.symbol, tuple(bids), tuple(asks), change.is_snapshot, origin)
        after = self.best()
        return (book,) if after == before else (book, quote_of_top(self.symbol, *after, origin))

    def _fault(self, told: int | None) -> str | None:
        if told is not None:
            ours = self.checksum()
            if ours != told:
                return f"the checksum of {self.symbol} was to be {told}, was {ours}"
            self.proven += 1
        if is_crossed(*self.best()):
            return f"the book of {self.symbol} is crossed although its checksum is right"
        return None

    def _clear(self) -> None:
        self._bids = Levels(is_bid=True)
        self._asks = Levels(is_bid=False)


def _changed(side: Levels[Resting], changes: Iterable[Digits], depth: int) -> list[PriceLevel]:
    """Apply in order, cut to `depth`; the changes as whoever mirrors this book must apply them, cuts included."""
    applied = [_set(side, *change) for change in changes]
    return applied + [(price, ZERO) for price in side.truncate(depth)]


def _set(side: Levels[Resting], price_text: str, qty_text: str) -> PriceLevel:
    price, qty = price_of(price_text), qty_of(qty_text)
    if qty:
        side.set(price, Resting(qty, _checked(price_text) + _checked(qty_text)))
    else:
        side.remove(price)
    return price, qty


def _checked(text: str) -> str:
    return text.replace(".", "").lstrip("0")


def _best(side: Levels[Resting]) -> PriceLevel | None:
    best = side.best()
    return (best[0], best[1].qty) if best else None
