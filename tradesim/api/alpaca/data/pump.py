"""What is new in the market since it was last asked, as messages of a data stream. Asked by one thread only."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from tradesim.api.alpaca.data import messages as said
from tradesim.api.alpaca.data.broadcast import Source
from tradesim.api.alpaca.data.columns import NS_PER_MINUTE, columns, day_start
from tradesim.api.alpaca.data.messages import Message
from tradesim.api.alpaca.data.shapes import Level
from tradesim.api.alpaca.data.showing import TAKER, bar, conditions
from tradesim.api.alpaca.data.talk import EVERYTHING, Subscriptions
from tradesim.api.alpaca.data.times import DAY_FRAME, MINUTE_FRAME, local
from tradesim.api.alpaca.listings import Listing, is_coin, listing_of
from tradesim.desk.desk import Desk
from tradesim.desk.ticks import Ring, SymbolTicks
from tradesim.desk.views import MarketView
from tradesim.desk.zones import zone_name
from tradesim.model.instrument import Instrument
from tradesim.model.market import EMPTY_BOOK, BookTop, SessionState
from tradesim.model.market import Level as BookLevel

NIGHT_BEGINS, NIGHT_ENDS = 20, 4
HALF_MINUTE = NS_PER_MINUTE // 2
MINUTES_REMEMBERED = 5
LONGEST_GAP = 10
"""Minutes that are told one by one after a pause; beyond it the clock has jumped and they are history."""
OPEN_STATES = frozenset({SessionState.ALWAYS, SessionState.REGULAR})
BAR_KINDS = ("bars", "updatedBars", "dailyBars")
Prices = tuple[int, ...]


@dataclass(slots=True)
class Followed:
    """How far one symbol has been told."""

    ticks: SymbolTicks
    trades: int
    quotes: int
    top: BookTop | None = None
    state: tuple[bool, SessionState] | None = None
    limits: tuple[int, int] | None = None
    indicated: int | None = None
    bars: dict[int, Prices] = field(default_factory=dict)
    """Of the last minutes, as they were told: open, high, low, close, volume."""


@dataclass(slots=True)
class Interest:
    """Who is followed, by channel: some by name, perhaps all."""

    names: dict[str, set[str]] = field(default_factory=dict)
    wildcards: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, subscriptions: Iterable[Subscriptions]) -> "Interest":
        found = cls()
        for each in subscriptions:
            for channel, names in each.items():
                found.names.setdefault(channel, set()).update(names)
                if EVERYTHING in names:
                    found.wildcards.add(channel)
        return found

    def has(self, channel: str, symbol: str, is_own: bool) -> bool:
        return symbol in self.names.get(channel, ()) or (is_own and channel in self.wildcards)

    def __bool__(self) -> bool:
        return any(self.names.values())

    @property
    def symbols(self) -> set[str]:
        """Those that are named."""
        return set().union(*self.names.values()) - {EVERYTHING}


class Pump(Source):
    """One kind of stream: of shares or of coins, as it is or `delay_ns` later."""

    def __init__(
        self, desk: Desk, as_coins: bool, in_lots: bool = True, delay_ns: int = 0, is_night: bool = False
    ) -> None:
        """`is_night`: only what happens from 20:00 to 04:00, New York."""
        self._is_night = is_night
        self._desk, self._as_coins, self._in_lots, self._delay_ns = desk, as_coins, in_lots, delay_ns
        self._followed: dict[str, Followed] = {}
        self._minute = self._half = 0
        self.interest = Interest()

    def follow(self, subscriptions: Iterable[Subscriptions]) -> None:
        """From now on only this is wanted. What nobody wants any more is forgotten."""
        had = bool(self.interest)
        self.interest = Interest.of(subscriptions)
        if not had:
            self._minute = self.now // NS_PER_MINUTE
            self._half = (self.now + HALF_MINUTE) // NS_PER_MINUTE
        wanted = {symbol for symbol, _ in self._wanted()}
        for symbol in self._followed.keys() - wanted:
            del self._followed[symbol]
        for symbol in wanted:
            self._place(symbol)

    @property
    def now(self) -> int:
        return self._desk.status().now - self._delay_ns

    def collect(self) -> list[Message]:
        """Everything since the last call, in the order of the market's time."""
        if not self.interest:
            return []
        now, found = self.now, list[Message]()
        wanted = list(self._wanted())
        for symbol, instrument in wanted:
            place = self._place(symbol)
            if place is not None:
                found.extend(self._news(symbol, instrument, place, now))
        found.extend(self._minutes(wanted, now))
        found.sort(key=lambda message: message.ts)
        return [] if self._is_night and not is_night(now) else found

    def book(self, symbol: str) -> Message | None:
        """The whole book as it was last told; the next message of the channel goes on from it."""
        place, instrument = self._place(symbol), self._desk.instruments.get(symbol)
        if place is None or instrument is None:
            return None
        view = self._desk.market(symbol)
        if place.top is None:
            place.top = view.top if view else EMPTY_BOOK
        listing = self._listing(instrument)
        return whole_book(listing, place.top, view.updated_at if view else self.now)

    def books(self, names: Iterable[str]) -> Iterator[Message]:
        """Of every symbol that `names` mean."""
        wanted = set(names)
        for symbol in sorted(self._desk.instruments):
            if EVERYTHING in wanted or symbol in wanted:
                found = self.book(symbol)
                if found is not None:
                    yield found

    # -- what is followed -----------------------------------------------------------------------------------------

    def _wanted(self) -> Iterator[tuple[str, Instrument]]:
        names = self.interest.symbols
        for symbol, instrument in self._desk.instruments.items():
            by_name = symbol in names
            by_star = bool(self.interest.wildcards) and (self._is_own(instrument) or self._as_coins)
            if by_name or by_star:
                yield symbol, instrument

    def _is_own(self, instrument: Instrument) -> bool:
        return is_coin(instrument) == self._as_coins

    def _listing(self, instrument: Instrument) -> Listing:
        return listing_of(instrument, self._in_lots, self._as_coins)

    def _place(self, symbol: str) -> Followed | None:
        """Where we are with it; at the end of what there is when it is new, at the beginning after a jump."""
        ticks = self._desk.ticks(symbol)
        former = self._followed.get(symbol)
        if ticks is None:
            self._followed.pop(symbol, None)
            return None
        if former is not None and former.ticks is ticks:
            return former
        if former is None and not self._delay_ns:
            fresh = Followed(ticks, ticks.trades.end, ticks.quotes.end)
        else:
            fresh = Followed(ticks, *(self._behind(ticks) if former is None else (0, 0)))
        view = self._desk.market(symbol)
        fresh.state = (view.is_halted, view.session) if view else None
        self._followed[symbol] = fresh
        return fresh

    def _behind(self, ticks: SymbolTicks) -> tuple[int, int]:
        """Where a delayed stream begins."""
        now, found = self.now, []
        for ring in (ticks.trades, ticks.quotes):
            first, rows = ring.since(0)
            found.append(first + int((rows[:, 0] <= now).sum()))
        return found[0], found[1]

    # -- what is new ----------------------------------------------------------------------------------------------

    def _news(self, symbol: str, instrument: Instrument, place: Followed, now: int) -> Iterator[Message]:
        listing, is_own = self._listing(instrument), self._is_own(instrument)
        yield from self._trades(listing, place, now, is_own)
        yield from self._quotes(listing, place, now, is_own)
        view = self._desk.market(symbol)
        if view is None:
            return
        if self._as_coins and self.interest.has("orderbooks", symbol, True):
            yield from book_change(listing, place, view)
        if not self._as_coins:
            yield from self._status(listing, place, view, is_own)
            yield from self._imbalance(listing, place, view, is_own)

    def _trades(self, listing: Listing, place: Followed, now: int, is_own: bool) -> Iterator[Message]:
        place.trades, rows = due(place.ticks.trades, place.trades, now)
        if self.interest.has("trades", listing.symbol, is_own):
            for row in rows:
                yield Message("trades", listing.symbol, row[0], trade_said(listing, row), is_own)

    def _quotes(self, listing: Listing, place: Followed, now: int, is_own: bool) -> Iterator[Message]:
        place.quotes, rows = due(place.ticks.quotes, place.quotes, now)
        if self.interest.has("quotes", listing.symbol, is_own):
            for row in rows:
                yield Message("quotes", listing.symbol, row[0], quote_said(listing, row), is_own)

    def _status(self, listing: Listing, place: Followed, view: MarketView, is_own: bool) -> Iterator[Message]:
        state = (view.is_halted, view.session)
        if state == place.state:
            return
        place.state = state
        if self.interest.has("statuses", listing.symbol, is_own):
            yield Message("statuses", listing.symbol, view.updated_at, status_said(listing, view), is_own)

    def _imbalance(self, listing: Listing, place: Followed, view: MarketView, is_own: bool) -> Iterator[Message]:
        """At which price the auction would be held now, each time that it changes."""
        found = view.indicative
        price = found.price if found else None
        if price == place.indicated:
            return
        place.indicated = price
        if found and price is not None and self.interest.has("imbalances", listing.symbol, is_own):
            body = said.ImbalanceSaid(listing.symbol, listing.price(price), listing.tape)
            yield Message("imbalances", listing.symbol, found.ts_event, body, is_own)

    # -- what comes with the minute -------------------------------------------------------------------------------

    def _minutes(self, wanted: list[tuple[str, Instrument]], now: int) -> Iterator[Message]:
        """After each minute the bars that closed, the day so far and the limits; half a minute later what changed."""
        minute, half = now // NS_PER_MINUTE, (now + HALF_MINUTE) // NS_PER_MINUTE
        if minute != self._minute:
            since = self._minute if 0 < minute - self._minute <= LONGEST_GAP else minute - 1
            self._minute = minute
            for symbol, instrument in wanted:
                yield from self._minute_of(symbol, instrument, since * NS_PER_MINUTE, minute * NS_PER_MINUTE)
        if half != self._half:
            self._half = half
            for symbol, instrument in wanted:
                yield from self._updated(symbol, instrument, now)

    def _minute_of(self, symbol: str, instrument: Instrument, since: int, mark: int) -> Iterator[Message]:
        place, listing, is_own = self._followed.get(symbol), self._listing(instrument), self._is_own(instrument)
        if place is None:
            return
        if any(self.interest.has(kind, symbol, is_own) for kind in BAR_KINDS):
            closed = columns(self._desk, symbol, MINUTE_FRAME, since, mark - NS_PER_MINUTE, mark)
            for row in range(len(closed)):
                start = int(closed.bars.start[row])
                place.bars[start] = prices_of(closed.bars, row)
                if self.interest.has("bars", symbol, is_own):
                    yield Message("bars", symbol, start, bar_said(said.BarSaid, listing, closed, row), is_own)
            for old in sorted(place.bars)[:-MINUTES_REMEMBERED]:
                del place.bars[old]
            if len(closed) and self.interest.has("dailyBars", symbol, is_own):
                yield from self._day(listing, instrument, mark, is_own)
        if not self._as_coins and self.interest.has("lulds", symbol, is_own):
            yield from self._limits(listing, instrument, place, mark, is_own)

    def _day(self, listing: Listing, instrument: Instrument, mark: int, is_own: bool) -> Iterator[Message]:
        begin = day_start(mark - 1, zone_name(instrument))
        found = columns(self._desk, listing.symbol, DAY_FRAME, begin, mark, mark)
        if len(found):
            body = bar_said(said.DailyBarSaid, listing, found, len(found) - 1)
            yield Message("dailyBars", listing.symbol, int(found.bars.start[-1]), body, is_own)

    def _updated(self, symbol: str, instrument: Instrument, now: int) -> Iterator[Message]:
        """Minutes that late prints have changed since they were told."""
        place, is_own = self._followed.get(symbol), self._is_own(instrument)
        if place is None or not place.bars or not self.interest.has("updatedBars", symbol, is_own):
            return
        found = columns(self._desk, symbol, MINUTE_FRAME, min(place.bars), max(place.bars), now)
        for row in range(len(found)):
            start, prices = int(found.bars.start[row]), prices_of(found.bars, row)
            if start in place.bars and place.bars[start] != prices:
                place.bars[start] = prices
                body = bar_said(said.UpdatedBarSaid, self._listing(instrument), found, row)
                yield Message("updatedBars", symbol, start, body, is_own)

    def _limits(
        self, listing: Listing, instrument: Instrument, place: Followed, mark: int, is_own: bool
    ) -> Iterator[Message]:
        """Within what a limit price must lie here: the venue's price band."""
        view = self._desk.market(listing.symbol)
        if view is None or view.band_reference is None:
            return
        reference = view.band_reference
        limits = (int(reference * (1 + instrument.band)), -int(-reference * (1 - instrument.band) // 1))
        if limits == place.limits:
            return
        place.limits = limits
        up, down = (listing.price(each) for each in limits)
        yield Message(
            "lulds", listing.symbol, mark, said.LimitsSaid(listing.symbol, up, down, "B", listing.tape), is_own
        )


def is_night(now: int) -> bool:
    return not NIGHT_ENDS <= local(now).hour < NIGHT_BEGINS


def trade_said(listing: Listing, row: list[int]) -> Any:
    _, price, lots, number, side = row
    qty = listing.qty(lots)
    if listing.is_coin:
        return said.CoinTradeSaid(listing.symbol, listing.price(price), qty, number, TAKER[side])
    return said.TradeSaid(
        listing.symbol, number, listing.exchange, listing.price(price), qty, conditions(qty), listing.tape
    )


def due(kept: Ring, told: int, now: int) -> tuple[int, list[list[int]]]:
    """The rows that came since row `told` and are not later than `now`, and the number of the next one."""
    if told == kept.end:
        return told, []
    first, rows = kept.since(told)
    fresh = list(takewhile(lambda row: row[0] <= now, rows.tolist()))
    return first + len(fresh), fresh


def quote_said(listing: Listing, row: list[int]) -> Any:
    _, bid, bid_lots, ask, ask_lots = row
    bid_price, ask_price = listing.price(bid), listing.price(ask)
    if listing.is_coin:
        return said.CoinQuoteSaid(listing.symbol, bid_price, listing.qty(bid_lots), ask_price, listing.qty(ask_lots))
    return said.QuoteSaid(
        listing.symbol,
        listing.exchange,
        ask_price,
        listing.quoted(ask_lots),
        listing.exchange,
        bid_price,
        listing.quoted(bid_lots),
        ["R"],
        listing.tape,
    )


def bar_said(kind: Callable[..., Any], listing: Listing, found: Any, row: int) -> Any:
    made = bar(listing, found, row)
    return kind(listing.symbol, made.o, made.h, made.l, made.c, made.v, made.n, made.vw)


def prices_of(bars: Any, row: int) -> Prices:
    return tuple(int(column[row]) for column in bars.columns()[1:])


def status_said(listing: Listing, view: MarketView) -> said.StatusSaid:
    if view.is_halted:
        words = ("H", "Trading Halt", "H", "Trading is halted on this desk.")
    elif view.session in OPEN_STATES:
        words = ("T", "Trading Resumption", "T", "Orders trade.")
    else:
        words = ("P", "Trading Pause", view.session.value, f"The session is {view.session.value}.")
    return said.StatusSaid(listing.symbol, *words, listing.tape)


def book_change(listing: Listing, place: Followed, view: MarketView) -> Iterator[Message]:
    """From what was last told to what is there now; size 0 takes a level away. The whole of another market's book."""
    former, place.top = place.top, view.top
    if former is view.top:
        return
    if former is None:
        yield whole_book(listing, view.top, view.updated_at)
        return
    bids = changed(listing, former.bids, view.top.bids)
    asks = changed(listing, former.asks, view.top.asks)
    if bids or asks:
        yield Message("orderbooks", listing.symbol, view.updated_at, said.BookSaid(listing.symbol, bids, asks))


def whole_book(listing: Listing, top: BookTop, ts: int) -> Message:
    bids, asks = shown(listing, top.bids), shown(listing, top.asks)
    return Message("orderbooks", listing.symbol, ts, said.BookSaid(listing.symbol, bids, asks, r=True))


def changed(listing: Listing, former: tuple[BookLevel, ...], present: tuple[BookLevel, ...]) -> list[Level]:
    if former is present:
        return []
    had = {level.price: level.qty for level in former}
    has: Mapping[int, int] = {level.price: level.qty for level in present}
    new = [Level(listing.price(price), listing.qty(qty)) for price, qty in has.items() if had.get(price) != qty]
    return new + [Level(listing.price(price), 0) for price in had if price not in has]


def shown(listing: Listing, side: tuple[BookLevel, ...]) -> list[Level]:
    return [Level(listing.price(level.price), listing.qty(level.qty)) for level in side]
