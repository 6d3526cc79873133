from datetime import UTC, date, datetime, time
from itertools import pairwise

import pytest

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.market import SessionState
from tradesim.simulator.hours import NS_PER_DAY, AlwaysOpen, ExchangeHours

HOUR = 3_600 * NS_PER_SECOND


def utc(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * NS_PER_SECOND


def test_a_market_that_never_closes_has_one_session_a_day_without_a_gap():
    sessions = AlwaysOpen().between(utc("2024-11-01T04:00"), utc("2024-11-06T05:00"))
    assert [(later.open - earlier.close) for earlier, later in pairwise(sessions)] == [0] * 4
    assert [session.close - session.open for session in sessions] == [24 * HOUR, 24 * HOUR, 25 * HOUR] + [24 * HOUR] * 2


def test_coins_count_their_days_in_utc():
    session = AlwaysOpen(UTC).session(utc("2024-11-20T02:00"))
    assert (session.open, session.close) == (utc("2024-11-20T00:00"), utc("2024-11-20T00:00") + NS_PER_DAY)


@pytest.mark.parametrize(("day", "opens"), [("2024-03-08", "14:30"), ("2024-03-11", "13:30")], ids=["winter", "summer"])
def test_the_exchange_opens_by_the_clocks_of_new_york(day, opens):
    assert ExchangeHours().following(utc(f"{day}T05:00")).open == utc(f"{day}T{opens}")


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2024-11-20T08:59:59", SessionState.CLOSED),
        ("2024-11-20T09:00", SessionState.PRE),
        ("2024-11-20T14:30", SessionState.REGULAR),
        ("2024-11-20T20:59:59", SessionState.REGULAR),
        ("2024-11-20T21:00", SessionState.POST),
        ("2024-11-21T01:00", SessionState.CLOSED),
        ("2024-11-23T16:00", SessionState.CLOSED),
        ("2024-11-28T16:00", SessionState.CLOSED),
        ("2024-11-29T17:59", SessionState.REGULAR),
        ("2024-11-29T18:00", SessionState.POST),
        ("2024-11-29T21:59", SessionState.POST),
        ("2024-11-29T22:00", SessionState.CLOSED),
    ],
)
def test_the_state_of_the_exchange(moment, state):
    hours = ExchangeHours(frozenset({date(2024, 11, 28)}), {date(2024, 11, 29): time(13)})
    assert hours.state(utc(moment)) is state
    assert (hours.session(utc(moment)) is not None) == (state is SessionState.REGULAR)
    assert (hours.manned(utc(moment)) is not None) == (state is not SessionState.CLOSED)


def test_weekends_and_holidays_are_skipped():
    hours = ExchangeHours(frozenset({date(2024, 11, 28)}))
    assert hours.following(utc("2024-11-27T21:00")).open == utc("2024-11-29T14:30")
    assert hours.following(utc("2024-11-29T21:00")).open == utc("2024-12-02T14:30")
    assert len(hours.between(utc("2024-11-25T00:00"), utc("2024-12-02T00:00"))) == 4
