"""Bars of a live market, told print by print: each moves what its sale conditions let it move, and can be undone.

The source tells of prints itself, because a `Trade` on the tape does not say what it moves; `add` is therefore idle.
Undone prints give their volume back; high and low go back as far as the prints of their second are remembered.
"""

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.marketdata.bars import NS_PER_MINUTE, BarStore
from tradesim.marketdata.days import day_bounds
from tradesim.marketdata.merging import joined
from tradesim.marketdata.screening import Effects
from tradesim.model.instrument import Instrument
from tradesim.model.market import Timeframe, Trade
from tradesim.model.series import MOST_VOLUME, Bars, History

PRINTS_KEPT = 50_000
FULL = Effects(last=True, high_low=True, volume=True)


class Printed(NamedTuple):
    """One print in ticks and lots, by the time it is filed under."""

    time: int
    price: int
    qty: int
    moves: Effects


class PrintedBars(BarStore):
    """Implements `desk.board.BarKeeper`."""

    def __init__(self, instruments: Mapping[str, Instrument]) -> None:
        self._memory: dict[str, deque[Printed]] = {}
        super().__init__(instruments)

    def take_up(self, instrument: Instrument) -> None:
        super().take_up(instrument)
        self._memory[instrument.symbol] = deque(maxlen=PRINTS_KEPT)

    def add(self, trade: Trade) -> None:
        """Idle: `tell` was told already."""

    def tell(self, symbol: str, printed: Printed) -> None:
        self._memory[symbol].append(printed)
        self._file(symbol, printed)

    def undo(self, symbol: str, printed: Printed, better: Printed | None = None) -> bool:
        """Whether the print was remembered, and is out of the bars now. `better`, of its second, takes its place."""
        prints = self._memory[symbol]
        if printed not in prints:
            return False
        is_whole = prints[0].time // NS_PER_SECOND < printed.time // NS_PER_SECOND or len(prints) < PRINTS_KEPT
        place = prints.index(printed)
        del prints[place]
        if better is not None:
            prints.insert(place, better)
        self.load(symbol, self._without(symbol, printed, better, is_whole))
        return True

    def last(self, symbol: str) -> int | None:
        """Ticks of the last price: of the latest print remembered that moves it, else of the past."""
        told = next((each.price for each in reversed(self._memory[symbol]) if each.moves.last), None)
        return self.last_close(symbol) if told is None else told

    def merge(self, symbol: str, minutes: Bars, days: Bars) -> None:
        """Take closed bars that were fetched: for the minutes and days in them, their word stands.

        Other days that the minutes reach into are made anew from all minutes known.
        """
        known = self.history(symbol)
        former = known.days
        if len(minutes):
            first, _ = day_bounds(int(minutes.start[0]) // NS_PER_SECOND, self._zones[symbol])
            former = former[: int(np.searchsorted(former.start, first * NS_PER_SECOND))]
        history = History(outside(known.seconds, minutes), joined(known.minutes, minutes), joined(former, days))
        self.load(symbol, history)

    def _file(self, symbol: str, printed: Printed) -> None:
        track, (time, price, qty, moves) = self._tracks[symbol], printed
        lots = qty if moves.volume else 0
        if moves.last and moves.high_low:
            track.add(time, price, lots)
        elif moves.high_low:
            track.widen(time, price, lots)
        elif lots and (forming := track.forming(Timeframe.S1)) is not None:
            track.add(max(time, forming.start), forming.close, lots)

    def _without(self, symbol: str, printed: Printed, better: Printed | None, is_whole: bool) -> History:
        """The history as if `printed` had never been, and `better` had."""
        known, second = self.history(symbol), printed.time - printed.time % NS_PER_SECOND
        seconds, lots = known.seconds, volume_of(printed) - volume_of(better)
        if is_whole:
            left = [each for each in self._memory[symbol] if each.time // NS_PER_SECOND == second // NS_PER_SECOND]
            before = int(np.searchsorted(seconds.start, second))
            after = int(np.searchsorted(seconds.start, second, side="right"))
            seconds = seconds[:before].joined(bar_of(second, left)).joined(seconds[after:])
        minute = second - second % NS_PER_MINUTE
        day, day_end = (each * NS_PER_SECOND for each in day_bounds(second // NS_PER_SECOND, self._zones[symbol]))
        minutes = rewritten(known.minutes, minute, minute + NS_PER_MINUTE, seconds, lots)
        return History(seconds, minutes, rewritten(known.days, day, day_end, minutes, lots))


def volume_of(printed: Printed | None) -> int:
    return printed.qty if printed is not None and printed.moves.volume else 0


def bar_of(second: int, prints: list[Printed]) -> Bars:
    """The bar of one second from all of its prints; empty without one that moves a price."""
    prices = [each.price for each in prints if each.moves.high_low]
    if not prices:
        return Bars.empty()
    lots = min(sum(each.qty for each in prints if each.moves.volume), MOST_VOLUME)
    row = (second, prices[0], max(prices), min(prices), prices[-1], lots)
    return Bars(*(np.array([value], np.int64) for value in row))


def rewritten(coarse: Bars, start: int, end: int, fine: Bars, lots: int) -> Bars:
    """The coarse bar at `start` without `lots`: from its parts when they are all known, else with less volume alone."""
    row = int(np.searchsorted(coarse.start, start))
    if row >= len(coarse) or coarse.start[row] != start:
        return coarse
    parts = fine[int(np.searchsorted(fine.start, start)) : int(np.searchsorted(fine.start, end))]
    left = max(0, int(coarse.volume[row]) - lots)
    if int(parts.volume.sum()) != left:
        volume = coarse.volume.copy()
        volume[row] = left
        return Bars(*coarse.columns()[:5], volume)
    whole = aggregate(start, parts) if len(parts) else Bars.empty()
    return coarse[:row].joined(whole).joined(coarse[row + 1 :])


def aggregate(start: int, parts: Bars) -> Bars:
    row = (start, parts.open[0], parts.high.max(), parts.low.min(), parts.close[-1], parts.volume.sum())
    return Bars(*(np.array([value], np.int64) for value in row))


def outside(seconds: Bars, minutes: Bars) -> Bars:
    """Seconds that do not lie in any of `minutes`: the fetched minute stands for them."""
    keep = ~np.isin(seconds.start - seconds.start % NS_PER_MINUTE, minutes.start)
    return Bars(*(column[keep] for column in seconds.columns()))
