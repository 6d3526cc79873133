"""What becomes of each word that is heard of a live market: screened, remembered, and carried on where it serves."""

import logging
from collections.abc import Callable, Mapping

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.marketdata.forms import Fault
from tradesim.marketdata.freshness import true_since
from tradesim.marketdata.screening import Passed, Quarantined, Screen, Undone, effects
from tradesim.model.feed import (
    Capability,
    FeedBar,
    FeedBook,
    FeedEvent,
    FeedHalt,
    FeedQuote,
    FeedReset,
    FeedTrade,
    TradeFlag,
)
from tradesim.model.instrument import Instrument
from tradesim.model.market import Timeframe
from tradesim.providers.live.display import Display
from tradesim.providers.live.halts import Halts
from tradesim.providers.live.intake import Missed
from tradesim.providers.live.lines import Lines
from tradesim.providers.live.printing import Printing
from tradesim.providers.live.routes import Routes
from tradesim.providers.live.showing import Showing
from tradesim.providers.live.trust import Trust
from tradesim.providers.live.venue import LiveVenue
from tradesim.providers.live.words import Word, moment_of, stands_since

logger = logging.getLogger(__name__)

SHORTEST_GAP_NS = 2 * NS_PER_SECOND
WITHDRAWN = frozenset({Fault.PRICE, Fault.SIZE, Fault.FORM, Fault.OUTLIER, Fault.FUTURE})
"""Faults of a quote that show that the one before it does not stand any more."""


