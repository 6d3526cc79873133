"""What the desk says of the form before it is sent: fee, buying power after, and the sentence that would refuse it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tradesim.desk.desk import Desk
from tradesim.desk.views import Estimate
from tradesim.kernel.clock import NS_PER_MS
from tradesim.model.commands import SubmitOrder
from tradesim.model.market import Side
from tradesim.model.orders import ExitLeg, OrderClass, OrderType
from tradesim.ui.intents import account_of, submit
from tradesim.ui.wishes import BadIntent

Wish = Mapping[str, Any]


def answer(desk: Desk, wish: object, account: str = "") -> dict[str, Any]:
    """Of the form called `key`, in the chosen account: figures as decimal text, or `refusal` and its `field`."""
    if not isinstance(wish, Mapping):
        return {"key": None, "refusal": f"the form must be an object, was {type(wish).__name__}", "field": None}
    key = wish.get("key")
    try:
        order = submit({**wish, "id": None, "source": "ticket"}, account_of({"account": account}, desk))
        found = desk.estimate(order)
        return {"key": key, **figures(found, order), **exit_fees(desk, order, found)}
    except BadIntent as bad:
        return {"key": key, "refusal": str(bad), "field": bad.field}
    except TimeoutError:
        return {"key": key, "refusal": None, "field": None, "busy": True}


def figures(found: Estimate, order: SubmitOrder) -> dict[str, Any]:
    return {
        "value": text(found.value),
        "fee": text(found.fee),
        "avg": text(found.avg_price),
        "fills_now": found.fills_now,
        "rests": found.rests,
        "slippage_ticks": text(found.slippage_ticks),
        "queue_ahead": found.queue_ahead,
        "buying_power_after": text(found.buying_power_after),
        "refusal": found.refusal,
        "field": found.refused_field,
        "side": order.side.value,
        **({"opens": text(found.opens)} if found.opens else {}),
        **({"rule": found.rule} if found.rule else {}),
        **({"waits": found.waits} if found.waits else {}),
        **({"trades_from": found.trades_from // NS_PER_MS} if found.trades_from else {}),
    }


def exit_fees(desk: Desk, order: SubmitOrder, found: Estimate) -> dict[str, Any]:
    """Fees of the exits, should they come to it: an entry's are on its other side, an OCO's on its own."""
    qty = order.qty or (found.value / found.avg_price if found.value and found.avg_price else None)
    is_own = order.order_class is OrderClass.OCO
    side = order.side if is_own else order.side.opposite
    legs = {"take_profit": order.take_profit, "stop_loss": order.stop_loss}
    fees = {
        name: text(desk.estimate(exit_order(order, side, leg, qty)).fee) for name, leg in legs.items() if leg and qty
    }
    return {"exit_fees": fees} if fees else {}


def exit_order(order: SubmitOrder, side: Side, leg: ExitLeg, qty: Decimal) -> SubmitOrder:
    kind = OrderType.LIMIT
    if leg.trail_price is not None or leg.trail_percent is not None:
        kind = OrderType.TRAILING_STOP
    elif leg.stop_price is not None:
        kind = OrderType.STOP if leg.limit_price is None else OrderType.STOP_LIMIT
    return SubmitOrder(
        order.account_id,
        order.symbol,
        side,
        kind,
        qty=qty,
        limit_price=leg.limit_price,
        stop_price=leg.stop_price,
        trail_price=leg.trail_price,
        trail_percent=leg.trail_percent,
    )


def text(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, "f")
