"""When a simulated market is open, and where its days begin: by the clocks of its own zone."""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.market import SessionState

NEW_YORK = ZoneInfo("America/New_York")
NS_PER_MINUTE = 60 * NS_PER_SECOND
NS_PER_DAY = 86_400 * NS_PER_SECOND

OPENS, CLOSES = time(9, 30), time(16)
PRE_OPENS, POST_NS = time(4), 4 * 3_600 * NS_PER_SECOND


class Session(NamedTuple):
    """One day of trading: the midnight before it, its first and last moment, UTC ns; `close` is not included."""

    day: int
    open: int
    close: int


class Hours(Protocol):
    def session(self, now: int) -> Session | None:
        """The session that `now` falls into; None while closed."""
        ...

    def following(self, now: int) -> Session:
        """The first session that opens after `now`."""
        ...

    def between(self, first: int, last: int) -> list[Session]:
        """Sessions that open in [first, last), oldest first."""
        ...

    def state(self, now: int) -> SessionState: ...

    def manned(self, now: int) -> Session | None:
        """The hours around the session at `now` in which agents trade at all; None while nobody does."""
        ...

    def next_manned(self, now: int) -> Session:
        """The first of them that begin after `now`."""
        ...


def moment(day: date, at: time, zone: tzinfo = NEW_YORK) -> int:
    """UTC ns of a wall time in `zone`."""
    return int(datetime.combine(day, at, zone).timestamp()) * NS_PER_SECOND


def date_of(now: int, zone: tzinfo = NEW_YORK) -> date:
    return datetime.fromtimestamp(now // NS_PER_SECOND, zone).date()


class AlwaysOpen:
    """Trading never stops; a session is a calendar day of `zone`."""

    def __init__(self, zone: tzinfo = NEW_YORK) -> None:
        self._zone = zone

    def session(self, now: int) -> Session:
        return self._of(date_of(now, self._zone))

    def following(self, now: int) -> Session:
        return self._of(date_of(now, self._zone) + timedelta(days=1))

    def between(self, first: int, last: int) -> list[Session]:
        day, until = date_of(first, self._zone), date_of(last, self._zone)
        days = (day + timedelta(days=n) for n in range((until - day).days + 1))
        return [session for session in map(self._of, days) if first <= session.open < last]

    def state(self, now: int) -> SessionState:
        return SessionState.ALWAYS

    def manned(self, now: int) -> Session:
        return self.session(now)

    def next_manned(self, now: int) -> Session:
        return self.following(now)

    def _of(self, day: date) -> Session:
        midnight = moment(day, time(), self._zone)
        return Session(midnight, midnight, moment(day + timedelta(days=1), time(), self._zone))


class ExchangeHours:
    """The regular session, 09:30 to 16:00 New York on weekdays, and thin trading around it: from 04:00 until 4 h after.

    `holidays` are days without trading, `early_closes` the days that end sooner and when.
    """

    def __init__(
        self, holidays: frozenset[date] = frozenset(), early_closes: Mapping[date, time] | None = None
    ) -> None:
        self._holidays = holidays
        self._early_closes = dict(early_closes or {})

    def session(self, now: int) -> Session | None:
        day = date_of(now)
        session = self._of(day) if self._is_trading_day(day) else None
        return session if session and session.open <= now < session.close else None

    def following(self, now: int) -> Session:
        day = date_of(now)
        while not (self._is_trading_day(day) and self._of(day).open > now):
            day += timedelta(days=1)
        return self._of(day)

    def between(self, first: int, last: int) -> list[Session]:
        day, until = date_of(first), date_of(last)
        days = (day + timedelta(days=n) for n in range((until - day).days + 1))
        sessions = (self._of(each) for each in days if self._is_trading_day(each))
        return [session for session in sessions if first <= session.open < last]

    def state(self, now: int) -> SessionState:
        day = date_of(now)
        if not self._is_trading_day(day):
            return SessionState.CLOSED
        session, around = self._of(day), self._around(day)
        bounds = [around.open, session.open, session.close, around.close]
        return STATE_BY_PART[bisect_right(bounds, now)]

    def manned(self, now: int) -> Session | None:
        day = date_of(now)
        around = self._around(day) if self._is_trading_day(day) else None
        return around if around and around.open <= now < around.close else None

    def next_manned(self, now: int) -> Session:
        day = date_of(now)
        while not (self._is_trading_day(day) and self._around(day).open > now):
            day += timedelta(days=1)
        return self._around(day)

    def of_day(self, now: int) -> Session:
        """The regular session of the day of `now`, whether it is a trading day or not."""
        return self._of(date_of(now))

    def _is_trading_day(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self._holidays

    def _of(self, day: date) -> Session:
        closes = self._early_closes.get(day, CLOSES)
        return Session(moment(day, time()), moment(day, OPENS), moment(day, closes))

    def _around(self, day: date) -> Session:
        session = self._of(day)
        return Session(session.day, moment(day, PRE_OPENS), session.close + POST_NS)


STATE_BY_PART = (
    SessionState.CLOSED,
    SessionState.PRE,
    SessionState.REGULAR,
    SessionState.POST,
    SessionState.CLOSED,
)
