"""The order desk: turns commands into events, and what the venue reports into events. Decides; never publishes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import singledispatchmethod
from itertools import takewhile
from typing import Any

from tradesim.desk.accounts import symbols_of
from tradesim.desk.market import Market
from tradesim.desk.risk import RiskDesk
from tradesim.desk.views import Estimate, OrderUpdate
from tradesim.kernel.ids import Ids
from tradesim.model.accounts import LedgerEntry
from tradesim.model.commands import (
    CancelAllOrders,
    CancelOrder,
    ClosePosition,
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
    OrderCancelRequested,
    OrderExpired,
    OrderFilled,
    OrderOpened,
    OrderRejected,
    OrderReplaced,
    OrderReplaceRejected,
    OrderReplaceRequested,
)
from tradesim.model.instrument import Instrument
from tradesim.model.market import EMPTY_BOOK, Side
from tradesim.model.orders import Fill, Liquidity, Order, OrderStatus, OrderType, Rejection
from tradesim.model.risk import RiskLimits, RiskView
from tradesim.model.venue import (
    CancelCause,
    Canceled,
    Execution,
    Replaced,
    Rested,
    VenueOrder,
    VenueRefusal,
    VenueReport,
)
from tradesim.trading import checks, estimates
from tradesim.trading.accountchecks import account_refusal
from tradesim.trading.state import TradingState

FeeOf = Callable[[Instrument, Decimal, Decimal, Liquidity], Decimal]

SENTENCE_BY_CAUSE = {
    CancelCause.CLIENT: "Cancelled on request.",
    CancelCause.IOC: "Immediate or cancel: what could not trade at once was cancelled.",
    CancelCause.FOK: "Fill or kill: the book could not fill it whole, so nothing was traded.",
    CancelCause.SELF_TRADE: "Cancelled because it would have traded with an order of the same account.",
    CancelCause.MARKET_NO_LIQUIDITY: "A market order trades with what is there; the rest found nobody.",
    CancelCause.EXPIRED: "The day ended.",
    CancelCause.SEEK: "The market jumped to another moment.",
}


ALREADY_CLOSED = "The position was closed while this order was on its way."


@dataclass(frozen=True, slots=True)
class TradingRules:
    """What the desk is told at start. `latency_ns` gives the duration of an order's way, in ns."""

    latency_ns: Callable[[], int]
    fee: FeeOf
    limits: RiskLimits = field(default_factory=RiskLimits)
    starting_cash: Decimal = Decimal(100_000)
    multiplier: Decimal = Decimal(2)


@dataclass(slots=True)
class Decisions:
    """What one turn decided, in order: facts, the ledger entries that follow, and what became of each order."""

    events: list[DeskEvent] = field(default_factory=list)
    entries: list[LedgerEntry] = field(default_factory=list)
    updates: list[OrderUpdate] = field(default_factory=list)


