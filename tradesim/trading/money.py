"""Money as it is counted and as it is read. Prices times quantities stay exact; fees are whole cents."""

from decimal import ROUND_HALF_EVEN, Decimal

CENT = Decimal("0.01")
PRODUCT_GRID = Decimal("1e-12")
"""Finer than any price step times any quantity step: a sum of products lies on it."""


def cents(amount: Decimal) -> Decimal:
    """`amount` to the nearest cent, a tie to the even one."""
    return amount.quantize(CENT, ROUND_HALF_EVEN)


def money_text(amount: Decimal) -> str:
    """`22,983.00`: thousands separated, two decimals."""
    return f"{cents(amount):,}"


def number_text(number: Decimal, decimals: int = 0) -> str:
    """At least `decimals` behind the point, no further trailing zeros, no exponent unless the number is absurd."""
    if not number.is_finite() or (number and not -20 < number.adjusted() < 20):
        return str(number)
    plain = (number + 0).normalize()
    exponent = plain.as_tuple().exponent
    shown = max(decimals, -exponent if isinstance(exponent, int) else 0)
    return f"{plain:,.{shown}f}"


def average(notional: Decimal, qty: Decimal) -> Decimal:
    return notional / qty


def notional_of(average_price: Decimal, qty: Decimal) -> Decimal:
    """The exact sum of price x quantity behind an average price that a division may have rounded."""
    return (average_price * qty).quantize(PRODUCT_GRID).normalize()
