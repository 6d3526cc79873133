"""Bars of every length that Alpaca knows, joined exactly from the desk's minutes and days; closed minutes only."""

from datetime import date, timedelta

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tradesim.api.alpaca.data.times import Frame, Unit
from tradesim.desk.desk import Desk
from tradesim.desk.zones import date_of, day_bounds, midnight, zone_name
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.instrument import Instrument
from tradesim.model.market import Timeframe
from tradesim.model.series import Bars

NS_PER_MINUTE = 60 * NS_PER_SECOND
ALL = 100_000
UNKNOWN = -1
SPARE = 2

Whole = NDArray[np.int64]


class Columns(Struct, frozen=True):
    """Bars, and how many trades (UNKNOWN where it is not known) and how much value (ticks times lots) made each."""

    bars: Bars
    trades: Whole
    value: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.trades)

    def __getitem__(self, rows: slice) -> "Columns":
        return Columns(self.bars[rows], self.trades[rows], self.value[rows])

    def joined(self, later: "Columns") -> "Columns":
        trades, value = np.concatenate((self.trades, later.trades)), np.concatenate((self.value, later.value))
        return Columns(self.bars.joined(later.bars), trades, value)

    def between(self, start: int, end: int) -> "Columns":
        """Those that begin from `start` to `end`, both included."""
        first = int(self.bars.start.searchsorted(start, side="left"))
        return self[first : int(self.bars.start.searchsorted(end, side="right"))]


NOTHING = Columns(Bars.empty(), np.empty(0, np.int64), np.empty(0, np.float64))


def columns(desk: Desk, symbol: str, frame: Frame, start: int, end: int, now: int) -> Columns:
    """Bars of `symbol` that begin in [start, end] and were made by `now`; none for what is not traded."""
    instrument = desk.instruments.get(symbol)
    if instrument is None or start > end:
        return NOTHING
    zone = zone_name(instrument)
    if frame.unit in (Unit.MINUTE, Unit.HOUR):
        found = of_minutes(desk, symbol, frame, start, end, now, zone)
    else:
        found = of_days(desk, instrument, frame, start, now, zone)
    return found.between(start, end)


def of_minutes(desk: Desk, symbol: str, frame: Frame, start: int, end: int, now: int, zone: str) -> Columns:
    length = frame.minutes * NS_PER_MINUTE
    first = start if frame.minutes == 1 else day_start(start, zone)
    made = minutes(desk, symbol, first, end + length, now)
    return made if frame.minutes == 1 else grouped(made, within_days(made.bars.start, length, zone))


