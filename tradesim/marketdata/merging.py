"""Bars of several providers as one row of bars: each stretch of time once, the better word winning, clock changes safe.

A day is known by its date in the market's zone, so that midnight of New York (04:00 or 05:00 UTC), midnight UTC and
a close at 16:00 all name the same day. Shorter bars are known by the stretch of UTC time that they begin in.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.marketdata.days import date_of, midnight, zone_name
from tradesim.model.feed import FeedBar
from tradesim.model.instrument import Instrument
from tradesim.model.market import Timeframe
from tradesim.model.series import MOST_VOLUME, Bars


def merged(rows: Iterable[Sequence[FeedBar]], zone: str) -> list[FeedBar]:
    """Oldest first, one bar a start. Earlier rows win, but a final bar wins over one that may still change."""
    found: dict[tuple[Timeframe, int], FeedBar] = {}
    for row in rows:
        for bar in row:
            key = bar.timeframe, start_of(bar, zone)
            known = found.get(key)
            if known is None or (bar.is_final and not known.is_final):
                found[key] = bar
    return [found[key] for key in sorted(found, key=lambda key: (key[0].seconds, key[1]))]


def start_of(bar: FeedBar, zone: str) -> int:
    """Where the bar begins, UTC ns, whatever moment its provider names it by."""
    second = bar.start // NS_PER_SECOND
    if bar.timeframe is Timeframe.D1:
        return midnight(date_of(second, zone), zone) * NS_PER_SECOND
    return bar.start - bar.start % bar.timeframe.ns


def as_columns(bars: Sequence[FeedBar], instrument: Instrument) -> Bars:
    """Merged bars of one length in ticks and lots. High and low hold open and close after rounding too."""
    if not bars:
        return Bars.empty()
    zone = zone_name(instrument)
    ticks = instrument.ticks
    table = [
        (
            start_of(bar, zone),
            ticks(bar.open),
            ticks(bar.high),
            ticks(bar.low),
            ticks(bar.close),
            min(instrument.lots(bar.volume), MOST_VOLUME),
        )
        for bar in bars
    ]
    return Bars(*(np.array(column, np.int64) for column in zip(*table, strict=True)))


def joined(older: Bars, newer: Bars) -> Bars:
    """Two rows of the same length as one: where both have a bar, the newer row's stands."""
    if not len(older) or not len(newer):
        return newer if len(newer) else older
    keep = ~np.isin(older.start, newer.start)
    both = [np.concatenate((a[keep], b)) for a, b in zip(older.columns(), newer.columns(), strict=True)]
    order = np.argsort(both[0], kind="stable")
    return Bars(*(column[order] for column in both))
