"""An order as it is accepted, made from the wish for it; the exits of a group with it."""

from decimal import Decimal

from tradesim.kernel.ids import Ids
from tradesim.model.commands import SubmitOrder
from tradesim.model.orders import ExitLeg, LegRole, Order, OrderClass, OrderType, TimeInForce
from tradesim.trading.expiry import end_of

OPEN, CLOSE = "open", "close"


def orders_for(command: SubmitOrder, qty: Decimal, ids: Ids, now: int, held: Decimal = Decimal(0)) -> list[Order]:
    """The order, then its legs. `qty` is what of it is wished for, whether it was given as a quantity or not.

    `held` is the position that it meets, short below zero.
    """
    order_id = ids.next()
    wishes = [(LegRole.TAKE_PROFIT, command.take_profit), (LegRole.STOP_LOSS, command.stop_loss)]
    if command.order_class is OrderClass.OCO:
        wishes = wishes[1:]
    legs = [(role, leg, ids.next()) for role, leg in wishes if leg is not None]
    parent = Order(
        id=order_id,
        client_order_id=command.client_order_id or order_id,
        account_id=command.account_id,
        symbol=command.symbol,
        side=command.side,
        type=command.type,
        time_in_force=command.time_in_force,
        qty=qty,
        limit_price=command.limit_price,
        created_at=now,
        updated_at=now,
        post_only=command.post_only,
        source=command.source,
        reduce_only=command.reduce_only,
        stop_price=command.stop_price,
        trail_price=command.trail_price,
        trail_percent=command.trail_percent,
        order_class=command.order_class,
        role=LegRole.TAKE_PROFIT if command.order_class is OrderClass.OCO else LegRole.NONE,
        legs=tuple(leg_id for _, _, leg_id in legs),
        display_qty=command.display_qty,
        extended_hours=command.extended_hours,
        notional=command.notional,
        expires_at=end_of(command.type, command.time_in_force, now),
        revision_id=order_id,
        tag=command.tag,
        lots=command.lots,
        intent=CLOSE if held * command.side.sign < 0 else OPEN,
    )
    return [parent, *(leg_of(parent, role, leg, leg_id) for role, leg, leg_id in legs)]


def leg_of(parent: Order, role: LegRole, leg: ExitLeg, leg_id: str) -> Order:
    exits_itself = parent.order_class is OrderClass.OCO
    time_in_force = leg.time_in_force or lasting(parent.time_in_force)
    return Order(
        id=leg_id,
        client_order_id=leg_id,
        account_id=parent.account_id,
        symbol=parent.symbol,
        side=parent.side if exits_itself else parent.side.opposite,
        type=type_of(leg),
        time_in_force=time_in_force,
        qty=parent.qty,
        limit_price=leg.limit_price,
        created_at=parent.created_at,
        updated_at=parent.created_at,
        source=parent.source,
        stop_price=leg.stop_price,
        trail_price=leg.trail_price,
        trail_percent=leg.trail_percent,
        order_class=parent.order_class,
        role=role,
        parent_id=parent.id,
        expires_at=end_of(type_of(leg), time_in_force, parent.created_at),
        revision_id=leg_id,
        tag=parent.tag,
        intent=CLOSE,
    )


def type_of(leg: ExitLeg) -> OrderType:
    if leg.trail_price is not None or leg.trail_percent is not None:
        return OrderType.TRAILING_STOP
    if leg.stop_price is None:
        return OrderType.LIMIT
    return OrderType.STOP if leg.limit_price is None else OrderType.STOP_LIMIT


def lasting(entry: TimeInForce) -> TimeInForce:
    """An exit of an entry that trades at once, or not at all, protects for the day."""
    return entry if entry is TimeInForce.GTC else TimeInForce.DAY
