"""One side of a vendor's book: prices in order, each with what the vendor's rules need to remember of it."""

from bisect import bisect_left
from collections.abc import Iterable
from decimal import Decimal
from typing import Generic, TypeVar

from tradesim.model.feed import FeedQuote, Origin, PriceLevel

V = TypeVar("V")


class Levels(Generic[V]):
    """Prices are kept ascending; `is_bid` says which end is the best. Equal numbers are one level however written."""

    __slots__ = ("_is_bid", "_prices", "_values")

    def __init__(self, is_bid: bool, levels: Iterable[tuple[Decimal, V]] = ()) -> None:
        self._is_bid = is_bid
        self._values: dict[Decimal, V] = dict(levels)
        self._prices = sorted(self._values)

    def __len__(self) -> int:
        return len(self._prices)

    def set(self, price: Decimal, value: V) -> None:
        if price not in self._values:
            self._prices.insert(bisect_left(self._prices, price), price)
        self._values[price] = value

    def remove(self, price: Decimal) -> None:
        """Removing what is not there is normal: vendors do it for levels that we never saw."""
        if self._values.pop(price, None) is not None:
            del self._prices[bisect_left(self._prices, price)]

    def truncate(self, depth: int) -> list[Decimal]:
        """Drop all but the best `depth` levels; the prices dropped."""
        excess = len(self._prices) - depth
        if excess <= 0:
            return []
        cut = slice(0, excess) if self._is_bid else slice(depth, None)
        dropped = self._prices[cut]
        del self._prices[cut]
        for price in dropped:
            del self._values[price]
        return dropped

    def best(self) -> tuple[Decimal, V] | None:
        if not self._prices:
            return None
        price = self._prices[-1 if self._is_bid else 0]
        return price, self._values[price]

    def top(self, count: int) -> list[tuple[Decimal, V]]:
        """Best first."""
        prices = self._prices[: -count - 1 : -1] if self._is_bid else self._prices[:count]
        return [(price, self._values[price]) for price in prices]


def is_crossed(bid: PriceLevel | None, ask: PriceLevel | None) -> bool:
    return bid is not None and ask is not None and bid[0] >= ask[0]


def quote_of_top(symbol: str, bid: PriceLevel | None, ask: PriceLevel | None, origin: Origin) -> FeedQuote:
    return FeedQuote(
        symbol,
        bid=bid[0] if bid else None,
        ask=ask[0] if ask else None,
        origin=origin,
        bid_qty=bid[1] if bid else None,
        ask_qty=ask[1] if ask else None,
    )
