"""What companies do to their shares, as vendors tell it: splits and dividends."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from math import prod

from msgspec import Struct


class Split(Struct, frozen=True):
    """`to` shares for every `of` held, from the opening of `day` on."""

    symbol: str
    day: date
    of: Decimal
    to: Decimal


class Dividend(Struct, frozen=True):
    """`amount` a share to who holds at the close before `day`."""

    symbol: str
    day: date
    amount: Decimal


def ratio_after(splits: Iterable[Split], day: date) -> Decimal:
    """What became of one share of that day by the splits after it."""
    return prod((each.to / each.of for each in splits if each.day > day), start=Decimal(1))
