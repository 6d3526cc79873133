"""What an order pays beyond a displayed quote, where nothing is known of what stands behind it.

The square-root law: a metaorder of Q lots moves the price by

    Y * sigma * P * sqrt(Q / V)

with sigma the standard deviation of a day's return, V the lots of a usual day and Y of order one. Sources: Almgren,
Thum, Hauptmann, Li, "Direct estimation of equity market impact" (2005; there the exponent is 3/5); Toth et al.,
"Anomalous price impact and the critical nature of liquidity in financial markets" (2011; exponent 1/2). Y = 1 here.

The rule, stated so that it can be checked by hand, with D lots displayed at the touch:

* Q counts from the touch: the displayed lots, then what we took beyond them while that quote stands, then the order.
* Beyond D there are slices that end where Q is 2D, 4D, 8D, ... All of a slice trades at the price of its end, which is
  in the client's disfavour.
* The k-th slice is k ticks beyond the touch, or the law's distance at its end rounded up, whichever is more.
* Where sigma and V are not known, it is as many ticks as its end has multiples of D beyond the first: 1, 3, 7, ...

So a lot's price depends on where it stands alone: it never gets better with size, and an order in parts pays what it
pays in one piece.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from tradesim.kernel.counting import counted
from tradesim.model.series import Bars

Y = 1.0
DAYS, FEWEST_DAYS = 20, 5
"""How many days a scale is measured over, and without how many there is none."""
MOST_SLICES = 48
"""More lots than any order has."""


class DailyScale(Struct, frozen=True):
    """How much a market moves and trades in a day: `volatility` is a fraction of the price, `volume` in lots."""

    volatility: float
    volume: float


def scale_of(days: Bars) -> DailyScale | None:
    """Of the last twenty days that are over: the deviation of log returns, the median volume; None of too few."""
    closes, volumes = days.close[-DAYS - 1 :], days.volume[-DAYS:]
    if len(closes) <= FEWEST_DAYS or not (closes > 0).all():
        return None
    volume = float(np.median(volumes))
    return DailyScale(float(np.std(np.diff(np.log(closes)))), volume) if volume > 0 else None


class Slice(NamedTuple):
    """`lots` at `ticks` beyond the touch."""

    lots: int
    ticks: int


class Impact:
    """Beyond one displayed quote. `touch` in ticks, `displayed` in lots, at least one."""

    def __init__(self, touch: int, displayed: int, scale: DailyScale | None = None) -> None:
        self.touch, self.displayed, self.scale = touch, max(1, displayed), scale

    def ticks(self, beyond: int) -> int:
        """How far from the touch the last of `beyond` lots after the displayed ones trades."""
        return self._ticks_of(self._slice_of(beyond)) if beyond > 0 else 0

    def reach(self, ticks: int) -> int:
        """The most lots beyond the displayed ones that trade no further than `ticks` from the touch."""
        inside = 0
        while inside < MOST_SLICES and self._ticks_of(inside + 1) <= ticks:
            inside += 1
        return self._end_of(inside)

    def slices(self, taken: int, lots: int, furthest: int) -> Iterator[Slice]:
        """Up to `lots`, when `taken` beyond the displayed ones were taken before, no further than `furthest` ticks."""
        most = min(taken + lots, self.reach(furthest))
        while taken < most:
            number = self._slice_of(taken + 1)
            end = min(most, self._end_of(number))
            yield Slice(end - taken, self._ticks_of(number))
            taken = end

    def words(self, beyond: int) -> str:
        """The rule as applied to the last of `beyond` lots, for a fill's reason."""
        return f"quote and impact: {self._paid(beyond)} beyond the quote's {self.displayed:,} lots, {self._law()}"

    def forecast(self, lots: int, beyond: int) -> str:
        """The rule as it would be applied to `lots` more than are displayed now, the last of them the `beyond`th."""
        what = f"{lots:,} lots beyond what is displayed trade by the impact rule"
        return f"{what}, the last {self._paid(beyond)} from the quote: {self._law()}"

    def _paid(self, beyond: int) -> str:
        return counted(self.ticks(beyond), "tick")

    def _law(self) -> str:
        if self.scale is None:
            return "a tick for each multiple of them"
        daily = f"{self.scale.volatility:.2%} and {self.scale.volume:,.0f} lots a day"
        return f"by the square root of volume ({daily})"

    def _ticks_of(self, number: int) -> int:
        if self.scale is None:
            return int(2**number - 1)
        return max(number, math.ceil(self._distance(self.displayed * 2**number)))

    def _distance(self, lots: int) -> float:
        """The law's, in ticks."""
        assert self.scale is not None
        if self.scale.volume <= 0:
            return 0.0
        return Y * self.scale.volatility * self.touch * math.sqrt(lots / self.scale.volume)

    def _slice_of(self, beyond: int) -> int:
        """Which slice the last of `beyond` lots is in; the first is 1."""
        return int((-(-(self.displayed + beyond) // self.displayed) - 1).bit_length())

    def _end_of(self, number: int) -> int:
        """Lots beyond the displayed ones at the end of a slice."""
        return int(self.displayed * (2**number - 1))
