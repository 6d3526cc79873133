"""A live market as a source like any other: providers' streams, screened, in the shadow venue.

Providers' threads leave events in the intake. The market thread takes them in `advance`, screens them, and tells the
venue what the serving provider of each symbol says; the others are kept beside it, to judge by and to fall back to.
"""

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from msgspec import Struct, field

from tradesim.desk.views import FeedView
from tradesim.kernel.clock import NS_PER_MS, NS_PER_SECOND, Clock
from tradesim.kernel.errors import Refused
from tradesim.marketdata.failover import FailoverRules, Switch
from tradesim.marketdata.freshness import AgeLimits, true_since
from tradesim.marketdata.screening import Passed, Quarantined, Screen, ScreenRules, Undone, effects
from tradesim.marketdata.sessions import NO_HOLIDAYS, Holidays, session_state
from tradesim.model.corporate import Basis, DayFactors, Dividend, Split
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
from tradesim.model.instrument import AssetClass, Instrument
from tradesim.model.market import SessionState, SourceKind, Timeframe
from tradesim.model.series import Bars, History
from tradesim.providers.contract import Mendable, Provider
from tradesim.providers.fields import NEW_YORK
from tradesim.providers.live.adjusted import Adjusted
from tradesim.providers.live.answers import AnswerStore
from tradesim.providers.live.companies import Companies
from tradesim.providers.live.display import Display
from tradesim.providers.live.growth import Growth
from tradesim.providers.live.halts import Halts
from tradesim.providers.live.intake import Intake, Missed
from tradesim.providers.live.lines import Lines
from tradesim.providers.live.listing import Listed, short
from tradesim.providers.live.past import Past
from tradesim.providers.live.polling import Polling
from tradesim.providers.live.printing import Printing
from tradesim.providers.live.routes import Routes
from tradesim.providers.live.showing import Showing
from tradesim.providers.live.words import Word, moment_of
from tradesim.venue.shadow import ShadowVenue

logger = logging.getLogger(__name__)

JUDGE_EVERY_NS = 250 * NS_PER_MS
SHORTEST_GAP_NS = 2 * NS_PER_SECOND
COMPANIES_WAIT_S = 3.0
MOST_FAULTS = 8


class LiveRules(Struct, frozen=True):
    """How careful to be. `history_wait_s` is how long opening waits for the past before it goes on without."""

    ages: AgeLimits = field(default_factory=AgeLimits)
    screen: ScreenRules = field(default_factory=ScreenRules)
    failover: FailoverRules = field(default_factory=FailoverRules)
    holidays: Holidays = NO_HOLIDAYS
    history_wait_s: float = 8.0


