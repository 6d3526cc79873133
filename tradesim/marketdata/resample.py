"""Longer bars out of shorter ones, and bars out of trades. Pure, vectorised; times in UTC ns."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.marketdata.days import boundaries
from tradesim.model.market import Timeframe
from tradesim.model.series import Bars, Column

HOURS_BY_TIMEFRAME = {Timeframe.H4: 4, Timeframe.D1: 24}
"""Timeframes anchored on the zone's midnight; shorter ones are floored on the epoch."""

Integers = NDArray[np.signedinteger[Any]]


def bucket_starts(times: Column, timeframe: Timeframe, zone: str) -> Column:
    """For each of the ascending `times`, the start of the bar that it falls in."""
    if len(times) == 0 or timeframe not in HOURS_BY_TIMEFRAME:
        return times - times % timeframe.ns
    edges = _edges(int(times[0]), int(times[-1]), timeframe, zone)
    return edges[np.searchsorted(edges, times, side="right") - 1]


def bucket_start(time: int, timeframe: Timeframe, zone: str) -> int:
    if timeframe not in HOURS_BY_TIMEFRAME:
        return time - time % timeframe.ns
    edges = _edges(time, time, timeframe, zone)
    return int(edges[np.searchsorted(edges, time, side="right") - 1])


def next_bucket_start(time: int, timeframe: Timeframe, zone: str) -> int:
    """The first bar start at or after `time`."""
    if timeframe not in HOURS_BY_TIMEFRAME:
        return -(-time // timeframe.ns) * timeframe.ns
    edges = _edges(time, time + 2 * Timeframe.D1.ns, timeframe, zone)
    return int(edges[np.searchsorted(edges, time, side="left")])


def _edges(first: int, last: int, timeframe: Timeframe, zone: str) -> Column:
    hours = HOURS_BY_TIMEFRAME[timeframe]
    return boundaries(first // NS_PER_SECOND, last // NS_PER_SECOND, hours, zone) * NS_PER_SECOND


def resampled(bars: Bars, timeframe: Timeframe, zone: str) -> Bars:
    """`bars` joined into bars of `timeframe`; a bucket in which nothing traded has no bar."""
    return _joined(bucket_starts(bars.start, timeframe, zone), bars.columns()[1:])


def bars_of_trades(times: Column, prices: Integers, sizes: Integers, timeframe: Timeframe, zone: str) -> Bars:
    """Bars of trades given in the order of the tape, `times` ascending, prices in ticks, sizes in lots."""
    return _joined(bucket_starts(times, timeframe, zone), (prices, prices, prices, prices, sizes))


def _joined(buckets: Column, values: tuple[Integers, Integers, Integers, Integers, Integers]) -> Bars:
    if len(buckets) == 0:
        return Bars.empty()
    firsts = np.flatnonzero(np.concatenate(([True], buckets[1:] != buckets[:-1])))
    lasts = np.concatenate((firsts[1:], [len(buckets)])) - 1
    opens, highs, lows, closes, volumes = values
    return Bars(
        buckets[firsts],
        opens[firsts].astype(np.int64),
        np.maximum.reduceat(highs, firsts).astype(np.int64),
        np.minimum.reduceat(lows, firsts).astype(np.int64),
        closes[lasts].astype(np.int64),
        np.add.reduceat(volumes, firsts, dtype=np.int64),
    )
