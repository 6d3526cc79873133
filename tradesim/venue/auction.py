"""The call auction: orders are collected, then all that can trade does so at one price.

The price is the one of the Nasdaq crosses (Equity 4, Rules 4752(d)(2) and 4754(b)(2)): at which most lots are executed;
among those, the fewest are left over; among those, the one nearest to the reference. What rests in the book takes part
with what was collected. Orders without a limit trade first, then the better price, at one price the book before
what was collected, then the older order.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.market import Auction, Indicative, Side
from tradesim.model.orders import TimeInForce
from tradesim.model.venue import VenueOrder

PUBLISHED_EVERY_NS = NS_PER_SECOND
Wish = tuple[int | None, int]
"""Price (None: at any price) and lots."""


class Cross(NamedTuple):
    """`surplus` is positive when buyers are left over at `price`, negative when sellers are."""

    price: int
    volume: int
    surplus: int


class Crowd:
    """One side's wishes, added up so that "how many lots at this price" is one look."""

    def __init__(self, wishes: Iterable[Wish], sign: int) -> None:
        wishes = list(wishes)
        self.sign = sign
        self.at_any_price = sum(qty for price, qty in wishes if price is None)
        priced = sorted((-price * sign, qty) for price, qty in wishes if price is not None)
        self.keys = [key for key, _ in priced]
        self.sums = list(accumulate((qty for _, qty in priced), initial=0))

    @property
    def prices(self) -> set[int]:
        return {-key * self.sign for key in self.keys}

    def lots(self, price: int) -> int:
        """Who would trade at `price`."""
        return self.at_any_price + self.sums[bisect_right(self.keys, -price * self.sign)]


def cross(bids: Iterable[Wish], asks: Iterable[Wish], reference: int | None, low: int, high: int) -> Cross | None:
    """The price of the auction, inside `low` to `high`; None when nobody would trade."""
    buyers, sellers = Crowd(bids, 1), Crowd(asks, -1)
    prices = buyers.prices | sellers.prices | ({reference} if reference is not None else set())
    found = [crossed(buyers, sellers, price) for price in prices if low <= price <= high]
    if not found:
        return None
    near = reference if reference is not None else sum(prices) // len(prices)
    best = min(found, key=lambda each: (-each.volume, abs(each.surplus), abs(each.price - near), each.price))
    return best if best.volume else None


def crossed(buyers: Crowd, sellers: Crowd, price: int) -> Cross:
    bought, sold = buyers.lots(price), sellers.lots(price)
    return Cross(price, min(bought, sold), bought - sold)


@dataclass(slots=True)
class Collected:
    """An order that waits for the auction: a client's `order`, or an agent's when that is None."""

    owner: str
    side: Side
    price: int | None
    left: int
    order: VenueOrder | None = None


class CallAuction:
    """What was collected for one auction of one symbol, in the order of its arrival."""

    def __init__(self, kind: Auction) -> None:
        self.kind = kind
        self.agents: list[Collected] = []
        self.clients: dict[str, Collected] = {}
        self.told: Indicative | None = None

    def collect(self, order: VenueOrder) -> None:
        self.clients[order.id] = Collected(order.owner, order.side, order.price, order.qty, order)

    def wishes(self, side: Side) -> list[Collected]:
        """In the order in which they trade; an agent's before a client's where nothing else tells them apart."""
        ours = [each for each in (*self.agents, *self.clients.values()) if each.side is side and each.left]
        return sorted(ours, key=lambda each: price_rank(each.price, side))

    def is_due(self, now: int) -> bool:
        """Whether it is time to publish again."""
        return self.told is None or now - self.told.ts_event >= PUBLISHED_EVERY_NS


def price_rank(price: int | None, side: Side) -> tuple[bool, int]:
    return (price is not None, 0 if price is None else -price * side.sign)


def as_wishes(collected: Sequence[Collected]) -> list[Wish]:
    return [(each.price, each.left) for each in collected]


def kind_for(order: VenueOrder) -> Auction:
    return Auction.CLOSE if order.time_in_force is TimeInForce.CLS else Auction.OPEN


def indicative_of(
    kind: Auction, found: Cross | None, bids: Sequence[Wish], asks: Sequence[Wish], now: int
) -> Indicative:
    """Where no price is found yet the side with more lots is all imbalance."""
    if found is not None:
        side = Side.BUY if found.surplus > 0 else Side.SELL if found.surplus < 0 else None
        return Indicative(kind, found.price, found.volume, abs(found.surplus), side, now)
    bought, sold = (sum(qty for price, qty in side if price is None) for side in (bids, asks))
    side = Side.BUY if bought > sold else Side.SELL if sold > bought else None
    return Indicative(kind, None, 0, abs(bought - sold), side, now)
