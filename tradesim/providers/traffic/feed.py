"""Recorded traffic as recordings to replay: books with their depth, quotes where there is no book, prints, halts."""

import logging
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from tradesim.kernel.errors import Refused
from tradesim.marketdata.ladder import Ladder, Row
from tradesim.marketdata.merging import as_columns, joined
from tradesim.marketdata.screening import Quarantined, Screen, effects
from tradesim.model.feed import FeedBar, FeedBook, FeedEvent, FeedHalt, FeedQuote, FeedReset, FeedTrade, TradeFlag
from tradesim.model.instrument import Instrument
from tradesim.model.market import MEETS_NOBODY, Side, Timeframe
from tradesim.model.series import Bars, History
from tradesim.model.venue import HaltedBy
from tradesim.providers.live.listing import instrument_of, row_of_quote, tick_of_print, touch_of, with_steps
from tradesim.providers.replay.feeds import Feed
from tradesim.providers.replay.tape import Tape
from tradesim.providers.traffic.player import Played, played
from tradesim.venue.impact import scale_of
from tradesim.venue.shadow import ShadowVenue

logger = logging.getLogger(__name__)

BOUGHT, SOLD, NOT_KNOWN = 1, -1, 0


class Whole(NamedTuple):
    """The book is this."""

    bids: list[Row]
    asks: list[Row]


class Changed(NamedTuple):
    bids: list[Row]
    asks: list[Row]


class Quoted(NamedTuple):
    bid: Row | None
    ask: Row | None


class Touched(NamedTuple):
    """The best prices, of a provider that tells no sizes."""

    bid: int | None
    ask: int | None


class Halted(NamedTuple):
    is_halted: bool


class Printed(NamedTuple):
    number: int


Item = Whole | Changed | Quoted | Touched | Halted | Printed
VOID = Whole([], [])


def traffic_feeds(path: Path, mapping: Mapping[str, str]) -> list[Feed]:
    """Feeds of `--map symbol=A,B`, or of every symbol recorded. Raises Refused."""
    recording = played(path)
    named = [symbol.strip().upper() for symbol in mapping.get("symbol", "").split(",") if symbol.strip()]
    missing = [symbol for symbol in named if symbol not in recording.symbols]
    if missing:
        raise Refused(f"{path.name} has {', '.join(recording.symbols)}, wanted {', '.join(missing)}")
    sound = screened(recording.events)
    feeds: list[Feed] = []
    for symbol in named or recording.symbols:
        events = [event for event in sound if event.symbol == symbol]
        try:
            feeds.append(TrafficFeed(symbol, recording, events))
        except Refused as refused:
            logger.warning("%s: %s", path.name, refused)
    if not feeds:
        raise Refused(f"{path.name} has no quotes, books or trades of {', '.join(named or recording.symbols)}")
    return feeds


def screened(events: Iterable[FeedEvent]) -> list[FeedEvent]:
    """What a live market would have let pass; a book that lost a message is void."""
    screen, sound = Screen(), list[FeedEvent]()
    for event in events:
        passed = screen.passed(event)
        if isinstance(passed, Quarantined):
            if isinstance(event, FeedBook):
                sound.append(FeedReset(event.symbol, passed.why, event.origin))
        elif isinstance(passed, FeedBook | FeedQuote | FeedTrade | FeedHalt | FeedReset):
            sound.append(passed)
    return sound


