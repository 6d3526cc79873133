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
from msgspec.structs import replace

from tradesim.desk.views import FeedView
from tradesim.kernel.clock import NS_PER_MS, NS_PER_SECOND, Clock
from tradesim.kernel.errors import Refused
from tradesim.marketdata.failover import FailoverRules, Switch
from tradesim.marketdata.freshness import AgeLimits
from tradesim.marketdata.screening import Screen, ScreenRules
from tradesim.marketdata.sessions import NO_HOLIDAYS, Holidays, session_state
from tradesim.model.corporate import Basis, DayFactors, Dividend, Split
from tradesim.model.instrument import AssetClass, Instrument
from tradesim.model.market import SessionState, SourceKind
from tradesim.model.series import Bars, History
from tradesim.providers.contract import Mendable, Provider
from tradesim.providers.fields import NEW_YORK
from tradesim.providers.live.adjusted import Adjusted
from tradesim.providers.live.answers import AnswerStore
from tradesim.providers.live.companies import Companies
from tradesim.providers.live.growth import Growth
from tradesim.providers.live.hearing import Hearing
from tradesim.providers.live.intake import Intake, Missed
from tradesim.providers.live.lines import Lines
from tradesim.providers.live.listing import Listed, short
from tradesim.providers.live.past import Past
from tradesim.providers.live.polling import Polling
from tradesim.providers.live.printing import Printing
from tradesim.providers.live.routes import Routes
from tradesim.providers.live.showing import Showing
from tradesim.providers.live.trust import Trust
from tradesim.providers.live.venue import LiveVenue

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
        self.screen = Screen(self._rules.screen, called=self._called, steps=self._steps)
        self._intake = Intake(clock)
        ages, holidays = self._rules.ages, self._rules.holidays
        careful = (ages, holidays, self._rules.failover)
        self._showing = Showing(self.instruments, self._providers, self._routes, self.screen, *careful)
        self._trust = Trust(self._is_doubtful, self._showing.is_overtaken)
        self.venue = LiveVenue(self.instruments, self._trust.holds)
        self._printing = Printing(self.instruments, self.venue)
        self.bars = self._printing.bars
        self._judged_at = 0
        self._lines = Lines(self._providers, self._routes, self._intake.put, self.instruments)
        self._polling = Polling(self._routes, clock)
        self._closed = threading.Event()
        self.split_adjusted_until: date | None = self._today()
        wait_s = min(COMPANIES_WAIT_S, self._rules.history_wait_s)
        self._companies = Companies(self._providers, shares_of(instruments), self._today, wait_s, self._closed)
        uniform = self._companies.uniform
        self._growth = Growth(self.instruments, self._routes)
        self._adjusted = Adjusted(self._growth.answers, clock)
        self._past = Past(self._growth.known, self._growth.answers, clock, self._on_past, self._closed, uniform)
        self._hearing = Hearing(
            self.instruments,
            self.venue,
            self._routes,
            self.screen,
            self._showing,
            self._printing,
            self._lines,
            self._trust,
            self._fetch,
        )
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
        found = [*self._showing.faults(now), *self._hearing.halts.sentences()]
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

    def _is_doubtful(self, symbol: str, now: int) -> bool:
        return self.venue.is_halted(symbol) or self.order_fault(symbol, now) is not None

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
                self._hearing.miss(item)
            else:
                self._hearing.hear(item)
        self.venue.look_again(to)
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
            self._intake.put([replace(quote, is_answer=True)])
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
                self._hearing.forget(name, symbol, now)
                self._hearing.halts.line_is_gone(name, symbol, now)
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

    def _fetch(self, symbol: str, since: int) -> None:
        if not self._closed.is_set():
            self._past.fetch(symbol, since)

    def _on_past(self, symbol: str, minutes: Bars, days: Bars) -> None:
        self._intake.put([partial(self._printing.merge, symbol, minutes, days)])

    # -- the market thread

    def _judge(self, now: int) -> None:
        liveness = self._showing.liveness
        self._follow(now)
        self._weigh_books()
        liveness.judge(tuple(self._lines), now)
        for symbol in self.instruments:
            self._hearing.choose(symbol, now)
            if shown := self._showing.shown[symbol]:
                liveness.note_shown(symbol, shown[1], shown[0], now)
            self._showing.telling[symbol] = self._showing.teller(symbol, now)
        self._trust.judge(self.instruments, now)

    def _weigh_books(self) -> None:
        for (name, symbol), word in self._showing.words.items():
            middle = word.book_middle(self.instruments[symbol])
            if middle is not None and word.book_at is not None:
                self.screen.weigh(symbol, name, middle, word.book_at)


def shares_of(instruments: Mapping[str, Instrument]) -> list[str]:
    return [symbol for symbol, each in instruments.items() if each.asset_class is AssetClass.US_EQUITY]
