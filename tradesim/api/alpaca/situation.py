"""What an account holds of a symbol, and what of it is promised to open orders already."""

from collections.abc import Iterable
from decimal import Decimal

from msgspec import Struct

from tradesim.desk.views import AccountView
from tradesim.model.market import Side
from tradesim.model.orders import Order, OrderClass

ZERO = Decimal(0)
LEAST_FOR_MARGIN = Decimal(2_000)
"""Equity below which an account neither borrows nor sells short (FINRA 4210)."""


class Holding(Struct, frozen=True):
    """`held` is signed; `promised` is what open orders would close of it, never negative."""

    held: Decimal
    promised: Decimal
    orders: tuple[Order, ...] = ()

    @property
    def available(self) -> Decimal:
        """What a new order may still close."""
        return max(abs(self.held) - self.promised, ZERO)

    @property
    def closing_side(self) -> Side:
        return Side.SELL if self.held > 0 else Side.BUY


def holding_of(view: AccountView, symbol: str) -> Holding:
    held = next((each.position.qty for each in view.positions if each.position.symbol == symbol), ZERO)
    if not held:
        return Holding(ZERO, ZERO)
    side = Side.SELL if held > 0 else Side.BUY
    closing = tuple(order for order in open_orders(view, symbol) if order.side is side)
    return Holding(held, promised_to(closing), closing)


def open_orders(view: AccountView, symbol: str) -> Iterable[Order]:
    """All open orders come first in a view."""
    for order in view.orders:
        if not order.is_open:
            return
        if order.symbol == symbol:
            yield order


def promised_to(orders: Iterable[Order]) -> Decimal:
    """Of two exits that hang together, only one will fill."""
    by_group: dict[str, Decimal] = {}
    for order in orders:
        if order.parent_id is not None and order.order_class in (OrderClass.BRACKET, OrderClass.OTO) and is_held(order):
            continue
        group = order.parent_id or order.id
        by_group[group] = max(by_group.get(group, ZERO), order.remaining)
    return sum(by_group.values(), ZERO)


def is_held(order: Order) -> bool:
    """A leg that waits for its entry closes nothing yet."""
    return order.status.value == "held" and order.filled_qty == 0


def may_short(view: AccountView) -> bool:
    """A cash account, and one that is too small to borrow, sells nothing short whatever its rules say."""
    rules = view.account.rules
    return rules.shorting_enabled and rules.multiplier > 1 and view.equity >= LEAST_FOR_MARGIN
