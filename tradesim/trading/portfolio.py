"""All that one account has: cash, positions, orders, fills and what it was worth when the day began."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from tradesim.kernel.errors import IllegalTransition
from tradesim.model.accounts import Account, Position
from tradesim.model.orders import Fill, Order
from tradesim.trading.groups import is_needed
from tradesim.trading.positions import apply_fill

KEPT_ORDERS = 2_000
KEPT_FILLS = 2_000


@dataclass(frozen=True, slots=True)
class Day:
    """The account at the start of its trading day: when, its equity, and the realised P&L and fees until then."""

    opened_at: int
    equity: Decimal
    realized_pl: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)


class Portfolio:
    """Changed by TradingState alone. All open orders are kept, closed orders and fills up to a bound.

    `day_costs` is, by symbol, the position's value when the day began plus all that was bought and
    minus all that was sold since: the market value minus it is the position's P&L of the day.
    """

    def __init__(self, account: Account, day: Day) -> None:
        self.account = account
        self.day = day
        self.fees = Decimal(0)
        self.positions: dict[str, Position] = {}
        self.day_costs: dict[str, Decimal] = {}
        self.open: dict[str, Order] = {}
        self.closed: dict[str, Order] = {}
        self.fills: deque[Fill] = deque(maxlen=KEPT_FILLS)
        self._client_ids: dict[str, str] = {}

    @property
    def realized_pl(self) -> Decimal:
        """Since the account was opened, before fees."""
        return sum((position.realized_pl for position in self.positions.values()), Decimal(0))

    @property
    def realized_today(self) -> Decimal:
        return self.realized_pl - self.day.realized_pl

    @property
    def fees_today(self) -> Decimal:
        return self.fees - self.day.fees

    @property
    def open_positions(self) -> list[Position]:
        return [position for position in self.positions.values() if position.qty]

    def position(self, symbol: str) -> Position:
        """The holding in `symbol`, empty when there is none."""
        return self.positions.get(symbol) or Position(self.account.id, symbol)

    def order(self, order_id: str) -> Order | None:
        return self.open.get(order_id) or self.closed.get(order_id)

    def by_client_order_id(self, client_order_id: str) -> Order | None:
        order_id = self._client_ids.get(client_order_id)
        return self.order(order_id) if order_id else None

    def expect(self, order_id: str) -> Order:
        """The order, which must be known. Raises IllegalTransition."""
        order = self.order(order_id)
        if order is None:
            raise IllegalTransition(f"account {self.account.id} has no order {order_id}")
        return order

    def keep(self, order: Order) -> None:
        """File the order under open or closed; beyond the bound the order closed longest ago is forgotten."""
        for client_order_id in client_order_ids(order):
            self._client_ids[client_order_id] = order.id
        if order.is_open:
            self.open[order.id] = order
            return
        self.open.pop(order.id, None)
        self.closed[order.id] = order
        if len(self.closed) > KEPT_ORDERS:
            self._forget(next((id_ for id_, each in self.closed.items() if not is_needed(each, self.order)), order.id))

    def take(self, fill: Fill) -> None:
        """What a fill does to position, cash and fees."""
        money = fill.price * fill.signed_qty
        self.positions[fill.symbol] = apply_fill(self.position(fill.symbol), fill)
        self.day_costs[fill.symbol] = self.day_costs.get(fill.symbol, Decimal(0)) + money
        self.account = replace(self.account, cash=self.account.cash - money - fill.fee)
        self.fees += fill.fee
        self.fills.append(fill)

    def open_day(self, ts_event: int, equity: Decimal, marks: Iterable[tuple[str, Decimal]]) -> None:
        """A new day's base. A position without a mark is taken at its entry price."""
        price_by_symbol = dict(marks)
        self.day = Day(ts_event, equity, self.realized_pl, self.fees)
        self.day_costs = {
            held.symbol: held.qty * price_by_symbol.get(held.symbol, held.avg_entry_price)
            for held in self.open_positions
        }

    def _forget(self, order_id: str) -> None:
        order = self.closed.pop(order_id)
        for client_order_id in client_order_ids(order):
            if self._client_ids.get(client_order_id) == order_id:
                del self._client_ids[client_order_id]


def client_order_ids(order: Order) -> tuple[str, ...]:
    """What its client calls it, and called it before each replacement."""
    if not order.revisions:
        return (order.client_order_id,)
    return (*(each.client_order_id for each in order.revisions), order.client_order_id)
