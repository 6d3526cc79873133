"""What a night costs: interest on borrowed money, the fee for borrowed shares, interest on what lies idle.

Charged when a trading day has ended, for every calendar night since the last one, actual days over 360:

    free cash    cash + market value of the short positions (what a short sale brought is its collateral)
    interest     -free cash x margin rate / 360 where it is below zero, free cash x credit rate / 360 above
    borrow       market value of the short positions x borrow rate / 360

Each amount is rounded to cents once a charge, half to even.
"""

from decimal import Decimal

from msgspec import Struct

from tradesim.kernel.counting import counted
from tradesim.model.accounts import AccountRules
from tradesim.trading.money import cents, money_text, number_text
from tradesim.trading.valuation import AccountValue

YEAR = Decimal(360)
ZERO = Decimal(0)
HUNDRED = Decimal(100)


class Charge(Struct, frozen=True):
    """`kind` as in CashMoved; `amount` is positive when received."""

    kind: str
    amount: Decimal
    memo: str


def charges(cash: Decimal, value: AccountValue, rules: AccountRules, nights: int) -> list[Charge]:
    """What `nights` nights cost an account with these positions; nothing that rounds to nothing."""
    short = sum((each.market_value for each in value.positions if each.market_value < 0), ZERO)
    free = cash + short
    rate, what = (rules.margin_rate, "borrowed") if free < 0 else (rules.credit_rate, "of idle cash")
    found = (
        Charge("interest", accrued(free, rate, nights), memo_of(f"Interest on {money_text(abs(free))} {what}", rate)),
        Charge(
            "borrow",
            accrued(short, rules.borrow_rate, nights),
            memo_of(f"Borrowed shares worth {money_text(-short)}", rules.borrow_rate),
        ),
    )
    return [Charge(each.kind, each.amount, f"{each.memo}, {counted(nights, 'night')}") for each in found if each.amount]


def accrued(balance: Decimal, rate: Decimal, nights: int) -> Decimal:
    return cents(balance * rate * nights / YEAR)


def memo_of(what: str, rate: Decimal) -> str:
    return f"{what} at {number_text(rate * HUNDRED)} % a year"
