"""Orders in a market that shows no sizes: they trade at its touch, else wait for its next print.

The part of the shadow venue that knows of no displayed lots; `shadow` has the rules in full.
"""

from collections.abc import Mapping

from tradesim.model.market import BookTop
from tradesim.model.orders import Liquidity, OrderType
from tradesim.model.venue import CancelCause, VenueOrder
from tradesim.venue.admission import Refusal, SelfTrade
from tradesim.venue.book import RestingOrder, WatchedOrder
from tradesim.venue.door import Matched, VenueDoor, limit_of
from tradesim.venue.mirror import Mirror
from tradesim.venue.reports import REASON_LEVELS, execution, taker_reason

NO_PRINT = 0


class WaitingDoor(VenueDoor[Mirror]):
    """Sends an order to the touch where one is known, puts it aside where nothing is."""

    # --- what the desk calls, where waiting orders make a difference

    def cancel(self, order_id: str, now: int, cause: CancelCause = CancelCause.CLIENT) -> None:
        for mirror in self._listings.values():
            if order := mirror.waiting.get(order_id):
                return self._stop_waiting(mirror, order, cause, now)
        return super().cancel(order_id, now, cause)

    def replace(self, order_id: str, qty: int, price: int, now: int) -> None:
        for mirror in self._listings.values():
            if order := mirror.waiting.get(order_id):
                message = f"order {order_id} must rest to be replaced, is waiting for the next trade: cancel it instead"
                return self._refuse(order, Refusal("waiting", message), now)
        return super().replace(order_id, qty, price, now)

    # --- trading at a touch of unknown size

    def _match_touch(self, mirror: Mirror, order: VenueOrder, limit: int, now: int) -> Matched:
        """Without sizes: all of it at the touch, when the touch is inside the limit."""
        price = mirror.touch.get(order.side.opposite)
        if price is None or (limit - price) * order.side.sign < 0:
            return Matched(order.qty)
        if self._meets_own(mirror, order, price, now):
            return Matched(order.qty, met_own=True)
        self._tell_taken(mirror, order, price, order.qty, mirror.top(REASON_LEVELS), NO_PRINT, now)
        return Matched(0)

    def _meets_own(self, mirror: Mirror, order: VenueOrder, price: int, now: int) -> bool:
        """Whether an order of the same owner rests at `price` or better, after old ones gave way if they should."""
        for resting in own_orders(mirror.book.orders):
            is_met = resting.side is not order.side and (price - resting.price) * order.side.sign >= 0
            if resting.owner == order.owner and is_met:
                if self._self_trade is SelfTrade.CANCEL_NEWEST:
                    return True
                self._withdraw(resting, CancelCause.SELF_TRADE, now)
        return False

    # --- orders that wait for the next trade

    def _waits(self, listing: Mirror, order: VenueOrder, limit: int, now: int) -> bool:
        if listing.has_depth or listing.touch.get(order.side.opposite) is not None:
            return False
        last = listing.last_price
        if order.type is OrderType.LIMIT and last is not None and (limit - last) * order.side.sign < 0:
            return False
        listing.waiting[order.id] = order
        return True

    def _fill_waiting(self, mirror: Mirror, price: int, trade_id: int, now: int) -> None:
        """Nothing but the print is known: orders that waited for it trade at its price, wholly."""
        if mirror.is_halted or mirror.has_depth:
            return self._serve_waiting(mirror, now)
        for order in list(mirror.waiting.values()):
            del mirror.waiting[order.id]
            matched = Matched(order.qty)
            if (limit_of(order, mirror.band) - price) * order.side.sign >= 0:
                matched = Matched(order.qty, self._meets_own(mirror, order, price, now))
                if not matched.met_own:
                    self._tell_taken(mirror, order, price, order.qty, mirror.top(REASON_LEVELS), trade_id, now)
                    matched = Matched(0)
            self._tell_rested(order, self._settle(mirror, order, matched, now), now)
        return None

    def _serve_waiting(self, mirror: Mirror, now: int) -> None:
        """The source has begun to show a touch or sizes: orders that waited go their usual way."""
        if mirror.is_halted or not (mirror.has_depth or mirror.touch):
            return
        for order in list(mirror.waiting.values()):
            del mirror.waiting[order.id]
            self._tell_rested(order, self._enter(mirror, order, now), now)

    def _stop_waiting(self, mirror: Mirror, order: VenueOrder, cause: CancelCause, now: int) -> None:
        del mirror.waiting[order.id]
        self._tell_canceled(order, order.qty, cause, now)

    def _knows(self, order_id: str) -> bool:
        return super()._knows(order_id) or any(order_id in mirror.waiting for mirror in self._listings.values())

    def _tell_taken(
        self, mirror: Mirror, order: VenueOrder, price: int, lots: int, before: BookTop, trade_id: int, now: int
    ) -> None:
        reason = taker_reason(self.model, order, before, mirror.top(REASON_LEVELS), mirror.age(now))
        self._tell(order, execution(order, price, lots, Liquidity.TAKER, trade_id, now, reason))


def own_orders(orders: Mapping[int, RestingOrder]) -> list[WatchedOrder]:
    return [order for order in orders.values() if isinstance(order, WatchedOrder)]
