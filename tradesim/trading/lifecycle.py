"""The life of an order: which moves exist, and the next Order value after each event."""

from dataclasses import replace
from decimal import Decimal

from tradesim.kernel.errors import IllegalTransition
from tradesim.model.orders import Change, Fill, Order
from tradesim.model.orders import OrderStatus as S
from tradesim.trading.money import average, notional_of

NEXT: dict[S, frozenset[S]] = {
    S.HELD: frozenset({S.PENDING_NEW, S.NEW, S.CANCELED, S.EXPIRED, S.REJECTED}),
    S.ACCEPTED: frozenset({S.PENDING_NEW, S.NEW, S.CANCELED, S.EXPIRED, S.REJECTED}),
    S.PENDING_NEW: frozenset({S.NEW, S.PARTIALLY_FILLED, S.FILLED, S.CANCELED, S.EXPIRED, S.REJECTED}),
    S.NEW: frozenset({S.PARTIALLY_FILLED, S.FILLED, S.CANCELED, S.EXPIRED}),
    S.PARTIALLY_FILLED: frozenset({S.PARTIALLY_FILLED, S.FILLED, S.CANCELED, S.EXPIRED}),
    S.FILLED: frozenset(),
    S.CANCELED: frozenset(),
    S.EXPIRED: frozenset(),
    S.REJECTED: frozenset(),
}


def advance(now: S, to: S) -> S:
    """`to`, when an order may go there from `now`. Raises IllegalTransition."""
    if to not in NEXT[now]:
        raise IllegalTransition(f"order cannot go from {now} to {to}")
    return to


def opened(order: Order, ts_event: int) -> Order:
    """The venue has it, for the first time or again after a restart. One that is partly filled stays so."""
    status = advance(order.status, S.NEW) if order.status is S.PENDING_NEW else order.status
    return replace(order, status=status if order.is_open else advance(status, S.NEW), updated_at=ts_event)


def filled(order: Order, fill: Fill) -> Order:
    """One execution later; the average price is the exact notional over the filled quantity."""
    filled_qty = order.filled_qty + fill.qty
    if fill.qty <= 0 or filled_qty > order.qty:
        raise IllegalTransition(
            f"order {order.id} of {order.qty} has {order.filled_qty} filled and cannot take a fill of {fill.qty}"
        )
    before = notional_of(order.filled_avg_price or Decimal(0), order.filled_qty)
    return replace(
        order,
        status=advance(order.status, S.FILLED if filled_qty == order.qty else S.PARTIALLY_FILLED),
        filled_qty=filled_qty,
        filled_avg_price=average(before + fill.price * fill.qty, filled_qty),
        updated_at=fill.ts_event,
    )


def replaced(order: Order, qty: Decimal, limit_price: Decimal | None, ts_event: int) -> Order:
    """`qty` is the new total, filled part included; it must leave something open."""
    if not order.is_open or qty <= order.filled_qty:
        raise IllegalTransition(
            f"order {order.id}, {order.status} with {order.filled_qty} filled, cannot be replaced to {qty}"
        )
    is_what_was_asked = order.requested == Change(qty=qty, limit_price=limit_price)
    return replace(
        order,
        qty=qty,
        limit_price=limit_price,
        updated_at=ts_event,
        requested=None if is_what_was_asked else order.requested,
    )


def asked(order: Order, change: Change, ts_event: int) -> Order:
    """A cancel or a change is on its way; a cancel stays asked for whatever else is."""
    if not order.is_open:
        raise IllegalTransition(f"order {order.id}, {order.status}, cannot be changed")
    is_canceling = order.requested is not None and order.requested.is_cancel
    return replace(order, requested=order.requested if is_canceling else change, updated_at=ts_event)


def change_refused(order: Order, ts_event: int) -> Order:
    """The venue would not take the change; a cancel that is on its way is not forgotten."""
    is_canceling = order.requested is not None and order.requested.is_cancel
    return replace(order, requested=order.requested if is_canceling else None, updated_at=ts_event)


def canceled(order: Order, reason: str, ts_event: int) -> Order:
    return _ended(order, S.CANCELED, reason, ts_event)


def expired(order: Order, reason: str, ts_event: int) -> Order:
    return _ended(order, S.EXPIRED, reason, ts_event)


def rejected(order: Order, reason: str, ts_event: int) -> Order:
    return _ended(order, S.REJECTED, reason, ts_event)


def _ended(order: Order, to: S, reason: str, ts_event: int) -> Order:
    return replace(order, status=advance(order.status, to), reason=reason, updated_at=ts_event, requested=None)
