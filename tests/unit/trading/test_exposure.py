"""How much was held and for how long, from fill to fill."""

import pytest

from tests.fakes import a_fill, an_order, dec
from tradesim.model.events import PositionSplit
from tradesim.model.market import Side
from tradesim.trading.performance.exposure import Held, Holdings


def at(when, side, qty, price, symbol="AAPL"):
    return a_fill(an_order(f"o{when}", side, qty, price, symbol=symbol), qty, price, ts_event=when)


def test_a_short_counts_as_a_long_does_and_a_flip_goes_on():
    found = Holdings(0, 1_000.0)
    found.fill(at(10, Side.BUY, 1, 100))
    found.fill(at(30, Side.SELL, 3, 100))
    found.fill(at(40, Side.BUY, 2, 100))
    assert found.until(60) == Held(30.0, pytest.approx(20 * 0.1 + 10 * 0.2))


def test_several_positions_are_one_time_and_one_sum():
    found = Holdings(0, 1_000.0)
    found.fill(at(0, Side.BUY, 1, 100))
    found.fill(at(10, Side.BUY, 10, 10, "F"))
    found.fill(at(20, Side.SELL, 1, 120))
    assert found.until(30) == Held(30.0, pytest.approx(10 * 0.1 + 10 * 0.2 + 10 * 0.1))


def test_a_mark_begins_anew_with_what_the_curve_says():
    found = Holdings(0, 1_000.0)
    found.fill(at(0, Side.BUY, 1, 100))
    assert found.mark(10, 2_000.0, 400.0) == Held(10.0, pytest.approx(1.0))
    assert found.mark(20, 2_000.0, None) == Held(10.0, pytest.approx(2.0))
    found.split(PositionSplit("s", "paper", "AAPL", dec(4), dec(4), dec(0), 25))
    assert found.until(30) == Held(10.0, pytest.approx(2.0))


def test_without_equity_there_is_time_but_no_share():
    found = Holdings(0, 0.0)
    found.fill(at(0, Side.BUY, 1, 100))
    assert found.until(10) == Held(10.0, 0.0)
