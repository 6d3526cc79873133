"""The equity curve as two columns that grow, so that a question costs what it asks and not what there is."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tradesim.trading.performance.curve import Mark

FIRST_ROOM = 1_024


class Line(Struct, frozen=True):
    """The marks that were known at one moment: `at` UTC ns, by time, with the `equity` of each, then `last`, of now."""

    at: NDArray[np.int64]
    equity: NDArray[np.float64]
    last: Mark

    @property
    def begins_at(self) -> int:
        return int(self.at[0]) if len(self.at) else self.last.at

    def worth(self, moments: NDArray[np.int64]) -> NDArray[np.float64]:
        """The last mark at each of `moments` (UTC ns); before the first one, what the account began with."""
        is_now = moments >= self.last.at
        if not len(self.at):
            return np.full(len(moments), self.last.equity)
        before = np.searchsorted(self.at, moments, side="right") - 1
        return np.where(is_now, self.last.equity, self.equity[np.maximum(before, 0)])


class GrowingLine:
    """Added to at its end; a `Line` that was taken of it goes on showing what it showed."""

    def __init__(self) -> None:
        self._count = 0
        self._at = np.empty(FIRST_ROOM, np.int64)
        self._equity = np.empty(FIRST_ROOM, np.float64)

    def add(self, mark: Mark) -> None:
        if self._count == len(self._at):
            self._at = np.concatenate((self._at, np.empty_like(self._at)))
            self._equity = np.concatenate((self._equity, np.empty_like(self._equity)))
        self._at[self._count], self._equity[self._count] = mark.at, mark.equity
        self._count += 1

    def until(self, last: Mark) -> Line:
        return Line(self._at[: self._count], self._equity[: self._count], last)
