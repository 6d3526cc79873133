"""Orders in a market that shows no sizes: they trade at its touch, else wait for its next print.

The part of the shadow venue that knows of no displayed lots; `shadow` has the rules in full.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from tradesim.model.market import BookTop, Side, Trade
from tradesim.model.orders import Liquidity, OrderType, TimeInForce
from tradesim.model.venue import CancelCause, Replaced, Rested, VenueOrder
from tradesim.venue.admission import Refusal, SelfTrade, form_refusal, may_rest
from tradesim.venue.book import RestingOrder, WatchedOrder
from tradesim.venue.door import Matched, VenueDoor, amended, limit_of
from tradesim.venue.mirror import Mirror
from tradesim.venue.reports import REASON_LEVELS, execution, maker_reason, taker_reason

NO_PRINT = 0


class WaitingDoor(VenueDoor[Mirror]):
    """Sends an order to the touch where one is known, puts it aside where nothing is."""

    # --- what the desk calls, where waiting orders make a difference

    def submit(self, order: VenueOrder, now: int) -> None:
        """What is for an auction waits for the print that the other market's auction came to."""
        mirror = self._listings.get(order.symbol)
        if mirror is None or not order.is_for_auction:
            return super().submit(order, now)
        if refusal := self._submit_refusal(mirror, order):
            return self._refuse(order, refusal, now)
        mirror.collected[order.id] = order
        return self._tell(order, Rested(order.id, order.symbol, order.price or 0, order.qty, 0, now))

    def uncross(self, symbol: str, now: int) -> None:
        """The session has begun or ended: the next print is the auction's."""
        self._listings[symbol].is_crossing = bool(self._listings[symbol].collected)

    def cancel(self, order_id: str, now: int, cause: CancelCause = CancelCause.CLIENT) -> None:
        for mirror in self._listings.values():
            if order := mirror.waiting.get(order_id) or mirror.collected.get(order_id):
                return self._stop_waiting(mirror, order, cause, now)
        return super().cancel(order_id, now, cause)

    def replace(self, order_id: str, qty: int, price: int, now: int) -> None:
        for mirror in self._listings.values():
            if order := mirror.waiting.get(order_id) or mirror.collected.get(order_id):
                keeps = price == order.price and qty <= order.qty
                change = self._replace_waiting if order_id in mirror.waiting else self._replace_collected
                return change(mirror, order, amended(order, qty, price, keeps, now), keeps, now)
        return super().replace(order_id, qty, price, now)

    # --- trading at a touch of unknown size

    def _match_touch(self, mirror: Mirror, order: VenueOrder, limit: int, now: int) -> Matched:
        """Without sizes: all of it at the touch, when the touch is inside the limit."""
        price = mirror.touch.get(order.side.opposite)
        if price is None or (limit - price) * order.side.sign < 0:
            return self._meet_clients(mirror, order, limit, now)
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
        if order.post_only or listing.has_depth or listing.touch.get(order.side.opposite) is not None:
            return False
        last = listing.last_price
        if order.type is OrderType.LIMIT and last is not None and (limit - last) * order.side.sign < 0:
            return False
        listing.waiting[order.id] = order
        return True

    def _fill_waiting(self, mirror: Mirror, trade: Trade, lots: int, before: int | None, now: int) -> None:
        """Orders that waited meet `trade`, of which `lots` are left, in turn; `before` was the last price until it."""
        if mirror.has_depth:
            return self._serve_waiting(mirror, now)
        for order in those_who_wait(mirror, trade.meets_until):
            if self._is_barred(mirror, now):
                return None
            del mirror.waiting[order.id]
            if not self._may_trade(order):
                self._tell_canceled(order, order.qty, CancelCause.REDUCE_ONLY, now)
                continue
            lots -= self._meet_print(mirror, order, trade, lots, before, now)
        return None

    def _meet_print(
        self, mirror: Mirror, order: VenueOrder, trade: Trade, lots: int, before: int | None, now: int
    ) -> int:
        """The lots that `order` takes. What is left of a market order waits on; of a limit order it rests."""
        price = trade.against(order.side)
        may_take = lots > 0 and is_reached(order, limit_of(order, mirror.band), price, before)
        met_own = may_take and self._meets_own(mirror, order, price, now)
        taken = min(order.qty, lots, self._may_trade(order)) if may_take and not met_own else 0
        if order.time_in_force is TimeInForce.FOK and taken < order.qty and not met_own:
            self._tell_canceled(order, order.qty, CancelCause.FOK, now)
            return 0
        if taken:
            self._tell_taken(mirror, order, price, taken, mirror.top(REASON_LEVELS), trade.trade_id, now)
        self._keep(mirror, order, Matched(order.qty - taken, met_own), may_take or not lots, now)
        return taken

    def _keep(self, mirror: Mirror, order: VenueOrder, matched: Matched, waits_on: bool, now: int) -> None:
        """What the print left of `order`: a market order waits for more where it may, a limit order rests."""
        is_patient = order.type is OrderType.MARKET and order.time_in_force is not TimeInForce.IOC
        if matched.left and is_patient and waits_on and not matched.met_own:
            mirror.waiting[order.id] = replace(order, qty=matched.left)
            return
        if matched.left and may_rest(order) and not matched.met_own and order.price is not None:
            matched = self._meet_clients(mirror, replace(order, qty=matched.left), order.price, now)
        self._tell_rested(order, self._settle(mirror, order, matched, now), now)

    def _replace_waiting(self, mirror: Mirror, order: VenueOrder, changed: VenueOrder, keeps: bool, now: int) -> None:
        """It met nobody yet: it waits on with its new terms, or rests where these no longer reach the market.

        The band is not asked again. The order is still new to its owner, for whom a refusal would be its end.
        """
        assert changed.price is not None
        if refusal := waiting_refusal(changed):
            return self._refuse(order, refusal, now)
        self._tell(changed, Replaced(changed.id, changed.symbol, changed.price, changed.qty, keeps, 0, now))
        if not keeps:
            del mirror.waiting[order.id]
        if keeps or mirror.is_halted:
            mirror.waiting[order.id] = changed
            return None
        return self._tell_rested(changed, self._enter(mirror, changed, now), now)

    def _serve_waiting(self, mirror: Mirror, now: int) -> None:
        """The source has begun to show a touch or sizes: orders that waited go their usual way."""
        if not (mirror.has_depth or mirror.touch):
            return
        for order in those_who_wait(mirror, mirror.shown_of):
            if self._is_barred(mirror, now):
                return
            del mirror.waiting[order.id]
            self._tell_rested(order, self._enter(mirror, order, now), now)

    def _is_barred(self, mirror: Mirror, now: int) -> bool:
        """Whether orders of ours must wait, though the market has something for them."""
        return mirror.is_halted

    def _stop_waiting(self, mirror: Mirror, order: VenueOrder, cause: CancelCause, now: int) -> None:
        mirror.waiting.pop(order.id, None)
        mirror.collected.pop(order.id, None)
        self._tell_canceled(order, order.qty, cause, now)

    def bind(self, order_id: str, only_closes: bool) -> None:
        super().bind(order_id, only_closes)
        for mirror in self._listings.values():
            for orders in (mirror.waiting, mirror.collected):
                if order_id in orders:
                    orders[order_id] = replace(orders[order_id], only_closes=only_closes)

    def holds(self, order_id: str) -> bool:
        return super().holds(order_id) or any(each.has(order_id) for each in self._listings.values())

    # --- orders for the auctions of another market

    def _replace_collected(self, mirror: Mirror, order: VenueOrder, changed: VenueOrder, keeps: bool, now: int) -> None:
        if refusal := form_refusal(changed):
            return self._refuse(order, refusal, now)
        mirror.collected[order.id] = changed
        price = changed.price or 0
        return self._tell(changed, Replaced(changed.id, changed.symbol, price, changed.qty, keeps, 0, now))

    def _meet_cross(self, mirror: Mirror, trade: Trade, lots: int, now: int) -> int:
        """The auction's print: who was collected for it trades at its price or not at all; the lots that are left."""
        if self._is_barred(mirror, now):
            return lots
        mirror.is_crossing, collected = False, list(mirror.collected.values())
        top = mirror.top(REASON_LEVELS)
        mirror.collected.clear()
        for order in collected:
            is_inside = (limit_of(order, mirror.band) - trade.price) * order.side.sign >= 0
            taken = min(order.qty, lots, self._may_trade(order)) if is_inside else 0
            if taken:
                self._tell_taken(mirror, order, trade.price, taken, top, trade.trade_id, now)
            if taken < order.qty:
                self._tell_canceled(order, order.qty - taken, CancelCause.AUCTION, now)
            lots -= taken
        return lots

    # --- other orders of ours

    def _meet_clients(self, mirror: Mirror, order: VenueOrder, limit: int, now: int) -> Matched:
        """Trade with orders of others that rest here at `limit` or better, not with those of its own owner."""
        left = order.qty
        while left and (resting := own_head(mirror, order.side, limit)):
            if resting.owner != order.owner:
                left -= self._meet_client(mirror, order, resting, left, now)
            elif self._self_trade is SelfTrade.CANCEL_NEWEST:
                return Matched(left, met_own=True)
            else:
                self._withdraw(resting, CancelCause.SELF_TRADE, now)
        return Matched(left)

    def _meet_client(self, mirror: Mirror, order: VenueOrder, resting: WatchedOrder, most: int, now: int) -> int:
        lots = min(most, self._may_give(resting, now))
        if not lots:
            return 0
        self._tell_taken(mirror, order, resting.price, lots, mirror.top(REASON_LEVELS), NO_PRINT, now)
        self._fill_resting(mirror, resting, lots, NO_PRINT, now)
        return lots

    def _fill_resting(self, mirror: Mirror, resting: WatchedOrder, lots: int, trade_id: int, now: int) -> None:
        order, top = resting.order, mirror.top(REASON_LEVELS)
        mirror.book.fill(resting, lots)
        reason = maker_reason(self.model, resting, top, top, mirror.age(now))
        self._tell(order, execution(order, resting.price, lots, Liquidity.MAKER, trade_id, now, reason))
        self._after_fill(mirror, resting)

    def _tell_taken(
        self, mirror: Mirror, order: VenueOrder, price: int, lots: int, before: BookTop, trade_id: int, now: int
    ) -> None:
        reason = taker_reason(self.model, order, before, mirror.top(REASON_LEVELS), mirror.age(now))
        self._tell(order, execution(order, price, lots, Liquidity.TAKER, trade_id, now, reason))


