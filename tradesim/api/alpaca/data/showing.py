"""The desk's market in Alpaca's shapes: rows of bars, trades and quotes, the latest of each, books and snapshots."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from msgspec import Struct

from tradesim.api.alpaca.data import shapes
from tradesim.api.alpaca.data.adjusting import adjusting
from tradesim.api.alpaca.data.columns import UNKNOWN, Columns, columns, day_start
from tradesim.api.alpaca.data.times import DAY_FRAME, MINUTE_FRAME, Frame, stamp, whole_stamp
from tradesim.api.alpaca.listings import Listing, listing_of
from tradesim.desk.desk import Desk
from tradesim.desk.ticks import Ring, Rows, SymbolTicks
from tradesim.desk.zones import zone_name
from tradesim.model.market import BookTop
from tradesim.model.market import Level as BookLevel

REGULAR_TRADE = ("@",)
ODD_LOT_TRADE = ("@", "I")
REGULAR_QUOTE = ("R",)
TAKER = {1: "B", -1: "S", 0: ""}
LONGEST_BAR_NS = 10 * 86_400 * 1_000_000_000
ROUND_LOT = 100
RAW = frozenset({"raw"})


class Row(NamedTuple):
    """One row of history: when it was, what tells it from others of the same moment, and how it is shown."""

    ts: int
    key: int
    shape: Any


Pick = Callable[[str, int, int], "Picked"]


class Picked(Struct, frozen=True):
    """Times and keys of what was found, ascending by both, and the way to show one by its place."""

    ts: Rows
    keys: Rows
    show: Callable[[int], Any]

    def __len__(self) -> int:
        return len(self.ts)


class Showing(Struct, frozen=True):
    """What can be seen of the market by those who know it as Alpaca's.

    `in_lots` is how the sizes of quotes of shares are told, `as_coins` whether everything has the shapes of coins.
    """

    desk: Desk
    in_lots: bool = True
    as_coins: bool = False

    @property
    def now(self) -> int:
        return self.desk.status().now

    def listing(self, symbol: str) -> Listing | None:
        instrument = self.desk.instruments.get(symbol)
        return listing_of(instrument, self.in_lots, self.as_coins) if instrument else None

    def zone(self, symbol: str) -> str:
        instrument = self.desk.instruments.get(symbol)
        return zone_name(instrument) if instrument else "America/New_York"

    # -- history --------------------------------------------------------------------------------------------------

    def bars(self, frame: Frame, adjustment: frozenset[str] = RAW) -> Pick:
        now = self.now

        def pick(symbol: str, start: int, end: int) -> Picked:
            listing = self.listing(symbol)
            if listing is None:
                return NOTHING
            found = columns(self.desk, symbol, frame, start, min(end, now), now)
            starts = found.bars.start
            change = None if listing.is_coin else adjusting(self.desk, symbol, starts, adjustment, now)

            def show(row: int) -> shapes.Bar:
                made = bar(listing, found, row)
                return made if change is None else adjusted(made, float(change.prices[row]), float(change.shares[row]))

            return Picked(starts, np.zeros(len(found), np.int64), show)

        return pick

    def trades(self, symbol: str, start: int, end: int) -> Picked:
        ticks, listing = self.desk.ticks(symbol), self.listing(symbol)
        if ticks is None or listing is None:
            return NOTHING
        return picked(ticks.trades, start, end, lambda row: trade(listing, row))

    def quotes(self, symbol: str, start: int, end: int) -> Picked:
        ticks, listing = self.desk.ticks(symbol), self.listing(symbol)
        if ticks is None or listing is None:
            return NOTHING
        return picked(ticks.quotes, start, end, lambda row: quote(listing, row))

    # -- the latest -----------------------------------------------------------------------------------------------

    def latest_trade(self, symbol: str, latest: int) -> Any:
        """Until `latest`; None when there was none since the desk listens."""
        return self._last(symbol, lambda ticks: ticks.last_trade(latest), trade)

    def latest_quote(self, symbol: str, latest: int) -> Any:
        return self._last(symbol, lambda ticks: ticks.last_quote(latest), quote)

    def latest_bar(self, symbol: str, latest: int) -> shapes.Bar | None:
        return self._bar(symbol, MINUTE_FRAME, latest)

    def order_book(self, symbol: str) -> shapes.OrderBook | None:
        view, listing = self.desk.market(symbol), self.listing(symbol)
        return book(listing, view.top, view.updated_at) if view and listing else None

    def snapshot(self, symbol: str, latest: int) -> dict[str, Any] | None:
        """By field; None for what is not traded here."""
        if self.desk.market(symbol) is None:
            return None
        today, before = self._day_bars(symbol, latest)
        return {
            "latest_trade": self.latest_trade(symbol, latest),
            "latest_quote": self.latest_quote(symbol, latest),
            "minute_bar": self._bar(symbol, MINUTE_FRAME, latest),
            "daily_bar": today,
            "prev_daily_bar": before,
        }

    def _last(
        self, symbol: str, find: Callable[[SymbolTicks], Rows | None], shape: Callable[[Listing, list[int]], Any]
    ) -> Any:
        ticks, listing = self.desk.ticks(symbol), self.listing(symbol)
        row = find(ticks) if ticks else None
        return None if listing is None or row is None else shape(listing, row.tolist())

    def _bar(self, symbol: str, frame: Frame, latest: int) -> shapes.Bar | None:
        listing = self.listing(symbol)
        found = columns(self.desk, symbol, frame, latest - LONGEST_BAR_NS, latest, latest)
        return bar(listing, found, len(found) - 1) if listing and len(found) else None

    def _day_bars(self, symbol: str, latest: int) -> tuple[shapes.Bar | None, shapes.Bar | None]:
        """Of today, None before its first minute is over, and of the last day before."""
        listing = self.listing(symbol)
        found = columns(self.desk, symbol, DAY_FRAME, latest - LONGEST_BAR_NS, latest, latest)
        if listing is None or not len(found):
            return None, None
        today = day_start(latest, self.zone(symbol))
        place = int(found.bars.start.searchsorted(today))
        return (
            bar(listing, found, place) if place < len(found) else None,
            bar(listing, found, place - 1) if place else None,
        )


NOTHING = Picked(np.empty(0, np.int64), np.empty(0, np.int64), lambda row: None)


def picked(ring: Ring, start: int, end: int, show: Callable[[list[int]], Any]) -> Picked:
    first, rows = ring.since(0)
    ts = rows[:, 0]
    places = np.flatnonzero((ts >= start) & (ts <= end))
    places = places[np.argsort(ts[places], kind="stable")]
    return Picked(ts[places], places + first, lambda row: show(rows[places[row]].tolist()))


def bar(listing: Listing, found: Columns, row: int, when: Callable[[int], Any] = whole_stamp) -> shapes.Bar:
    start, opened, high, low, close, volume = (int(column[row]) for column in found.bars.columns())
    trades, price = int(found.trades[row]), listing.price
    return shapes.Bar(
        when(start),
        price(opened),
        price(high),
        price(low),
        price(close),
        listing.qty(volume),
        trades if trades > UNKNOWN else None,
        listing.vwap(float(found.value[row]), volume) if trades > UNKNOWN and volume else None,
    )


def adjusted(raw: shapes.Bar, prices: float, shares: float) -> shapes.Bar:
    """As it would have been after what companies did since; prices to a hundredth of a cent."""
    o, h, l, c = (round(price * prices, 4) for price in (raw.o, raw.h, raw.l, raw.c))  # noqa: E741
    vwap = None if raw.vw is None else round(raw.vw * prices, 6)
    volume = raw.v if shares == 1 else round(raw.v / shares)
    return shapes.Bar(raw.t, o, h, l, c, volume, raw.n, vwap)


def trade(listing: Listing, row: list[int]) -> shapes.Trade | shapes.CryptoTrade:
    ts, price, lots, number, side = row
    if listing.is_coin:
        return shapes.CryptoTrade(stamp(ts), listing.price(price), listing.qty(lots), TAKER[side], number)
    qty = listing.qty(lots)
    return shapes.Trade(stamp(ts), listing.exchange, listing.price(price), qty, conditions(qty), number, listing.tape)


def conditions(qty: int | float) -> list[str]:
    return list(ODD_LOT_TRADE if qty < ROUND_LOT else REGULAR_TRADE)


def quote(listing: Listing, row: list[int]) -> shapes.Quote | shapes.CryptoQuote:
    ts, bid, bid_lots, ask, ask_lots = row
    bid_price, ask_price = listing.price(bid), listing.price(ask)
    if listing.is_coin:
        return shapes.CryptoQuote(stamp(ts), bid_price, listing.qty(bid_lots), ask_price, listing.qty(ask_lots))
    return shapes.Quote(
        stamp(ts),
        listing.exchange,
        ask_price,
        listing.quoted(ask_lots),
        listing.exchange,
        bid_price,
        listing.quoted(bid_lots),
        list(REGULAR_QUOTE),
        listing.tape,
    )


def book(listing: Listing, top: BookTop, ts: int) -> shapes.OrderBook:
    return shapes.OrderBook(stamp(ts), list(levels(listing, top.bids)), list(levels(listing, top.asks)))


def levels(listing: Listing, side: tuple[BookLevel, ...]) -> Iterator[shapes.Level]:
    return (shapes.Level(listing.price(level.price), listing.qty(level.qty)) for level in side)
