"""The order desk: turns commands into events, and what the venue reports into events. Decides; never publishes."""

from collections.abc import Sequence
from decimal import Decimal
from functools import singledispatchmethod
from typing import Any

from msgspec.structs import replace

from tradesim.desk.accounts import symbols_of
from tradesim.desk.making import orders_for
from tradesim.desk.market import Market
from tradesim.desk.records import Records
from tradesim.desk.risk import RiskDesk
from tradesim.desk.routing import Router, protects, replaced_by
from tradesim.desk.rules import Decisions, FeeOf, TradingRules
from tradesim.desk.sessions import changes_session, is_over, may_trade
from tradesim.desk.views import Estimate
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.ids import Ids
from tradesim.model.commands import (
    CancelAllOrders,
    CancelOrder,
    ClosePosition,
    CountRefusal,
    Flatten,
    Kill,
    Reactivate,
    ReplaceOrder,
    SetRiskLimits,
    SubmitOrder,
)
from tradesim.model.events import (
    DeskEvent,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderHeld,
    OrderOpened,
    OrderRejected,
    OrderReplaced,
    OrderReplaceRejected,
)
from tradesim.model.instrument import Instrument
from tradesim.model.market import EMPTY_BOOK, SessionState, Side, Trade
from tradesim.model.orders import (
    Change,
    Fill,
    Order,
    OrderClass,
    OrderStatus,
    OrderType,
    Rejection,
    TimeInForce,
)
from tradesim.model.risk import RiskView
from tradesim.model.venue import (
    CancelCause,
    Canceled,
    Execution,
    Replaced,
    Rested,
    VenueRefusal,
    VenueReport,
)
from tradesim.trading import accountchecks, checks, estimates
from tradesim.trading.groups import group_of
from tradesim.trading.lifecycle import awaits_trigger
from tradesim.trading.state import TradingState
from tradesim.trading.working import closing_orders

__all__ = ["Decisions", "FeeOf", "OrderDesk", "TradingRules"]

SENTENCE_BY_CAUSE = {
    CancelCause.CLIENT: "Cancelled on request.",
    CancelCause.IOC: "Immediate or cancel: what could not trade at once was cancelled.",
    CancelCause.FOK: "Fill or kill: the book could not fill it whole, so nothing was traded.",
    CancelCause.SELF_TRADE: "Cancelled because it would have traded with an order of the same account.",
    CancelCause.MARKET_NO_LIQUIDITY: "A market order trades with what is there; the rest found nobody.",
    CancelCause.EXPIRED: "The day ended.",
    CancelCause.SEEK: "The market jumped to another moment.",
    CancelCause.AUCTION: "The auction is over: what it could not trade was cancelled.",
    CancelCause.SESSION: "The session ended: the order waits for the next one.",
    CancelCause.REDUCE_ONLY: "The position that it was to reduce was closed.",
}
NINETY_DAYS = "Good till cancelled ends after 90 days."
FOR_NOW = {"halted": 1, "price_band": NS_PER_SECOND}
"""Refusals of a venue that say nothing of the order itself, and how long to wait before asking again, ns."""
NOT_AT_A_PRICE = frozenset({OrderType.MARKET, OrderType.STOP, OrderType.TRAILING_STOP})


