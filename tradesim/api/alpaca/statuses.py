"""What of the desk's facts is told to those who follow their orders, and by which of Alpaca's words."""

from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from tradesim.api.alpaca.records import Entry
from tradesim.desk.views import OrderUpdate
from tradesim.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderCancelRequested,
    OrderExpired,
    OrderFilled,
    OrderHeld,
    OrderOpened,
    OrderRejected,
    OrderReplaced,
    OrderReplaceRejected,
    OrderReplaceRequested,
)
from tradesim.model.orders import OrderStatus, Rejection
from tradesim.model.venue import CancelCause

OPEN = frozenset({"new", "partially_filled", "accepted", "pending_new", "pending_cancel", "pending_replace", "held"})
AT_REST = frozenset({OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED})
EVENT_BY_STATUS = {
    OrderStatus.ACCEPTED: "accepted",
    OrderStatus.PENDING_NEW: "pending_new",
    OrderStatus.NEW: "new",
}
"""A leg that is HELD has no event: its parent's says that it is there."""
BY_THE_MARKET = frozenset(
    {CancelCause.IOC, CancelCause.FOK, CancelCause.MARKET_NO_LIQUIDITY, CancelCause.SELF_TRADE, CancelCause.AUCTION}
)
"""Causes that only an order can meet which was at the venue."""


class Told(NamedTuple):
    """One of Alpaca's events: the name of the order that it is about, and the order as it was then."""

    event: str
    name: str
    entry: Entry


def told(update: OrderUpdate, former: Entry | None, entry: Entry) -> Iterator[Told]:
    """In order. An order that trades, or ends in the market, at once was new before."""
    if former is not None and was_new_unsaid(update, former):
        yield Told("new", former.id, opened(former, update.event.ts_event))
    for event, name in own_events(update, former, entry):
        yield Told(event, name, entry)
    for wish in entry.refused[len(former.refused) if former else 0 :]:
        yield Told("rejected", wish.revision_id, entry)


def was_new_unsaid(update: OrderUpdate, former: Entry) -> bool:
    event = update.event
    met = isinstance(event, OrderFilled) or (isinstance(event, OrderCanceled) and event.cause in BY_THE_MARKET)
    return met and former.order.status not in AT_REST


def opened(entry: Entry, at: int) -> Entry:
    return replace(entry, order=replace(entry.order, status=OrderStatus.NEW, updated_at=at))


def own_events(update: OrderUpdate, former: Entry | None, entry: Entry) -> Iterator[tuple[str, str]]:
    order = entry.order
    match update.event:
        case OrderAccepted() | OrderHeld():
            event = EVENT_BY_STATUS.get(order.status)
            if event and (former is None or former.order.status is not order.status):
                yield event, entry.id
        case OrderOpened():
            if former is None or former.order.status not in AT_REST:
                yield "new", entry.id
        case OrderFilled():
            yield "partial_fill" if order.is_open else "fill", entry.id
        case OrderReplaceRequested(revision_id=str(revision_id)):
            yield "pending_replace", entry.id
            yield "pending_new", revision_id
        case OrderReplaced(revision_id=str()) if former is not None:
            yield "replaced", former.id
            yield "new", entry.id
        case OrderReplaced():
            yield "restated", entry.id
        case OrderReplaceRejected(rejection=Rejection(code="cancel_too_late")):
            yield "order_cancel_rejected", entry.id
        case OrderReplaceRejected():
            yield "order_replace_rejected", entry.id
        case OrderCancelRequested():
            yield "pending_cancel", entry.id
        case OrderCanceled():
            yield "canceled", entry.id
        case OrderExpired():
            yield "expired", entry.id
        case OrderRejected():
            yield "rejected", entry.id
