"""What an account may be told to be, and what each day costs it. The formulas are explained in docs/accounts.md."""

from decimal import Decimal

from tradesim.model.accounts import AccountRules
from tradesim.model.orders import Rejection
from tradesim.trading.money import number_text

MOST_CASH = Decimal(10) ** 12
MULTIPLIERS = (Decimal(1), Decimal(4))
DECIMALS = 9
RATES = ("maintenance", "borrow_rate", "margin_rate", "credit_rate")


def rules_refusal(rules: AccountRules) -> Rejection | None:
    """Why an account cannot have these rules."""
    low, high = MULTIPLIERS
    if not rules.multiplier.is_finite() or not low <= rules.multiplier <= high:
        found = number_text(rules.multiplier)
        return Rejection("rules", f"the multiplier must be from {low} to {high}, was {found}", "multiplier")
    for name in RATES:
        rate = getattr(rules, name)
        if not rate.is_finite() or not 0 <= rate <= 1 or rate != round(rate, DECIMALS):
            wanted = f"a fraction from 0 to 1 with {DECIMALS} decimals at most"
            words = name.replace("_", " ")
            return Rejection("rules", f"the {words} must be {wanted}, was {number_text(rate)}", name)
    return None
