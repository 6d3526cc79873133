"""May an open order become another? It is asked as if the changed order were new, in the place of the old one."""

from decimal import Decimal

from msgspec.structs import replace

from tradesim.model.commands import ReplaceOrder, SubmitOrder
from tradesim.model.orders import ExitLeg, LegRole, Order, OrderClass, OrderStatus, OrderType, Rejection
from tradesim.trading.checks.context import Check, Context, first_refusal
from tradesim.trading.checks.form import FORM_CHECKS, LASTING
from tradesim.trading.checks.legs import exits_are_around_the_entry, profit_is_within_reach
from tradesim.trading.checks.risk import CLOSING_CHECKS, RISK_CHECKS, client_order_id_is_new, price_is_inside_band
from tradesim.trading.groups import Group
from tradesim.trading.lifecycle import given, trail_of
from tradesim.trading.money import number_text


def replace_refusal(command: ReplaceOrder, order: Order | None, context: Context) -> Rejection | None:
    """The first reason not to replace; `context` is made for `replacement(command, order)` and `without` the order."""
    no = order_is_open(command.order_id, order)
    if no or order is None:
        return no
    asked = replacement(command, order)
    return (
        can_be_changed(command, order)
        or something_changes(command, order)
        or first_refusal(asked, context, FORM_CHECKS)
        or first_refusal(named(asked, command), context, (client_order_id_is_new,))
        or more_than_filled(asked, order)
        or first_refusal(open_part(asked, order), context, risk_checks_for(order))
    )


def risk_checks_for(order: Order) -> tuple[Check, ...]:
    """A leg that waits for its parent closes what is not there yet: it was measured with its parent.

    An exit may always be moved: it is cut to the position when it arrives.
    """
    if order.status is OrderStatus.HELD:
        return ()
    if order.role is not LegRole.NONE:
        return (price_is_inside_band,)
    return (*CLOSING_CHECKS, price_is_inside_band) if order.reduce_only else RISK_CHECKS


def group_refusal(asked: SubmitOrder, order: Order, group: Group, context: Context) -> Rejection | None:
    """Whether the exits of its group would still fit each other, and an entry that is not filled yet."""
    by_role = {each.role: asked if each.id == order.id else each for each in group.exits}
    profit, loss = by_role.get(LegRole.TAKE_PROFIT), by_role.get(LegRole.STOP_LOSS)
    is_entry = group.entry is not None and group.entry.id == order.id
    entry = asked if is_entry else group.entry if order.status is OrderStatus.HELD else None
    parent = group.orders[0]
    whole = SubmitOrder(
        order.account_id,
        order.symbol,
        parent.side,
        limit_price=entry.limit_price if entry else None,
        stop_price=entry.stop_price if entry else None,
        order_class=parent.order_class,
        take_profit=ExitLeg(limit_price=profit.limit_price) if profit else None,
        stop_loss=ExitLeg(stop_price=loss.stop_price) if loss and loss.type is not OrderType.TRAILING_STOP else None,
    )
    return first_refusal(whole, context, (exits_are_around_the_entry, *((profit_is_within_reach,) if entry else ())))


def cancel_refusal(order_id: str, order: Order | None) -> Rejection | None:
    return order_is_open(order_id, order)


def replacement(command: ReplaceOrder, order: Order) -> SubmitOrder:
    """The order as it would be after, with its new total quantity."""
    trails_by_percent = order.trail_percent is not None
    trail = given(command.trail, trail_of(order))
    qty = given(command.qty, order.qty)
    shown = order.display_qty
    return SubmitOrder(
        order.account_id,
        order.symbol,
        order.side,
        order.type,
        command.time_in_force or order.time_in_force,
        qty=qty,
        limit_price=given(command.limit_price, order.limit_price),
        post_only=order.post_only,
        source=order.source,
        reduce_only=order.only_closes,
        stop_price=None if trail is not None else given(command.stop_price, order.stop_price),
        trail_price=None if trails_by_percent else trail,
        trail_percent=trail if trails_by_percent else None,
        display_qty=min(shown, qty) if shown is not None and qty is not None else shown,
        extended_hours=order.extended_hours,
        tag=order.tag,
    )


