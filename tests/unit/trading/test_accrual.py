"""What a night costs, to the cent."""

import pytest

from tests.fakes import dec
from tradesim.model.accounts import AccountRules, Position
from tradesim.trading.accrual import charges
from tradesim.trading.valuation import AccountValue, PositionValue

RULES = AccountRules(margin_rate=dec("0.065"), borrow_rate=dec("0.003"), credit_rate=dec("0.02"))


def value_of(*market_values):
    held = [
        PositionValue(Position("paper", f"S{n}", dec(1)), None, dec(each), dec(0), dec(0))
        for n, each in enumerate(market_values)
    ]
    return AccountValue(*[dec(0)] * 8, tuple(held))


def found(cash, nights, *market_values):
    return {each.kind: each.amount for each in charges(dec(cash), value_of(*market_values), RULES, nights)}


@pytest.mark.parametrize(
    ("cash", "nights", "market_values", "expected"),
    [
        (-36_000, 1, (100_000,), {"interest": dec("-6.50")}),
        (-36_000, 3, (100_000,), {"interest": dec("-19.50")}),
        (36_000, 1, (), {"interest": dec("2.00")}),
        (136_000, 1, (-120_000,), {"interest": dec("0.89"), "borrow": dec("-1.00")}),
        (100_000, 1, (-120_000, 50_000), {"interest": dec("-3.61"), "borrow": dec("-1.00")}),
        (0, 1, (100_000,), {}),
        (50, 0, (), {}),
    ],
)
def test_actual_days_over_360_rounded_to_cents(cash, nights, market_values, expected):
    assert found(cash, nights, *market_values) == expected


def test_half_a_cent_goes_to_the_even_one():
    rules = AccountRules(margin_rate=dec("0.36"), credit_rate=dec(0))
    for cash, amount in ((-5, 0), (-15, "-0.02"), (-25, "-0.02")):
        charged = [each.amount for each in charges(dec(cash), value_of(), rules, 1)]
        assert charged == ([dec(amount)] if amount else [])


def test_the_entry_says_of_what_and_for_how_long():
    memos = [each.memo for each in charges(dec(-36_000), value_of(), RULES, 3)]
    assert memos == ["Interest on 36,000.00 borrowed at 6.5 % a year, 3 nights"]
