"""The life of an order: which moves exist, and the next Order value after each event."""

from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from tradesim.kernel.errors import IllegalTransition
from tradesim.model.orders import Change, Fill, Order, Revision, TimeInForce
from tradesim.model.orders import OrderStatus as S
from tradesim.trading.expiry import end_of
from tradesim.trading.money import average, notional_of

NEXT: dict[S, frozenset[S]] = {
    S.PENDING_NEW: frozenset(
        {S.HELD, S.ACCEPTED, S.NEW, S.PARTIALLY_FILLED, S.FILLED, S.CANCELED, S.EXPIRED, S.REJECTED}
    ),
    S.HELD: frozenset({S.ACCEPTED, S.PENDING_NEW, S.NEW, S.CANCELED, S.EXPIRED, S.REJECTED}),
    S.ACCEPTED: frozenset({S.PENDING_NEW, S.NEW, S.CANCELED, S.EXPIRED, S.REJECTED}),
    S.NEW: frozenset({S.ACCEPTED, S.PARTIALLY_FILLED, S.FILLED, S.CANCELED, S.EXPIRED, S.REJECTED}),
    S.PARTIALLY_FILLED: frozenset({S.PARTIALLY_FILLED, S.FILLED, S.CANCELED, S.EXPIRED}),
    S.FILLED: frozenset(),
    S.CANCELED: frozenset(),
    S.EXPIRED: frozenset(),
    S.REJECTED: frozenset(),
}
"""ACCEPTED follows NEW where a session ends over an order that outlives it; REJECTED follows NEW where the venue
will not take a stop that was triggered. One that is partly filled stays so while it waits."""


def advance(now: S, to: S) -> S:
    """`to`, when an order may go there from `now`. Raises IllegalTransition."""
    if to not in NEXT[now]:
        raise IllegalTransition(f"order cannot go from {now} to {to}")
    return to


def opened(order: Order, ts_event: int) -> Order:
    """The venue has it, for the first time or again after a restart. One that is partly filled stays so."""
    status = advance(order.status, S.NEW) if order.status is S.PENDING_NEW else order.status
    return replace(order, status=status if order.is_open else advance(status, S.NEW), updated_at=ts_event)


def held(order: Order, status: S, ts_event: int) -> Order:
    """It waits at the desk: for its parent, its session, or (NEW) its trigger."""
    return replace(order, status=advance(order.status, status), day_from=day_from(order, ts_event), updated_at=ts_event)


def activated(order: Order, ts_event: int) -> Order:
    """On its way to the venue, after waiting. One that is partly filled stays so."""
    if order.status is S.PARTIALLY_FILLED:
        return replace(order, updated_at=ts_event)
    status = advance(order.status, S.PENDING_NEW)
    return replace(order, status=status, day_from=day_from(order, ts_event), updated_at=ts_event)


def day_from(order: Order, ts_event: int) -> int | None:
    """The day of a leg begins when it stops waiting for its parent."""
    return ts_event if order.status is S.HELD else order.day_from


def bound(order: Order, by: str, ts_event: int) -> Order:
    """It may only close from now on."""
    if not order.is_open:
        raise IllegalTransition(f"order {order.id}, {order.status}, closes nothing any more")
    bound_by = (*order.bound_by, by) if by else order.bound_by
    return replace(order, reduce_only=True, bound_by=bound_by, updated_at=ts_event)


def released(order: Order, by: str, ts_event: int) -> Order:
    """`by` closed nothing: it may open again, unless another order has bound it too."""
    if not order.is_open or by not in order.bound_by:
        raise IllegalTransition(f"order {order.id}, {order.status}, is not bound by {by}")
    bound_by = tuple(each for each in order.bound_by if each != by)
    return replace(order, reduce_only=bool(bound_by), bound_by=bound_by, updated_at=ts_event)


def triggered(order: Order, ts_event: int) -> Order:
    """Its stop was reached. It stays NEW: whether the venue has it yet makes no difference to its owner."""
    if not awaits_trigger(order):
        raise IllegalTransition(f"order {order.id}, {order.type} and {order.status}, does not wait for a trigger")
    return replace(order, triggered_at=ts_event, updated_at=ts_event)


def trailed(order: Order, high_water: Decimal, stop_price: Decimal, ts_event: int) -> Order:
    if not awaits_trigger(order):
        raise IllegalTransition(f"order {order.id}, {order.type} and {order.status}, does not trail")
    return replace(order, high_water=high_water, stop_price=stop_price, updated_at=ts_event)


def awaits_trigger(order: Order) -> bool:
    """Whether it waits at the desk for a trade to reach its stop."""
    return order.type.waits_for_trigger and order.triggered_at is None and order.status is S.NEW


