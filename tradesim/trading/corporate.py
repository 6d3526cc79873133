"""What a split or a cash dividend does to a holder. Shares are whole; what is left of one is paid out in cash.

A dividend is owed by who is short. Open orders in a symbol that splits are cancelled: their prices mean nothing then.
"""

from decimal import ROUND_DOWN, Decimal

from msgspec import Struct

from tradesim.model.accounts import Position
from tradesim.model.corporate import Dividend, Split
from tradesim.trading.money import cents, number_text

SHARE = Decimal(1)
FINEST = Decimal("1e-9")


class Conversion(Struct, frozen=True):
    """What a position becomes: `qty` after, and the cash for what is left of a share (negative: a short pays)."""

    ratio: Decimal
    qty: Decimal
    cash_in_lieu: Decimal


def ratio_of(split: Split) -> Decimal:
    return split.to / split.of


def conversion(position: Position, split: Split, mark: Decimal | None) -> Conversion:
    """`mark` is the price of a new share; without one the cost stands for it.

    Who held whole shares holds whole shares after; who held fractions keeps fractions.
    """
    exact = position.qty * split.to / split.of
    step = SHARE if position.qty % SHARE == 0 else FINEST
    qty = exact.quantize(step, ROUND_DOWN).normalize() + 0
    price = position.avg_entry_price * split.of / split.to if mark is None else mark
    return Conversion(ratio_of(split), qty, cents((exact - qty) * price))


def dividend_of(qty: Decimal, dividend: Dividend) -> Decimal:
    """Received for a long of `qty`, paid for a short."""
    return cents(qty * dividend.amount)


def dividend_memo(qty: Decimal, dividend: Dividend) -> str:
    did = "paid" if qty > 0 else "was owed"
    return f"{dividend.symbol} {did} {number_text(dividend.amount, 2)} a share on {number_text(abs(qty))}"
