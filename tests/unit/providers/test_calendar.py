"""New York's days without trading and its short days, long before the desk was started and long after."""

from datetime import date, time

import pytest

from tradesim.providers.simulated.calendar import new_york_holidays

NOON_CLOSE = time(13)


@pytest.mark.parametrize(
    "day", [date(1987, 12, 25), date(2012, 10, 29), date(2026, 7, 3), date(2033, 7, 4), date(2098, 12, 25)]
)
def test_holidays_are_known_of_any_year(day: date) -> None:
    assert day in new_york_holidays().closed


@pytest.mark.parametrize("day", [date(1995, 7, 3), date(2026, 11, 27), date(2033, 11, 25)])
def test_short_days_are_known_of_any_year(day: date) -> None:
    assert new_york_holidays().early_close[day] == NOON_CLOSE


def test_a_day_like_others_is_open() -> None:
    found = new_york_holidays()
    assert not {date(2026, 7, 2), date(2033, 7, 5)} & (found.closed | found.early_close.keys())