def filled(order: Order, fill: Fill) -> Order:
    """One execution later; the average price is the exact notional over the filled quantity."""
    filled_qty = order.filled_qty + fill.qty
    if fill.qty <= 0 or filled_qty > order.qty:
        raise IllegalTransition(
            f"order {order.id} of {order.qty} has {order.filled_qty} filled and cannot take a fill of {fill.qty}"
        )
    before = notional_of(order.filled_avg_price or Decimal(0), order.filled_qty)
    is_done = filled_qty == order.qty
    return replace(
        order,
        status=advance(order.status, S.FILLED if is_done else S.PARTIALLY_FILLED),
        filled_qty=filled_qty,
        filled_avg_price=average(before + fill.price * fill.qty, filled_qty),
        updated_at=fill.ts_event,
        ended_at=fill.ts_event if is_done else None,
    )


def replaced(order: Order, change: Change, ts_event: int) -> Order:
    """`change.qty` is the new total, filled part included; it must leave something open. None leaves a value."""
    qty = order.qty if change.qty is None else change.qty
    if not order.is_open or qty <= order.filled_qty:
        raise IllegalTransition(
            f"order {order.id}, {order.status} with {order.filled_qty} filled, cannot be replaced to {qty}"
        )
    done = replace(
        order,
        qty=qty,
        limit_price=given(change.limit_price, order.limit_price),
        stop_price=given(change.stop_price, order.stop_price),
        client_order_id=change.client_order_id or order.client_order_id,
        display_qty=None if order.display_qty is None else min(order.display_qty, qty),
        updated_at=ts_event,
        **lasting_after(order, change.time_in_force, ts_event),
        **trail_after(order, change.trail),
        **revision_after(order, change, ts_event),
    )
    return replace(done, requested=None) if is_done(done) else done


def is_done(order: Order) -> bool:
    """Whether all that was asked of it has been done; a cancel is not."""
    asked = order.requested
    if asked is None or asked.is_cancel:
        return False
    wish = (asked.qty, asked.limit_price, asked.stop_price, asked.trail, asked.time_in_force)
    now = (order.qty, order.limit_price, order.stop_price, trail_of(order), order.time_in_force)
    names = (asked.revision_id, asked.client_order_id), (order.revision_id, order.client_order_id)
    pairs = (*zip(wish, now, strict=True), *zip(*names, strict=True))
    return all(new is None or new == old for new, old in pairs)


def lasting_after(order: Order, time_in_force: TimeInForce | None, ts_event: int) -> dict[str, Any]:
    """Another time in force counts from the change."""
    if time_in_force is None or time_in_force is order.time_in_force:
        return {}
    expires_at = end_of(order.type, time_in_force, ts_event)
    return {"time_in_force": time_in_force, "expires_at": expires_at, "day_from": ts_event}


def given(new: Decimal | None, old: Decimal | None) -> Decimal | None:
    return old if new is None else new


def trail_of(order: Order) -> Decimal | None:
    """The distance of a trailing stop, in the unit it was given in."""
    return given(order.trail_price, order.trail_percent)


def trail_after(order: Order, trail: Decimal | None) -> dict[str, Any]:
    if trail is None:
        return {}
    return {"trail_percent": trail} if order.trail_percent is not None else {"trail_price": trail}


def revision_after(order: Order, change: Change, ts_event: int) -> dict[str, Any]:
    """What the order was called until now becomes history, for those who count each replacement as an order."""
    if change.revision_id is None:
        return {}
    former = Revision(
        id=order.revision_id or order.id,
        client_order_id=order.client_order_id,
        qty=order.qty,
        filled_qty=order.filled_qty,
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        trail=trail_of(order),
        time_in_force=order.time_in_force,
        expires_at=order.expires_at,
        replaced_at=ts_event,
    )
    return {"revision_id": change.revision_id, "revisions": (*order.revisions, former)}


def asked(order: Order, change: Change, ts_event: int) -> Order:
    """A cancel or a change is on its way; a cancel stays asked for whatever else is.

    What an earlier change asked for that is on its way too is still asked for, where this one does not say otherwise.
    """
    if not order.is_open:
        raise IllegalTransition(f"order {order.id}, {order.status}, cannot be changed")
    former = order.requested
    if former is not None:
        change = former if former.is_cancel else change if change.is_cancel else both(former, change)
    return replace(order, requested=change, updated_at=ts_event)


def both(former: Change, later: Change) -> Change:
    """What `later` says, and what `former` says where that is silent."""
    values = {name: value for name in Change.__struct_fields__ if (value := getattr(later, name)) is not None}
    return replace(former, **values)


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
    return replace(
        order,
        status=advance(order.status, to),
        reason=reason,
        updated_at=ts_event,
        ended_at=ts_event,
        requested=None,
    )
