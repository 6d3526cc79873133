"""What the venue says of our orders becomes facts, and what follows from them is done."""

from decimal import Decimal

from msgspec.structs import replace

from tradesim.desk.closing import protects
from tradesim.desk.market import Market
from tradesim.desk.messages import replaced_by
from tradesim.desk.records import Records
from tradesim.desk.routing import BY_REQUEST, DAY_ENDED, Router
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.events import (
    OrderCanceled,
    OrderFilled,
    OrderHeld,
    OrderOpened,
    OrderRejected,
    OrderReplaced,
    OrderReplaceRejected,
)
from tradesim.model.instrument import Instrument
from tradesim.model.orders import Change, Order, OrderStatus, Rejection
from tradesim.model.venue import CancelCause, Canceled, Execution, Replaced, Rested, VenueRefusal, VenueReport
from tradesim.trading.lifecycle import given

SENTENCE_BY_CAUSE = {
    CancelCause.CLIENT: BY_REQUEST,
    CancelCause.ALONE: "Cancelled on request, without the others of its group.",
    CancelCause.IOC: "Immediate or cancel: what could not trade at once was cancelled.",
    CancelCause.FOK: "Fill or kill: the book could not fill it whole, so nothing was traded.",
    CancelCause.SELF_TRADE: "Cancelled because it would have traded with an order of the same account.",
    CancelCause.MARKET_NO_LIQUIDITY: "A market order trades with what is there; the rest found nobody.",
    CancelCause.EXPIRED: DAY_ENDED,
    CancelCause.SEEK: "The market jumped to another moment.",
    CancelCause.AUCTION: "The auction is over: what it could not trade was cancelled.",
    CancelCause.SESSION: "The session ended: the order waits for the next one.",
    CancelCause.REDUCE_ONLY: "The position that it was to reduce was closed.",
}
FOR_NOW = {"halted": 1, "price_band": NS_PER_SECOND}
"""Refusals of a venue that say nothing of the order itself, and how long to wait before asking again, ns."""


class Reports:
    """Hears the venue; `router` knows what was on its way there."""

    def __init__(self, records: Records, router: Router) -> None:
        self._records, self._router = records, router

    def hear(self, report: VenueReport, market: Market) -> None:
        order = self._records.state.order(report.order_id)
        instrument = market.instrument(order.symbol) if order else None
        if order is None or instrument is None or not order.is_open:
            return
        match report:
            case Rested():
                self._records.record(OrderOpened(order.account_id, order.id, report.ahead, report.ts_event))
            case Execution():
                self._filled(report, order, instrument)
            case Replaced():
                self._replaced(report, order, instrument)
            case Canceled(cause=CancelCause.SESSION):
                kept = OrderStatus.PARTIALLY_FILLED if order.filled_qty else OrderStatus.ACCEPTED
                self._records.record(OrderHeld(order.account_id, order.id, kept, report.ts_event))
            case Canceled(cause=CancelCause.EXPIRED):
                _, message = self._router.why.get(order.id, ("", DAY_ENDED))
                self._router.expire(order, report.ts_event, message)
            case Canceled(cause=CancelCause.REDUCE_ONLY) if order.id in self._router.cuts:
                self._cut_at_venue(report, order, instrument, market)
            case Canceled():
                self._canceled(report, order)
            case VenueRefusal():
                self._refused(report, order, market)
        self._router.settle(market)

    def _replaced(self, report: Replaced, order: Order, instrument: Instrument) -> None:
        asked = self._router.changes.get(order.id)
        if asked is not None and is_by(asked, report, order, instrument):
            del self._router.changes[order.id]
            self._records.record(replaced_by(order, asked, report.ts_event, report.kept_place))
            return
        cut = self._router.cuts.pop(order.id, None)
        self._records.record(replaced_at_venue(report, order, instrument, cut))

    def _filled(self, report: Execution, order: Order, instrument: Instrument) -> None:
        price, qty = instrument.price(report.price), instrument.qty(report.qty)
        fill = self._records.fill(order, instrument, price, qty, report.liquidity, report.reason, report.ts_event)
        self._records.record(OrderFilled(fill, report.ts_event))
        self._router.fractions.after_fill(fill, instrument)

    def _cut_at_venue(self, report: Canceled, order: Order, instrument: Instrument, market: Market) -> None:
        """No whole lot of it is left to close: the fraction is dealt here."""
        total = self._router.cuts.pop(order.id)
        if not 0 < total - order.filled_qty < instrument.lot_size:
            self._canceled(report, order)
            return
        self._records.record(OrderReplaced(order.account_id, order.id, total, None, True, report.ts_event))
        left = self._records.state.order(order.id) or order
        self._router.fractions.deal(left, instrument, market, report.ts_event)

    def _canceled(self, report: Canceled, order: Order) -> None:
        wish = self._router.why.pop(order.id, None) if report.cause is CancelCause.CLIENT else None
        if report.cause is CancelCause.MARKET_NO_LIQUIDITY and order.triggered_at is not None and protects(order):
            self._router.strand(order, report.ts_event)
            return
        cause, message = wish or (report.cause.value, SENTENCE_BY_CAUSE[report.cause])
        self._router.end(order, report.ts_event, cause, message)

    def _refused(self, report: VenueRefusal, order: Order, market: Market) -> None:
        """A new order that the venue will not take is rejected, one that it will not take again is cancelled.

        A change that it will not take leaves the order as it is. What protects a position is sent again later.
        """
        rejection = Rejection(report.code, report.message)
        if report.code in FOR_NOW and protects(order) and not market.source.venue.holds(order.id):
            self._router.strand(order, report.ts_event, FOR_NOW[report.code])
        elif order.status is OrderStatus.PENDING_NEW:
            rejected = replace(order, status=OrderStatus.REJECTED, reason=report.message, updated_at=report.ts_event)
            self._records.record(OrderRejected(rejected, rejection, report.ts_event))
        elif not market.source.venue.holds(order.id):
            self._records.record(
                OrderCanceled(order.account_id, order.id, report.code, report.message, report.ts_event)
            )
        else:
            self._router.changes.pop(order.id, None)
            self._records.record(OrderReplaceRejected(order.account_id, order.id, rejection, report.ts_event))


def is_by(asked: Change, report: Replaced, order: Order, instrument: Instrument) -> bool:
    """Whether the venue has just done what was asked."""
    qty, price = given(asked.qty, order.qty), instrument.price(report.price)
    return (
        qty is not None and instrument.lots(qty - order.filled_qty) == report.qty and asked.limit_price in (None, price)
    )


def replaced_at_venue(report: Replaced, order: Order, instrument: Instrument, cut: Decimal | None) -> OrderReplaced:
    """A cut that the desk made itself, to `cut`."""
    price = instrument.price(report.price)
    qty = order.filled_qty + instrument.qty(report.qty)
    if cut is not None and instrument.lots(cut - order.filled_qty) == report.qty:
        qty = cut
    return OrderReplaced(order.account_id, order.id, qty, price, report.kept_place, report.ts_event)
