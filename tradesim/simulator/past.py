"""What happened before the live tape: seconds, minutes and days that agree with each other and end at a given price.

Everything is drawn with numpy from the seed, the symbol and a moment, so that the same past can be told again.
Bars are in ticks and lots; times are UTC ns.
"""

import math
import zlib
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.series import Bars, Column, Traded
from tradesim.simulator.curves import MINUTES_A_DAY
from tradesim.simulator.hours import NS_PER_DAY, NS_PER_MINUTE, Hours, Session
from tradesim.simulator.universe import Profile

MINUTES_FOR_NS = 25 * NS_PER_DAY
DAYS_FOR_NS = 1_900 * NS_PER_DAY
SECONDS_FOR_MINUTES = 120

DRIFT_A_DAY = 0.0003
LARGEST_FALL, LARGEST_RISE = -0.4, 1.2
"""Of the price over all the days, as logarithms."""
MINUTE_MOODS = ((2, 0.25), (15, 0.3), (180, 0.25), (2_000, 0.25))
DAY_MOODS = ((1, 0.25), (8, 0.25), (40, 0.3))
"""How restlessness wanders: bars that one mood lasts, standard deviation of its logarithm."""
INTERPOLATED = 1.22
"""Straight lines between random knots have two thirds of their variance."""
OVERNIGHT_SHARE = 0.3
"""The share of a day's variance that falls into the hours in which an exchange is closed."""
FEWEST_PRINTS, MOST_PRINTS = 0.7, 1.3
"""In a bar, of what its volume comes to with prints of the usual size."""

Floats = NDArray[np.float64]


class Path(NamedTuple):
    """A price's way through bars, natural logarithms: move before each bar, move in it, and what a bar's sd is."""

    gap: Floats
    move: Floats
    sd: Floats
    mood: Floats


def sessions_before(hours: Hours, until: int) -> list[Session]:
    """Every session that the past of a market that is at `until` needs; work it out once for all instruments."""
    return hours.between(until - DAYS_FOR_NS, until)


def minutes_ending_at(
    profile: Profile, seed: int, sessions: Sequence[Session], second_vol: float, until: int, price: float
) -> Bars:
    """The last weeks' minutes up to `until`; the last one closes at `price`."""
    rng = generator(seed, profile.symbol, "minutes", 0)
    recent = [session for session in sessions if session.open >= until - MINUTES_FOR_NS]
    starts, days = minute_starts(recent, until - MINUTES_FOR_NS, until)
    path = minute_path(profile, second_vol, starts, days, rng)
    return bars_of(starts, path, price, minute_volumes(profile, starts, days, path, rng), rng, ends_there=True)


def minutes_from(
    profile: Profile, seed: int, sessions: Sequence[Session], second_vol: float, since: int, price: float, until: int
) -> Bars:
    """The minutes from `since`, when the price was `price`, to `until`; the first and last may be parts of a minute."""
    rng = generator(seed, profile.symbol, "bridge", since)
    touched = [session for session in sessions if session.close > since]
    starts, days = minute_starts(touched, since - since % NS_PER_MINUTE, until)
    if not len(starts):
        return Bars.empty()
    whole = minute_path(profile, second_vol, starts, days, rng)
    part = parts_of_minutes(starts, since, until)
    path = whole._replace(move=whole.move * np.sqrt(part), sd=whole.sd * np.sqrt(part))
    volume = part * minute_volumes(profile, starts, days, whole, rng)
    return bars_of(starts, path, price, volume, rng, ends_there=False)


