"""One recording each, played into the shadow venue: moment by moment, or all at once up to a moment."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.marketdata.days import NEW_YORK, midnight, zone_name
from tradesim.model.corporate import Dividend, Split
from tradesim.model.instrument import AssetClass, Instrument
from tradesim.model.series import History
from tradesim.model.venue import HaltedBy
from tradesim.providers.replay.bars_file import RecordedBars
from tradesim.providers.replay.changes import OUT_OF_VIEW, Changes, changes, chunk_rows
from tradesim.providers.replay.lobster import BookRows, HaltPrice, Kind, LobsterDay
from tradesim.providers.replay.prints import PRINTS_PER_BAR, tape_of
from tradesim.providers.replay.tape import Tape
from tradesim.venue.shadow import ShadowVenue

PRINTED = (Kind.EXECUTE, Kind.EXECUTE_HIDDEN, Kind.CROSS)
MOST_HISTORY_BARS = 300
HISTORY_SHARE = 5


class Feed(ABC):
    """`times` (UTC ns, ascending) are those of what is played; `position` counts what has happened of it.

    `opens` is when its tape begins: what is before belongs to the past.
    """

    instrument: Instrument
    times: NDArray[np.int64]
    tape: Tape
    opens: int
    title: str
    actions: Sequence[Dividend | Split] = ()

    def __init__(self) -> None:
        self.position = 0

    @property
    def symbol(self) -> str:
        return self.instrument.symbol

    @property
    def ends(self) -> int:
        return int(self.times[-1])

    def next_due(self) -> int | None:
        return int(self.times[self.position]) if self.position < len(self.times) else None

    def history(self) -> History:
        """Bars of what was printed until now, and of nothing else."""
        return self.tape.history(self.printed(self.position), zone_name(self.instrument))

    def last_price(self) -> int | None:
        """Ticks of the last print, or where there is none yet the middle of the book."""
        count = self.printed(self.position)
        return int(self.tape.price[count - 1]) if count else None

    def jump(self, to: int) -> None:
        """Make `to` the present, without telling anybody."""
        self.position = self._until(to)

    def play(self, to: int, venue: ShadowVenue) -> None:
        """Tell the venue of everything up to and including `to`, in order."""
        end = self._until(to)
        while self.position < end:
            self.position = self._play_some(self.position, end, venue)

    def _until(self, to: int) -> int:
        return int(np.searchsorted(self.times, to, side="right"))

    @abstractmethod
    def printed(self, position: int) -> int:
        """How many prints the first `position` items are."""

    @abstractmethod
    def show(self, venue: ShadowVenue, now: int) -> None:
        """Tell a venue that knows nothing how the market stands now."""

    @abstractmethod
    def _play_some(self, first: int, end: int, venue: ShadowVenue) -> int:
        """Play from `first` on, at most to `end`; the new position."""


class LobsterFeed(Feed):
    """A day order by order. A message's print comes before what it did to the book."""

    def __init__(self, day: LobsterDay, symbol: str, when: date, book: BookRows) -> None:
        super().__init__()
        self.instrument = Instrument(symbol, symbol, AssetClass.US_EQUITY, day.tick_size, fractionable=True)
        self.title = f"{symbol} {when.isoformat()}"
        self._messages = day.messages
        self._book = book
        self.times = day.messages.time + midnight(when, NEW_YORK) * NS_PER_SECOND
        self.opens = int(self.times[0])
        is_printed = np.isin(day.messages.kind, PRINTED) & (day.messages.size > 0) & (day.messages.price > 0)
        self._printed_rows = np.flatnonzero(is_printed)
        self._halt_rows = np.flatnonzero(day.messages.kind == Kind.HALT)
        self.tape = self._tape()
        self._chunk = chunk_rows(book.levels)
        self._changes: Changes = {}
        self._changes_rows = range(0)

    def printed(self, position: int) -> int:
        return int(np.searchsorted(self._printed_rows, position))

    def last_price(self) -> int | None:
        return super().last_price() or self._middle()

    def show(self, venue: ShadowVenue, now: int) -> None:
        if not self.position:
            return
        bids, asks = self._book.row(self.position - 1)
        venue.on_book_snapshot(self.symbol, bids, asks, now)
        if self._is_halted():
            venue.halt(self.symbol, now, HaltedBy.MARKET)

    def _tape(self) -> Tape:
        rows, messages = self._printed_rows, self._messages
        is_cross = messages.kind[rows] == Kind.CROSS
        aggressor = np.where(is_cross, 0, -messages.direction[rows]).astype(np.int8)
        return Tape(self.times[rows], messages.price[rows], messages.size[rows], aggressor)

    def _middle(self) -> int | None:
        if not self.position:
            return None
        bids, asks = self._book.row(self.position - 1)
        return (bids[0][0] + asks[0][0]) // 2 if bids and asks else None

    def _is_halted(self) -> bool:
        """Quoting may begin again before trading does; only a resume of trading ends the halt."""
        turns = self._halt_rows[: np.searchsorted(self._halt_rows, self.position)]
        prices = self._messages.price[turns]
        prices = prices[prices != HaltPrice.QUOTING]
        return bool(len(prices)) and int(prices[-1]) == HaltPrice.HALTED

    def _play_some(self, first: int, end: int, venue: ShadowVenue) -> int:
        if first == 0:
            self._happen(0, int(self._messages.kind[0]), int(self.times[0]), venue)
            bids, asks = self._book.row(0)
            venue.on_book_snapshot(self.symbol, bids, asks, int(self.times[0]))
            return 1
        known = self._known_changes(first)
        end = min(end, known.stop)
        kinds, times = self._messages.kind[first:end].tolist(), self.times[first:end].tolist()
        for row, (kind, now) in enumerate(zip(kinds, times, strict=True), first):
            if kind >= Kind.EXECUTE:
                self._happen(row, kind, now, venue)
            for side, price, qty in self._changes.get(row, ()):
                if qty == OUT_OF_VIEW:
                    venue.out_of_view(self.symbol, side, price, now)
                else:
                    venue.on_level(self.symbol, side, price, qty, now)
        return end

    def _known_changes(self, row: int) -> range:
        """Rows, `row` among them, whose changes are at hand."""
        if row not in self._changes_rows:
            self._changes_rows = range(row, min(row + self._chunk, len(self.times)))
            self._changes = changes(self._book, self._messages, row, self._changes_rows.stop)
        return self._changes_rows

    def _happen(self, row: int, kind: int, now: int, venue: ShadowVenue) -> None:
        if kind == Kind.HALT:
            self._turn(int(self._messages.price[row]), now, venue)
            return
        number = self.printed(row)
        if number < len(self.tape) and self._printed_rows[number] == row:
            trade = replace(self.tape.trade(self.symbol, number), is_between=bool(self._messages.is_between[row]))
            venue.on_trade(trade, trade.aggressor.opposite if trade.aggressor else None)

    def _turn(self, price: int, now: int, venue: ShadowVenue) -> None:
        if price == HaltPrice.HALTED:
            venue.halt(self.symbol, now, HaltedBy.MARKET)
        elif price == HaltPrice.TRADING:
            venue.resume(self.symbol, now, HaltedBy.MARKET)


