"""The desk's facts: each is applied to the state, kept for the journal, and told with the order as it is after it."""

from decimal import Decimal

from msgspec.structs import replace

from tradesim.desk.rules import Decisions, TradingRules
from tradesim.desk.views import OrderUpdate
from tradesim.kernel.ids import Ids
from tradesim.model.events import DeskEvent, OrderCanceled, OrderExpired, OrderFilled, OrderRejected, OrderReleased
from tradesim.model.instrument import Instrument
from tradesim.model.orders import Fill, FillReason, Liquidity, Order, OrderClass, OrderType
from tradesim.model.venue import CancelCause
from tradesim.trading.state import TradingState

BY_HAND = CancelCause.CLIENT.value
ENDS = (OrderCanceled, OrderExpired, OrderRejected)


class Records:
    """The only writer of `state`.

    `shaken` are orders of groups to which something happened since the groups were last looked at, and whether
    somebody cancelled them; `reducing` the open orders that only close by account and symbol, `traded` where such
    have seen a fill since; `vain` are orders that were to close a position, and ended without a fill.
    """

    def __init__(self, state: TradingState, ids: Ids, rules: TradingRules) -> None:
        self.state, self.ids, self.rules = state, ids, rules
        self.shaken: list[tuple[str, bool]] = []
        self.reducing: dict[tuple[str, str], dict[str, None]] = {}
        self.traded: dict[tuple[str, str], None] = {}
        self.vain: dict[str, None] = {}
        self._decided = Decisions()

    def take_decisions(self) -> Decisions:
        decided, self._decided = self._decided, Decisions()
        return decided

    def open_orders_in(self, world: str) -> list[Order]:
        """Those of every account of `world`, oldest account first."""
        portfolios = (each for each in self.state.portfolios.values() if each.account.home == world)
        return [order for portfolio in portfolios for order in portfolio.open.values()]

    def record(self, event: DeskEvent) -> None:
        entry = self.state.apply(event)
        self._decided.events.append(event)
        if entry is not None:
            self._decided.entries.append(entry)
        order = self.state.order_of(event)
        if order is None:
            return
        held = self.state.position(order.account_id, order.symbol).qty
        self._decided.updates.append(OrderUpdate(event, order, held))
        if order.order_class is not OrderClass.SIMPLE:
            self.shaken.append((order.id, isinstance(event, OrderCanceled) and event.cause == BY_HAND))
        if order.only_closes:
            self.mark_reducing(order)
        elif isinstance(event, OrderReleased):
            self.unmark_reducing(order)
        if isinstance(event, ENDS) and is_in_vain(order) and not is_needless(event):
            self.vain[order.id] = None
        if isinstance(event, OrderFilled) and self.reducing.get((order.account_id, order.symbol)):
            self.traded[order.account_id, order.symbol] = None

    def fill(
        self,
        order: Order,
        instrument: Instrument,
        price: Decimal,
        qty: Decimal,
        liquidity: Liquidity,
        reason: FillReason,
        now: int,
    ) -> Fill:
        """A new one, with its fee; not recorded."""
        return Fill(
            id=self.ids.next(),
            order_id=order.id,
            account_id=order.account_id,
            symbol=order.symbol,
            side=order.side,
            qty=qty,
            price=price,
            fee=self.rules.fee(instrument, price, qty, liquidity),
            liquidity=liquidity,
            ts_event=now,
            reason=replace(reason, tick_size=instrument.tick_size, lot_size=instrument.lot_size),
        )

    def mark_reducing(self, order: Order) -> None:
        key = order.account_id, order.symbol
        if order.is_open:
            self.reducing.setdefault(key, {})[order.id] = None
        else:
            self.unmark_reducing(order)

    def unmark_reducing(self, order: Order) -> None:
        key = order.account_id, order.symbol
        if key in self.reducing:
            self.reducing[key].pop(order.id, None)
            if not self.reducing[key]:
                del self.reducing[key]


def is_in_vain(order: Order) -> bool:
    """Whether it was to close a position at the market, and closed nothing of it."""
    is_over = not order.is_open and not order.filled_qty
    return is_over and order.type is OrderType.MARKET and order.reduce_only


def is_needless(event: DeskEvent) -> bool:
    """Whether it ended because another one closed the position."""
    return isinstance(event, OrderCanceled) and event.cause == CancelCause.REDUCE_ONLY