class Hearing:
    """Of the market thread. `fetch` is asked for the past of a symbol since a moment, where trades were missed."""

    def __init__(
        self,
        instruments: Mapping[str, Instrument],
        venue: LiveVenue,
        routes: Routes,
        screen: Screen,
        showing: Showing,
        printing: Printing,
        lines: Lines,
        trust: Trust,
        fetch: Callable[[str, int], object],
    ) -> None:
        self._venue, self._routes, self._screen, self._showing = venue, routes, screen, showing
        self._printing, self._lines, self._trust, self._fetch = printing, lines, trust, fetch
        self._display = Display(instruments, venue)
        self.halts = Halts(instruments, venue, showing.shown_by)
        self._gap_since: dict[str, int] = {}
        self._told_failures: set[tuple[str, type, type]] = set()

    def hear(self, event: FeedEvent) -> None:
        """A word that cannot be carried on is set aside, unless orders of ours were trading on it: then nobody knows
        what of it is done, and its error is raised.
        """
        key = event.origin.provider, event.symbol
        if key not in self._showing.words or event.symbol in self._showing.liveness.unwanted:
            return
        self._venue.has_matched = False
        try:
            self._carry(event)
        except Exception as error:
            if self._venue.has_matched:
                raise
            self._give_up(event, error)

    def _carry(self, event: FeedEvent) -> None:
        passed = self._screen.passed(event)
        if isinstance(passed, Quarantined):
            self._hold_back(passed)
        else:
            self._take(passed)

    def _give_up(self, event: FeedEvent, error: Exception) -> None:
        """Logged once of its kind; told as every word that is set aside."""
        name, symbol = event.origin.provider, event.symbol
        kind = name, type(event), type(error)
        if kind not in self._told_failures:
            self._told_failures.add(kind)
            logger.error("a word of %s on %s cannot be taken in", name, symbol, exc_info=error)
        self._screen.set_failed_aside(event, error)
        if isinstance(event, FeedBook | FeedQuote):
            self._distrust(name, symbol, event.origin.ts_received)

    def _hold_back(self, held: Quarantined) -> None:
        """A book that lost a message is not known any more. Of one that is void already a whole one alone is missed.

        Who says something else, though it cannot be shown, has withdrawn the quote of before.
        """
        event = held.event
        if isinstance(event, FeedBook):
            name, symbol = event.origin.provider, event.symbol
            if event.is_snapshot or self._showing.words[name, symbol].ladder.is_whole:
                self._distrust(name, symbol, event.origin.ts_received)
        elif isinstance(event, FeedQuote) and held.fault in WITHDRAWN:
            self._showing.words[event.origin.provider, event.symbol].held_back = event

    def miss(self, missed: Missed) -> None:
        if (missed.provider, missed.symbol) not in self._showing.words:
            return
        if missed.provider in self._routes.failover(missed.symbol).order(Capability.BOOK):
            self._distrust(missed.provider, missed.symbol, missed.at)

    # -- each kind of word

    def _take(self, event: Passed) -> None:
        word = self._showing.words[event.origin.provider, event.symbol]
        word.feed = event.origin.feed
        word.is_line_gone = isinstance(event, FeedReset) and (event.is_line_gone or word.is_line_gone)
        match event:
            case FeedBook():
                self._take_book(event, word)
            case FeedQuote():
                self._take_quote(event, word)
            case FeedTrade():
                self._take_trade(event, word)
            case FeedReset():
                self._void(event)
            case FeedHalt():
                self.halts.hear(event)
            case Undone():
                self._undo(event)
            case FeedBar():
                self._take_bar(event)

    def _take_book(self, event: FeedBook, word: Word) -> None:
        now, symbol = event.origin.ts_received, event.symbol
        bids, asks = word.ladder.apply(event)
        if not word.ladder.is_whole:
            return
        word.spoke_at = now
        word.book_at, word.book_of, word.void_since = true_since(event.origin), moment_of(event), None
        word.believe(word.book_at)
        if not self._showing.is_shown(event.origin.provider, symbol, Capability.BOOK):
            self.choose(symbol, now)
            return
        self._showing.show(symbol, word.book_at)
        if event.is_snapshot:
            self._display.book(symbol, word.ladder, word.book_at, now)
        else:
            self._display.levels(symbol, bids, asks, word.book_at, now)

    def _take_quote(self, event: FeedQuote, word: Word) -> None:
        now, symbol = event.origin.ts_received, event.symbol
        word.spoke_at = now
        word.quoted(event)
        if self._showing.is_shown(event.origin.provider, symbol, Capability.QUOTE):
            self._showing.show(symbol, stands_since(event))
            self._display.quote(event, now)
        else:
            self.choose(symbol, now)
        if event.last is not None and self._is_all_there_is(event, word):
            self._printing.price_update(event, self._trust.standing(event))

    def _is_all_there_is(self, quote: FeedQuote, word: Word) -> bool:
        """Whether nothing but the last price that is shown says what trades."""
        symbol, origin = quote.symbol, quote.origin
        if not self._showing.is_shown(origin.provider, symbol, Capability.QUOTE):
            return False
        if not self._routes.failover(symbol).order(Capability.TRADES):
            return True
        return not (word.has_touch or self._showing.has_prints(symbol, origin.ts_received))

    def _take_trade(self, event: FeedTrade, word: Word) -> None:
        symbol, now = event.symbol, event.origin.ts_received
        word.spoke_at = now
        word.trade_at, word.trade_of = max(word.trade_at or 0, true_since(event.origin)), moment_of(event)
        self._showing.liveness.line_is_back(event.origin.provider, symbol)
        if TradeFlag.NOT_LAST not in event.flags:
            word.last = event.price
        if self._showing.is_shown(event.origin.provider, symbol, Capability.QUOTE) and not word.has_touch:
            self._showing.show(symbol, word.heard(Capability.QUOTE) or now)
        self._close_gap(symbol, now)
        if effects(event).last:
            self.halts.traded(event)
        if self._showing.telling[symbol] is None:
            self._showing.telling[symbol] = self._showing.teller(symbol, now)
        if self._showing.telling[symbol] == event.origin.provider:
            self._printing.print(event, self._trust.standing(event))

    def _take_bar(self, event: FeedBar) -> None:
        """Streamed minutes serve where no trades are told."""
        is_over = event.timeframe is Timeframe.M1 and event.is_final
        if is_over and not self._routes.failover(event.symbol).order(Capability.TRADES):
            self._printing.minute(event)

    def _undo(self, undone: Undone) -> None:
        word = self._showing.words[undone.origin.provider, undone.symbol]
        if word.last == undone.print.price:
            word.last = undone.last
        self._printing.undo(undone)

    def _close_gap(self, symbol: str, now: int) -> None:
        """Trades are told again: what was missed is fetched."""
        since = self._gap_since.pop(symbol, None)
        if since is not None and now - since >= SHORTEST_GAP_NS:
            self._fetch(symbol, since - 60 * NS_PER_SECOND)

    # -- what is not believed any more

    def _void(self, event: FeedReset) -> None:
        """The line is gone, or its book is asked for again: no word of before is trusted."""
        provider, symbol, now = event.origin.provider, event.symbol, event.origin.ts_received
        self.forget(provider, symbol, now)
        if event.is_line_gone:
            self.halts.line_is_gone(provider, symbol, now)

    def forget(self, provider: str, symbol: str, now: int) -> None:
        word = self._showing.words[provider, symbol]
        word.quote_void_since = word.quote_void_since or now
        word.trade_void_since = word.trade_void_since or now
        self._void_book(provider, symbol, now)

    def _distrust(self, provider: str, symbol: str, now: int) -> None:
        """Its provider knows nothing of it, so the book is asked for again; its quote may be made of that very book."""
        self._showing.words[provider, symbol].distrusted_at = now
        self._void_book(provider, symbol, now)
        self._lines.ask_again(provider, symbol)

    def _void_book(self, provider: str, symbol: str, now: int) -> None:
        """A book that cannot be trusted: nothing is shown of it until it is whole again."""
        word = self._showing.words[provider, symbol]
        word.ladder.void()
        word.void_since = word.void_since or now
        if self._showing.telling[symbol] in (provider, None):
            self._gap_since.setdefault(symbol, now)
        if self._showing.is_shown(provider, symbol, Capability.BOOK):
            self._display.nothing(symbol, now)

    # -- who is shown

    def choose(self, symbol: str, now: int) -> None:
        """Show the book of the best provider that has one, else a quote."""
        chosen, showing = self._showing.choice(symbol, now), self._showing
        if chosen is None:
            return
        former, showing.shown[symbol] = showing.shown[symbol], chosen
        name, kind = chosen
        word = showing.words[name, symbol]
        logger.info("%s is shown by %s (%s), before by %s", symbol, name, kind, former[0] if former else "nobody")
        if kind is Capability.BOOK:
            showing.show(symbol, word.book_at or now)
            self._display.book(symbol, word.ladder, word.book_at or now, now)
        elif word.quote is not None:
            showing.show(symbol, word.quote_at or now)
            self._display.quote(word.quote, now)
        self.halts.judge(symbol, now)