def is_reached(order: VenueOrder, limit: int, price: int, before: int | None) -> bool:
    """Whether a print at `price` is one that a waiting order trades at.

    At the limit itself only when the limit was at or beyond the print `before`: else this one would be a mere touch.
    """
    inside = (limit - price) * order.side.sign
    if inside or order.type is OrderType.MARKET:
        return inside >= 0
    return before is not None and (limit - before) * order.side.sign >= 0


def waiting_refusal(changed: VenueOrder) -> Refusal | None:
    """Why an order that waits for a print cannot be changed to this."""
    if changed.type is OrderType.MARKET:
        return Refusal(
            "price", f"a market order has no price to change, was asked for {changed.price}: cancel it instead"
        )
    return form_refusal(changed)


def those_who_wait(mirror: Mirror, by: int | None) -> list[VenueOrder]:
    """The orders that wait for a price and had come `by` then."""
    return [order for order in mirror.waiting.values() if order.had_come(by)]


def own_head(mirror: Mirror, side: Side, limit: int, by: int | None = None) -> WatchedOrder | None:
    """Our resting order that an incoming one on `side` would meet first, where nobody at its price came after `by`."""
    half = mirror.book.asks if side is Side.BUY else mirror.book.bids
    for key in reversed(half.keys):
        if key < limit * half.sign:
            return None
        head = next(iter(half.levels[key * half.sign].orders.values()))
        if isinstance(head, WatchedOrder) and head.order.had_come(by):
            return head
    return None


def own_orders(orders: Mapping[int, RestingOrder]) -> list[WatchedOrder]:
    return [order for order in orders.values() if isinstance(order, WatchedOrder)]
