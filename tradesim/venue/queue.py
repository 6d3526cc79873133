"""Where a watched order stands in its level's queue, kept up to date as what is before it goes.

Only levels that hold a watched order pay for this. Ids rise with time, so within a level the smaller
id stands before the larger.
"""


class Place:
    """Lots before one watched order. Always `ahead_at_entry - ahead_traded - ahead_canceled == ahead`."""

    is_sighted = True
    """Whether `ahead` is all that there is: not at a price that was never seen."""

    __slots__ = ("ahead", "ahead_at_entry", "ahead_canceled", "ahead_traded", "order_id")

    def __init__(self, order_id: int, ahead: int) -> None:
        self.order_id = order_id
        self.ahead = ahead
        self.ahead_at_entry = ahead
        self.ahead_traded = 0
        self.ahead_canceled = 0

    def traded(self, lots: int) -> None:
        """`lots` before this order were executed."""
        self.ahead -= lots
        self.ahead_traded += lots

    def canceled(self, lots: int) -> None:
        """`lots` before this order were withdrawn."""
        self.ahead -= lots
        self.ahead_canceled += lots

    def check(self) -> None:
        kept = self.ahead_at_entry - self.ahead_traded - self.ahead_canceled
        assert self.ahead == kept >= 0, f"place of order {self.order_id}: {self.ahead} ahead, history says {kept}"


def traded_before(places: list[Place], order_id: int, lots: int) -> None:
    """Order `order_id` of the level had `lots` executed: everyone behind it moves up."""
    for place in places:
        if place.order_id > order_id:
            place.traded(lots)


def canceled_before(places: list[Place], order_id: int, lots: int) -> None:
    """Order `order_id` of the level gave up `lots`: everyone behind it moves up."""
    for place in places:
        if place.order_id > order_id:
            place.canceled(lots)