def minutes(desk: Desk, symbol: str, start: int, end: int, now: int) -> Columns:
    """Closed minutes that begin in [start, end]."""
    closed = min(end, now - NS_PER_MINUTE)
    most = min(ALL, max(0, (closed - start) // NS_PER_MINUTE) + SPARE)
    bars = desk.bars(symbol, Timeframe.M1, most, closed + NS_PER_MINUTE)
    rows = slice(int(bars.start.searchsorted(start)), int(bars.start.searchsorted(closed, side="right")))
    return counted(desk, symbol, bars[rows])


def counted(desk: Desk, symbol: str, bars: Bars) -> Columns:
    """Minutes with what was heard of them, else with what they stand for in a past that was drawn."""
    trades, value = unheard(desk, symbol, bars)
    ticks = desk.ticks(symbol)
    if ticks is not None and ticks.since is not None and len(bars):
        made = ticks.minutes()
        places = np.searchsorted(made.start, bars.start)
        inside = np.minimum(places, max(0, len(made.start) - 1))
        is_known = (bars.start >= ticks.since) & (places < len(made.start))
        if len(made.start):
            is_known &= made.start[inside] == bars.start
            trades[is_known] = made.trades[inside[is_known]]
            value[is_known] = made.value[inside[is_known]]
    return Columns(bars, trades, value)


def of_days(desk: Desk, instrument: Instrument, frame: Frame, start: int, now: int, zone: str) -> Columns:
    if frame.unit is Unit.DAY:
        return days(desk, instrument.symbol, start, now, zone)
    first = midnight(begin_of(date_of(start // NS_PER_SECOND, zone), frame), zone) * NS_PER_SECOND
    made = days(desk, instrument.symbol, first, now, zone)
    begins = [begin_of(date_of(int(each) // NS_PER_SECOND, zone), frame) for each in made.bars.start]
    buckets = np.array([midnight(each, zone) * NS_PER_SECOND for each in begins], np.int64)
    return grouped(made, buckets)


def days(desk: Desk, symbol: str, start: int, now: int, zone: str) -> Columns:
    """Every day that begins at `start` or later; the present one as its closed minutes make it."""
    bars = desk.bars(symbol, Timeframe.D1, ALL, now + 1)
    bars = bars[int(bars.start.searchsorted(start)) :]
    today = day_start(now, zone)
    past = counted_days(desk, symbol, bars[: int(bars.start.searchsorted(today))], zone)
    if not len(bars) or bars.start[-1] < today:
        return past
    made = minutes(desk, symbol, today, now, now)
    present = grouped(made, np.full(len(made), today, np.int64))
    whole = is_whole(desk, symbol, bars, made)
    return past.joined(present if whole else Columns(bars[-1:], *unheard(desk, symbol, bars[-1:])))


def is_whole(desk: Desk, symbol: str, bars: Bars, made: Columns) -> bool:
    """Whether the minutes are all of the last of the days: a live market's may begin in the middle of it."""
    forming = desk.bars(symbol, Timeframe.M1, 1)
    volume = int(made.bars.volume.sum())
    is_forming_apart = len(forming) > 0 and (not len(made) or forming.start[-1] > made.bars.start[-1])
    return volume + (int(forming.volume[-1]) if is_forming_apart else 0) >= int(bars.volume[-1])


def counted_days(desk: Desk, symbol: str, bars: Bars, zone: str) -> Columns:
    """Days of which every trade was heard have a count, and those of a past that was drawn."""
    found = drawn_days(desk, symbol, bars, zone)
    ticks = desk.ticks(symbol)
    if ticks is None or ticks.since is None or not len(bars):
        return found
    made = ticks.minutes()
    for row in range(len(bars) - 1, -1, -1):
        start = int(bars.start[row])
        if start < ticks.since:
            break
        end = day_bounds(start // NS_PER_SECOND, zone)[1] * NS_PER_SECOND
        rows = slice(int(made.start.searchsorted(start)), int(made.start.searchsorted(end)))
        found.trades[row], found.value[row] = made.trades[rows].sum(), made.value[rows].sum()
    return found


def drawn_days(desk: Desk, symbol: str, bars: Bars, zone: str) -> Columns:
    """Days as the sum of their minutes, as far back as all of these are kept; before that as they stand for."""
    found = Columns(bars, *unheard(desk, symbol, bars))
    if not len(bars) or found.trades[-1] == UNKNOWN:
        return found
    end = day_bounds(int(bars.start[-1]) // NS_PER_SECOND, zone)[1] * NS_PER_SECOND
    made = minutes(desk, symbol, int(bars.start[0]), end - 1, end)
    if not len(made):
        return found
    row = np.searchsorted(bars.start, made.bars.start, side="right") - 1
    summed = grouped(made, bars.start[row])
    place = np.searchsorted(bars.start, summed.bars.start)
    is_all = summed.bars.volume == bars.volume[place]
    found.trades[place[is_all]] = summed.trades[is_all]
    found.value[place[is_all]] = summed.value[is_all]
    return found


def unheard(desk: Desk, symbol: str, bars: Bars) -> tuple[Whole, NDArray[np.float64]]:
    """What `bars` stand for, UNKNOWN in a market that was not drawn."""
    drawn = desk.drawn_trades(symbol, bars)
    if drawn is None:
        return np.full(len(bars), UNKNOWN, np.int64), np.zeros(len(bars), np.float64)
    return drawn.trades, drawn.value


def grouped(made: Columns, buckets: Whole) -> Columns:
    """Those of one bucket as one bar that begins at the bucket's start; counts are known where all are."""
    if not len(made):
        return NOTHING
    firsts = np.flatnonzero(np.concatenate(([True], buckets[1:] != buckets[:-1])))
    lasts = np.concatenate((firsts[1:], [len(buckets)])) - 1
    _, opened, high, low, close, volume = made.bars.columns()
    bars = Bars(
        buckets[firsts],
        opened[firsts],
        np.maximum.reduceat(high, firsts),
        np.minimum.reduceat(low, firsts),
        close[lasts],
        np.add.reduceat(volume, firsts),
    )
    is_known = np.minimum.reduceat(made.trades, firsts) > UNKNOWN
    trades = np.where(is_known, np.add.reduceat(made.trades, firsts), UNKNOWN)
    return Columns(bars, trades, np.add.reduceat(made.value, firsts))


def within_days(starts: Whole, length: int, zone: str) -> Whole:
    """Where each stretch of `length` begins, counted from the midnight before it."""
    if not len(starts):
        return starts
    edges, moment = [], day_start(int(starts[0]), zone)
    while moment <= int(starts[-1]):
        edges.append(moment)
        moment = day_bounds(moment // NS_PER_SECOND, zone)[1] * NS_PER_SECOND
    midnights = np.array(edges, np.int64)
    day = midnights[np.searchsorted(midnights, starts, side="right") - 1]
    return day + (starts - day) // length * length


def day_start(moment: int, zone: str) -> int:
    return day_bounds(moment // NS_PER_SECOND, zone)[0] * NS_PER_SECOND


def begin_of(day: date, frame: Frame) -> date:
    """Weeks begin on Monday, stretches of months with the year."""
    if frame.unit is Unit.WEEK:
        return day - timedelta(days=day.weekday())
    return date(day.year, (day.month - 1) // frame.count * frame.count + 1, 1)
