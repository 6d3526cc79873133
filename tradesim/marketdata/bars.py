"""Bars of every instrument and length, from history and the live tape. One thread adds, any number read.

Seconds are kept for about four hours, minutes for about five weeks, days for good; every other length is
joined from these when it is asked for. A bar in which nothing traded does not exist.
"""

from collections.abc import Callable, Mapping

import numpy as np
from msgspec import Struct

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.marketdata.days import day_bounds, zone_name
from tradesim.marketdata.resample import bucket_start, next_bucket_start, resampled
from tradesim.marketdata.series import NOTHING_FORMING, Series
from tradesim.model.instrument import Instrument
from tradesim.model.market import Bar, Timeframe, Trade
from tradesim.model.series import Bars, History

SECONDS_KEPT = 4 * 3_600
MINUTES_KEPT = 35 * 1_440
DAYS_KEPT = 200 * 366
LONGEST_H4_MINUTES = 300

BASE_BY_TIMEFRAME = {
    Timeframe.S1: Timeframe.S1,
    Timeframe.S5: Timeframe.S1,
    Timeframe.S15: Timeframe.S1,
    Timeframe.M1: Timeframe.M1,
    Timeframe.M5: Timeframe.M1,
    Timeframe.M15: Timeframe.M1,
    Timeframe.H1: Timeframe.M1,
    Timeframe.H4: Timeframe.M1,
    Timeframe.D1: Timeframe.D1,
}


class Day(Struct, frozen=True):
    """One day so far, from midnight of the market's zone. `prev_close` is the close of the last day before it."""

    start: int
    open: int | None = None
    high: int | None = None
    low: int | None = None
    close: int | None = None
    volume: int = 0
    prev_close: int | None = None


class BarStore:
    """`zone_of` names the zone of an instrument's days."""

    def __init__(self, instruments: Mapping[str, Instrument], zone_of: Callable[[Instrument], str] = zone_name) -> None:
        self._zone_of = zone_of
        self._zones: dict[str, str] = {}
        self._tracks: dict[str, Track] = {}
        self._revisions: dict[str, int] = {}
        for instrument in instruments.values():
            self.take_up(instrument)

    def take_up(self, instrument: Instrument) -> None:
        """One more, of which nothing is known yet."""
        symbol, zone = instrument.symbol, self._zone_of(instrument)
        self._zones[symbol], self._tracks[symbol], self._revisions[symbol] = zone, Track(EMPTY, zone), 0

    def load(self, symbol: str, history: History) -> None:
        """Forget what was known of `symbol` and begin again from `history`; its last bars may still be forming."""
        self._tracks[symbol] = Track(history, self._zones[symbol])
        self._revisions[symbol] += 1

    def revision(self, symbol: str) -> int:
        """How often it was begun again."""
        return self._revisions[symbol]

    def add(self, trade: Trade) -> None:
        self._tracks[trade.symbol].add(trade.ts_event, trade.price, trade.qty)

    def history(self, symbol: str) -> History:
        """All there is, the last bars forming."""
        return self._tracks[symbol].history()

    def bars(self, symbol: str, timeframe: Timeframe, limit: int = 5_000, before: int | None = None) -> Bars:
        """The latest `limit` bars, oldest first, the last one forming; or the latest that start before `before`."""
        return self._tracks[symbol].bars(timeframe, limit, before)

    def forming(self, symbol: str, timeframe: Timeframe) -> Bar | None:
        """The latest bar alone, as it stands; None when nothing ever traded."""
        return self._tracks[symbol].forming(timeframe)

    def day(self, symbol: str, now: int | None = None) -> Day | None:
        """The day that `now` falls in (without it, the day of the last trade); None when nothing ever traded."""
        return self._tracks[symbol].day(now)

    def last_close(self, symbol: str) -> int | None:
        """Ticks of the last trade known."""
        last = self._tracks[symbol].forming(Timeframe.D1)
        return last.close if last else None