class OrderDesk:
    """The only writer of `state`. What it decided since last asked is in `take_decisions`."""

    def __init__(self, state: TradingState, ids: Ids, rules: TradingRules) -> None:
        self.state = state
        self.rules = rules
        self._ids = ids
        self._records = Records(state, ids, rules)
        self._router = Router(self._records, self._change_refusal)
        self.gate = RiskDesk(self)

    def take_decisions(self) -> Decisions:
        return self._records.take_decisions()

    def record(self, event: DeskEvent) -> None:
        self._records.record(event)

    def begin(self, market: Market) -> None:
        """`market` was opened: what waits at the desk waits for it now."""
        self._router.begin(market)

    def settle(self, market: Market) -> None:
        """Do what follows for the others of each group to which something happened."""
        self._router.settle(market)

    def on_trade(self, trade: Trade, market: Market) -> None:
        """A print: stops may be reached, trails moved."""
        if trade.symbol in self._router.triggers.watched:
            self._router.on_trade(trade, market)

    def on_touched(self, symbols: set[str], market: Market) -> None:
        """The books of `symbols` changed."""
        if self._router.fractions.waiting:
            self._router.fractions.look(symbols, market)
            self._router.settle(market)
        if self._router.stranded:
            self._router.send_again(symbols, market)

    @property
    def watches(self) -> bool:
        """Whether anything waits for a price, so that the market must be looked at after each of its steps."""
        router = self._router
        waits = router.triggers.watched or router.fractions.waiting or router.stranded
        return bool(waits or self._records.reducing)

    @singledispatchmethod
    def handle(self, command: Any, market: Market) -> Any:
        """Answers one command; see model.commands for each answer's type."""
        raise TypeError(f"no such command: {command!r}")

    @handle.register
    def _submit(self, command: SubmitOrder, market: Market) -> Order | Rejection:
        if command.account_id not in self.state.portfolios:
            return Rejection("unknown_account", f"there is no account {command.account_id}", "account_id")
        account = self.state.portfolio(command.account_id).account
        barred = accountchecks.account_refusal(account, market.world, command.reduce_only)
        stopped = barred or self.gate.stop(command, market)
        if stopped:
            return stopped
        command = completed(command)
        context = self.context(command, market)
        refusal = checks.refusal(command, context) or self._also_refused(command, context, market)
        if refusal or context.instrument is None:
            refusal = refusal or Rejection("unknown_symbol", f"{command.symbol} is not traded here", "symbol")
            return self.gate.refused(command, refusal, market)
        qty = checks.quantity_of(command, context, context.instrument)
        if checks.may_only_close(command, context, context.instrument):
            command = replace(command, reduce_only=True)
        held = self.state.position(command.account_id, command.symbol).qty
        order, *legs = orders_for(command, qty, self._ids, market.reached, held)
        self.record(OrderAccepted(order, market.reached))
        for leg in legs:
            self.record(OrderAccepted(leg, market.reached))
            self.record(OrderHeld(leg.account_id, leg.id, OrderStatus.HELD, market.reached))
        self._router.route(order, market)
        return self.state.order(order.id) or order

    @handle.register
    def _cancel(self, command: CancelOrder, market: Market) -> Order | Rejection:
        order = self._open_order(command.account_id, command.order_id)
        if isinstance(order, Rejection):
            return order
        if self.state.portfolio(order.account_id).account.home != market.world:
            self.drop([order], market.reached, CancelCause.CLIENT, SENTENCE_BY_CAUSE[CancelCause.CLIENT])
        else:
            self._router.cancel(order, market)
        return self.state.order(order.id) or order

    @handle.register
    def _cancel_all(self, command: CancelAllOrders, market: Market) -> list[Order]:
        orders = [
            order
            for order in self.state.open_orders(command.account_id)
            if command.symbol is None or order.symbol == command.symbol
        ]
        for order in orders:
            self._cancel(CancelOrder(command.account_id, order.id), market)
        return orders

    @handle.register
    def _replace(self, command: ReplaceOrder, market: Market) -> Order | Rejection:
        order = self._open_order(command.account_id, command.order_id)
        if isinstance(order, Rejection):
            return order
        if order.type in NOT_AT_A_PRICE and not self._router.is_waiting(order, market):
            found = "market" if order.type is OrderType.MARKET else order.type.replace("_", " ")
            return Rejection("not_replaceable", f"a {found} order on its way cannot be replaced", "order_id")
        asked = checks.replacement(command, order)
        account = self.state.portfolio(command.account_id).account
        stopped = accountchecks.account_refusal(account, market.world) or self.gate.stop(asked, market)
        if stopped:
            return stopped
        open_part = checks.open_part(asked, order)
        open_part = replace(open_part, order_class=order.order_class, is_strict=command.is_revision)
        context = self.context(asked, market, without=order.id)
        refusal = self._change_refusal(command, order, market)
        refusal = refusal or self._also_refused(open_part, context, market, order.id)
        if refusal:
            return self.gate.refused(asked, refusal, market)
        self._router.change(order, self._change_for(command, order), market)
        return self.state.order(order.id) or order

    def _change_refusal(self, command: ReplaceOrder, order: Order, market: Market) -> Rejection | None:
        asked = replace(checks.replacement(command, order), client_order_id=command.client_order_id)
        context = self.context(asked, market, without=order.id)
        group = group_of(order, self.state.order)
        refusal = checks.replace_refusal(command, order, context)
        return refusal or (checks.group_refusal(asked, order, group, context) if group else None)

    def _change_for(self, command: ReplaceOrder, order: Order) -> Change:
        revision_id = self._ids.next() if command.is_revision else None
        return Change(
            qty=order.qty if command.qty is None else command.qty,
            limit_price=order.limit_price if command.limit_price is None else command.limit_price,
            stop_price=command.stop_price,
            trail=command.trail,
            time_in_force=command.time_in_force,
            revision_id=revision_id,
            client_order_id=command.client_order_id or revision_id,
        )

    @handle.register
    def _close(self, command: ClosePosition, market: Market) -> Order | Rejection:
        position = self.state.position(command.account_id, command.symbol)
        if not position.qty:
            return Rejection("no_position", f"there is no position in {command.symbol} to close", "symbol")
        closing = SubmitOrder(
            account_id=command.account_id,
            symbol=command.symbol,
            side=Side.SELL if position.qty > 0 else Side.BUY,
            qty=abs(position.qty) if command.qty is None else command.qty,
            source=command.source,
            reduce_only=True,
        )
        answer: Order | Rejection = self._submit(closing, market)
        if isinstance(answer, Order):
            self._bind_closing(answer, market)
        return answer

    def _bind_closing(self, closing: Order, market: Market) -> None:
        """What was sent to close the position must not open the other side when this order was quicker."""
        for order in closing_orders(self.state.portfolio(closing.account_id), closing.symbol):
            self._router.bind(order, closing.id, market)

    @handle.register
    def _flatten(self, command: Flatten, market: Market) -> list[Order | Rejection]:
        self._cancel_all(CancelAllOrders(command.account_id), market)
        held = self.state.portfolio(command.account_id).open_positions
        return [
            self._close(ClosePosition(command.account_id, position.symbol, command.source), market) for position in held
        ]

    @handle.register
    def _count(self, command: CountRefusal, market: Market) -> None:
        self.gate.count_refusal(command, market)

    @handle.register
    def _risk(self, command: SetRiskLimits | Kill | Reactivate, market: Market) -> RiskView | Rejection:
        answer: RiskView | Rejection = self.gate.handle(command, market)
        return answer

    def call_back(self, orders: Sequence[Order], market: Market, why: str) -> None:
        """Cancel them; what is on its way to the venue does not arrive any more."""
        for known in orders:
            order = self.state.order(known.id)
            if order is not None and order.is_open:
                self._router.call_back(order, market, why=why)

    def resume(self, order: Order, market: Market) -> None:
        """An order that outlived its market goes on in this one; a change that was on its way is done now."""
        self._router.make_good(order, market.reached)
        self._router.route(self.state.order(order.id) or order, market)

    def open_orders_in(self, market: Market) -> list[Order]:
        """Those of the accounts that trade in `market`, oldest first."""
        return self._records.open_orders_in(market.world)

    def on_boundary(self, market: Market) -> None:
        """A session or a day may have begun or ended: auctions are held, orders end, wait or are let go."""
        for symbol in market.source.instruments:
            if changes_session(symbol, market):
                market.source.venue.uncross(symbol, market.reached)

    def turn_session(self, market: Market) -> None:
        """After the auctions of a boundary: every order whose time is over ends, and each goes where it belongs."""
        for known in self.open_orders_in(market):
            order = self.state.order(known.id)
            if order is not None and order.is_open and market.instrument(order.symbol) is not None:
                self._turn_order(order, market)
        self.settle(market)

    def _turn_order(self, order: Order, market: Market) -> None:
        now, venue = market.reached, market.source.venue
        session = market.source.session(order.symbol, now)
        is_there, is_waiting = venue.holds(order.id), self._router.is_waiting(order, market)
        if is_over(order, session, now) and (is_there or is_waiting or session is not SessionState.ALWAYS):
            self._end_time(order, market)
        elif is_there and not may_trade(order, market) and order.time_in_force is TimeInForce.GTC:
            venue.cancel(order.id, now, CancelCause.SESSION)
        elif is_waiting and order.status is not OrderStatus.HELD and not self._is_settled(order):
            self._router.route(order, market)

    def _is_settled(self, order: Order) -> bool:
        """Whether it waits here for a price."""
        return awaits_trigger(order) or order.id in self._router.fractions.waiting.get(order.symbol, ())

    def _end_time(self, order: Order, market: Market) -> None:
        is_old = order.time_in_force is TimeInForce.GTC
        if market.source.venue.holds(order.id):
            if is_old:
                self._router.why[order.id] = CancelCause.EXPIRED, NINETY_DAYS
            market.source.venue.cancel(order.id, market.reached, CancelCause.EXPIRED)
            return
        self.expire([order], market.reached, NINETY_DAYS if is_old else SENTENCE_BY_CAUSE[CancelCause.EXPIRED])

    def estimate(self, order: SubmitOrder, market: Market) -> Estimate:
        """What the order would do if it met the present book, and the sentence that would refuse it."""
        order = completed(order)
        context = self.context(order, market)
        instrument = context.instrument
        no = checks.refusal(order, context) or self._also_refused(order, context, market)
        if instrument is None:
            message, field = (no.message, no.field) if no else (None, None)
            return Estimate(None, None, None, 0, 0, None, None, None, message, field)
        found = estimates.estimate(
            order,
            instrument,
            context.top,
            lambda _side, qty, price, liquidity: self.rules.fee(instrument, price, qty, liquidity),
            context.buying_power,
            context.free_to_close,
            lambda lots, limit: market.source.venue.beyond(instrument.symbol, order.side, lots, limit),
        )
        return Estimate(
            value=found.value,
            fee=found.fee,
            avg_price=found.avg_price,
            fills_now=found.fills_now,
            rests=found.rests,
            slippage_ticks=found.slippage_ticks,
            queue_ahead=found.queue_ahead,
            buying_power_after=found.buying_power_after,
            refusal=no.message if no else None,
            refused_field=no.field if no else None,
            rule=found.rule,
        )

    def expire(self, orders: Sequence[Order], now: int, message: str) -> None:
        for order in orders:
            self._router.forget(order)
            self.record(OrderExpired(order.account_id, order.id, message, now))

    def drop(self, orders: Sequence[Order], now: int, cause: CancelCause, message: str) -> None:
        """Orders whose market is gone."""
        for order in orders:
            self._router.end(order, now, cause.value, message)

    def report(self, report: VenueReport, market: Market) -> None:
        """What the venue says about one of our orders becomes a fact, and what follows from it is done."""
        order = self.state.order(report.order_id)
        instrument = market.instrument(order.symbol) if order else None
        if order is None or instrument is None or not order.is_open:
            return
        match report:
            case Rested():
                self.record(OrderOpened(order.account_id, order.id, report.ahead, report.ts_event))
            case Execution():
                self._filled(report, order, instrument)
            case Replaced():
                self.record(replaced_at_venue(report, order, instrument, self._router.cuts.pop(order.id, None)))
            case Canceled(cause=CancelCause.SESSION):
                kept = OrderStatus.PARTIALLY_FILLED if order.filled_qty else OrderStatus.ACCEPTED
                self.record(OrderHeld(order.account_id, order.id, kept, report.ts_event))
            case Canceled(cause=CancelCause.EXPIRED):
                _, message = self._router.why.get(order.id, ("", SENTENCE_BY_CAUSE[CancelCause.EXPIRED]))
                self.expire([order], report.ts_event, message)
            case Canceled(cause=CancelCause.REDUCE_ONLY) if order.id in self._router.cuts:
                self._cut_at_venue(report, order, instrument, market)
            case Canceled():
                self._canceled(report, order)
            case VenueRefusal():
                self._refused(report, order, market)
        self._router.settle(market)

    def _filled(self, report: Execution, order: Order, instrument: Instrument) -> None:
        fill = self._fill(report, order, instrument)
        self.record(OrderFilled(fill, report.ts_event))
        self._router.fractions.after_fill(fill, instrument)

    def _cut_at_venue(self, report: Canceled, order: Order, instrument: Instrument, market: Market) -> None:
        """No whole lot of it is left to close: the fraction is dealt here."""
        total = self._router.cuts.pop(order.id)
        if not 0 < total - order.filled_qty < instrument.lot_size:
            self._canceled(report, order)
            return
        self.record(OrderReplaced(order.account_id, order.id, total, None, True, report.ts_event))
        left = self.state.order(order.id) or order
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
            self.record(OrderRejected(rejected, rejection, report.ts_event))
        elif not market.source.venue.holds(order.id):
            self.record(OrderCanceled(order.account_id, order.id, report.code, report.message, report.ts_event))
        else:
            self.record(OrderReplaceRejected(order.account_id, order.id, rejection, report.ts_event))

    def context(self, order: SubmitOrder, market: Market, without: str | None = None) -> checks.Context:
        """What the checks must know of an order; `without` is the order that it is to replace."""
        portfolio = self.state.portfolio(order.account_id)
        is_traded = order.symbol in market.source.instruments
        return checks.context_for(
            order,
            portfolio,
            market.source.instruments,
            market.touches({*symbols_of(portfolio), order.symbol}),
            market.top(order.symbol) if is_traded else EMPTY_BOOK,
            self.gate.limits(order.account_id),
            is_traded and market.source.venue.is_halted(order.symbol),
            without,
            self.rules.fee,
            market.source.session(order.symbol, market.reached) if is_traded else SessionState.ALWAYS,
            market.reached,
        )

    def _also_refused(
        self, order: SubmitOrder, context: checks.Context, market: Market, without: str | None = None
    ) -> Rejection | None:
        """What the quote, the risk limits and the account say, once the order itself is sound."""
        return (
            untrusted(order.symbol, market)
            or self.gate.refusal(order, context, market, without)
            or self._account_refusal(order, context, market, without)
        )

    def _account_refusal(
        self, order: SubmitOrder, context: checks.Context, market: Market, without: str | None = None
    ) -> Rejection | None:
        """What the account's rules, lots, margin and day trades say."""
        portfolio, instrument = self.state.portfolio(order.account_id), context.instrument
        assert instrument is not None
        qty = checks.quantity_of(order, context, instrument)
        opening = max(qty - context.free_to_close, Decimal(0))
        terms = accountchecks.Terms(
            portfolio,
            market.source.instruments,
            lambda: market.touches({*symbols_of(portfolio), order.symbol}),
            context.touch,
            instrument,
            qty,
            opening,
            market.reached,
            without,
        )
        return accountchecks.refusal(order, terms)

    def _open_order(self, account_id: str, order_id: str) -> Order | Rejection:
        """Another account's order is as good as none."""
        order = self.state.order(order_id)
        own = order if order and order.account_id == account_id else None
        return (
            checks.cancel_refusal(order_id, own) or own or Rejection("unknown_order", f"there is no order {order_id}")
        )

    def _fill(self, execution: Execution, order: Order, instrument: Instrument) -> Fill:
        price, qty = instrument.price(execution.price), instrument.qty(execution.qty)
        return Fill(
            id=self._ids.next(),
            order_id=order.id,
            account_id=order.account_id,
            symbol=order.symbol,
            side=order.side,
            qty=qty,
            price=price,
            fee=self.rules.fee(instrument, price, qty, execution.liquidity),
            liquidity=execution.liquidity,
            ts_event=execution.ts_event,
            reason=replace(execution.reason, tick_size=instrument.tick_size, lot_size=instrument.lot_size),
        )


