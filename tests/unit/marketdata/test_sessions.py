"""When a market is open."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from tradesim.marketdata.sessions import Holidays, session_state
from tradesim.model.instrument import AssetClass
from tradesim.model.market import SessionState


def new_york(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/New_York")).timestamp()) * 1_000_000_000


@pytest.mark.parametrize(
    ("moment", "wanted"),
    [
        ("2024-03-08T03:59:59", SessionState.CLOSED),
        ("2024-03-08T04:00:00", SessionState.PRE),
        ("2024-03-08T09:29:59", SessionState.PRE),
        ("2024-03-08T09:30:00", SessionState.REGULAR),
        ("2024-03-11T09:30:00", SessionState.REGULAR),
        ("2024-03-11T15:59:59", SessionState.REGULAR),
        ("2024-03-11T16:00:00", SessionState.POST),
        ("2024-03-11T20:00:00", SessionState.CLOSED),
        ("2024-03-10T12:00:00", SessionState.CLOSED),
    ],
)
def test_us_equities_follow_new_yorks_clocks_on_both_sides_of_daylight_saving(moment: str, wanted: SessionState):
    assert session_state(AssetClass.US_EQUITY, new_york(moment)) is wanted


def test_holidays_are_closed_and_short_days_end_early():
    holidays = Holidays(frozenset({date(2024, 7, 4)}), {date(2024, 7, 3): time(13)})
    assert session_state(AssetClass.US_EQUITY, new_york("2024-07-04T11:00"), holidays) is SessionState.CLOSED
    assert session_state(AssetClass.US_EQUITY, new_york("2024-07-03T12:59"), holidays) is SessionState.REGULAR
    assert session_state(AssetClass.US_EQUITY, new_york("2024-07-03T13:00"), holidays) is SessionState.POST
    assert session_state(AssetClass.US_EQUITY, new_york("2024-07-03T16:59"), holidays) is SessionState.POST
    assert session_state(AssetClass.US_EQUITY, new_york("2024-07-03T17:00"), holidays) is SessionState.CLOSED


def test_crypto_never_closes():
    assert session_state(AssetClass.CRYPTO, new_york("2024-12-25T03:00")) is SessionState.ALWAYS


@pytest.mark.parametrize(
    ("moment", "wanted"),
    [
        ("2024-03-08T16:59", SessionState.REGULAR),
        ("2024-03-08T17:00", SessionState.CLOSED),
        ("2024-03-09T12:00", SessionState.CLOSED),
        ("2024-03-10T16:59", SessionState.CLOSED),
        ("2024-03-10T17:00", SessionState.REGULAR),
    ],
)
def test_the_currency_week_turns_at_five_in_new_york(moment: str, wanted: SessionState):
    assert session_state(AssetClass.FOREX, new_york(moment)) is wanted
