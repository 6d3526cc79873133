"""What the day has brought so far, part by part: together it is the account's P&L of the day, to the cent.

P&L of the day = sum of the positions' + sum of what was closed - fees + income
"""

from decimal import Decimal

from msgspec import Struct

from tradesim.trading.portfolio import Portfolio
from tradesim.trading.valuation import AccountValue

ZERO = Decimal(0)


class Outcome(Struct, frozen=True):
    """A symbol that was traded today, and of which nothing is held any more; both sums are before fees."""

    symbol: str
    day_pl: Decimal
    realized_pl: Decimal


class Today(Struct, frozen=True):
    """`realized_pl` is of all symbols, before `fees`; `income` what came besides: interest, dividends, borrowing."""

    realized_pl: Decimal = ZERO
    fees: Decimal = ZERO
    income: Decimal = ZERO
    closed: tuple[Outcome, ...] = ()


def today(portfolio: Portfolio, value: AccountValue) -> Today:
    closed = closed_today(portfolio)
    fees = portfolio.fees - portfolio.day.fees
    traded = sum((each.day_pl for each in value.positions), ZERO) + sum((each.day_pl for each in closed), ZERO)
    return Today(portfolio.realized_pl - portfolio.day.realized_pl, fees, value.day_pl + fees - traded, closed)


def closed_today(portfolio: Portfolio) -> tuple[Outcome, ...]:
    flat = sorted(symbol for symbol in portfolio.day_costs if not portfolio.position(symbol).qty)
    return tuple(Outcome(each, -portfolio.day_costs[each], realized_today(portfolio, each)) for each in flat)


def realized_today(portfolio: Portfolio, symbol: str) -> Decimal:
    return portfolio.position(symbol).realized_pl - portfolio.day.realized_by_symbol.get(symbol, ZERO)
