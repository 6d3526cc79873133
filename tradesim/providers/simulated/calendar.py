"""New York's trading holidays and short days, from the exchange's calendar."""

from datetime import date, time
from functools import cache
from zoneinfo import ZoneInfo

from tradesim.marketdata.sessions import Holidays
from tradesim.simulator.hours import NEW_YORK, ExchangeHours

FIRST_DAY = "2015-01-01"
UTC = ZoneInfo("UTC")


def new_york_hours() -> ExchangeHours:
    """Regular hours of the New York Stock Exchange, as far as its calendar is known."""
    found = new_york_holidays()
    return ExchangeHours(found.closed, found.early_close)


@cache
def new_york_holidays() -> Holidays:
    """Slow to build, so built once."""
    import exchange_calendars

    calendar = exchange_calendars.get_calendar("XNYS", start=FIRST_DAY)
    trading = {each.date() for each in calendar.sessions}
    first, last = min(trading), max(trading)
    weekdays = (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal()))
    closed = frozenset(day for day in weekdays if day.weekday() < 5 and day not in trading)
    return Holidays(closed, {each.date(): close_of(calendar, each) for each in calendar.early_closes})


def close_of(calendar: "object", session: "object") -> time:
    """Wall time in New York at which a session ends."""
    closes = calendar.session_close(session)  # type: ignore[attr-defined]
    return time.fromisoformat(closes.tz_convert(NEW_YORK).strftime("%H:%M"))
