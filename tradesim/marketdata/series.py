"""Bars of one length as columns: closed ones never move, the forming one stands beside them.

One thread writes, any number read. The writer publishes a tuple (columns, length, forming bar) and swaps
it whole; rows below the published length no longer change (a late print widens one in place), so a
reader that took the tuple needs no lock.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradesim.model.series import MOST_VOLUME, Bars

NOTHING_FORMING = -1
Prices = NDArray[np.signedinteger[Any]]
SMALLEST = 64
LARGEST_NARROW = 2**31 - 1


class Columns:
    """Room for `capacity` bars. Prices are 32 bit until one does not fit, which halves what a week weighs."""

    __slots__ = ("capacity", "prices", "start", "volume")

    def __init__(self, capacity: int, price_type: type[np.int32] | type[np.int64] = np.int32) -> None:
        self.capacity = capacity
        self.start: NDArray[np.int64] = np.empty(capacity, np.int64)
        self.prices: Prices = np.empty((4, capacity), price_type)
        self.volume: NDArray[np.int64] = np.empty(capacity, np.int64)

    def write(self, row: int, start: int, prices: tuple[int, int, int, int], volume: int) -> None:
        """Raises OverflowError when a price does not fit; nothing is published then."""
        self.start[row] = start
        self.volume[row] = volume
        columns = self.prices
        columns[0, row], columns[1, row], columns[2, row], columns[3, row] = prices

    def copied(self, rows: slice, capacity: int, at: int = 0, widened: bool = False) -> "Columns":
        fresh = Columns(capacity, np.int64 if widened or self.prices.dtype == np.int64 else np.int32)
        fresh.put(at, self.start[rows], self.prices[:, rows], self.volume[rows])
        return fresh

    def put(self, at: int, start: NDArray[np.int64], prices: Prices, volume: NDArray[np.int64]) -> None:
        end = at + len(start)
        self.start[at:end] = start
        self.prices[:, at:end] = prices
        self.volume[at:end] = volume

    def bars(self, first: int, end: int) -> Bars:
        opened, high, low, close = self.prices[:, first:end].astype(np.int64)
        return Bars(self.start[first:end].copy(), opened, high, low, close, self.volume[first:end].copy())


State = tuple[Columns, int, int, int, int, int, int, int]
"""Columns, closed bars in them, then start, open, high, low, close, volume of the forming bar."""


class Series:
    """The latest `keep` bars and up to a sixteenth more, cut where `boundary(time)` says at or after a time."""

    __slots__ = ("_boundary", "_is_cut", "_keep", "state")

    def __init__(self, bars: Bars, keep: int, boundary: Callable[[int], int]) -> None:
        self._keep = keep
        self._boundary = boundary
        self._is_cut = False
        self.state: State = self._loaded(bars)

    def add(self, start: int, price: int, qty: int) -> None:
        """A trade in the bar that begins at `start`."""
        columns, closed, now, opened, high, low, close, volume = self.state
        if start == now:
            self.state = (
                columns,
                closed,
                now,
                opened,
                price if price > high else high,
                price if price < low else low,
                price,
                min(volume + qty, MOST_VOLUME),
            )
        elif start > now:
            if now != NOTHING_FORMING:
                columns, closed = self._closed(columns, closed, now, (opened, high, low, close), volume)
            self.state = (columns, closed, start, price, price, price, price, qty)
        else:
            self.add_late(start, price, qty)

    def add_late(self, start: int, price: int, qty: int) -> None:
        """A print out of its order: widens its bar and adds volume, but opens or closes none that exists."""
        columns, closed, now, opened, high, low, close, volume = self.state
        if start >= now:
            if now == start:
                self.state = (
                    columns,
                    closed,
                    now,
                    opened,
                    max(high, price),
                    min(low, price),
                    close,
                    min(volume + qty, MOST_VOLUME),
                )
            else:
                self.add(start, price, qty)
            return
        row = int(np.searchsorted(columns.start[:closed], start))
        if row < closed and columns.start[row] == start:
            self._widen(columns, row, price, qty)
        elif row or not self._is_cut:
            self._insert(row, start, price, qty)

    def __len__(self) -> int:
        return self.state[1] + (self.state[2] != NOTHING_FORMING)

    def bars(self, most: int, before: int | None = None) -> Bars:
        """The latest `most` bars that start before `before`, the forming one last."""
        columns, closed, now, *forming = self.state
        end = closed if before is None else int(np.searchsorted(columns.start[:closed], before))
        has_forming = now != NOTHING_FORMING and (before is None or now < before)
        first = max(0, end - most + has_forming)
        found = columns.bars(first, end)
        if not has_forming:
            return found
        return found.joined(Bars(*(np.array([value], np.int64) for value in (now, *forming))))

    def since(self, time: int) -> Bars:
        """Every bar that starts at or after `time`."""
        columns, closed, *_ = self.state
        return self.bars(closed - int(np.searchsorted(columns.start[:closed], time)) + 1)

    def _loaded(self, bars: Bars) -> State:
        bars = bars[-self._keep :] if len(bars) > self._keep else bars
        prices = np.stack(bars.columns()[1:5]) if len(bars) else np.empty((4, 0), np.int64)
        is_wide = bool(len(bars)) and int(np.abs(prices).max()) > LARGEST_NARROW
        closed = max(0, len(bars) - 1)
        columns = Columns(max(SMALLEST, closed + closed // 16), np.int64 if is_wide else np.int32)
        columns.put(0, bars.start[:closed], prices[:, :closed], bars.volume[:closed])
        if not len(bars):
            return columns, 0, NOTHING_FORMING, 0, 0, 0, 0, 0
        start, opened, high, low, close, volume = (int(column[-1]) for column in bars.columns())
        return columns, closed, start, opened, high, low, close, volume

    def _closed(
        self, columns: Columns, closed: int, start: int, prices: tuple[int, int, int, int], volume: int
    ) -> tuple[Columns, int]:
        if closed == columns.capacity:
            columns, closed = self._roomier(columns, closed)
        try:
            columns.write(closed, start, prices, volume)
        except OverflowError:
            columns = columns.copied(slice(0, closed), columns.capacity, widened=True)
            columns.write(closed, start, prices, volume)
        return columns, closed + 1

    def _roomier(self, columns: Columns, closed: int) -> tuple[Columns, int]:
        most = self._keep + max(SMALLEST, self._keep // 16)
        if closed < most:
            return columns.copied(slice(0, closed), min(most, 2 * closed)), closed
        cut_at = self._boundary(int(columns.start[closed - self._keep]))
        first = int(np.searchsorted(columns.start[:closed], cut_at))
        self._is_cut = True
        return columns.copied(slice(first, closed), most), closed - first

    def _widen(self, columns: Columns, row: int, price: int, qty: int) -> None:
        if abs(price) > LARGEST_NARROW and columns.prices.dtype == np.int32:
            columns = columns.copied(slice(0, columns.capacity), columns.capacity, widened=True)
            self.state = (columns, *self.state[1:])
        if price > columns.prices[1, row]:
            columns.prices[1, row] = price
        if price < columns.prices[2, row]:
            columns.prices[2, row] = price
        columns.volume[row] += qty

    def _insert(self, row: int, start: int, price: int, qty: int) -> None:
        columns, closed, *forming = self.state
        is_wide = abs(price) > LARGEST_NARROW
        fresh = columns.copied(slice(0, closed), max(columns.capacity, closed + 1), widened=is_wide)
        fresh.put(row + 1, columns.start[row:closed], columns.prices[:, row:closed], columns.volume[row:closed])
        fresh.write(row, start, (price, price, price, price), qty)
        now, opened, high, low, close, volume = forming
        self.state = (fresh, closed + 1, now, opened, high, low, close, volume)
