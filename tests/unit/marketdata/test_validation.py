"""Which bars cannot be true."""

import numpy as np
import pytest

from tradesim.marketdata.validation import first_fault
from tradesim.model.series import Bars

GOOD = [(10, 100, 105, 95, 101, 7), (20, 101, 101, 101, 101, 0), (30, 101, 110, 100, 109, 9)]


def bars_of(entries: list[tuple[int, ...]]) -> Bars:
    return Bars(*(np.array(column, np.int64) for column in zip(*entries, strict=True)))


def test_sound_bars_have_no_fault():
    assert first_fault(bars_of(GOOD)) is None
    assert first_fault(Bars.empty()) is None


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ((20, 100, 94, 95, 100, 1), "wanted a high of 95"),
        ((20, 106, 105, 95, 100, 1), "wanted the open between"),
        ((20, 100, 105, 95, 90, 1), "wanted the close between"),
        ((20, 0, 105, 0, 100, 1), "above zero"),
        ((20, 100, 105, 95, 100, -1), "volume of 0 or more"),
        ((10, 100, 105, 95, 100, 1), "time must run forward"),
        ((5, 100, 105, 95, 100, 1), "found 5"),
    ],
    ids=["high below low", "open outside", "close outside", "no price", "volume", "same time", "backwards"],
)
def test_the_earliest_fault_is_named_by_row(row: tuple[int, ...], words: str):
    fault = first_fault(bars_of([GOOD[0], row, GOOD[2]]))
    assert fault is not None
    assert fault.row == 1
    assert words in fault.message
