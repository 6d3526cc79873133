"""A recorded market as a source like any other: several recordings on one clock, orders in the shadow venue.

What is recorded after the present moment stays in here: history, book and tape tell of the past alone.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from tradesim.kernel.clock import NS_PER_SECOND, moment_text
from tradesim.kernel.errors import Refused
from tradesim.marketdata.days import NEW_YORK, date_of
from tradesim.marketdata.sessions import NO_HOLIDAYS, Holidays, session_state
from tradesim.model.corporate import Dividend, Split
from tradesim.model.instrument import Instrument
from tradesim.model.market import SessionState, SourceKind
from tradesim.model.series import History
from tradesim.providers.iex.hist_feed import hist_feeds
from tradesim.providers.replay import bars_file
from tradesim.providers.replay.feeds import BarsFeed, Feed, LobsterFeed
from tradesim.providers.replay.lobster import BookRows, LobsterDay, read_book, read_day
from tradesim.providers.replay.naming import mapped_symbol, symbol_in
from tradesim.providers.replay.rebuild import rebuilt_rows
from tradesim.providers.replay.recordings import HIST, ORDERS, TRAFFIC, grouped, kind_of
from tradesim.venue.shadow import ShadowVenue

SEED_BOOK, DATE, SYMBOL = "seed_book", "date", "symbol"
FILE_OPTIONS = frozenset({SEED_BOOK})
"""Options of the mapping that name a file, which must be as readable as a recording."""
OPTIONS = {ORDERS: frozenset({SYMBOL, DATE, SEED_BOOK}), HIST: frozenset({SYMBOL}), TRAFFIC: frozenset({SYMBOL})}
REBUILT_LEVELS = 10


class ReplaySource:
    """Implements `desk.ports.MarketSource`. Raises Refused when a recording cannot be read or played."""

    kind = SourceKind.REPLAY
    split_adjusted_until: date | None = None

    def __init__(
        self,
        paths: Sequence[str | os.PathLike[str]],
        mapping: Sequence[tuple[str, str]] = (),
        holidays: Holidays = NO_HOLIDAYS,
    ) -> None:
        """`mapping` are the options of `--map`: as for `bars_file.read_bars`; symbol, date, seed_book for orders."""
        self._feeds = feeds_of([Path(path) for path in paths], dict(mapping))
        self._holidays = holidays
        self.instruments: Mapping[str, Instrument] = {symbol: feed.instrument for symbol, feed in self._feeds.items()}
        self.title = _title(list(self._feeds.values()))
        self.start = min(feed.opens for feed in self._feeds.values())
        self.end: int | None = max(feed.ends for feed in self._feeds.values())
        self.bar_ns = bar_length(self._feeds.values())
        self.venue = ShadowVenue(self.instruments)
        self._become(self.start)

    def history(self, symbol: str) -> History:
        return self._feeds[symbol].history()

    def next_due(self) -> int | None:
        return min((due for due in self._dues() if due is not None), default=None)

    def advance(self, to: int) -> None:
        """Recordings take turns by time; at the same moment, in the order in which they were given."""
        self._reached = to
        while True:
            waiting = sorted((due, place) for place, due in enumerate(self._dues()) if due is not None and due <= to)
            if not waiting:
                return
            turn_ends = to if len(waiting) == 1 else max(waiting[0][0], waiting[1][0] - 1)
            list(self._feeds.values())[waiting[0][1]].play(turn_ends, self.venue)

    def seek(self, to: int) -> None:
        first, last = self.start, self.end
        if last is not None and not first <= to <= last:
            raise Refused(
                f"the recording goes from {moment_text(first)} to {moment_text(last)}, wanted {moment_text(to)}"
            )
        self._become(to)

    def corporate_actions(self, after: date, until: date) -> Sequence[Dividend | Split]:
        """Of the days later than `after` and not later than `until`, none of the future; oldest first."""
        last = min(until, date_of(self._reached // NS_PER_SECOND, NEW_YORK))
        found = (each for feed in self._feeds.values() for each in feed.actions if after < each.day <= last)
        return sorted(found, key=lambda each: each.day)

    def bar_end(self, count: int) -> int | None:
        """Bars of several files that end together count as one."""
        ends = np.concatenate([feed.bar_ends(count) for feed in self._feeds.values() if isinstance(feed, BarsFeed)])
        found = np.unique(ends)[:count]
        return int(found[-1]) if len(found) else None

    def session(self, symbol: str, now: int) -> SessionState:
        return session_state(self.instruments[symbol].asset_class, now, self._holidays)

    def close(self) -> None:
        """Nothing is held open: recordings are read whole."""

    def _dues(self) -> list[int | None]:
        return [feed.next_due() for feed in self._feeds.values()]

    def _become(self, now: int) -> None:
        self._reached = now
        for feed in self._feeds.values():
            feed.jump(now)
        prices = {symbol: feed.last_price() for symbol, feed in self._feeds.items()}
        self.venue.reset(now, {symbol: price for symbol, price in prices.items() if price is not None})
        for feed in self._feeds.values():
            feed.show(self.venue, now)


def bar_length(feeds: Iterable[Feed]) -> int | None:
    """ns of the shortest bar, where all that is played are bars."""
    lengths = [feed.length if isinstance(feed, BarsFeed) else None for feed in feeds]
    known = [length for length in lengths if length is not None]
    return min(known) if len(known) == len(lengths) else None


def feeds_of(paths: Sequence[Path], mapping: Mapping[str, str]) -> dict[str, Feed]:
    """One feed a symbol, in the order given. Raises Refused."""
    groups = grouped(paths)
    if not groups:
        raise Refused("wanted at least one recording to replay, found none")
    if len(groups) > 1 and SYMBOL in mapping:
        raise Refused(
            f"--map symbol names one recording, found {len(groups)}: replay it alone or name the files by symbol"
        )
    _check_options(groups, mapping)
    feeds: dict[str, Feed] = {}
    for group in groups:
        for feed in _feeds(group, mapping):
            if feed.symbol in feeds:
                raise Refused(
                    f"{group[0].name} is of {feed.symbol}, as is another of the files: wanted one recording a symbol"
                )
            feeds[feed.symbol] = feed
    return feeds


def _check_options(groups: Sequence[tuple[Path, ...]], mapping: Mapping[str, str]) -> None:
    """Each must mean something to one of the recordings."""
    known = frozenset[str]().union(*(OPTIONS.get(kind_of(group), bars_file.OPTIONS) for group in groups))
    unknown = sorted(mapping.keys() - known)
    if unknown:
        raise Refused(f"--map knows {', '.join(sorted(known))} for such recordings, found {', '.join(unknown)}")


def _feeds(paths: tuple[Path, ...], mapping: Mapping[str, str]) -> list[Feed]:
    kind = kind_of(paths)
    if kind == HIST:
        return hist_feeds(paths[0], mapping)
    if kind == TRAFFIC:
        from tradesim.providers.traffic.feed import traffic_feeds

        return traffic_feeds(paths[0], mapping)
    if kind == ORDERS:
        return [_orders_feed(paths, mapping)]
    return [BarsFeed(bars_file.read_bars(paths[0], mapping))]


def _orders_feed(paths: tuple[Path, ...], mapping: Mapping[str, str]) -> LobsterFeed:
    day = read_day(paths)
    return LobsterFeed(day, _symbol(day, mapping), _date(day, mapping), _book(day, mapping))


def _symbol(day: LobsterDay, mapping: Mapping[str, str]) -> str:
    symbol = mapped_symbol(mapping) or symbol_in(day.symbol or "")
    if not symbol:
        raise Refused(f"the name {day.messages.name} does not tell the symbol: give --map symbol=SYMBOL")
    return symbol


def _date(day: LobsterDay, mapping: Mapping[str, str]) -> date:
    named = mapping.get(DATE)
    if named is None and day.day is not None:
        return day.day
    try:
        return date.fromisoformat(named or "")
    except ValueError:
        found = f"found {named}" if named else f"the name {day.messages.name} does not tell it"
        raise Refused(f"wanted the date of the recording as --map date=YYYY-MM-DD, {found}") from None


def _book(day: LobsterDay, mapping: Mapping[str, str]) -> BookRows:
    """The recorded book, or one rebuilt from a seed and the messages."""
    if day.book is not None:
        return day.book
    seed = mapping.get(SEED_BOOK)
    if seed is None:
        raise Refused(
            f"{day.messages.name} has messages alone: put its orderbook file beside it, or give the first book "
            "as --map seed_book=FILE"
        )
    return rebuilt_rows(day.messages, read_book(Path(seed), day.tick_size), REBUILT_LEVELS)


def _title(feeds: list[Feed]) -> str:
    return ", ".join(feed.title for feed in feeds)