def days_ending_at(
    profile: Profile, seed: int, sessions: Sequence[Session], until: int, price: float, volume_a_day: float
) -> Bars:
    """Years of days up to the one that begins at `until`; the last one closes at `price`."""
    rng = generator(seed, profile.symbol, "days", 0)
    starts = np.array([session.day for session in sessions if session.close <= until], np.int64)
    count = len(starts)
    never_closes = all(earlier.close == later.open for earlier, later in pairwise(sessions))
    mood = wandering(rng, count, DAY_MOODS)
    sd = profile.daily_vol * np.exp(mood - variance(DAY_MOODS))
    night = 0.0 if never_closes else OVERNIGHT_SHARE
    gap = math.sqrt(night) * sd * rng.standard_normal(count)
    move = DRIFT_A_DAY + math.sqrt(1 - night) * sd * rng.standard_normal(count)
    excess = excess_of(float((gap + move).sum()))
    path = Path(gap, move - excess / max(1, count), math.sqrt(1 - night) * sd, mood)
    volume = volume_a_day * np.exp(0.5 * mood + 0.25 * rng.standard_normal(count))
    return bars_of(starts, path, price, volume, rng, ends_there=True)


def excess_of(travelled: float) -> float:
    """How far a way of years (a logarithm) goes beyond what is believable."""
    return travelled - min(LARGEST_RISE, max(LARGEST_FALL, travelled))


def days_of(minutes: Bars, sessions: Sequence[Session], until: int) -> Bars:
    """The days that are over at `until`, joined from their minutes."""
    if not len(minutes) or not sessions:
        return Bars.empty()
    begins = np.array([session.day for session in sessions], np.int64)
    ends = np.array([session.close for session in sessions], np.int64)
    row = np.searchsorted(begins, minutes.start, side="right") - 1
    over = int(np.searchsorted(row, np.searchsorted(ends, until, side="right")))
    return joined_by(minutes[:over], begins[row[:over]])


def seconds_within(
    minutes: Bars, seed: int, symbol: str, trade_rate: float, since: int | None = None, until: int | None = None
) -> Bars:
    """The seconds of each minute in which something traded: they join to exactly these minutes.

    The first minute may begin as late as `since`, the last one end as early as `until` (whole seconds).
    """
    found = Bars.empty()
    if not len(minutes):
        return found
    rng = generator(seed, symbol, "seconds", int(minutes.start[0]))
    begin = max(int(minutes.start[0]), since or 0)
    end = min(int(minutes.start[-1]) + NS_PER_MINUTE, until or 2**62)
    is_partial = np.flatnonzero(parts_of_minutes(minutes.start, begin, end) < 1)
    edges = sorted({0, len(minutes), *is_partial.tolist(), *(is_partial + 1).tolist()})
    for first, last in pairwise(edges):
        offset = max(0, begin - int(minutes.start[first])) // NS_PER_SECOND
        length = min(60, (end - int(minutes.start[last - 1])) // NS_PER_SECOND) - offset
        found = found.joined(seconds_of(minutes[first:last], offset, length, trade_rate, rng))
    return found


def seconds_of(minutes: Bars, offset: int, length: int, trade_rate: float, rng: np.random.Generator) -> Bars:
    """As `seconds_within`, where all that traded did in the `length` seconds from second `offset` of each minute."""
    count = len(minutes)
    way = second_ways(minutes, length, rng)
    high_at = np.maximum(way[:, 1:], way[:, :-1]).argmax(axis=1)
    low_at = np.minimum(way[:, 1:], way[:, :-1]).argmin(axis=1)
    rows = np.arange(count)
    traded = rng.random((count, length)) < 1 - math.exp(-trade_rate * 0.5)
    for second in (np.zeros(count, np.int64), np.full(count, length - 1), high_at, low_at):
        traded[rows, second] = True
    opened, closed = way[:, :-1], way[:, 1:]
    high, low = np.maximum(opened, closed), np.minimum(opened, closed)
    high[rows, high_at] = minutes.high
    low[rows, low_at] = minutes.low
    start = minutes.start[:, None] + (offset + np.arange(length, dtype=np.int64)) * NS_PER_SECOND
    volume = shared_out(minutes.volume, traded, rng)
    return Bars(*(column[traded] for column in (start, opened, high, low, closed, volume)))


def traded_in(bars: Bars, profile: Profile) -> Traded:
    """Trades that `bars` stand for: prints of about the usual size, one at least for each price that is seen."""
    _, opened, high, low, closed, volume = bars.columns()
    seen = 1 + (opened != closed) + (high > np.maximum(opened, closed)) + (low < np.minimum(opened, closed))
    usual = volume / profile.print_lots * (FEWEST_PRINTS + (MOST_PRINTS - FEWEST_PRINTS) * chances_of(bars))
    trades = np.minimum(np.maximum(np.rint(usual).astype(np.int64), seen), volume)
    return Traded(trades, volume * ((opened + high + low + closed) / 4))


def chances_of(bars: Bars) -> Floats:
    """Between 0 and 1, as if by chance, and always the same of the same bar."""
    mixed = np.zeros(len(bars), np.uint64)
    for column in bars.columns():
        mixed = (mixed ^ column.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return np.asarray((mixed >> np.uint64(11)) / 2.0**53, float)


def bars_from_trades(times: Sequence[int], prices: Sequence[int], lots: Sequence[int], step_ns: int) -> Bars:
    """Bars of `step_ns` from trades in order of time."""
    if not times:
        return Bars.empty()
    start = np.array(times, np.int64)
    price, volume = np.array(prices, np.int64), np.array(lots, np.int64)
    return joined_by(Bars(start, price, price, price, price, volume), start - start % step_ns)


def continued(earlier: Bars, later: Bars) -> Bars:
    """`later` after `earlier`; bars with the same start become one."""
    if not len(earlier) or not len(later):
        return later if len(later) else earlier
    both = earlier.joined(later)
    return joined_by(both, both.start) if later.start[0] <= earlier.start[-1] else both


def closed_before(bars: Bars, moment: int, step_ns: int) -> Bars:
    """The bars that are over at `moment`."""
    return bars[: int(np.searchsorted(bars.start, moment - step_ns, side="right"))]


def generator(seed: int, symbol: str, part: str, moment: int) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(f"{symbol}:{part}".encode()), moment])


