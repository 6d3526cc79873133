"""What the desk says of the form before it is sent: fee, buying power after, and the sentence that would refuse it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tradesim.desk.desk import Desk
from tradesim.desk.views import Estimate
from tradesim.model.commands import SubmitOrder
from tradesim.ui.intents import BadIntent, submit

Wish = Mapping[str, Any]


def answer(desk: Desk, wish: object) -> dict[str, Any]:
    """`{key, …}` of the form called `key`: figures as decimal text, or `refusal` and the `field` it is about."""
    if not isinstance(wish, Mapping):
        return {"key": None, "refusal": f"the form must be an object, was {type(wish).__name__}", "field": None}
    key = wish.get("key")
    try:
        order = submit({**wish, "id": None, "source": "ticket"}, desk.status().account_id)
        return {"key": key, **figures(desk.estimate(order), order)}
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
        **({"rule": found.rule} if found.rule else {}),
    }


def text(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, "f")
