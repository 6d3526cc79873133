"""Many bars as columns: what history, the chart and the indicators work on."""

from typing import Self

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Column = NDArray[np.int64]
MOST_VOLUME = 2**62
"""Lots of one bar that are counted; more than any market has."""


class Bars(Struct, frozen=True):
    """Equal-length int64 columns, oldest first: `start` in UTC ns ascending, prices in ticks, volume in lots."""

    start: Column
    open: Column
    high: Column
    low: Column
    close: Column
    volume: Column

    @classmethod
    def empty(cls) -> Self:
        return cls(*(np.empty(0, np.int64) for _ in range(6)))

    def __len__(self) -> int:
        return len(self.start)

    def __getitem__(self, rows: slice) -> "Bars":
        return Bars(*(column[rows] for column in self.columns()))

    def columns(self) -> tuple[Column, Column, Column, Column, Column, Column]:
        return self.start, self.open, self.high, self.low, self.close, self.volume

    def joined(self, later: "Bars") -> "Bars":
        pairs = zip(self.columns(), later.columns(), strict=True)
        return Bars(*(np.concatenate(pair) for pair in pairs))


class Traded(Struct, frozen=True):
    """How many trades made each of some bars, and for how much in all (ticks times lots)."""

    trades: Column
    value: NDArray[np.float64]


class History(Struct, frozen=True):
    """The past of one instrument, each row closed before the live tape begins, each part continuous with the next.

    `days` end where `minutes` begin to be complete, or overlap them; `seconds` cover the last hours and
    aggregate exactly to their minutes.
    """

    seconds: Bars
    minutes: Bars
    days: Bars
