"""What changed in a recorded book from row to row: which displayed level has how much now, which left the view."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tradesim.model.market import Side
from tradesim.providers.replay.lobster import BookRows, Kind, Messages

OUT_OF_VIEW = -1
SMALLEST_CHUNK, LARGEST_CHUNK = 64, 4_096
CELLS_AT_ONCE = 400_000


class LevelChange(NamedTuple):
    """`qty` lots are displayed at `price` now: 0 when the level is gone, OUT_OF_VIEW when it fell out of the window."""

    side: Side
    price: int
    qty: int


Changes = Mapping[int, list[LevelChange]]


def chunk_rows(levels: int) -> int:
    """How many rows to compare at once, so that the work fits in the processor's cache."""
    return max(SMALLEST_CHUNK, min(LARGEST_CHUNK, CELLS_AT_ONCE // (levels * levels)))


def changes(book: BookRows, messages: Messages, first: int, end: int) -> Changes:
    """Changes by row, for rows `first` (at least 1) to `end`, each against the row before; levels gone come first."""
    found: dict[int, list[LevelChange]] = {}
    _collect(found, Side.BUY, book.bid_price, book.bid_size, messages, first, end)
    _collect(found, Side.SELL, book.ask_price, book.ask_size, messages, first, end)
    return found


Cells = NDArray[np.int32]


def _collect(
    found: dict[int, list[LevelChange]],
    side: Side,
    prices: Cells,
    sizes: Cells,
    messages: Messages,
    first: int,
    end: int,
) -> None:
    before, were = prices[first - 1 : end - 1], sizes[first - 1 : end - 1]
    after, are = prices[first:end], sizes[first:end]
    is_same = (before[:, :, None] == after[:, None, :]) & (were > 0)[:, :, None] & (are > 0)[:, None, :]
    size_before = np.where(is_same, were[:, :, None], 0).sum(axis=1)
    is_gone = (were > 0) & ~is_same.any(axis=2)
    is_changed = (are > 0) & ((are != size_before) | _is_restated(side, after, messages, first, end))
    is_out = (before - after[:, -1:]) * side.sign < 0
    is_out &= are[:, -1:] > 0
    gone = np.where(is_out, OUT_OF_VIEW, 0)
    for cells, price, qty in ((is_gone, before, gone), (is_changed, after, are)):
        rows, levels = np.nonzero(cells)
        values = zip((rows + first).tolist(), price[rows, levels].tolist(), qty[rows, levels].tolist(), strict=True)
        for row, each_price, each_qty in values:
            found.setdefault(row, []).append(LevelChange(side, each_price, each_qty))


def _is_restated(side: Side, prices: Cells, messages: Messages, first: int, end: int) -> NDArray[np.bool_]:
    """Levels at which a hidden order traded: told again unchanged, as the print took nothing that is displayed."""
    is_hidden = (messages.kind[first:end] == Kind.EXECUTE_HIDDEN) & (messages.direction[first:end] == side.sign)
    is_there: NDArray[np.bool_] = is_hidden[:, None] & (prices == messages.price[first:end, None])
    return is_there
