"""Which open orders of a position do nothing but close it."""

from decimal import Decimal

from tradesim.model.market import Side
from tradesim.model.orders import Order, OrderClass
from tradesim.trading.groups import takes_nothing
from tradesim.trading.portfolio import Portfolio


def closing_orders(portfolio: Portfolio, symbol: str) -> list[Order]:
    """Plain orders that would open nothing if they and all of their kind before them were filled, the oldest first.

    Stops are a kind of their own: beside a limit that takes the profit a stop is to close the same shares. Without
    orders that may only close anyway, and those that are being cancelled.
    """
    held = portfolio.position(symbol).qty
    ladder = portfolio.ladders.get((symbol, Side.SELL if held > 0 else Side.BUY))
    left = {is_stop: abs(held) for is_stop in (False, True)}
    found = []
    for order in ladder.orders.values() if ladder else ():
        if takes_nothing(order, portfolio.order):
            continue
        is_stop = order.type.waits_for_trigger
        if order.remaining <= left[is_stop] and is_plain(order):
            found.append(order)
        left[is_stop] = max(left[is_stop] - order.remaining, Decimal(0))
    return found


def is_plain(order: Order) -> bool:
    is_canceling = order.requested is not None and order.requested.is_cancel
    return order.order_class is OrderClass.SIMPLE and not order.reduce_only and not is_canceling
