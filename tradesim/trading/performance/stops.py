"""The stop that a trade was entered with, and what the trade brought in multiples of what was risked to there.

The first one that was known counts: the stop-loss of the order that began the trip, else the first stop that would have
closed it. Moving it later changes neither what was risked nor the multiple.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from tradesim.model.events import PositionSplit
from tradesim.model.orders import Fill, LegRole, Order
from tradesim.trading.performance.trips import RoundTrip


@dataclass(slots=True)
class Stops:
    """`planned`: by the order that would enter. `first`: by the trip, which is named by its first fill."""

    planned: dict[str, Decimal] = field(default_factory=dict)
    first: dict[str, Decimal] = field(default_factory=dict)

    def plan(self, order: Order, opened: Fill | None) -> None:
        """An order was accepted; `opened` began the trip that is open in its symbol."""
        if order.stop_price is None:
            return
        if order.role is LegRole.STOP_LOSS and order.parent_id is not None:
            self.planned.setdefault(order.parent_id, order.stop_price)
        if opened is not None and order.side is not opened.side:
            self.first.setdefault(opened.id, order.stop_price)

    def enter(self, fill: Fill, opened: Fill | None) -> None:
        """A fill was taken; when it began the trip that is open now, its order's stop is the trip's."""
        if opened is not None and opened.id == fill.id and fill.order_id in self.planned:
            self.first.setdefault(fill.id, self.planned[fill.order_id])

    def split(self, event: PositionSplit, opened: Fill | None) -> None:
        if opened is not None and opened.id in self.first:
            self.first[opened.id] /= event.ratio


def r_multiple(trip: RoundTrip, stop: Decimal | None) -> Decimal | None:
    """Net profit over (entry - stop) x quantity; None without a stop on the losing side of the entry."""
    if stop is None:
        return None
    risked = (trip.entry_price - stop) * trip.side.sign * trip.qty
    return trip.net_pl / risked if risked > 0 else None
