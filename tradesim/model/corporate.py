"""What companies do to their shares, as vendors tell it: splits and dividends, and prices without them."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from math import prod

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray


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


class Basis(StrEnum):
    """For what the prices of the past are adjusted."""

    RAW = "raw"
    SPLIT = "split"
    DIVIDEND = "dividend"
    ALL = "all"


class DayFactors(Struct, frozen=True):
    """From one basis to another, by day, oldest first: what prices are multiplied by, and volumes divided by.

    `start` is where each day begins, UTC ns.
    """

    start: NDArray[np.int64]
    prices: NDArray[np.float64]
    shares: NDArray[np.float64]


def ratio_after(splits: Iterable[Split], day: date) -> Decimal:
    """What became of one share of that day by the splits after it."""
    return prod((each.to / each.of for each in splits if each.day > day), start=Decimal(1))
