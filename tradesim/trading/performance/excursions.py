"""How far a trip went against the trader, and for him, before it ended (MAE, MFE), in money, before fees.

Measured on whole one-minute bars between two fills, and at the fills themselves: a bar in which a fill lies also shows
prices from before it, so of such a bar nothing is taken.
"""

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.trading.performance.trips import RoundTrip

MINUTE_NS = 60 * NS_PER_SECOND
ZERO = Decimal(0)


class PricedBar(Struct, frozen=True):
    """A one-minute bar in money; `start` in UTC ns."""

    start: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


class Excursions(Struct, frozen=True):
    """`adverse` is at most 0, `favorable` at least 0. `bars` says how many were there to measure on."""

    adverse: Decimal
    favorable: Decimal
    bars: int


def excursions(trip: RoundTrip, bars: Sequence[PricedBar], until: int | None = None) -> Excursions:
    """`bars` ascending, of the trip's symbol; `until` (UTC ns) is now, for a trip that is still open."""
    held, cash, seen, results = ZERO, ZERO, 0, [ZERO]
    ends = [leg.fill.ts_event for leg in trip.legs[1:]] + [trip.exit_at or until or trip.entry_at]
    for leg, end in zip(trip.legs, ends, strict=True):
        results.append(cash + held * leg.price)
        cash -= leg.qty * leg.price
        held += leg.qty
        results.append(cash + held * leg.price)
        for bar in whole_bars(bars, leg.fill.ts_event, end) if held else ():
            results += (cash + held * bar.high, cash + held * bar.low)
            seen += 1
    return Excursions(min(results), max(results), seen)


def whole_bars(bars: Sequence[PricedBar], begin: int, end: int) -> Sequence[PricedBar]:
    """Those that begin at `begin` or later and have ended by `end`."""
    first = bisect_left(bars, begin, key=start_of)
    return bars[first : bisect_left(bars, end - MINUTE_NS + 1, first, key=start_of)]


def start_of(bar: PricedBar) -> int:
    return bar.start
