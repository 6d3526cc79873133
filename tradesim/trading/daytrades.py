"""Day trades: what was opened and closed again on one trading day. A trading day is New York's.

A day trade is counted when something that was opened today is closed, once for every change of direction: ten
purchases and then three sales are one, buy-sell-buy-sell are two. Weekends do not count as days; holidays do.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec import Struct

NEW_YORK = ZoneInfo("America/New_York")
NS_PER_SECOND = 1_000_000_000
WINDOW_DAYS = 5


class DayCount(Struct, frozen=True):
    """Day trades of one trading day, by its ordinal (proleptic Gregorian, as `date.toordinal`)."""

    day: int
    trades: int


@dataclass(slots=True)
class DayTrades:
    """`opened` are the symbols with something opened today that has not been closed since."""

    day: int = 0
    opened: dict[str, bool] = field(default_factory=dict)
    counts: list[DayCount] = field(default_factory=list)

    def take(self, symbol: str, held: Decimal, traded: Decimal, ts_event: int) -> None:
        """A fill of signed `traded` while `held` was held."""
        self._begin(day_of(ts_event))
        closes, opens = held * traded < 0, held * traded >= 0 or abs(traded) > abs(held)
        if closes and self.opened.pop(symbol, False):
            self._count()
        if opens:
            self.opened[symbol] = True

    def count(self, now: int) -> int:
        """In the last five business days, today included."""
        first = window_start(day_of(now))
        return sum(each.trades for each in self.counts if each.day >= first)

    def was_opened_today(self, symbol: str, now: int) -> bool:
        return self.day == day_of(now) and symbol in self.opened

    def _begin(self, day: int) -> None:
        if day == self.day:
            return
        self.day, self.opened = day, {}
        first = window_start(day)
        self.counts = [each for each in self.counts if each.day >= first]

    def _count(self) -> None:
        today = self.counts.pop().trades if self.counts and self.counts[-1].day == self.day else 0
        self.counts.append(DayCount(self.day, today + 1))


def from_parts(day: int, opened: Iterable[str], counts: Iterable[DayCount]) -> DayTrades:
    return DayTrades(day, dict.fromkeys(opened, True), list(counts))


def day_of(now: int) -> int:
    return day_of_second(now // NS_PER_SECOND // 60)


@lru_cache(maxsize=64)
def day_of_second(minute: int) -> int:
    return datetime.fromtimestamp(minute * 60, NEW_YORK).date().toordinal()


@lru_cache(maxsize=64)
def window_start(day: int) -> int:
    """The first of the five business days that end with `day`; a weekend counts with the Friday before it."""
    at, left = date.fromordinal(day), WINDOW_DAYS
    while True:
        left -= at.weekday() < 5
        if not left:
            return at.toordinal()
        at -= timedelta(days=1)
