"""A bar played as four prints: open, the two extremes in the order of its direction, close.

A rising bar is taken to have seen its low first, a falling one its high. Joined again, the prints give the
very bar of the file. What happened in between the file does not say, and nothing is made up for it.
"""

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


def tape_of(recorded: RecordedBars) -> Tape:
    """Prints 4n to 4n+3 are those of bar n; the volume is split evenly, what is left over goes to the close."""
    bars = recorded.bars
    rises = bars.close >= bars.open
    earlier, later = np.where(rises, bars.low, bars.high), np.where(rises, bars.high, bars.low)
    price = np.stack((bars.open, earlier, later, bars.close), axis=1).ravel()
    part = bars.volume // PRINTS_PER_BAR
    qty = np.stack((part, part, part, bars.volume - 3 * part), axis=1).ravel()
    begins, ends = _spans(recorded)
    return Tape(_spread(begins, ends).ravel(), price, qty, np.zeros(len(price), np.int8))


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
