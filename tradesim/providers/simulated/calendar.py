"""New York's trading holidays and short days, from the exchange's calendar."""

from datetime import date, time
from functools import cache
from zoneinfo import ZoneInfo

from tradesim.marketdata.sessions import Holidays
from tradesim.simulator.hours import NEW_YORK, ExchangeHours

FIRST_DAY, LAST_DAY = "1970-01-01", "2100-12-31"
"""Without a last day the calendar would end a year after the desk was started, and know no holidays from then on."""
UTC = ZoneInfo("UTC")


def new_york_hours() -> ExchangeHours:
    """Regular hours of the New York Stock Exchange, as far as its calendar is known."""
    found = new_york_holidays()
    return ExchangeHours(found.closed, found.early_close)


@cache
def new_york_holidays() -> Holidays:
    """Slow to build, so built once. Days ahead go by the rules: what is closed for an occasion is not known yet."""
    import exchange_calendars

    calendar = exchange_calendars.get_calendar("XNYS", start=FIRST_DAY, end=LAST_DAY)
    trading = {each.date() for each in calendar.sessions}
    first, last = min(trading), max(trading)
    weekdays = (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal()))
    closed = frozenset(day for day in weekdays if day.weekday() < 5 and day not in trading)
    return Holidays(closed, {each.date(): close_of(calendar, each) for each in calendar.early_closes})


def close_of(calendar: "object", session: "object") -> time:
    """Wall time in New York at which a session ends."""
    closes = calendar.session_close(session)  # type: ignore[attr-defined]
    return time.fromisoformat(closes.tz_convert(NEW_YORK).strftime("%H:%M"))
