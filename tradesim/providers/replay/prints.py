"""A bar played as four prints: open, the two extremes, close. Joined again they give the very bar of the file.

Which extreme came first and how the volume was spread the file does not say. Both are drawn, and told by the symbol
and the bar's start: an order of extremes that followed the bar's direction would tell its close before it is there,
and an even split its volume with the first print.
"""

import zlib

import numpy as np
from numpy.typing import NDArray

from tradesim.kernel.clock import NS_PER_MS, NS_PER_SECOND
from tradesim.marketdata.days import at, date_of
from tradesim.marketdata.sessions import CLOSES, OPENS
from tradesim.model.instrument import AssetClass
from tradesim.model.market import Timeframe
from tradesim.model.series import Bars
from tradesim.providers.replay.bars_file import RecordedBars
from tradesim.providers.replay.tape import Tape

PRINTS_PER_BAR = 4
GOLDEN = 0x9E3779B97F4A7C15


def tape_of(recorded: RecordedBars) -> Tape:
    """Prints 4n to 4n+3 are those of bar n. Where it has at least four lots each print has one of them."""
    bars = recorded.bars
    draw = _drawn(zlib.crc32(recorded.instrument.symbol.encode()), bars.start)
    is_low_first = draw % 2 == 0
    earlier, later = np.where(is_low_first, bars.low, bars.high), np.where(is_low_first, bars.high, bars.low)
    price = np.stack((bars.open, earlier, later, bars.close), axis=1).ravel()
    begins, ends = _spans(recorded)
    qty = _parts(bars.volume, draw).ravel()
    return Tape(_spread(begins, ends).ravel(), price, qty, np.zeros(len(price), np.int8))


def _parts(volume: NDArray[np.int64], draw: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Four parts of each volume, cut at three places that are drawn anew for every volume."""
    least = (volume >= PRINTS_PER_BAR).astype(np.int64)
    spread = volume - PRINTS_PER_BAR * least
    places = (_drawn(number, draw ^ volume.astype(np.uint64)) for number in range(1, PRINTS_PER_BAR))
    cuts = [(place % (spread + 1).astype(np.uint64)).astype(np.int64) for place in places]
    edges = np.stack((np.zeros_like(spread), *np.sort(cuts, axis=0), spread), axis=1)
    return np.diff(edges, axis=1) + least[:, None]


def _drawn(seed: int, numbers: NDArray[np.int64] | NDArray[np.uint64]) -> NDArray[np.uint64]:
    """64 random-looking bits for each number: splitmix64 (Steele, Lea and Flood, 2014) at `seed` steps from it."""
    mixed = numbers.astype(np.uint64) + np.uint64((seed + 1) * GOLDEN % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    drawn: NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(31))
    return drawn


def _spans(recorded: RecordedBars) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """When trading within each bar begins and ends: daily bars of shares trade in the regular session."""
    starts = recorded.bars.start
    if recorded.length == Timeframe.D1.ns and recorded.instrument.asset_class is AssetClass.US_EQUITY:
        return _sessions(recorded.bars, recorded.zone)
    ends = starts + recorded.length
    ends[:-1] = np.minimum(ends[:-1], starts[1:])
    return starts, ends


def _sessions(bars: Bars, zone: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    days = [date_of(start // NS_PER_SECOND, zone) for start in bars.start.tolist()]
    spans = [(at(day, OPENS, zone), at(day, CLOSES, zone)) for day in days]
    begins, ends = (np.array(column, np.int64) * NS_PER_SECOND for column in zip(*spans, strict=True))
    return begins, ends


def _spread(begins: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    third = (ends - begins) // 3
    last = ends - np.minimum(NS_PER_MS, np.maximum(1, third // 2))
    return np.stack((begins, begins + third, begins + 2 * third, last), axis=1)
