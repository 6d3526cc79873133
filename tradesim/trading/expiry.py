"""When an order ends by itself."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.orders import OrderType, TimeInForce

ZONE = ZoneInfo("America/New_York")
GTC_DAYS = 90
GTC_ENDS_AT = 16
"""New York: an order that is good till cancelled ends at the close, ninety days later."""


def end_of(order_type: OrderType, time_in_force: TimeInForce, since: int) -> int | None:
    """UTC ns, for an order that is `time_in_force` since that moment (UTC ns); None where its session decides.

    A stop that will trade at once or not at all waits for its trigger as long as any.
    """
    waits = order_type.waits_for_trigger and time_in_force is TimeInForce.IOC
    if time_in_force is not TimeInForce.GTC and not waits:
        return None
    last = datetime.fromtimestamp(since // NS_PER_SECOND, ZONE) + timedelta(days=GTC_DAYS)
    return int(last.replace(hour=GTC_ENDS_AT, minute=0, second=0, microsecond=0).timestamp()) * NS_PER_SECOND