class OrderDesk:
    """The only writer of `state`. What it decided since last asked is in `take_decisions`."""

    def __init__(self, state: TradingState, ids: Ids, rules: TradingRules) -> None:
        self.state = state
        self.rules = rules
        self._ids = ids
        self._decided = Decisions()
        self.gate = RiskDesk(self)

    def take_decisions(self) -> Decisions:
        decided, self._decided = self._decided, Decisions()
        return decided

    def record(self, event: DeskEvent) -> None:
        entry = self.state.apply(event)
        self._decided.events.append(event)
        if entry is not None:
            self._decided.entries.append(entry)
        order = self.state.order_of(event)
        if order is not None:
            held = self.state.position(order.account_id, order.symbol).qty
            self._decided.updates.append(OrderUpdate(event, order, held))

    @singledispatchmethod
    def handle(self, command: Any, market: Market) -> Any:
        """Answers one command; see model.commands for each answer's type."""
        raise TypeError(f"no such command: {command!r}")

    @handle.register
    def _submit(self, command: SubmitOrder, market: Market) -> Order | Rejection:
        if command.account_id not in self.state.portfolios:
            return Rejection("unknown_account", f"there is no account {command.account_id}", "account_id")
        barred = account_refusal(self.state.portfolio(command.account_id).account, market.world)
        if barred:
            return barred
        stopped = self.gate.stop(command, market)
        if stopped:
            return stopped
        context = self.context(command, market)
        refusal = checks.refusal(command, context) or untrusted(command.symbol, market)
        refusal = refusal or self.gate.refusal(command, context, market)
        if refusal:
            return self.gate.refused(command, refusal, market)
        order = self._order(command, context, market.reached)
        self.record(OrderAccepted(order, market.reached))
        self.send(order, market)
        return self.state.order(order.id) or order

    @handle.register
    def _cancel(self, command: CancelOrder, market: Market) -> Order | Rejection:
        order = self._open_order(command.account_id, command.order_id)
        if isinstance(order, Rejection):
            return order
        if (
            market.instrument(order.symbol) is None
            or self.state.portfolio(order.account_id).account.home != market.world
        ):
            self.drop([order], market.reached, CancelCause.CLIENT, SENTENCE_BY_CAUSE[CancelCause.CLIENT])
            return self.state.order(order.id) or order
        self.record(OrderCancelRequested(order.account_id, order.id, market.reached))
        self._send(market, lambda now: self._cancel_at_venue(order.id, market, now))
        return order

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
        if order.type is OrderType.MARKET:
            return Rejection("not_replaceable", "a market order on its way cannot be replaced", "order_id")
        barred = account_refusal(self.state.portfolio(command.account_id).account, market.world)
        if barred:
            return barred
        asked = checks.replacement(command, order)
        stopped = self.gate.stop(asked, market)
        if stopped:
            return stopped
        context = self.context(asked, market, without=order.id)
        refusal = checks.replace_refusal(command, order, context) or untrusted(order.symbol, market)
        refusal = refusal or self.gate.refusal(checks.open_part(asked, order), context, market, order.id)
        if refusal:
            return self.gate.refused(asked, refusal, market)
        qty = asked.qty or order.qty
        self.record(OrderReplaceRequested(order.account_id, order.id, qty, asked.limit_price, market.reached))
        wish = ReplaceOrder(order.account_id, order.id, qty, asked.limit_price)
        self._send(market, lambda now: self._replace_at_venue(wish, market, now))
        return order

    @handle.register
    def _close(self, command: ClosePosition, market: Market) -> Order | Rejection:
        position = self.state.position(command.account_id, command.symbol)
        if not position.qty:
            return Rejection("no_position", f"there is no position in {command.symbol} to close", "symbol")
        closing = SubmitOrder(
            account_id=command.account_id,
            symbol=command.symbol,
            side=Side.SELL if position.qty > 0 else Side.BUY,
            qty=abs(position.qty),
            source=command.source,
            reduce_only=True,
        )
        answer: Order | Rejection = self._submit(closing, market)
        return answer

    @handle.register
    def _flatten(self, command: Flatten, market: Market) -> list[Order | Rejection]:
        self._cancel_all(CancelAllOrders(command.account_id), market)
        held = self.state.portfolio(command.account_id).open_positions
        return [
            self._close(ClosePosition(command.account_id, position.symbol, command.source), market) for position in held
        ]

    @handle.register
    def _risk(self, command: SetRiskLimits | Kill | Reactivate, market: Market) -> RiskView | Rejection:
        answer: RiskView | Rejection = self.gate.handle(command, market)
        return answer

    def make_good(self, order: Order, now: int) -> None:
        """A change that was on its way when the desk stopped is done now: the order has no place to keep."""
        asked = order.requested
        if asked and asked.qty is not None and asked.qty > order.filled_qty:
            self.record(OrderReplaced(order.account_id, order.id, asked.qty, asked.limit_price, False, now))

    def send(self, order: Order, market: Market) -> None:
        """Put an accepted order on its way to the venue."""
        latency = self.rules.latency_ns()
        self._send(market, lambda now: self._submit_at_venue(order.id, market, now, latency), latency)

    def estimate(self, order: SubmitOrder, market: Market) -> Estimate:
        """What the order would do if it met the present book, and the sentence that would refuse it."""
        context = self.context(order, market)
        instrument = context.instrument
        no = checks.refusal(order, context) or untrusted(order.symbol, market)
        no = no or self.gate.refusal(order, context, market)
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
        )

    def expire(self, orders: Sequence[Order], now: int, message: str) -> None:
        for order in orders:
            self.record(OrderExpired(order.account_id, order.id, message, now))

    def drop(self, orders: Sequence[Order], now: int, cause: CancelCause, message: str) -> None:
        """Orders whose market is gone."""
        for order in orders:
            self.record(OrderCanceled(order.account_id, order.id, cause.value, message, now))

    def report(self, report: VenueReport, market: Market) -> None:
        """What the venue says about one of our orders becomes a fact."""
        order = self.state.order(report.order_id)
        instrument = market.instrument(order.symbol) if order else None
        if order is None or instrument is None or not order.is_open:
            return
        match report:
            case Rested():
                self.record(OrderOpened(order.account_id, order.id, report.ahead, report.ts_event))
            case Execution():
                self.record(OrderFilled(self._fill(report, order, instrument), report.ts_event))
            case Replaced():
                self.record(self._replaced(report, order, instrument))
            case Canceled(cause=CancelCause.EXPIRED):
                self.expire([order], report.ts_event, SENTENCE_BY_CAUSE[CancelCause.EXPIRED])
            case Canceled():
                self.drop([order], report.ts_event, report.cause, SENTENCE_BY_CAUSE[report.cause])
            case VenueRefusal():
                self._refused(report, order, market)

    def _refused(self, report: VenueRefusal, order: Order, market: Market) -> None:
        """A new order that the venue will not take is rejected, one that it will not take again is cancelled.

        A change that it will not take leaves the order as it is.
        """
        rejection = Rejection(report.code, report.message)
        if order.status is OrderStatus.PENDING_NEW:
            rejected = replace(order, status=OrderStatus.REJECTED, reason=report.message, updated_at=report.ts_event)
            self.record(OrderRejected(rejected, rejection, report.ts_event))
        elif market.source.venue.queue_position(order.id) is None:
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
        )

    def _order(self, command: SubmitOrder, context: checks.Context, now: int) -> Order:
        assert context.instrument is not None
        order_id = self._ids.next()
        return Order(
            id=order_id,
            client_order_id=command.client_order_id or order_id,
            account_id=command.account_id,
            symbol=command.symbol,
            side=command.side,
            type=command.type,
            time_in_force=command.time_in_force,
            qty=checks.quantity_of(command, context, context.instrument),
            limit_price=command.limit_price,
            created_at=now,
            updated_at=now,
            post_only=command.post_only,
            source=command.source,
            reduce_only=command.reduce_only,
            lots=command.lots,
        )

    def _open_order(self, account_id: str, order_id: str) -> Order | Rejection:
        """Another account's order is as good as none."""
        order = self.state.order(order_id)
        own = order if order and order.account_id == account_id else None
        return (
            checks.cancel_refusal(order_id, own) or own or Rejection("unknown_order", f"there is no order {order_id}")
        )

    def _send(self, market: Market, action: Callable[[int], None], latency: int | None = None) -> None:
        latency = self.rules.latency_ns() if latency is None else latency
        market.arrivals.send(market.reached + latency, action)

    def _submit_at_venue(self, order_id: str, market: Market, now: int, latency: int) -> None:
        order = self.state.order(order_id)
        instrument = market.instrument(order.symbol) if order else None
        if order is None or instrument is None or not order.is_open:
            return
        lots = instrument.lots(self._cut_to_position(order, now) if order.reduce_only else order.remaining)
        if not lots:
            return
        market.source.venue.submit(
            VenueOrder(
                id=order.id,
                owner=order.account_id,
                symbol=order.symbol,
                side=order.side,
                type=order.type,
                time_in_force=order.time_in_force,
                qty=lots,
                price=instrument.ticks(order.limit_price) if order.limit_price is not None else None,
                post_only=order.post_only,
                latency_ns=latency,
            ),
            now,
        )

    def _cut_to_position(self, order: Order, now: int) -> Decimal:
        """What a reduce-only order may still close on arrival; other orders may have closed some of it on the way."""
        held = self.state.position(order.account_id, order.symbol).qty
        closes = max(-held * order.side.sign - self._closed_by_earlier(order), Decimal(0))
        if closes >= order.remaining:
            return order.remaining
        if closes:
            self.record(OrderReplaced(order.account_id, order.id, order.filled_qty + closes, None, True, now))
        else:
            self.record(OrderCanceled(order.account_id, order.id, "reduce_only", ALREADY_CLOSED, now))
        return closes

    def _closed_by_earlier(self, order: Order) -> Decimal:
        """What reduce-only orders before this one will close; where only prints are known they may wait for long."""
        earlier = takewhile(lambda each: each.id != order.id, self.state.open_orders(order.account_id))
        same = (each for each in earlier if (each.symbol, each.side) == (order.symbol, order.side) and each.reduce_only)
        return sum((each.remaining for each in same if not is_canceling(each)), Decimal(0))

    def _cancel_at_venue(self, order_id: str, market: Market, now: int) -> None:
        order = self.state.order(order_id)
        if order is not None and order.is_open:
            market.source.venue.cancel(order_id, now)

    def _replace_at_venue(self, wish: ReplaceOrder, market: Market, now: int) -> None:
        """Checked once more on arrival: other orders and changes may have come before it."""
        order = self.state.order(wish.order_id)
        instrument = market.instrument(order.symbol) if order else None
        if order is None or instrument is None or not order.is_open:
            return
        asked = checks.replacement(wish, order)
        if asked.qty is not None and asked.qty <= order.filled_qty:
            market.source.venue.cancel(order.id, now)
            return
        refusal = checks.replace_refusal(wish, order, self.context(asked, market, without=order.id))
        if refusal:
            self.record(OrderReplaceRejected(order.account_id, order.id, refusal, now))
        elif asked.qty is not None and asked.limit_price is not None:
            open_lots = instrument.lots(asked.qty - order.filled_qty)
            market.source.venue.replace(order.id, open_lots, instrument.ticks(asked.limit_price), now)

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

    @staticmethod
    def _replaced(report: Replaced, order: Order, instrument: Instrument) -> OrderReplaced:
        return OrderReplaced(
            account_id=order.account_id,
            order_id=order.id,
            qty=order.filled_qty + instrument.qty(report.qty),
            limit_price=instrument.price(report.price),
            kept_place=report.kept_place,
            ts_event=report.ts_event,
        )


def is_canceling(order: Order) -> bool:
    return order.requested is not None and order.requested.is_cancel


def untrusted(symbol: str, market: Market) -> Rejection | None:
    """Nobody should trade on a quote that is old, crossed or disputed."""
    fault = market.order_fault(symbol)
    return Rejection("untrusted_quote", fault, "symbol") if fault else None