def minute_starts(sessions: Sequence[Session], since: int, until: int) -> tuple[Column, Column]:
    """Starts of the trading minutes in [since, until), and the midnight before each."""
    starts = [np.empty(0, np.int64)]
    days = [np.empty(0, np.int64)]
    for session in sessions:
        minutes = np.arange(max(session.open, since), min(session.close, until), NS_PER_MINUTE, dtype=np.int64)
        starts.append(minutes)
        days.append(np.full(len(minutes), session.day, np.int64))
    return np.concatenate(starts), np.concatenate(days)


def minute_path(profile: Profile, second_vol: float, starts: Column, days: Column, rng: np.random.Generator) -> Path:
    count = len(starts)
    mood = wandering(rng, count, MINUTE_MOODS)
    usual = second_vol * math.sqrt(60.0) / profile.price
    sd = usual * profile.day.volatility[minute_of_day(starts, days)] * np.exp(mood - variance(MINUTE_MOODS))
    opens = np.flatnonzero(np.diff(starts, prepend=starts[0]) > NS_PER_MINUTE)
    gap = np.zeros(count)
    gap[opens] = profile.daily_vol * math.sqrt(OVERNIGHT_SHARE) * rng.standard_normal(len(opens))
    return Path(gap, sd * rng.standard_normal(count), sd, mood)


def minute_volumes(profile: Profile, starts: Column, days: Column, path: Path, rng: np.random.Generator) -> Floats:
    restless = np.abs(path.move) / np.maximum(path.sd, 1e-12)
    busy = profile.day.activity[minute_of_day(starts, days)] * np.exp(0.45 * path.mood)
    noise = np.exp(0.45 * rng.standard_normal(len(starts)) - 0.1)
    return np.asarray(60.0 * profile.volume_rate * busy * noise * (0.7 + 0.37 * restless))


def parts_of_minutes(starts: Column, since: int, until: int) -> Floats:
    """How much of each minute lies in [since, until)."""
    inside = np.minimum(starts + NS_PER_MINUTE, until) - np.maximum(starts, since)
    return np.asarray(inside / NS_PER_MINUTE, float)


