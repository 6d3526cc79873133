"""Every print, every change of the touch and how minutes came about, as far back as is kept.

One thread writes, any number read. Rows are written into blocks that are never moved and then published as one
tuple, so a reader needs no lock. A jump in time or another market begins with new ones.
"""

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.market import BookTop, Side, Trade

NS_PER_MINUTE = 60 * NS_PER_SECOND
ROWS_OF_BLOCK = 2_048
TRADES_KEPT = 16_384
QUOTES_KEPT = 32_768
CROSSES_KEPT = 512
MINUTES_KEPT = 35 * 1_440
SIGN_OF_SIDE = {Side.BUY: 1, Side.SELL: -1, None: 0}

TS, PRICE, QTY, ID = range(4)
"""Columns of trades."""

Rows = NDArray[np.int64]
"""Of trades: ts, price, qty, id, side (1 for a buying aggressor, -1, or 0). Of quotes: ts, bid, bid_qty, ask, ask_qty;
a side that is empty is 0 with quantity 0. In ticks and lots."""


class Published(NamedTuple):
    """`first` is the number of the first row that is kept, `filled` how many of the last block's are written."""

    first: int
    blocks: tuple[Rows, ...]
    filled: int


class Ring:
    """The latest rows of five columns, numbered from 0 on; at least `keep` of them once there were as many.

    What was appended is seen once it is published: after the journal has what belongs to it.
    """

    __slots__ = ("_keep", "_written", "state")

    def __init__(self, keep: int) -> None:
        self._keep = keep // ROWS_OF_BLOCK + 1
        self._written = self.state = Published(0, (), ROWS_OF_BLOCK)

    def publish(self) -> None:
        self.state = self._written

    @property
    def end(self) -> int:
        """The number that the next row will have."""
        first, blocks, filled = self.state
        return first + (len(blocks) - 1) * ROWS_OF_BLOCK + filled if blocks else first

    def append(self, row: tuple[int, int, int, int, int]) -> None:
        first, blocks, filled = self._written
        if filled == ROWS_OF_BLOCK:
            dropped = max(0, len(blocks) + 1 - self._keep)
            blocks = (*blocks[dropped:], np.empty((ROWS_OF_BLOCK, 5), np.int64))
            first, filled = first + dropped * ROWS_OF_BLOCK, 0
        blocks[-1][filled] = row
        self._written = Published(first, blocks, filled + 1)

    def since(self, number: int) -> tuple[int, Rows]:
        """The number of the first row given, and every row from `number` on that is kept."""
        first, blocks, filled = self.state
        number = max(number, first)
        skipped = (number - first) // ROWS_OF_BLOCK
        parts = [*blocks[skipped:-1], blocks[-1][:filled]] if len(blocks) > skipped else []
        if not parts:
            return number, np.empty((0, 5), np.int64)
        parts[0] = parts[0][number - first - skipped * ROWS_OF_BLOCK :]
        return number, parts[0].copy() if len(parts) == 1 else np.concatenate(parts)

    def last(self) -> Rows | None:
        _, blocks, filled = self.state
        return blocks[-1][filled - 1].copy() if blocks else None


class Minutes(NamedTuple):
    """Starts (UTC ns, ascending), how many trades each minute had, and ticks times lots traded in it."""

    start: Rows
    trades: Rows
    value: NDArray[np.float64]


