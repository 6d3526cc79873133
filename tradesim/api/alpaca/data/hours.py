"""When this market trades, as Alpaca's clocks and calendars tell it.

A market that never closes is open from 00:00 to 23:59 of every day, because clients cannot read 24:00. Any other one
has the regular hours of New York, with its holidays and short days.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from msgspec import Struct

from tradesim.api.alpaca.data.times import NEW_YORK
from tradesim.desk.zones import CLOSES, OPENS, PRE_OPENS, Holidays, post_closes, zone

MIDNIGHT, LAST_MINUTE = time(), time(23, 59)
ONE_DAY = timedelta(days=1)
SATURDAY = 5
LONGEST_BREAK = 15


class Day(NamedTuple):
    """One day of trading, in the wall time of New York."""

    date: date
    opens: time
    closes: time
    pre_opens: time
    post_closes: time

    @property
    def open(self) -> datetime:
        return datetime.combine(self.date, self.opens, zone(NEW_YORK))

    @property
    def close(self) -> datetime:
        return datetime.combine(self.date, self.closes, zone(NEW_YORK))


class Phase(NamedTuple):
    """What the market does now, and until when."""

    name: str
    until: datetime


class Hours(Struct, frozen=True):
    """`holidays` are looked up when they are first wanted: building them takes a second."""

    is_always_open: bool
    holidays: Callable[[], Holidays]

    def day(self, when: date) -> Day | None:
        """None when nothing trades on it."""
        if self.is_always_open:
            return Day(when, MIDNIGHT, LAST_MINUTE, MIDNIGHT, LAST_MINUTE)
        holidays = self.holidays()
        if when.weekday() >= SATURDAY or when in holidays.closed:
            return None
        closes = holidays.early_close.get(when, CLOSES)
        return Day(when, OPENS, closes, PRE_OPENS, post_closes(closes))

    def days(self, first: date, last: date) -> Iterator[Day]:
        for n in range((last - first).days + 1):
            day = self.day(first + n * ONE_DAY)
            if day is not None:
                yield day

    def settlement(self, when: date) -> date:
        """The business day after: T+1 is New York's, whenever this market trades."""
        return next(Hours(False, self.holidays).days(when + ONE_DAY, when + LONGEST_BREAK * ONE_DAY)).date

    def is_open(self, now: datetime) -> bool:
        day = self.day(now.date())
        return day is not None and (self.is_always_open or day.open <= now < day.close)

    def next_open(self, now: datetime) -> datetime:
        return next(day.open for day in self._coming(now) if day.open > now)

    def next_close(self, now: datetime) -> datetime:
        return next(day.close for day in self._coming(now) if day.close > now)

    def phase(self, now: datetime) -> Phase:
        day = self.day(now.date())
        if day is None or self.is_always_open:
            return Phase("core", self.next_close(now)) if day else Phase("closed", self._next_pre(now))
        bounds = (
            ("closed", day.pre_opens),
            ("pre", day.opens),
            ("core", day.closes),
            ("post", day.post_closes),
        )
        for name, ends in bounds:
            until = datetime.combine(day.date, ends, zone(NEW_YORK))
            if now < until:
                return Phase(name, until)
        return Phase("closed", self._next_pre(now))

    def _next_pre(self, now: datetime) -> datetime:
        day = next(self.days(now.date() + ONE_DAY, now.date() + LONGEST_BREAK * ONE_DAY))
        return datetime.combine(day.date, day.pre_opens, zone(NEW_YORK))

    def _coming(self, now: datetime) -> Iterator[Day]:
        return self.days(now.date(), now.date() + LONGEST_BREAK * ONE_DAY)
