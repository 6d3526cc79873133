"""Who left when displayed lots disappear without a trade: those before us, or those behind?

Feeds by price do not say. A model answers; more of them (one that knows each order, say) fit the same seam.
Beside the truth of an order-by-order hour (AAPL, 2012-06-21, joining one of the best five levels) the power
split filled 5 % of our orders before their turn, the conservative one none: there the young orders, at the
back, are the ones that leave. Where queues are long and old the conservative one waits too long.
"""

from collections.abc import Iterable
from typing import Protocol

from tradesim.venue.queue import Place


class QueueModel(Protocol):
    def share_behind(self, front: int, back: int) -> float:
        """Of what was cancelled at a price, the share (0 to 1) that stood behind us.

        `front` lots stood before us and `back` behind, before the cancel; not both are 0.
        """
        ...


class PowerQueue:
    """f(back) / (f(back) + f(front)) with f(x) = x ** power: the longer one of the two loses more.

    Source: hftbacktest's PowerProbQueueFunc (backtest/models/queue.rs), after "Estimating order queue
    position", rigtorp.se, 2013. There it is the probability that a decrease was behind; here each decrease
    is split in that proportion, in whole lots, so that the same tape always gives the same fills.
    """

    def __init__(self, power: int = 3) -> None:
        self.power = power

    def share_behind(self, front: int, back: int) -> float:
        before, behind = float(front) ** self.power, float(back) ** self.power
        return behind / (behind + before)


class ConservativeQueue:
    """Everything that is cancelled stood behind us, as long as anything does: only trades move us up."""

    def share_behind(self, front: int, back: int) -> float:
        return 1.0


class ShadowPlace(Place):
    """A place behind `front` displayed lots of others (part of `ahead`, which counts our own earlier orders too).

    `is_sighted` is False while the price has never been inside the displayed window: then `front` is not
    known. `carry` is the fraction of a lot that the model's split still owes.
    """

    __slots__ = ("carry", "front", "is_sighted")

    def __init__(self, order_id: int, own_ahead: int, front: int, is_sighted: bool) -> None:
        super().__init__(order_id, own_ahead + front)
        self.front = front
        self.is_sighted = is_sighted
        self.carry = 0.0

    def sight(self, front: int) -> None:
        """The price came into view: all that is displayed there is before us."""
        if not self.is_sighted:
            self.is_sighted = True
            self.front = front
            self.ahead += front
            self.ahead_at_entry += front

    def front_traded(self, lots: int) -> None:
        self.front -= lots
        self.traded(lots)

    def front_canceled(self, lots: int) -> None:
        self.front -= lots
        self.canceled(lots)


def split_cancel(model: QueueModel, places: Iterable[ShadowPlace], displayed: int, canceled: int) -> None:
    """`canceled` of the `displayed` lots at one price left without a trade; each place, oldest first, moves up."""
    least_front = 0
    for place in places:
        lost = lost_in_front(model, place, displayed, canceled)
        place.front_canceled(min(lost, place.front - least_front))
        least_front = place.front


def lost_in_front(model: QueueModel, place: ShadowPlace, displayed: int, canceled: int) -> int:
    """Whole lots of `canceled` that stood before `place`; the fraction is carried to the next time."""
    front, back = place.front, max(0, displayed - place.front)
    if not front:
        return 0
    exact = canceled * (1.0 - model.share_behind(front, back)) + place.carry
    whole = int(exact)
    place.carry = exact - whole
    return min(front, max(whole, canceled - back))


def cap_fronts(places: Iterable[ShadowPlace], displayed: int) -> None:
    """No more than what is displayed can stand before us."""
    for place in places:
        if place.front > displayed:
            place.front_canceled(place.front - displayed)