def minute_of_day(starts: Column, days: Column) -> Column:
    return np.asarray(np.minimum((starts - days) // NS_PER_MINUTE, MINUTES_A_DAY - 1), np.int64)


def wandering(rng: np.random.Generator, count: int, moods: Sequence[tuple[int, float]]) -> Floats:
    """A sum of slow and fast moods, zero on average."""
    at = np.arange(count, dtype=float)
    total = np.zeros(count)
    for length, sd in moods:
        knots = rng.standard_normal(count // length + 2)
        scale = sd if length == 1 else sd * INTERPOLATED
        total += scale * np.interp(at / length, np.arange(len(knots)), knots)
    return total


def variance(moods: Sequence[tuple[int, float]]) -> float:
    return sum(sd * sd for _, sd in moods)


def bars_of(
    starts: Column, path: Path, price: float, volume: Floats, rng: np.random.Generator, ends_there: bool
) -> Bars:
    """Bars along `path`, which begins or ends at `price`; highs and lows as a random walk has them."""
    travelled = np.cumsum(path.gap + path.move)
    offset = travelled[-1] if ends_there and len(travelled) else 0.0
    closes = math.log(price) + travelled - offset
    opens = closes - path.move
    reach = 2.0 * path.sd**2
    above = np.sqrt(path.move**2 - reach * np.log1p(-rng.random(len(starts))))
    below = np.sqrt(path.move**2 - reach * np.log1p(-rng.random(len(starts))))
    opened, closed = in_ticks(opens), in_ticks(closes)
    high = np.maximum(in_ticks((opens + closes + above) / 2), np.maximum(opened, closed))
    low = np.minimum(in_ticks((opens + closes - below) / 2), np.minimum(opened, closed))
    return Bars(starts, opened, high, low, closed, np.maximum(1, np.rint(volume)).astype(np.int64))


def in_ticks(logarithm: Floats) -> Column:
    return np.maximum(1, np.rint(np.exp(logarithm))).astype(np.int64)


def joined_by(bars: Bars, key: Column) -> Bars:
    """One bar for each run of equal keys; the key is its start."""
    if not len(bars):
        return bars
    first = np.flatnonzero(np.diff(key, prepend=key[0] - 1))
    last = np.append(first[1:], len(key)) - 1
    return Bars(
        key[first],
        bars.open[first],
        np.maximum.reduceat(bars.high, first),
        np.minimum.reduceat(bars.low, first),
        bars.close[last],
        np.add.reduceat(bars.volume, first),
    )


def second_ways(minutes: Bars, length: int, rng: np.random.Generator) -> Column:
    """`length` + 1 prices for each minute, from its open to its close and never past its high or low."""
    steps = np.cumsum(rng.standard_normal((len(minutes), length)), axis=1)
    walk = np.concatenate([np.zeros((len(minutes), 1)), steps], axis=1)
    part = np.linspace(0.0, 1.0, length + 1)
    bridge = walk - walk[:, -1:] * part
    span = (minutes.high - minutes.low).astype(float)
    width = np.maximum(1e-9, bridge.max(axis=1) - bridge.min(axis=1))
    straight = minutes.open[:, None] + (minutes.close - minutes.open)[:, None] * part
    way = np.rint(straight + bridge * (span / width)[:, None])
    return np.asarray(np.clip(way, minutes.low[:, None], minutes.high[:, None]), np.int64)


def shared_out(volume: Column, traded: NDArray[np.bool_], rng: np.random.Generator) -> Column:
    """Each minute's volume over its traded seconds, to the lot; at least one lot each while there are enough."""
    weight = np.where(traded, rng.exponential(size=traded.shape), 0.0)
    floor = np.where(volume >= traded.sum(axis=1), 1, 0)[:, None] * traded
    rest = volume - floor.sum(axis=1)
    given = floor + np.floor(rest[:, None] * weight / weight.sum(axis=1, keepdims=True)).astype(np.int64)
    given[:, -1] += volume - given.sum(axis=1)
    return np.asarray(given, np.int64)