class BarsFeed(Feed):
    """Bars, four prints each. There are no quotes in the file, so none are shown: the venue works by trades alone.

    The first 300 bars, at most a fifth of all, are the past.
    """

    def __init__(self, recorded: RecordedBars) -> None:
        super().__init__()
        self.instrument = recorded.instrument
        self.tape = tape_of(recorded)
        self.times = self.tape.time
        past = min(MOST_HISTORY_BARS, len(recorded.bars) // HISTORY_SHARE)
        self.opens = int(self.times[PRINTS_PER_BAR * past])
        self.title = recorded.instrument.symbol
        self.length = recorded.length
        self.actions = recorded.actions
        self._is_sized = recorded.is_sized

    def bar_ends(self, count: int) -> NDArray[np.int64]:
        """When the next `count` bars, the forming one first, have their last print."""
        first = self.position - self.position % PRINTS_PER_BAR
        return self.times[first + PRINTS_PER_BAR - 1 : first + PRINTS_PER_BAR * count : PRINTS_PER_BAR]

    def printed(self, position: int) -> int:
        return position

    def show(self, venue: ShadowVenue, now: int) -> None:
        """Nothing is displayed; the next print tells."""

    def _play_some(self, first: int, end: int, venue: ShadowVenue) -> int:
        for number in range(first, end):
            venue.on_trade(self.tape.trade(self.symbol, number), is_sized=self._is_sized)
        return end
