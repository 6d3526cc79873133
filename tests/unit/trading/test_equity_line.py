"""What an account was worth when, asked of a curve that grows."""

import numpy as np

from tradesim.trading.performance.curve import Mark
from tradesim.trading.performance.line import FIRST_ROOM, GrowingLine


def test_the_last_mark_at_each_moment_counts_and_before_the_first_what_it_began_with():
    growing = GrowingLine()
    for at in range(10, 10 * (2 * FIRST_ROOM + 2), 10):
        growing.add(Mark(at, float(at)))
    last = Mark(10 * (2 * FIRST_ROOM + 2), 7.0)
    line = growing.until(last)
    assert line.begins_at == 10
    moments = np.array([5, 10, 19, 20, last.at - 1, last.at, last.at + 5], dtype=np.int64)
    assert line.worth(moments).tolist() == [10, 10, 10, 20, last.at - 10, 7, 7]


def test_a_line_goes_on_showing_what_it_showed():
    growing = GrowingLine()
    growing.add(Mark(1, 100.0))
    line = growing.until(Mark(5, 101.0))
    growing.add(Mark(4, 99.0))
    assert line.worth(np.array([4, 5], dtype=np.int64)).tolist() == [100, 101]


def test_an_account_of_which_nothing_was_marked_is_worth_what_it_is_now():
    line = GrowingLine().until(Mark(5, 101.0))
    assert (line.begins_at, line.worth(np.array([1, 9], dtype=np.int64)).tolist()) == (5, [101, 101])
