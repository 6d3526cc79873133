"""IEX HIST captures as recordings to replay: the touch from TOPS, real depth from DEEP, prints from both.

A capture holds a whole exchange: one feed a symbol, of those asked for or of the most active. Prices are
counted as for other recorded books: a cent a tick unless a displayed price is finer, a print between two at the lower.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from tradesim.kernel.errors import Refused
from tradesim.marketdata.days import zone_name
from tradesim.model.instrument import AssetClass, Instrument
from tradesim.model.market import Side
from tradesim.model.series import History
from tradesim.model.venue import HaltedBy
from tradesim.providers.iex.hist import (
    LEVEL,
    MARK,
    PRICE_SCALE,
    QUOTE,
    STATUS,
    SYMBOL,
    TRADE,
    HistFile,
    text,
)
from tradesim.providers.replay.feeds import Feed
from tradesim.providers.replay.tape import Tape
from tradesim.venue.shadow import ShadowVenue

MOST_SYMBOLS = 12
RANKED_MESSAGES = 5_000_000
TICKS = (100, 50, 10, 5, 1)
TOUCH, BID_LEVEL, ASK_LEVEL, PRINT, BREAK, HALTED, TRADING, CLEARED = range(8)
LEVELS = (BID_LEVEL, ASK_LEVEL)
NEVER = np.iinfo(np.int64).max
ACTIVE = frozenset(b"Q85T")
OF_SYMBOL = frozenset(b"Q85TBHO")


@dataclass(slots=True)
class Rows:
    """One symbol's messages as columns.

    TOUCH: `price` and `size` of the bid, `other_price` and `other_size` of the ask; levels: `price`, `size`;
    PRINT and BREAK: `price`, `size`, `other_price` is the trade's id.
    """

    kind: "array[int]" = field(default_factory=lambda: array("B"))
    time: "array[int]" = field(default_factory=lambda: array("q"))
    price: "array[int]" = field(default_factory=lambda: array("q"))
    size: "array[int]" = field(default_factory=lambda: array("q"))
    other_price: "array[int]" = field(default_factory=lambda: array("q"))
    other_size: "array[int]" = field(default_factory=lambda: array("q"))
    halted_by: set[int] = field(default_factory=set)

    def add(self, kind: int, time: int, price: int = 0, size: int = 0, other: int = 0, other_size: int = 0) -> None:
        self.kind.append(kind)
        self.time.append(time)
        self.price.append(price)
        self.size.append(size)
        self.other_price.append(other)
        self.other_size.append(other_size)

    def turn(self, kind: int, is_halted: bool, time: int) -> None:
        """Halted while either the market or IEX alone has halted it."""
        was = bool(self.halted_by)
        (self.halted_by.add if is_halted else self.halted_by.discard)(kind)
        if bool(self.halted_by) != was:
            self.add(HALTED if is_halted else TRADING, time)


def hist_feeds(path: Path, mapping: Mapping[str, str]) -> list[Feed]:
    """Feeds of `--map symbol=A,B` or of the 12 most active. Raises Refused."""
    capture = HistFile(path)
    named = [symbol.strip().upper() for symbol in mapping.get("symbol", "").split(",") if symbol.strip()]
    chosen = named or most_active(capture)
    rows = _read(capture, chosen)
    silent = [symbol for symbol in chosen if not _has_market(rows[symbol])]
    if silent or not chosen:
        raise Refused(f"{path.name} has no quotes or trades of {', '.join(silent) or 'any symbol'}")
    return [HistFeed(symbol, rows[symbol]) for symbol in chosen]


def most_active(capture: HistFile) -> list[str]:
    """By quotes, levels and trades among the first five million messages; ties by name."""
    told: Counter[bytes] = Counter()
    for body in islice(capture.bodies(), RANKED_MESSAGES):
        if body and body[0] in ACTIVE:
            told[body[SYMBOL]] += 1
    ranked = sorted(told, key=lambda symbol: (-told[symbol], symbol))
    return sorted(text(symbol) for symbol in ranked[:MOST_SYMBOLS])


def _has_market(rows: Rows) -> bool:
    return any(kind in (TOUCH, BID_LEVEL, ASK_LEVEL, PRINT) for kind in rows.kind)


def _read(capture: HistFile, symbols: Iterable[str]) -> dict[str, Rows]:
    rows = {symbol: Rows() for symbol in symbols}
    by_name = {symbol.encode("ascii", "replace").ljust(8): each for symbol, each in rows.items()}
    for body in capture.bodies():
        if not body:
            continue
        if body[0] in OF_SYMBOL:
            found = by_name.get(body[SYMBOL])
            if found is not None:
                _note(found, body)
        elif body[:2] == b"SO" and len(body) >= 10:
            for each in rows.values():
                if each.kind:
                    each.add(CLEARED, int.from_bytes(body[2:10], "little"))
    return rows


def _note(rows: Rows, body: bytes) -> None:
    match body[0]:
        case 0x51 if len(body) >= QUOTE.size:
            _, time, _, bid_size, bid, ask, ask_size = QUOTE.unpack_from(body)
            rows.add(TOUCH, time, bid, bid_size, ask, ask_size)
        case 0x38 | 0x35 if len(body) >= LEVEL.size:
            _, time, _, size, price = LEVEL.unpack_from(body)
            rows.add(BID_LEVEL if body[0] == 0x38 else ASK_LEVEL, time, price, size)
        case 0x54 | 0x42 if len(body) >= TRADE.size:
            _, time, _, size, price, number = TRADE.unpack_from(body)
            rows.add(PRINT if body[0] == 0x54 else BREAK, time, price, size, number)
        case 0x48 if len(body) >= STATUS.size:
            status, time, _, _ = STATUS.unpack_from(body)
            rows.turn(0x48, status != 0x54, time)
        case 0x4F if len(body) >= MARK.size:
            status, time, _ = MARK.unpack_from(body)
            rows.turn(0x4F, status == 0x4F, time)


Column = NDArray[np.int64]


class HistFeed(Feed):
    """One symbol of a capture. A print that is broken later counts until then, and in no history after."""

    def __init__(self, symbol: str, rows: Rows) -> None:
        super().__init__()
        self._kind = np.array(rows.kind, np.uint8)
        price, other = np.array(rows.price, np.int64), np.array(rows.other_price, np.int64)
        self._size, self._other_size = np.array(rows.size, np.int64), np.array(rows.other_size, np.int64)
        unit = tick_of(self._kind, price, other)
        tick = Decimal(unit) / PRICE_SCALE
        self.instrument = Instrument(symbol, symbol, AssetClass.US_EQUITY, tick, fractionable=True)
        self._price, self._other_price = price // unit, other // unit
        self._is_between = price % unit != 0
        self.times = np.maximum.accumulate(np.array(rows.time, np.int64))
        self.opens = int(self.times[0])
        self._print_rows = np.flatnonzero((self._kind == PRINT) & (self._size > 0) & (price > 0))
        self._resting = self._resting_sides()
        self.tape = self._tape()
        self._broken_at = broken_at(self._kind, other, self.times, self._print_rows)
        self.title = f"{symbol} IEX {_depth(self._kind)}"

    def printed(self, position: int) -> int:
        return int(np.searchsorted(self._print_rows, position))

    def history(self) -> History:
        count = self.printed(self.position)
        now = int(self.times[self.position - 1]) if self.position else 0
        stands = self._broken_at[:count] > now
        if bool(stands.all()):
            return super().history()
        tape = self.tape
        rows = np.flatnonzero(stands)
        kept = Tape(tape.time[rows], tape.price[rows], tape.qty[rows], tape.aggressor[rows])
        return kept.history(len(kept), zone_name(self.instrument))

    def last_price(self) -> int | None:
        return super().last_price() or self._middle()

    def show(self, venue: ShadowVenue, now: int) -> None:
        if not self.position:
            return
        bids, asks = self._book()
        if bids or asks:
            venue.on_book_snapshot(self.symbol, bids, asks, now)
        if self._is_halted():
            venue.halt(self.symbol, now, HaltedBy.MARKET)

    def _book(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Displayed (price, lots) of both sides as they stand at `position`."""
        first = self._last_row((CLEARED,)) + 1
        touch = self._last_row((TOUCH,))
        if touch >= first:
            return self._touch(touch)
        rows = np.flatnonzero(np.isin(self._kind[first : self.position], LEVELS)) + first
        return self._levels(rows, BID_LEVEL), self._levels(rows, ASK_LEVEL)

    def _touch(self, row: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        bid, ask = (
            (int(self._price[row]), int(self._size[row])),
            (int(self._other_price[row]), int(self._other_size[row])),
        )
        return [bid] if bid[1] else [], [ask] if ask[1] else []

    def _levels(self, rows: Column, kind: int) -> list[tuple[int, int]]:
        latest = rows[self._kind[rows] == kind][::-1]
        prices, places = np.unique(self._price[latest], return_index=True)
        sizes = self._size[latest[places]]
        return [(price, size) for price, size in zip(prices.tolist(), sizes.tolist(), strict=True) if size]

    def _middle(self) -> int | None:
        """Of the first two-sided book at or after the present, where there is none yet."""
        bids, asks = self._book()
        if bids and asks:
            return (max(bids)[0] + min(asks)[0]) // 2
        touches = np.flatnonzero((self._kind == TOUCH) & (self._size > 0) & (self._other_size > 0))
        if len(touches):
            return int(self._price[touches[0]] + self._other_price[touches[0]]) // 2
        shown = np.flatnonzero(np.isin(self._kind, (*LEVELS, PRINT)) & (self._size > 0))
        return int(self._price[shown[0]]) if len(shown) else None

    def _last_row(self, kinds: Sequence[int]) -> int:
        rows = np.flatnonzero(np.isin(self._kind[: self.position], kinds))
        return int(rows[-1]) if len(rows) else -1

    def _is_halted(self) -> bool:
        return self._last_row((HALTED,)) > self._last_row((TRADING,))

    def _resting_sides(self) -> NDArray[np.int8]:
        """Which side each print met: 1 a bid, -1 an ask, 0 not known, or neither of them.

        DEEP: the level told again at the same price and time. TOPS: the touch before the print.
        """
        return np.array([self._met(int(row)) for row in self._print_rows], np.int8)

    def _met(self, row: int) -> int:
        price, time = self._price[row], self.times[row]
        for near in range(row + 1, len(self.times)):
            if self.times[near] != time:
                break
            if self._kind[near] in LEVELS and self._price[near] == price and not self._is_between[row]:
                return 1 if self._kind[near] == BID_LEVEL else -1
        for before in range(row - 1, -1, -1):
            if self._kind[before] == TOUCH:
                return self._met_touch(before, price, self._is_between[row])
            if self._kind[before] in LEVELS or self._kind[before] == CLEARED:
                break
        return 0

    def _met_touch(self, row: int, price: np.int64, is_between: np.bool_) -> int:
        if self._other_size[row] and price >= self._other_price[row]:
            return -1
        return int(bool(self._size[row]) and price + is_between <= self._price[row])

    def _tape(self) -> Tape:
        rows = self._print_rows
        return Tape(self.times[rows], self._price[rows], self._size[rows], (-self._resting).astype(np.int8))

    def _play_some(self, first: int, end: int, venue: ShadowVenue) -> int:
        rows = slice(first, end)
        columns = (self._kind, self.times, self._price, self._size)
        for row, (kind, now, price, size) in enumerate(
            zip(*(column[rows].tolist() for column in columns), strict=True), first
        ):
            if kind == TOUCH:
                venue.on_book_snapshot(self.symbol, *self._touch(row), now)
            elif kind in LEVELS:
                venue.on_level(self.symbol, Side.BUY if kind == BID_LEVEL else Side.SELL, price, size, now)
            elif kind == PRINT:
                self._print(row, venue)
            elif kind == HALTED:
                venue.halt(self.symbol, now, HaltedBy.MARKET)
            elif kind == TRADING:
                venue.resume(self.symbol, now, HaltedBy.MARKET)
            elif kind == CLEARED:
                venue.on_book_snapshot(self.symbol, (), (), now)
        return end

    def _print(self, row: int, venue: ShadowVenue) -> None:
        number = self.printed(row)
        if number < len(self.tape) and self._print_rows[number] == row:
            trade = replace(self.tape.trade(self.symbol, number), is_between=bool(self._is_between[row]))
            venue.on_trade(trade, trade.aggressor.opposite if trade.aggressor else None)


def tick_of(kind: NDArray[np.uint8], price: Column, other: Column) -> int:
    """1/10,000 dollars in a tick: a cent, unless a displayed price is finer."""
    displayed = np.concatenate((price[kind <= ASK_LEVEL], other[kind == TOUCH]))
    return next(unit for unit in TICKS if not bool((displayed % unit).any()))


def broken_at(kind: NDArray[np.uint8], number: Column, times: Column, prints: NDArray[np.intp]) -> Column:
    """When each print was broken; never, for most."""
    broken = {int(number[row]): int(times[row]) for row in np.flatnonzero(kind == BREAK)}
    return np.array([broken.get(int(number[row]), NEVER) for row in prints], np.int64)


def _depth(kind: NDArray[np.uint8]) -> str:
    return "book" if bool(np.isin(kind, LEVELS).any()) else "touch"