def replaced_at_venue(report: Replaced, order: Order, instrument: Instrument, cut: Decimal | None) -> OrderReplaced:
    """The change that was asked for, or a cut that the desk made itself, to `cut`."""
    asked, price = order.requested, instrument.price(report.price)
    if asked is not None and not asked.is_cancel and asked.qty is not None:
        is_it = instrument.lots(asked.qty - order.filled_qty) == report.qty and asked.limit_price in (None, price)
        if is_it:
            return replaced_by(order, asked, report.ts_event, report.kept_place)
    qty = order.filled_qty + instrument.qty(report.qty)
    if cut is not None and instrument.lots(cut - order.filled_qty) == report.qty:
        qty = cut
    return OrderReplaced(order.account_id, order.id, qty, price, report.kept_place, report.ts_event)


def completed(command: SubmitOrder) -> SubmitOrder:
    """An OCO's own limit is its take-profit, whichever of the two was given."""
    is_half = command.order_class is OrderClass.OCO and command.limit_price is None and command.take_profit is not None
    if not is_half or command.take_profit is None:
        return command
    return replace(command, limit_price=command.take_profit.limit_price)


def untrusted(symbol: str, market: Market) -> Rejection | None:
    """Nobody should trade on a quote that is old, crossed or disputed."""
    fault = market.order_fault(symbol)
    return Rejection("untrusted_quote", fault, "symbol") if fault else None