class TrafficFeed(Feed):
    """One symbol. Its time is when we heard: what the desk would have known, and when."""

    def __init__(self, symbol: str, recording: Played, events: list[FeedEvent]) -> None:
        super().__init__()
        self.instrument = instrument_of(with_steps(recording.listing(symbol), prices_in(events)))
        self._items: list[Item] = []
        self._at: list[int] = []
        self._prints: list[tuple[int, int, int, int]] = []
        self._print_rows: list[int] = []
        self._missed: set[int] = set()
        self._between: set[int] = set()
        self._note_all(events)
        if not self._at:
            raise Refused(f"{symbol} has no quotes, books or trades in the recording")
        self.times = np.maximum.accumulate(np.array(self._at, np.int64))
        self.opens = int(self.times[0])
        self.tape = Tape(*(np.array(column, kind) for column, kind in zip(self._columns(), TAPE_KINDS, strict=True)))
        self._wholes = [row for row, item in enumerate(self._items) if isinstance(item, Whole)]
        self._quotes = [row for row, item in enumerate(self._items) if isinstance(item, Quoted | Touched)]
        self._halts = [row for row, item in enumerate(self._items) if isinstance(item, Halted)]
        self._past = past_of(recording.bars(symbol), self.instrument, self.opens)
        said = recording.cut.sentence
        depth = "book" if self._wholes else "quotes" if self._quotes else "trades"
        self.title = f"{symbol} {recording.row.title} {depth}{f' ({said})' if said else ''}"

    def printed(self, position: int) -> int:
        return bisect_right(self._print_rows, position - 1)

    def history(self) -> History:
        """The bars that were fetched when the recording began, then the prints."""
        own = super().history()
        minutes = joined(self._past.minutes, own.minutes)
        return History(own.seconds, minutes, joined(self._past.days, own.days))

    def last_price(self) -> int | None:
        return super().last_price() or self._middle()

    def show(self, venue: ShadowVenue, now: int) -> None:
        venue.on_scale(self.symbol, scale_of(self._past.days))
        if not self.position:
            return
        if self._wholes:
            venue.on_book_snapshot(self.symbol, *self._book(), now)
        elif row := bisect_right(self._quotes, self.position - 1):
            self._do(self._items[self._quotes[row - 1]], venue, now)
        if halt := bisect_right(self._halts, self.position - 1):
            self._do(self._items[self._halts[halt - 1]], venue, now)

    def _note_all(self, events: list[FeedEvent]) -> None:
        ladder, has_book = Ladder(self.instrument), any(isinstance(event, FeedBook) for event in events)
        for event in events:
            match event:
                case FeedBook():
                    rows = ladder.apply(event)
                    if ladder.is_whole:
                        self._note(Whole(*rows) if event.is_snapshot else Changed(*rows), event)
                case FeedReset() if has_book and ladder.is_whole:
                    ladder.void()
                    self._note(VOID, event)
                case FeedQuote() if not has_book:
                    self._note_quote(event)
                case FeedTrade() if effects(event).last and event.qty > 0:
                    self._note_print(event)
                case FeedHalt():
                    self._note(Halted(event.is_halted), event)

    def _note(self, item: Item, event: FeedEvent) -> None:
        self._items.append(item)
        self._at.append(event.origin.ts_received)

    def _note_quote(self, quote: FeedQuote) -> None:
        bid, ask = touch_of(self.instrument, quote)
        if bid is not None or ask is not None:
            sides = ((bid, quote.bid_qty), (ask, quote.ask_qty))
            rows = (row_of_quote(self.instrument, ticks, qty) for ticks, qty in sides)
            self._note(Quoted(*rows) if quote.has_sizes else Touched(bid, ask), quote)
        elif quote.last is not None:
            self._note_print(FeedTrade(quote.symbol, quote.last, quote.last * 0, quote.origin))

    def _note_print(self, trade: FeedTrade) -> None:
        side = NOT_KNOWN if trade.aggressor is None else BOUGHT if trade.aggressor is Side.BUY else SOLD
        (price, is_between), lots = tick_of_print(self.instrument, trade.price), self.instrument.lots(trade.qty)
        self._print_rows.append(len(self._items))
        self._note(Printed(len(self._prints)), trade)
        if TradeFlag.MISSED in trade.flags:
            self._missed.add(len(self._prints))
        if is_between:
            self._between.add(len(self._prints))
        self._prints.append((trade.origin.ts_received, price, lots, side))

    def _columns(self) -> list[tuple[int, ...]]:
        columns = list(zip(*self._prints, strict=True)) if self._prints else [(), (), (), ()]
        return [tuple(np.maximum.accumulate(columns[0]).tolist()) if columns[0] else (), *columns[1:]]

    def _book(self) -> tuple[list[Row], list[Row]]:
        """As it stands at `position`: the last whole book, and what changed since."""
        found = bisect_right(self._wholes, self.position - 1)
        if not found:
            return [], []
        sides: list[dict[int, int]] = [{}, {}]
        for item in self._items[self._wholes[found - 1] : self.position]:
            if isinstance(item, Whole | Changed):
                for side, rows in zip(sides, item, strict=True):
                    side.update(rows)
        bids, asks = (sorted((price, lots) for price, lots in side.items() if lots) for side in sides)
        return bids[::-1], asks

    def _middle(self) -> int | None:
        """Of the first two-sided market from the beginning."""
        for item in self._items:
            if isinstance(item, Whole) and item.bids and item.asks:
                return (max(item.bids)[0] + min(item.asks)[0]) // 2
            if isinstance(item, Quoted) and item.bid and item.ask:
                return (item.bid[0] + item.ask[0]) // 2
            if isinstance(item, Touched) and item.bid and item.ask:
                return (item.bid + item.ask) // 2
        return int(self.tape.price[0]) if len(self.tape) else None

    def _play_some(self, first: int, end: int, venue: ShadowVenue) -> int:
        for row in range(first, end):
            self._do(self._items[row], venue, int(self.times[row]))
        return end

    def _do(self, item: Item, venue: ShadowVenue, now: int) -> None:
        symbol = self.symbol
        match item:
            case Whole(bids, asks):
                venue.on_book_snapshot(symbol, bids, asks, now)
            case Changed(bids, asks):
                for side, rows in ((Side.BUY, bids), (Side.SELL, asks)):
                    for price, lots in rows:
                        venue.on_level(symbol, side, price, lots, now)
            case Quoted(bid, ask):
                venue.on_quote(symbol, bid, ask, now)
            case Touched(bid, ask):
                venue.on_touch(symbol, bid, ask, now)
            case Halted(is_halted):
                (venue.halt if is_halted else venue.resume)(symbol, now, HaltedBy.MARKET)
            case Printed(number):
                meets = MEETS_NOBODY if number in self._missed else None
                told, is_between = self.tape.trade(symbol, number), number in self._between
                trade = replace(told, ts_event=now, meets_until=meets, is_between=is_between)
                venue.on_trade(trade, trade.aggressor.opposite if trade.aggressor else None)


TAPE_KINDS = (np.int64, np.int64, np.int64, np.int8)


def past_of(bars: list[FeedBar], instrument: Instrument, opens: int) -> History:
    """Bars that were over when the recording began."""

    def columns(timeframe: Timeframe) -> Bars:
        over = [b for b in bars if b.timeframe is timeframe and b.is_final and b.start + timeframe.ns <= opens]
        return as_columns(sorted({b.start: b for b in over}.values(), key=lambda b: b.start), instrument)

    return History(Bars.empty(), columns(Timeframe.M1), columns(Timeframe.D1))


def prices_in(events: Iterable[FeedEvent]) -> set[Decimal | None]:
    found: set[Decimal | None] = set()
    for event in events:
        match event:
            case FeedTrade():
                found.add(event.price)
            case FeedQuote():
                found |= {event.bid, event.ask, event.last}
            case FeedBook():
                found.update(price for price, _ in (*event.bids, *event.asks))
    return found
