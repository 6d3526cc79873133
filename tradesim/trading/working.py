"""What of an account's open orders works against a position, closes it, or opens one."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import takewhile

from tradesim.model.market import Side
from tradesim.model.orders import Order, OrderClass
from tradesim.trading.groups import takes_nothing
from tradesim.trading.portfolio import Portfolio

ZERO = Decimal(0)


def closing_orders(portfolio: Portfolio, symbol: str) -> list[Order]:
    """Plain orders that would open nothing if they and all of their kind before them were filled, the oldest first.

    Stops are a kind of their own: beside a limit that takes the profit a stop is to close the same shares. With those
    that another closing order has bound already, without orders that may only close anyway, and those that are being
    cancelled.
    """
    held = portfolio.position(symbol).qty
    side = Side.SELL if held > 0 else Side.BUY
    return [order for order in would_close(portfolio, symbol, side) if is_plain(order)]


def bound_in_vain(portfolio: Portfolio, closing: Order) -> list[Order]:
    """What `closing` had bound when it ended and closed nothing, as far as it still would open nothing.

    Nothing, when another order to that side was sent, changed or filled since: it may count on what is bound.
    """
    ladder = portfolio.ladders.get((closing.symbol, closing.side))
    others = (order for order in (ladder.orders.values() if ladder else ()) if not order.only_closes)
    if any(order.updated_at >= closing.created_at for order in others):
        return []
    return [order for order in would_close(portfolio, closing.symbol, closing.side) if closing.id in order.bound_by]


def would_close(portfolio: Portfolio, symbol: str, side: Side) -> Iterator[Order]:
    """The oldest first, each kind as far as it opens nothing."""
    held = max(-portfolio.position(symbol).qty * side.sign, ZERO)
    ladder = portfolio.ladders.get((symbol, side))
    left = dict.fromkeys((False, True), held)
    for order in list(ladder.orders.values()) if ladder else ():
        if takes_nothing(order, portfolio.order):
            continue
        is_stop = order.type.waits_for_trigger
        if order.remaining <= left[is_stop]:
            yield order
        left[is_stop] = max(left[is_stop] - order.remaining, ZERO)


def is_plain(order: Order) -> bool:
    """Whether it may open a position, or could before a closing order bound it."""
    is_canceling = order.requested is not None and order.requested.is_cancel
    is_free = not order.reduce_only or bool(order.bound_by)
    return order.order_class is OrderClass.SIMPLE and is_free and not is_canceling


def closes_already(portfolio: Portfolio, order_id: str | None) -> Decimal:
    """What an order that is to be replaced would close as it is, so that an exit can be moved."""
    order = portfolio.open.get(order_id or "")
    held = portfolio.position(order.symbol).qty * -order.side.sign if order else ZERO
    return min(order.remaining, held) if order and held > 0 else ZERO


def working_orders(portfolio: Portfolio, symbol: str, without: str | None) -> list[Order]:
    """The oldest first of each side."""
    ladders = [ladder for side in Side if (ladder := portfolio.ladders.get((symbol, side)))]
    found = [order for ladder in ladders for order in ladder.orders.values()]
    return found if without is None else [order for order in found if order.id != without]


def recent_orders(portfolio: Portfolio, symbol: str, since: int) -> list[Order]:
    """The account's orders in `symbol` that were made after `since`; one that closed before it was made before it."""
    closed = takewhile(lambda order: order.updated_at >= since, reversed(portfolio.closed.values()))
    working = takewhile(lambda order: order.created_at >= since, reversed(portfolio.open.values()))
    return [order for order in (*working, *closed) if order.symbol == symbol and order.created_at > since]


def opening_orders(portfolio: Portfolio) -> list[Order]:
    """Open orders that would open a position or add to one; exits placed with an entry go with it."""
    left = {held.symbol: held.qty for held in portfolio.open_positions}
    opening = []
    for order in portfolio.open.values():
        closes = max(-left.get(order.symbol, ZERO) * order.side.sign, ZERO)
        if order.only_closes:
            continue
        if order.remaining > closes:
            opening.append(order)
        else:
            left[order.symbol] += order.remaining * order.side.sign
    return opening
