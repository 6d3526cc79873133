"""What the market shows: the tape, the day's figures and the book of every instrument, as immutable views."""

from collections import deque
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Protocol

from msgspec.structs import replace

from tradesim.desk.ports import MarketSource
from tradesim.desk.ticks import SymbolTicks
from tradesim.desk.views import BOOK_LEVELS, TAPE_LENGTH, MarketView
from tradesim.model.market import Bar, Timeframe, Trade
from tradesim.model.series import Bars, History
from tradesim.model.venue import PrintVoided


class Day(Protocol):
    """The figures of one trading day, in ticks and lots."""

    @property
    def open(self) -> int | None: ...

    @property
    def high(self) -> int | None: ...

    @property
    def low(self) -> int | None: ...

    @property
    def volume(self) -> int: ...

    @property
    def prev_close(self) -> int | None: ...


class BarKeeper(Protocol):
    """Turns prints into bars. Written by the market thread, read by all."""

    def load(self, symbol: str, history: History) -> None: ...

    def add(self, trade: Trade) -> None: ...

    def bars(self, symbol: str, timeframe: Timeframe, limit: int = ..., before: int | None = ...) -> Bars: ...

    def forming(self, symbol: str, timeframe: Timeframe) -> Bar | None: ...

    def revision(self, symbol: str) -> int:
        """Another one when bars of before were told anew."""
        ...

    def day(self, symbol: str, now: int | None = ...) -> Day | None:
        """The day of the newest bar; None without any."""
        ...


class Board:
    """Owned by the market thread; `views` is swapped whole and may be read by anyone.

    `moves` counts for every symbol how often something was heard of it.
    """

    def __init__(self, source: MarketSource, bars: BarKeeper) -> None:
        self.bars = bars
        self._source = source
        self._tapes: dict[str, deque[Trade]] = {}
        self._last: dict[str, int | None] = {}
        self._stale: set[str] = set()
        self._retold: set[str] = set()
        self.moves: dict[str, int] = {}
        self.ticks: Mapping[str, SymbolTicks] = {}
        self.views: Mapping[str, MarketView] = {}
        for symbol in source.instruments:
            self.take_up(symbol)

    def take_up(self, symbol: str) -> None:
        """One more instrument of the source."""
        self._tapes[symbol] = deque(maxlen=TAPE_LENGTH)
        self.moves[symbol] = 0
        self.reload(symbol)

    def reload(self, symbol: str) -> None:
        """Take the past from the source again: at the start and after a jump."""
        history = self._source.history(symbol)
        self.bars.load(symbol, history)
        self._tapes[symbol].clear()
        self._last[symbol] = last_close(history)
        self.ticks = {**self.ticks, symbol: SymbolTicks()}
        self._stir(symbol)

    def print(self, trade: Trade) -> None:
        self.bars.add(trade)
        self._tapes[trade.symbol].append(trade)
        self.ticks[trade.symbol].print(trade, trade.aggressor is None and self._source.venue.holds_auctions)
        self._last[trade.symbol] = trade.price
        self._stir(trade.symbol)

    def void(self, voided: PrintVoided) -> None:
        """A print never was: the tape goes on without it, or with what should have been told, and the last price too.

        The bars' keeper undid it already.
        """
        symbol = voided.symbol
        tape = self._tapes[symbol]
        wrong = next((each for each in reversed(tape) if is_of(each, voided)), None)
        if wrong is not None:
            right = [amended(wrong, *voided.better)] if voided.better else []
            rows = chain.from_iterable(right if each is wrong else [each] for each in tape)
            self._tapes[symbol] = deque(rows, maxlen=TAPE_LENGTH)
            self._retold.add(symbol)
            self.ticks[symbol].void(wrong, right)
        self._last[symbol] = voided.last
        self._stir(symbol)

    def touch(self, symbols: Iterable[str]) -> None:
        for symbol in symbols:
            self._stir(symbol)

    def _stir(self, symbol: str) -> None:
        self._stale.add(symbol)
        self.moves[symbol] += 1

    def last(self, symbol: str) -> int | None:
        return self._last.get(symbol)

    def refresh(self, now: int) -> frozenset[str]:
        """Swap in new views of what changed since; the symbols that did."""
        if not self._stale:
            return frozenset()
        changed = frozenset(self._stale)
        self._stale.clear()
        self.views = {**self.views, **{symbol: self._view(symbol, now) for symbol in sorted(changed)}}
        return changed

    def _view(self, symbol: str, now: int) -> MarketView:
        tape, day, venue = self._tapes[symbol], self.bars.day(symbol, now), self._source.venue
        top = venue.top(symbol, BOOK_LEVELS)
        self.ticks[symbol].show(top, now)
        latest = tape[-1] if tape else None
        return MarketView(
            symbol=symbol,
            top=top,
            last=self._last[symbol],
            last_qty=latest.qty if latest else 0,
            last_at=latest.ts_event if latest else 0,
            open=day.open if day else None,
            high=day.high if day else None,
            low=day.low if day else None,
            volume=day.volume if day else 0,
            prev_close=day.prev_close if day else None,
            session=self._source.session(symbol, now),
            is_halted=venue.is_halted(symbol),
            updated_at=now,
            tape=self._tape_of(symbol, tape),
            indicative=venue.indicative(symbol, now),
            band_reference=venue.band_reference(symbol),
            revision=self.bars.revision(symbol),
        )

    def _tape_of(self, symbol: str, tape: deque[Trade]) -> tuple[Trade, ...]:
        """The former view's tape when nothing was printed since, so that readers can compare by identity."""
        former = None if symbol in self._retold else self.views.get(symbol)
        self._retold.discard(symbol)
        if former and len(former.tape) == len(tape) and (not tape or former.tape[-1] is tape[-1]):
            return former.tape
        return tuple(tape)


def is_of(trade: Trade, voided: PrintVoided) -> bool:
    return (trade.ts_event, trade.price, trade.qty) == (voided.ts_event, voided.price, voided.qty)


def amended(trade: Trade, price: int, qty: int) -> Trade:
    return replace(trade, price=price, qty=qty)


def last_close(history: History) -> int | None:
    for bars in (history.seconds, history.minutes, history.days):
        if len(bars):
            return int(bars.close[-1])
    return None
