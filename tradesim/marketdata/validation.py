"""Whether bars can be true. A fault names the row and says what was wanted and found."""

from collections.abc import Callable

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tradesim.model.series import Bars


class Fault(Struct, frozen=True):
    """`row` counts from 0."""

    row: int
    message: str


Show = Callable[[int], str]


def first_fault(bars: Bars, price: Show = str, moment: Show = str) -> Fault | None:
    """The earliest row that cannot be true; `price` and `moment` write ticks and times as the reader knows them."""
    faults = [fault for fault in _faults(bars, price, moment) if fault is not None]
    return min(faults, key=lambda fault: fault.row) if faults else None


def _faults(bars: Bars, price: Show, moment: Show) -> list[Fault | None]:
    _, opened, high, low, close, volume = bars.columns()
    return [
        _where(low <= 0, lambda row: f"wanted prices above zero, found a low of {price(low[row])}"),
        _where(
            high < low, lambda row: f"wanted a high of {price(low[row])} (the low) or more, found {price(high[row])}"
        ),
        _outside(opened, bars, "open", price),
        _outside(close, bars, "close", price),
        _where(volume < 0, lambda row: f"wanted a volume of 0 or more, found {volume[row]} lots"),
        _backwards(bars, moment),
    ]


def _outside(values: NDArray[np.int64], bars: Bars, name: str, price: Show) -> Fault | None:
    def message(row: int) -> str:
        span = f"{price(bars.low[row])} and {price(bars.high[row])}"
        return f"wanted the {name} between low and high, {span}, found {price(values[row])}"

    return _where((values > bars.high) | (values < bars.low), message)


def _backwards(bars: Bars, moment: Show) -> Fault | None:
    def message(row: int) -> str:
        earlier, found = moment(bars.start[row - 1]), moment(bars.start[row])
        return f"time must run forward: wanted a time after {earlier}, found {found}"

    is_backwards = np.concatenate(([False], bars.start[1:] <= bars.start[:-1])) if len(bars) else np.empty(0, bool)
    return _where(is_backwards, message)


def _where(is_wrong: NDArray[np.bool_], message: Callable[[int], str]) -> Fault | None:
    if not is_wrong.any():
        return None
    row = int(is_wrong.argmax())
    return Fault(row, message(row))