@dataclass(slots=True)
class SymbolTicks:
    """`since` is the market time (UTC ns) from which on nothing is missing; None before anything was shown."""

    trades: Ring = field(default_factory=lambda: Ring(TRADES_KEPT))
    quotes: Ring = field(default_factory=lambda: Ring(QUOTES_KEPT))
    crosses: Ring = field(default_factory=lambda: Ring(CROSSES_KEPT))
    """What auctions came to, as `trades` has it."""
    since: int | None = None
    _voided: Mapping[int, tuple[int, int] | None] = field(default_factory=dict)
    """Prints that never were, by their id: price and lots of what stands in their place."""
    _touch: tuple[int, int, int, int] = (0, 0, 0, 0)
    _starts: "array[int]" = field(default_factory=lambda: array("q"))
    _counts: "array[int]" = field(default_factory=lambda: array("q"))
    _values: "array[float]" = field(default_factory=lambda: array("d"))

    def print(self, trade: Trade, is_cross: bool = False) -> None:
        """`is_cross`: an auction came to it."""
        printed = (trade.ts_event, trade.price, trade.qty, trade.trade_id, SIGN_OF_SIDE[trade.aggressor])
        self.trades.append(printed)
        if is_cross:
            self.crosses.append(printed)
        row = self._row_of(trade.ts_event - trade.ts_event % NS_PER_MINUTE)
        self._counts[row] += 1
        self._values[row] += trade.price * trade.qty

    def void(self, wrong: Trade, right: Sequence[Trade]) -> None:
        """The minute counts what stands in the place of a print that never was. What was told of it stays told."""
        self._voided = {**self._voided, wrong.trade_id: next(((each.price, each.qty) for each in right), None)}
        row = self._row_of(wrong.ts_event - wrong.ts_event % NS_PER_MINUTE)
        self._counts[row] += len(right) - 1
        self._values[row] += sum(each.price * each.qty for each in right) - wrong.price * wrong.qty

    def show(self, top: BookTop, now: int) -> None:
        """What the touch is at `now`, remembered when it changed; prints up to now may be seen."""
        if self.since is None:
            self.since = now
        touch = touch_of(top)
        if touch != self._touch:
            self._touch = touch
            self.quotes.append((now, *touch))
            self.quotes.publish()
        self.trades.publish()
        self.crosses.publish()

    def last_trade(self, until: int) -> Rows | None:
        """The last print up to `until` (UTC ns) that stands."""
        row = self.trades.last()
        if row is not None and (row[TS] > until or int(row[ID]) in self._voided):
            row = self._last_standing(until)
        return row

    def last_quote(self, until: int) -> Rows | None:
        row = self.quotes.last()
        if row is None or row[TS] <= until:
            return row
        _, rows = self.quotes.since(0)
        rows = rows[rows[:, TS] <= until]
        return rows[-1] if len(rows) else None

    def _last_standing(self, until: int) -> Rows | None:
        _, rows = self.trades.since(0)
        gone = [trade_id for trade_id, better in self._voided.items() if better is None]
        rows = rows[(rows[:, TS] <= until) & ~np.isin(rows[:, ID], gone)]
        if not len(rows):
            return None
        row: Rows = rows[-1]
        row[PRICE], row[QTY] = self._voided.get(int(row[ID])) or row[[PRICE, QTY]]
        return row

    def minutes(self) -> Minutes:
        """Every minute since `since` in which something traded; the last one may still go on."""
        parts = (self._starts.tobytes(), self._counts.tobytes(), self._values.tobytes())
        rows = min(len(part) for part in parts) // 8
        starts, counts, values = (part[: 8 * rows] for part in parts)
        return Minutes(np.frombuffer(starts, np.int64), np.frombuffer(counts, np.int64), np.frombuffer(values))

    def _row_of(self, start: int) -> int:
        """Where the minute is kept; a late print opens one in its place."""
        if not self._starts or self._starts[-1] < start:
            self._values.append(0.0)
            self._counts.append(0)
            self._starts.append(start)
            self._forget()
            return len(self._starts) - 1
        row = bisect_left(self._starts, start)
        if self._starts[row] != start:
            self._values.insert(row, 0.0)
            self._counts.insert(row, 0)
            self._starts.insert(row, start)
        return row

    def _forget(self) -> None:
        if len(self._starts) > MINUTES_KEPT + MINUTES_KEPT // 16:
            for column in (self._starts, self._counts, self._values):
                del column[:-MINUTES_KEPT]


def touch_of(top: BookTop) -> tuple[int, int, int, int]:
    bid = top.bids[0] if top.bids else None
    ask = top.asks[0] if top.asks else None
    return (
        bid.price if bid else 0,
        bid.qty if bid else 0,
        ask.price if ask else 0,
        ask.qty if ask else 0,
    )