class LiveSource:
    """Implements `desk.ports.LiveMarket`. `routes` names the providers of each symbol, preferred first.

    `absent` are those of them that could not be asked, with the sentence that they said: they join by `admit`.
    Raises Refused when there is nothing to open.
    """

    end: int | None = None

    def __init__(
        self,
        providers: Mapping[str, Provider],
        instruments: Mapping[str, Instrument],
        clock: Clock,
        routes: Mapping[str, Sequence[str]] | None = None,
        rules: LiveRules | None = None,
        store: AnswerStore | None = None,
        absent: Mapping[str, str] | None = None,
    ) -> None:
        if not providers or not instruments:
            raise Refused("a live market needs at least one provider and one instrument")
        self.instruments: Mapping[str, Instrument]
        self.instruments = self._listed = Listed(instruments)
        self._providers, self._clock, self._rules = dict(providers), clock, rules or LiveRules()
        wanted = {symbol: tuple((routes or {}).get(symbol, tuple(providers))) for symbol in instruments}
        self._routes = Routes(self._providers, wanted, absent or {}, clock, self._rules.failover, store)
        self._opened_at: int | None = None
        self.venue = ShadowVenue(self.instruments)
        self._printing = Printing(self.instruments, self.venue)
        self.bars = self._printing.bars
        self._display = Display(self.instruments, self.venue)
        self.screen = Screen(self._rules.screen, called=self._called, steps=self._steps)
        self._intake = Intake(clock)
        ages, holidays = self._rules.ages, self._rules.holidays
        careful = (ages, holidays, self._rules.failover)
        self._showing = Showing(self.instruments, self._providers, self._routes, self.screen, *careful)
        self._halts = Halts(self.venue, self._showing.shown_by)
        self._gap_since: dict[str, int] = {}
        self._judged_at = 0
        self._lines = Lines(self._providers, self._routes, self._intake.put, self.instruments)
        self._polling = Polling(self._routes, clock)
        self._closed = threading.Event()
        self.split_adjusted_until: date | None = self._today()
        wait_s = min(COMPANIES_WAIT_S, self._rules.history_wait_s)
        self._companies = Companies(self._providers, shares_of(instruments), self._today, wait_s)
        uniform = self._companies.uniform
        self._growth = Growth(self.instruments, self._routes)
        self._adjusted = Adjusted(self._growth.answers, clock)
        self._past = Past(self._growth.known, self._growth.answers, clock, self._on_past, self._closed, uniform)
        self._load_past()
        for name in self._providers:
            self._lines.open(name)

    def _steps(self, symbol: str) -> tuple[Decimal, Decimal]:
        instrument = self._growth.known[symbol]
        return instrument.tick_size, instrument.lot_size

    def _called(self, name: str) -> str:
        return short(self._providers[name].title) if name in self._providers else name

    # -- what the badge says

    @property
    def kind(self) -> SourceKind:
        return self._showing.kind(self._clock.now())

    @property
    def title(self) -> str:
        """`Kraken live`, `IEX via Alpaca delayed`: who serves, and how fresh it is."""
        return self._showing.title(self._clock.now())

    def faults(self, now: int) -> tuple[str, ...]:
        """What a trader must know of the data, one sentence each."""
        found = [*self._showing.faults(now), *self._halts.sentences()]
        for name in self._providers:
            found += filter(None, (self.screen.skew(name), self.screen.set_aside(name, now)))
        found += self._past.faults(self._called, now)
        if self._intake.dropped:
            found.append(f"{self._intake.dropped:,} messages came faster than they could be taken")
        more = len(found) - MOST_FAULTS
        return (*found[:MOST_FAULTS], *((f"and {more} more",) if more > 0 else ()))

    def order_fault(self, symbol: str, now: int) -> str | None:
        """Why no order should be sent on what is shown of `symbol` now; None when it may be trusted."""
        return self._showing.order_fault(symbol, now)

    def quote_age_ns(self, symbol: str, now: int) -> int | None:
        return self._showing.quote_age_ns(symbol, now)

    def words(self, symbol: str) -> dict[str, tuple[int | None, int | None, Decimal | None, int | None]]:
        """Bid and ask in ticks, last price and when it spoke (UTC ns), by provider: for comparing providers."""
        return self._showing.said(symbol)

    def feeds(self, now: int) -> dict[str, FeedView]:
        """Who gives each symbol, for the badges of panels. May be asked from any thread."""
        return self._showing.feeds(now)

    @property
    def timeline(self) -> list[Switch]:
        """Every switch between providers, oldest first."""
        alone = tuple(self._showing.liveness.switches)
        return sorted([*self._routes.timeline, *alone], key=lambda switch: switch.at)

    @property
    def providers(self) -> Mapping[str, Provider]:
        """Those that may serve; who could not be asked yet is in `absent`."""
        missing = self._routes.absent
        return {name: each for name, each in self._providers.items() if name not in missing}

    def symbols_of(self, provider: str) -> list[str]:
        """Those that it may serve."""
        return self._routes.symbols_of(provider)

    @property
    def order(self) -> tuple[str, ...]:
        """All that may serve, or join later, preferred first."""
        return tuple(self._providers)

    @property
    def closed(self) -> threading.Event:
        """Set when the market was left."""
        return self._closed

    @property
    def absent(self) -> Mapping[str, str]:
        """Who could not be asked yet, with the sentence of why."""
        return self._routes.absent

    # -- the desk's market source

    @property
    def start(self) -> int:
        """When the desk opened it; now, until then."""
        return self._clock.now() if self._opened_at is None else self._opened_at

    def on_arrival(self, wake: Callable[[], None]) -> None:
        """The market that was open before has let go of its sockets: what waits for one of them need not wait."""
        self._opened_at = self._clock.now()
        self._intake.on_arrival(wake)
        self._lines.retry()

    def history(self, symbol: str) -> History:
        return self.bars.history(symbol)

    def next_due(self) -> int | None:
        return self._intake.next_due()

    def advance(self, to: int) -> None:
        for item in self._intake.take(to):
            if callable(item):
                item()
            elif isinstance(item, Missed):
                self._miss(item)
            else:
                self._hear(item)
        if to - self._judged_at >= JUDGE_EVERY_NS:
            self._judged_at = to
            self._judge(to)

    def seek(self, to: int) -> None:
        raise Refused("a live market cannot be moved in time: open a replay instead")

    def session(self, symbol: str, now: int) -> SessionState:
        return session_state(self.instruments[symbol].asset_class, now, self._rules.holidays)

    def corporate_actions(self, after: date, until: date) -> list[Dividend | Split]:
        """As far as a provider told them."""
        return self._companies.between(after, until)

    def day_factors(self, symbol: str, basis: Basis) -> DayFactors | None:
        """As the days of a provider show it, where no records are known."""
        return None if self._companies.has_records_of(symbol) else self._adjusted.factors(symbol, basis)

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock.now() // NS_PER_SECOND, NEW_YORK).date()

    def close(self) -> None:
        self._closed.set()
        self._lines.stop()
        for provider in self._providers.values():
            provider.close()

    # -- asking (any thread but the market's)

    def to_ask(self, provider: str, now: int) -> list[str]:
        """Symbols that no stream keeps fresh and that `provider` is the one to be asked about."""
        return [symbol for symbol in self._polling.turns_of(provider, now) if self._showing.is_missed(symbol, now)]

    def ask_quote(self, provider: str, symbol: str) -> bool:
        """Ask one provider for one quote; whether it answered. For the scheduler, which asks each on its own."""
        quote = self._polling.quote(provider, symbol)
        if quote is not None:
            self._intake.put([quote])
        return quote is not None

    # -- what is wanted, and more of it

    def follow(self, ranks: Sequence[Collection[str]]) -> None:
        """Symbols by how much they are wanted now, most first. Called again and again."""
        self._lines.want(ranks, self._clock.now())

    def enlist(
        self, instruments: Mapping[str, Instrument], routes: Mapping[str, Sequence[str]], doubted: Collection[str] = ()
    ) -> None:
        """Learn of more symbols and ask for their past, which takes seconds; they are traded from `take_up` on.

        Of any thread but the market's. `routes` as in the beginning; `doubted` are those that serve and could not be
        asked of these symbols: they are asked again, and serve them when they have them.
        """
        new = self._growth.enlist(instruments, routes, self.bars.take_up, doubted)
        self._companies.take_up(shares_of(new), min(COMPANIES_WAIT_S, self._rules.history_wait_s))
        self._past.fetch_all(new, self._rules.history_wait_s)

    def take_up(self, symbols: Sequence[str]) -> None:
        now = self._clock.now()
        self.advance(now)
        fresh = self._growth.take_up(symbols)
        for instrument in fresh.values():
            self._printing.take_up(instrument)
        self._showing.take_up(fresh)
        self._listed.add(fresh)
        self._lines.want(((), symbols), now)
        self._follow(now)

    def _follow(self, now: int) -> None:
        """What nobody wants any more is not known any more."""
        for symbol in self._lines.follow(now):
            logger.info("%s is wanted by nobody: let go", symbol)
            for name in self._routes.of(symbol):
                self._forget(name, symbol, now)
                self._halts.line_is_gone(name, symbol, now)
        self._showing.liveness.unwanted = self._lines.unwanted

    # -- those who could not be asked when it opened

    def to_ask_again(self, absent: str, now: int) -> list[str]:
        """The symbols to ask a provider about now that could not be asked; none before its time."""
        return self._routes.wanted_of(absent, now)

    def put_off(self, absent: str, why: str, after_s: float) -> None:
        self._intake.put([lambda: self._routes.put_off(absent, why, after_s, self._clock.now())])

    def admit(self, absent: str, listed: Collection[str]) -> None:
        """It answered and trades `listed`: it joins, and serves where it is preferred once it has been well."""
        self._intake.put([lambda: self._admit(absent, listed)])

    def settle(self, doubted: str, asked: Collection[str], listed: Collection[str]) -> None:
        """One that serves answered of the symbols that it could not be asked about when they were added."""
        self._intake.put([lambda: self._settle(doubted, asked, listed)])

    def _settle(self, doubted: str, asked: Collection[str], listed: Collection[str]) -> None:
        if self._routes.settle(doubted, asked, listed) and not self._closed.is_set():
            self._lines.widen(doubted)

    def _admit(self, absent: str, listed: Collection[str]) -> None:
        if self._routes.admit(absent, listed, self._clock.now()) and not self._closed.is_set():
            logger.info("%s can be asked now", absent)
            self._lines.open(absent)

    def readmit(self, provider: str, why: str) -> None:
        """A person mended its key or plan: what refused it may be asked of it again."""
        if provider in self._routes.absent:
            here = self._providers[provider]
            if isinstance(here, Mendable):
                here.try_again()
            self._intake.put([lambda: self._routes.hasten(provider)])
        elif provider in self._providers:
            self._routes.readmit(provider, why)

    def take_over(self, built: Provider, why: str) -> None:
        """`built` goes on for the provider of its name, which is closed: not of the market thread, as that takes
        seconds."""
        former, self._providers[built.id] = self._providers[built.id], built
        former.close()
        if self._closed.is_set():
            built.close()
        self._intake.put([lambda: self._go_on(built.id, why)])

    def _go_on(self, name: str, why: str) -> None:
        if self._closed.is_set():
            return
        self._routes.hasten(name)
        if name not in self._routes.absent:
            self._routes.readmit(name, why)
        self._lines.open(name)

    # -- the past

    def _load_past(self) -> None:
        """What is late is merged when it comes."""
        self._past.fetch_all(self.instruments, self._rules.history_wait_s)
        now = self._clock.now()
        self.advance(now)
        self._printing.begin(now)

    def _on_past(self, symbol: str, minutes: Bars, days: Bars) -> None:
        self._intake.put([partial(self._printing.merge, symbol, minutes, days)])

    # -- the market thread

    def _hear(self, event: FeedEvent) -> None:
        key = event.origin.provider, event.symbol
        if key not in self._showing.words or event.symbol in self._showing.liveness.unwanted:
            return
        passed = self.screen.passed(event)
        if isinstance(passed, Quarantined):
            self._hold_back(passed)
        else:
            self._take(passed)

    def _hold_back(self, held: Quarantined) -> None:
        """A book that lost a message is not known any more. Of one that is void already a whole one alone is missed."""
        event = held.event
        if isinstance(event, FeedBook):
            name, symbol = event.origin.provider, event.symbol
            if event.is_snapshot or self._showing.words[name, symbol].ladder.is_whole:
                self._distrust_book(name, symbol, event.origin.ts_received)

    def _miss(self, missed: Missed) -> None:
        if (missed.provider, missed.symbol) not in self._showing.words:
            return
        if missed.provider in self._routes.failover(missed.symbol).order(Capability.BOOK):
            self._distrust_book(missed.provider, missed.symbol, missed.at)

    def _take(self, event: Passed) -> None:
        word = self._showing.words[event.origin.provider, event.symbol]
        word.feed = event.origin.feed
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
                self._halts.hear(event)
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
        if not self._showing.is_shown(event.origin.provider, symbol, Capability.BOOK):
            self._choose(symbol, now)
            return
        self._showing.shown_at[symbol] = word.book_at
        if event.is_snapshot:
            self.venue.on_book_snapshot(symbol, bids, asks, now)
        else:
            self._display.levels(symbol, bids, asks, now)

    def _take_quote(self, event: FeedQuote, word: Word) -> None:
        now, symbol = event.origin.ts_received, event.symbol
        word.spoke_at = now
        word.quote, word.quote_at, word.quote_void_since = event, true_since(event.origin), None
        word.last = event.last if event.last is not None else word.last
        if self._showing.is_shown(event.origin.provider, symbol, Capability.QUOTE):
            self._showing.shown_at[symbol] = word.quote_at
            self._display.quote(event, now)
        else:
            self._choose(symbol, now)
        if event.last is not None and not self._routes.failover(symbol).order(Capability.TRADES):
            self._printing.price_update(event)

    def _take_trade(self, event: FeedTrade, word: Word) -> None:
        symbol, now = event.symbol, event.origin.ts_received
        word.spoke_at = now
        word.trade_at, word.trade_of = max(word.trade_at or 0, true_since(event.origin)), moment_of(event)
        self._showing.liveness.line_is_back(event.origin.provider, symbol)
        if TradeFlag.NOT_LAST not in event.flags:
            word.last = event.price
        if self._showing.is_shown(event.origin.provider, symbol, Capability.QUOTE) and not word.has_touch:
            self._showing.shown_at[symbol] = word.heard(Capability.QUOTE) or now
        self._close_gap(symbol, now)
        if effects(event).last:
            self._halts.traded(event)
        if self._showing.telling[symbol] is None:
            self._showing.telling[symbol] = self._showing.teller(symbol, now)
        if self._showing.telling[symbol] == event.origin.provider:
            self._printing.print(event)

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

    def _void(self, event: FeedReset) -> None:
        """The line is gone, or its book is asked for again: no word of before is trusted."""
        provider, symbol, now = event.origin.provider, event.symbol, event.origin.ts_received
        self._forget(provider, symbol, now)
        if event.is_line_gone:
            self._halts.line_is_gone(provider, symbol, now)

    def _forget(self, provider: str, symbol: str, now: int) -> None:
        word = self._showing.words[provider, symbol]
        word.quote_void_since = word.quote_void_since or now
        word.trade_void_since = word.trade_void_since or now
        self._void_book(provider, symbol, now)

    def _distrust_book(self, provider: str, symbol: str, now: int) -> None:
        """Its provider knows nothing of it, so the book is asked for again."""
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
            self.venue.on_book_snapshot(symbol, (), (), now)

    def _close_gap(self, symbol: str, now: int) -> None:
        """Trades are told again: what was missed is fetched."""
        since = self._gap_since.pop(symbol, None)
        if since is not None and now - since >= SHORTEST_GAP_NS and not self._closed.is_set():
            self._past.fetch(symbol, since - 60 * NS_PER_SECOND)

    # -- who is shown

    def _judge(self, now: int) -> None:
        liveness = self._showing.liveness
        self._follow(now)
        self._weigh_books()
        liveness.judge(tuple(self._lines), now)
        for symbol in self.instruments:
            self._choose(symbol, now)
            if shown := self._showing.shown[symbol]:
                liveness.note_shown(symbol, shown[1], shown[0], now)
            self._showing.telling[symbol] = self._showing.teller(symbol, now)

    def _weigh_books(self) -> None:
        for (name, symbol), word in self._showing.words.items():
            middle = word.book_middle(self.instruments[symbol])
            if middle is not None and word.book_at is not None:
                self.screen.weigh(symbol, name, middle, word.book_at)

    def _choose(self, symbol: str, now: int) -> None:
        """Show the book of the best provider that has one, else a quote."""
        chosen, showing = self._showing.choice(symbol, now), self._showing
        if chosen is None:
            return
        former, showing.shown[symbol] = showing.shown[symbol], chosen
        name, kind = chosen
        word = self._showing.words[name, symbol]
        logger.info("%s is shown by %s (%s), before by %s", symbol, name, kind, former[0] if former else "nobody")
        if kind is Capability.BOOK:
            self._showing.shown_at[symbol] = word.book_at or now
            self.venue.on_book_snapshot(symbol, word.ladder.bids.rows(), word.ladder.asks.rows(), now)
        elif word.quote is not None:
            self._showing.shown_at[symbol] = word.quote_at or now
            self._display.quote(word.quote, now)
        self._halts.judge(symbol, now)


def shares_of(instruments: Mapping[str, Instrument]) -> list[str]:
    return [symbol for symbol, each in instruments.items() if each.asset_class is AssetClass.US_EQUITY]
