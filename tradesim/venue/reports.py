"""What a venue tells of its clients' orders, as values of the model."""

from tradesim.model.market import BookTop
from tradesim.model.orders import FillReason, Liquidity
from tradesim.model.venue import Execution, QueuePosition, VenueOrder
from tradesim.venue.book import WatchedOrder

REASON_LEVELS = 5
AGENT_MARK = "~"


def is_agent(owner: str) -> bool:
    """Agents of the simulated market have owners that begin with `~`; nothing is reported of their own affairs."""
    return owner.startswith(AGENT_MARK)


def execution(
    order: VenueOrder, price: int, qty: int, liquidity: Liquidity, trade_id: int, now: int, reason: FillReason
) -> Execution:
    return Execution(order.id, order.owner, order.symbol, order.side, price, qty, liquidity, trade_id, now, reason)


def taker_reason(model: str, order: VenueOrder, before: BookTop, after: BookTop, quote_age_ns: int = 0) -> FillReason:
    return FillReason(model, order.latency_ns, quote_age_ns, before=before, after=after)


def maker_reason(
    model: str, resting: WatchedOrder, before: BookTop, after: BookTop, quote_age_ns: int = 0
) -> FillReason:
    """`resting` tells what stood before it when it joined, and what became of that."""
    place = resting.place
    return FillReason(
        model,
        resting.order.latency_ns,
        quote_age_ns,
        place.ahead_at_entry if place.is_sighted else None,
        place.ahead_traded,
        place.ahead_canceled,
        before,
        after,
    )


def queue_position(resting: WatchedOrder, shown: int | None) -> QueuePosition:
    """`shown` are the lots of others at the price that are not in the resting order's own book; None: not known."""
    place = resting.place
    if shown is None:
        return QueuePosition(resting.order.id, resting.price, None, None, 0, 0, None, None)
    level_qty = shown + resting.level.qty
    return QueuePosition(
        resting.order.id,
        resting.price,
        place.ahead,
        place.ahead_at_entry,
        place.ahead_traded,
        place.ahead_canceled,
        level_qty - place.ahead - resting.qty,
        level_qty,
    )