def named(asked: SubmitOrder, command: ReplaceOrder) -> SubmitOrder:
    return replace(asked, client_order_id=command.client_order_id)


def open_part(asked: SubmitOrder, order: Order) -> SubmitOrder:
    """What of a replacement would still be open; a trailing stop with the stop that it would have now."""
    qty = (asked.qty or Decimal(0)) - order.filled_qty
    return replace(asked, qty=qty, stop_price=standing_stop(asked, order))


def standing_stop(asked: SubmitOrder, order: Order) -> Decimal | None:
    """The tick to which a changed trail will be rounded does not matter here."""
    if order.high_water is None or given(asked.trail_price, asked.trail_percent) == trail_of(order):
        return given(asked.stop_price, order.stop_price)
    distance = asked.trail_price
    if distance is None:
        distance = order.high_water * (asked.trail_percent or Decimal(0)) / 100
    return order.high_water + order.side.sign * distance


def order_is_open(order_id: str, order: Order | None) -> Rejection | None:
    if order is None:
        return Rejection("unknown_order", f"there is no order {order_id}", "order_id")
    if not order.is_open:
        return Rejection("not_open", f"order {order_id} is already {order.status}", "order_id")
    return None


def can_be_changed(command: ReplaceOrder, order: Order) -> Rejection | None:
    """What no change can make of this order."""
    if order.order_class is not OrderClass.SIMPLE and command.qty not in (None, order.qty):
        sentence = f"the orders of a {order.order_class} keep their quantity {number_text(order.qty)}: cancel the group"
        return Rejection("qty", f"{sentence} instead", "qty")
    if command.trail is not None and order.type is not OrderType.TRAILING_STOP:
        return Rejection("trail", f"only a trailing stop has a trail: the order was {order.type}", "trail")
    if command.stop_price is not None and order.type is OrderType.TRAILING_STOP:
        return Rejection("stop_price", "the stop of a trailing stop follows the market: change its trail", "stop_price")
    if command.stop_price is not None and order.triggered_at is not None:
        return Rejection("stop_price", "the stop was reached already and cannot be moved", "stop_price")
    return time_in_force_can_become(command, order)


def time_in_force_can_become(command: ReplaceOrder, order: Order) -> Rejection | None:
    if command.time_in_force in (None, order.time_in_force):
        return None
    if order.time_in_force in LASTING and command.time_in_force in LASTING:
        return None
    found = f"{order.time_in_force} to {command.time_in_force}"
    return Rejection(
        "time_in_force", f"time in force can be changed between day and gtc only, was {found}", "time_in_force"
    )


def something_changes(command: ReplaceOrder, order: Order) -> Rejection | None:
    if command.is_revision or order.requested is not None or changes(command, order):
        return None
    return Rejection("unchanged", UNCHANGED_LIMIT if order.limit_price is not None else UNCHANGED, "qty")


UNCHANGED_LIMIT = "give a new quantity or a new limit price: both are as they were"
UNCHANGED = "give a new value: all are as they were"


def changes(command: ReplaceOrder, order: Order) -> bool:
    now = (order.qty, order.limit_price, order.stop_price, trail_of(order), order.time_in_force, order.client_order_id)
    wish = (
        command.qty,
        command.limit_price,
        command.stop_price,
        command.trail,
        command.time_in_force,
        command.client_order_id,
    )
    return any(new is not None and new != old for new, old in zip(wish, now, strict=True))


def more_than_filled(asked: SubmitOrder, order: Order) -> Rejection | None:
    if asked.qty is None or asked.qty > order.filled_qty:
        return None
    filled, found = number_text(order.filled_qty), number_text(asked.qty)
    return Rejection("qty", f"quantity must be above {filled}, which is filled already, was {found}", "qty")
