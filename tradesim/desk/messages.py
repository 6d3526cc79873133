"""What the venue is sent of an order, and what became of a change to one."""

from tradesim.model.commands import ReplaceOrder
from tradesim.model.events import OrderReplaced
from tradesim.model.instrument import Instrument
from tradesim.model.orders import Change, Order, OrderType
from tradesim.model.venue import VenueOrder
from tradesim.trading.lifecycle import lasting_after

VENUE_TYPE = {
    OrderType.MARKET: OrderType.MARKET,
    OrderType.LIMIT: OrderType.LIMIT,
    OrderType.STOP: OrderType.MARKET,
    OrderType.STOP_LIMIT: OrderType.LIMIT,
    OrderType.TRAILING_STOP: OrderType.MARKET,
}
"""What a venue is sent: it knows no stops."""


def venue_order(
    order: Order, instrument: Instrument, lots: int, latency: int, is_for_auction: bool, now: int
) -> VenueOrder:
    return VenueOrder(
        id=order.id,
        owner=order.account_id,
        symbol=order.symbol,
        side=order.side,
        type=VENUE_TYPE[order.type],
        time_in_force=order.time_in_force,
        qty=lots,
        price=instrument.ticks(order.limit_price) if order.limit_price is not None else None,
        post_only=order.post_only,
        latency_ns=latency,
        display=instrument.lots(order.display_qty) if order.display_qty is not None else None,
        is_for_auction=is_for_auction,
        only_closes=order.only_closes,
        arrived_at=now,
    )


def replaced_by(order: Order, change: Change, now: int, kept_place: bool) -> OrderReplaced:
    return OrderReplaced(
        order.account_id,
        order.id,
        order.qty if change.qty is None else change.qty,
        change.limit_price,
        kept_place,
        now,
        change.stop_price,
        change.trail,
        change.time_in_force,
        change.revision_id,
        change.client_order_id,
    )


def end_after(order: Order, change: Change, at: int) -> int | None:
    """When the order ends by itself if `change` takes hold at `at`, both UTC ns; None where its session decides."""
    end: int | None = lasting_after(order, change.time_in_force, at).get("expires_at", order.expires_at)
    return end


def wish_of(order: Order, change: Change) -> ReplaceOrder:
    """The change that is on its way, as a wish; its client_order_id was checked when it was made."""
    return ReplaceOrder(
        order.account_id,
        order.id,
        order.qty if change.qty is None else change.qty,
        order.limit_price if change.limit_price is None else change.limit_price,
        change.stop_price,
        change.trail,
        change.time_in_force,
        is_revision=change.revision_id is not None,
    )
