"""What companies do to their shares, as vendors tell it: splits and dividends."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Split:
    """`to` shares for every `of` held, from the opening of `day` on."""

    symbol: str
    day: date
    of: Decimal
    to: Decimal


@dataclass(frozen=True, slots=True)
class Dividend:
    """`amount` a share to who holds at the close before `day`."""

    symbol: str
    day: date
    amount: Decimal
