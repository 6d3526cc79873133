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
from tradesim.desk.reports import SENTENCE_BY_CAUSE, Reports
from tradesim.desk.risk import RiskDesk
from tradesim.desk.routing import DAY_ENDED, Router
from tradesim.desk.rules import Decisions, FeeOf, TradingRules
from tradesim.desk.sessions import changes_session, is_over, may_trade, trades_from
from tradesim.desk.views import Estimate
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
    OrderHeld,
)
from tradesim.model.instrument import AssetClass
from tradesim.model.market import EMPTY_BOOK, SessionState, Side, Trade
from tradesim.model.orders import (
    Change,
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
    VenueReport,
)
from tradesim.trading import accountchecks, checks, estimates
from tradesim.trading.groups import group_of
from tradesim.trading.lifecycle import awaits_trigger
from tradesim.trading.state import TradingState
from tradesim.trading.working import closing_orders

__all__ = ["Decisions", "FeeOf", "OrderDesk", "TradingRules"]

NINETY_DAYS = "Good till cancelled ends after 90 days."
NOT_AT_A_PRICE = frozenset({OrderType.MARKET, OrderType.STOP, OrderType.TRAILING_STOP})


class OrderDesk:
    """The only writer of `state`. What it decided since last asked is in `take_decisions`."""

    def __init__(self, state: TradingState, ids: Ids, rules: TradingRules) -> None:
        self.state = state
        self.rules = rules
        self._ids = ids
        self._records = Records(state, ids, rules)
        self._router = Router(self._records, self._change_refusal)
        self._reports = Reports(self._records, self._router)
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
        if self._router.doubts:
            for trade in self._router.doubts.resolved(symbols, market):
                self.on_trade(trade, market)

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
        cause = CancelCause.ALONE if command.alone else CancelCause.CLIENT
        if self.state.portfolio(order.account_id).account.home != market.world:
            self.drop([order], market.reached, cause, SENTENCE_BY_CAUSE[cause])
        else:
            self._router.cancel(order, market, cause, SENTENCE_BY_CAUSE[cause])
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
        self._router.change(order, self._change_for(command), market)
        return self.state.order(order.id) or order

    def _change_refusal(self, command: ReplaceOrder, order: Order, market: Market) -> Rejection | None:
        asked = replace(checks.replacement(command, order), client_order_id=command.client_order_id)
        context = self.context(asked, market, without=order.id)
        group = group_of(order, self.state.order)
        refusal = checks.replace_refusal(command, order, context)
        return refusal or (checks.group_refusal(asked, order, group, context) if group else None)

    def _change_for(self, command: ReplaceOrder) -> Change:
        revision_id = self._ids.next() if command.is_revision else None
        return Change(
            qty=command.qty,
            limit_price=command.limit_price,
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
            time_in_force=self._lasting(command.symbol, market),
            source=command.source,
            reduce_only=True,
        )
        answer: Order | Rejection = self._submit(closing, market)
        if isinstance(answer, Order):
            self._bind_closing(answer, market)
        return answer

    def _lasting(self, symbol: str, market: Market) -> TimeInForce:
        """Coins have no day."""
        instrument = market.instrument(symbol)
        is_coin = instrument is not None and instrument.asset_class is AssetClass.CRYPTO
        return TimeInForce.GTC if is_coin else TimeInForce.DAY

    def _bind_closing(self, closing: Order, market: Market) -> None:
        """What was sent to close the position must not open the other side when this order was quicker."""
        for order in closing_orders(self.state.portfolio(closing.account_id), closing.symbol):
            self._router.closing.bind(order, closing.id, market)

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
        self._router.make_good(order, market)
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
        self.expire([order], market.reached, NINETY_DAYS if is_old else DAY_ENDED)

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
        later = trades_from(order, market)
        found = found if later is None else estimates.unmet(found)
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
            waits=found.waits,
            opens=checks.opened_by(order, context, instrument),
            trades_from=later,
        )

    def report(self, report: VenueReport, market: Market) -> None:
        """What the venue says about one of our orders."""
        self._reports.hear(report, market)

    def expire(self, orders: Sequence[Order], now: int, message: str) -> None:
        for order in orders:
            self._router.expire(order, now, message)

    def drop(self, orders: Sequence[Order], now: int, cause: CancelCause, message: str) -> None:
        """Orders whose market is gone."""
        for order in orders:
            self._router.end(order, now, cause.value, message)

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
            market.source.venue.halted_by(order.symbol) if is_traded else (),
            without,
            self.rules.fee,
            market.source.session(order.symbol, market.reached) if is_traded else SessionState.ALWAYS,
            market.reached,
            market.band_reference(order.symbol),
        )

    def _also_refused(
        self, order: SubmitOrder, context: checks.Context, market: Market, without: str | None = None
    ) -> Rejection | None:
        """What the quote, the risk limits and the account say, once the order itself is sound."""
        return (
            market.untrusted(order.symbol)
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


def completed(command: SubmitOrder) -> SubmitOrder:
    """An OCO's own limit is its take-profit, whichever of the two was given."""
    is_half = command.order_class is OrderClass.OCO and command.limit_price is None and command.take_profit is not None
    if not is_half or command.take_profit is None:
        return command
    return replace(command, limit_price=command.take_profit.limit_price)
