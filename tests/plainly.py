"""What is kept up as orders change, added up anew from all the open orders: the same must come of both."""

from decimal import Decimal

from tradesim.model.market import Side
from tradesim.trading.groups import takes_nothing
from tradesim.trading.ladders import Reserve, at_most
from tradesim.trading.valuation import closable, reservations, value_account, value_with


def valued_plainly(portfolio, touches, instruments, without=None, fee_of=None):
    positions = value_account(portfolio, touches, instruments).positions
    reserves = [
        Reserve(order.symbol, order.side, order.limit_price or order.stop_price or value / order.remaining, value)
        for order, value in reservations(portfolio, touches, without, instruments, fee_of)
    ]
    return value_with(portfolio, positions, reserves, instruments)


def closable_plainly(portfolio, symbol, side, without=None):
    held = portfolio.position(symbol).qty * -side.sign
    asking = (each for each in portfolio.open.values() if (each.symbol, each.side) == (symbol, side))
    taken = sum(
        at_most(each).remaining for each in asking if each.id != without and not takes_nothing(each, portfolio.order)
    )
    return max(held - taken, Decimal(0)) if held > 0 else Decimal(0)


def require_the_same(portfolio, touches, instruments, withouts=(), fee_of=None):
    """Ladders hold the open orders, oldest first; values are equal to the last digit, whoever is left out."""
    rungs = [order for ladder in portfolio.ladders.values() for order in ladder.orders.values()]
    assert {order.id: order for order in rungs} == portfolio.open
    for (symbol, side), ladder in portfolio.ladders.items():
        found = [order for order in portfolio.open.values() if (order.symbol, order.side) == (symbol, side)]
        assert list(ladder.orders.values()) == found != []
    for without in (None, *withouts):
        for fees in (None, fee_of):
            value = value_account(portfolio, touches, instruments, without, fees)
            assert value == valued_plainly(portfolio, touches, instruments, without, fees)
        for symbol in instruments:
            for side in Side:
                found = closable(portfolio, symbol, side, without)
                assert found == closable_plainly(portfolio, symbol, side, without)