class Track:
    """The three series of one instrument."""

    __slots__ = ("_day_end", "_day_start", "_days", "_minutes", "_seconds", "_series", "_zone")

    def __init__(self, history: History, zone: str) -> None:
        minutes = extended(history.minutes, history.seconds, Timeframe.M1, zone)
        days = extended(history.days, minutes, Timeframe.D1, zone)
        self._zone = zone
        self._day_start = self._day_end = 0
        self._seconds = Series(history.seconds, SECONDS_KEPT, _next_minute)
        self._minutes = Series(minutes, MINUTES_KEPT, lambda time: next_bucket_start(time, Timeframe.D1, zone))
        self._days = Series(days, DAYS_KEPT, lambda time: time)
        self._series = {Timeframe.S1: self._seconds, Timeframe.M1: self._minutes, Timeframe.D1: self._days}

    def add(self, time: int, price: int, qty: int) -> None:
        second = time - time % NS_PER_SECOND
        if not self._day_start <= time < self._day_end:
            first, end = day_bounds(time // NS_PER_SECOND, self._zone)
            self._day_start, self._day_end = first * NS_PER_SECOND, end * NS_PER_SECOND
        if second >= self._seconds.state[2]:
            self._seconds.add(second, price, qty)
            self._minutes.add(time - time % NS_PER_MINUTE, price, qty)
            self._days.add(self._day_start, price, qty)
        else:
            self._seconds.add_late(second, price, qty)
            self._minutes.add_late(time - time % NS_PER_MINUTE, price, qty)
            self._days.add_late(self._day_start, price, qty)

    def widen(self, time: int, price: int, qty: int) -> None:
        """A print that moves high, low and volume, but not the last price."""
        first, _ = day_bounds(time // NS_PER_SECOND, self._zone)
        self._seconds.add_late(time - time % NS_PER_SECOND, price, qty)
        self._minutes.add_late(time - time % NS_PER_MINUTE, price, qty)
        self._days.add_late(first * NS_PER_SECOND, price, qty)

    def history(self) -> History:
        return History(*(series.bars(DAYS_KEPT) for series in (self._seconds, self._minutes, self._days)))

    def bars(self, timeframe: Timeframe, limit: int, before: int | None) -> Bars:
        base = BASE_BY_TIMEFRAME[timeframe]
        if before is not None:
            before = next_bucket_start(before, timeframe, self._zone)
        if timeframe is base:
            return self._series[base].bars(limit, before)
        parts = LONGEST_H4_MINUTES if timeframe is Timeframe.H4 else timeframe.seconds // base.seconds
        found = resampled(self._series[base].bars(limit * parts, before), timeframe, self._zone)
        return found[-limit:] if len(found) > limit else found

    def forming(self, timeframe: Timeframe) -> Bar | None:
        base = BASE_BY_TIMEFRAME[timeframe]
        columns, closed, start, opened, high, low, close, volume = self._series[base].state
        if start == NOTHING_FORMING:
            return None
        if timeframe is base:
            return Bar(start, opened, high, low, close, volume)
        first_start = bucket_start(start, timeframe, self._zone)
        first = int(np.searchsorted(columns.start[:closed], first_start))
        if first < closed:
            opens, highs, lows, _ = columns.prices[:, first:closed]
            opened, high, low = int(opens[0]), max(high, int(highs.max())), min(low, int(lows.min()))
            volume += int(columns.volume[first:closed].sum())
        return Bar(first_start, opened, high, low, close, volume)

    def day(self, now: int | None) -> Day | None:
        columns, closed, start, opened, high, low, close, volume = self._days.state
        if start == NOTHING_FORMING:
            return None
        if now is not None and now >= start + Timeframe.D1.ns - NS_PER_HOUR:
            today = day_bounds(now // NS_PER_SECOND, self._zone)[0] * NS_PER_SECOND
            if today > start:
                return Day(today, prev_close=close)
        prev_close = int(columns.prices[3, closed - 1]) if closed else None
        return Day(start, opened, high, low, close, volume, prev_close)


NS_PER_MINUTE = 60 * NS_PER_SECOND
NS_PER_HOUR = 3_600 * NS_PER_SECOND
EMPTY = History(Bars.empty(), Bars.empty(), Bars.empty())


def extended(coarse: Bars, fine: Bars, timeframe: Timeframe, zone: str) -> Bars:
    """`coarse`, continued past its last bar by what `fine` joins to."""
    if len(fine) == 0:
        return coarse
    joined = resampled(fine, timeframe, zone)
    if len(coarse) == 0:
        return joined
    return coarse.joined(joined[int(np.searchsorted(joined.start, coarse.start[-1], side="right")) :])


def _next_minute(time: int) -> int:
    return -(-time // NS_PER_MINUTE) * NS_PER_MINUTE
