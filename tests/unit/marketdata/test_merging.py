"""Bars of several providers as one row, clock changes included."""

from datetime import datetime
from zoneinfo import ZoneInfo

from tests.fakes import AAPL
from tests.live_house import NOON, FakeProvider, dec
from tradesim.kernel.clock import NS_PER_SECOND, ManualClock
from tradesim.marketdata.merging import as_columns, joined, merged
from tradesim.model.market import Timeframe

NEW_YORK = "America/New_York"
A, B = (FakeProvider(name, ManualClock(NOON)) for name in "ab")
MINUTE = 60 * NS_PER_SECOND


def moment(text: str, zone: str = "UTC") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * NS_PER_SECOND


def test_the_earlier_row_wins_and_each_stretch_is_there_once() -> None:
    found = merged([[A.bar(NOON, 1), A.bar(NOON + MINUTE, 2)], [B.bar(NOON, 9), B.bar(NOON - MINUTE, 8)]], NEW_YORK)
    assert [bar.close for bar in found] == [8, 1, 2]


def test_a_final_bar_wins_over_one_that_may_still_change() -> None:
    found = merged([[A.bar(NOON, 1, is_final=False)], [B.bar(NOON, 9)]], NEW_YORK)
    assert [bar.close for bar in found] == [9]


def test_a_day_is_one_day_however_it_is_named_across_both_clock_changes() -> None:
    for day, offset in (("2005-04-01", "05"), ("2005-04-04", "04"), ("2026-10-30", "04"), ("2026-11-02", "05")):
        names = [f"{day}T{offset}:00:00", f"{day}T20:00:00"]
        rows = [[A.bar(moment(name), n, Timeframe.D1)] for n, name in enumerate(names, 1)]
        found = merged(rows, NEW_YORK)
        assert len(found) == 1 and found[0].close == 1
        assert as_columns(found, AAPL).start[0] == moment(f"{day}T00:00:00", NEW_YORK)


def test_minutes_named_inside_themselves_begin_where_they_begin() -> None:
    columns = as_columns(merged([[A.bar(NOON + 7, 1)], [B.bar(NOON, 2)]], NEW_YORK), AAPL)
    assert list(columns.start) == [NOON] and list(columns.close) == [100]


def test_rounding_keeps_open_and_close_inside() -> None:
    bar = A.bar(NOON, "9.997", open=dec("10.004"), high=dec("10.006"), low=dec("9.996"))
    columns = as_columns([bar], AAPL)
    assert columns.low[0] <= min(columns.open[0], columns.close[0])
    assert max(columns.open[0], columns.close[0]) <= columns.high[0]


def test_columns_join_with_the_newer_row_on_top() -> None:
    older = as_columns([A.bar(NOON, 1), A.bar(NOON + MINUTE, 2)], AAPL)
    newer = as_columns([B.bar(NOON + MINUTE, 9), B.bar(NOON - MINUTE, 8)], AAPL)
    both = joined(older, newer)
    assert list(both.close) == [800, 100, 900] and list(both.start) == sorted(both.start)
