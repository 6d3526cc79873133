"""The desk: the one door. Commands go in and are answered when durable; views come out, immutable.

Every public method is safe to call from any thread, except `turn`, which is the market thread itself.
"""

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from tradesim.desk.accounts import all_orders, past_of, shown_entries
from tradesim.desk.archive import Archive, Move
from tradesim.desk.bookkeeping import PAPER, is_called, is_default
from tradesim.desk.charts import present_bars
from tradesim.desk.days import NS_PER_MINUTE
from tradesim.desk.market import Market
from tradesim.desk.opening import AdoptMarket, MarketOpener, Opening
from tradesim.desk.orders import Decisions, OrderDesk, TradingRules
from tradesim.desk.performance import PERIODS, Analytics, PresentBars
from tradesim.desk.ports import CorporateCalendar, Journal, MarketSource, Snapshot
from tradesim.desk.shelf import AccountShelf
from tradesim.desk.ticks import SymbolTicks
from tradesim.desk.turns import Turns
from tradesim.desk.views import (
    AccountView,
    ChartView,
    Estimate,
    FeedView,
    MarketView,
    OrderUpdate,
    PerformanceView,
    RecorderView,
    StatusView,
    SwitchView,
    ThrottleView,
    TripView,
    VendorView,
    WordView,
)
from tradesim.desk.window import Shown, Window
from tradesim.kernel.bus import Bus
from tradesim.kernel.clock import NS_PER_SECOND, Clock
from tradesim.kernel.errors import JournalUnavailable, Refused, Unbalanced
from tradesim.kernel.ids import Ids
from tradesim.kernel.inbox import Inbox, InboxFull
from tradesim.kernel.precedence import Precedence
from tradesim.model.accounts import Account, ClosedLot, EquityPoint, LedgerEntry, Lot
from tradesim.model.commands import (
    AnnotateTrip,
    OpenLive,
    OpenReplay,
    OpenSimulated,
    ReplaceOrder,
    SubmitOrder,
    UseAccount,
)
from tradesim.model.corporate import Dividend, Split
from tradesim.model.events import DeskEvent, RiskStateChanged
from tradesim.model.feed import Listing, ProviderHealth
from tradesim.model.instrument import Instrument
from tradesim.model.market import SourceKind, Timeframe
from tradesim.model.orders import Fill, Order, Rejection
from tradesim.model.risk import RiskView, SourceView
from tradesim.model.series import Bars, History
from tradesim.trading.performance.export import FORMATS
from tradesim.trading.portfolio import KEPT_FILLS, KEPT_ORDERS, Portfolio
from tradesim.trading.state import TradingState

logger = logging.getLogger(__name__)

T = TypeVar("T")

TURN_S = 0.005
IDLE_S = 0.25
SNAPSHOT_EVERY = 10_000
ALL_BARS = 100_000
PATIENCE_S = 2.0
GLANCE_S = 0.25
COURTESY_S = 0.001
"""How long a turn without letters waits for a command that is on its way, so that both share one commit."""
ANSWER_LEAVES_S = 0.001
"""How long the views wait at most for an answer that is being written."""
LEDGER_TAIL = 100
DRAWN_BARS = 3_000
NOTE_NS = 1_800 * NS_PER_SECOND


class Desk:
    """Owns the market thread. `start` it once; `turn` drives it by hand in a test or a script."""

    def __init__(
        self,
        opener: MarketOpener,
        journal: Journal,
        rules: TradingRules,
        clock: Clock,
        seed: int | str,
        source: MarketSource,
        note: str = "",
        precedence: Precedence | None = None,
    ) -> None:
        """`note` is told for a while as long as `source` is open: why it is not the market that was asked for.

        `precedence` is claimed by whoever is about to leave a command, or waits for its answer to leave.
        """
        self._precedence = precedence or Precedence()
        self._opener, self._journal, self._clock = opener, journal, clock
        self._bus, self._updates, self._inbox = Bus(), Bus(), Inbox()
        self._listeners: tuple[Callable[[], None], ...] = ()
        self._analytics, self._archive = Analytics(journal), Archive(journal)
        state, self._snapshot_seq = restored(journal)
        ids = Ids(seed, self._snapshot_seq)
        self._orders = OrderDesk(state, ids, rules)
        self._opening = Opening(source, self._orders, ids, clock, opener.bars, self._inbox.wake)
        self._turns = Turns(
            self._opening, self._orders, journal, self._handle, self._publish, self._stand_back, self._show
        )
        self._turns.last_seq = self._snapshot_seq
        self._note, self._noted_session = note, self._opening.market.session_id
        self._journal_state = "ok"
        self._window = Window(Shown(self._opening.market, {}))
        self._is_news = False
        self._shelf = AccountShelf(state, self._opening.touches)
        self._left: dict[str, tuple[tuple[str, int], AccountView]] = {}
        self._warnings: tuple[str, ...] = ()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._turns.record()
        self._refresh()

    # -- commands -------------------------------------------------------------------------------------------------

    def submit(self, command: Any, timeout_s: float = 5.0) -> Any:
        """Leave `command` with the market thread and wait for its durable outcome (see model.commands)."""
        try:
            return self.post(command).result(timeout_s)
        except TimeoutError:
            wanted = f"an answer within {timeout_s:g} s"
            return Rejection("timeout", f"wanted {wanted}, found none: look at the orders before trying again")

    def post(self, command: Any) -> "Future[Any]":
        """As `submit`, without waiting. Recordings are read, providers asked, on the caller's thread."""
        answer: Future[Any] = Future()
        try:
            return self._inbox.put(self._prepared(command))
        except Refused as refused:
            answer.set_result(Rejection("refused", str(refused), "paths" if isinstance(command, OpenReplay) else None))
        except InboxFull as full:
            answer.set_result(Rejection("busy", str(full)))
        return answer

    def estimate(self, order: SubmitOrder) -> Estimate:
        """What `order` would do if sent now; answered by the market thread. Raises TimeoutError when it is busy."""
        if order.account_id not in self._orders.state.portfolios:
            return Estimate(None, None, None, 0, 0, None, None, None, f"there is no account {order.account_id}")
        try:
            found: Estimate = self._asked(lambda: self._orders.estimate(order, self._opening.market))
        except JournalUnavailable as fault:
            return Estimate(None, None, None, 0, 0, None, None, None, str(fault))
        return found

    def ledger(self, account_id: str = "") -> tuple[LedgerEntry, ...]:
        """The latest entries, newest first; answered by the market thread. Raises TimeoutError when it is busy."""
        wanted = account_id or self._shown.market.account_id
        found: tuple[LedgerEntry, ...] = self._asked(lambda: shown_entries(self._orders.state, wanted))
        return found

    def save_recording(self, name: str, content: bytes) -> str | Rejection:
        """The path of the saved file, for OpenReplay."""
        return unless_refused("file", lambda: self._opener.save_recording(name, content))

    # -- performance ----------------------------------------------------------------------------------------------

    def performance(self, account_id: str = "", period: str = "all") -> PerformanceView | Rejection:
        """How the account did; reads the journal on the caller's thread. Raises KeyError when unknown."""
        if period not in PERIODS:
            return Rejection("period", f"period must be one of {', '.join(PERIODS)}, was {period}", "period")
        view = self.account(account_id)
        exposure = sum((abs(each.market_value) for each in view.positions), Decimal(0))
        return self._analytics.performance(view.account, period, self._time_of(view), view.equity, exposure)

    def round_trips(self, account_id: str = "", limit: int | None = 500) -> tuple[TripView, ...]:
        """The newest first, those still open before the others. Raises KeyError when the account is unknown."""
        view = self.account(account_id)
        return self._analytics.trips(view.account.id, self._time_of(view), self._present_bars(view), limit)

    def export_trips(self, format: str, account_id: str = "") -> bytes | Rejection:
        """Every round trip of the account as a file: csv, json or parquet. Raises KeyError when it is unknown."""
        if format not in FORMATS:
            wanted = f"format must be one of {', '.join(FORMATS)}"
            return Rejection("bad_request", f"{wanted}, was {format}", "format")
        return FORMATS[format](self.round_trips(account_id, None))

    def trip_chart(self, trip_id: str, account_id: str = "") -> ChartView | None:
        """A round trip and the bars around it; None when there is no such trip."""
        view = self.account(account_id)
        return self._analytics.chart(view.account.id, trip_id, self._time_of(view), self._present_bars(view))

    def annotate(
        self, trip_id: str, note: str | None = None, tags: Sequence[str] | None = None, account_id: str = ""
    ) -> TripView | Rejection:
        """Keep what the trader says of a round trip. None leaves the note or the tags as they are."""
        account = self.account(account_id).account.id
        former = self._analytics.note(account, trip_id)
        if former is None:
            return Rejection("unknown_trip", f"there is no round trip {trip_id} in account {account}", "trip_id")
        words = former.note if note is None else note
        refused = self.submit(AnnotateTrip(account, trip_id, words, former.tags if tags is None else tuple(tags)))
        chart = self.trip_chart(trip_id, account)
        assert chart is not None
        return refused if isinstance(refused, Rejection) else chart.view

    def _time_of(self, view: AccountView) -> int:
        """Market time of the account's own market; 0 while another one is open."""
        market = self._shown.market
        return market.reached if view.account.home == market.world else 0

    def _present_bars(self, view: AccountView) -> PresentBars:
        market = self._shown.market
        traded = market.source.instruments if view.account.home == market.world else {}
        return lambda symbol: present_bars(market.board.bars, traded[symbol], DRAWN_BARS) if symbol in traded else ()

    # -- providers ------------------------------------------------------------------------------------------------

    def vendors(self) -> Sequence[VendorView]:
        """Who could be opened as a live market, and which keys are there."""
        return self._opener.vendors(self._opening.market.source)

    def providers(self) -> Sequence[ProviderHealth]:
        """How every provider is now. Asks nobody."""
        return self._opener.providers(self._opening.market.source)

    def switches(self) -> Sequence[SwitchView]:
        """Who served what in the present market, newest first."""
        return self._opener.switches(self._opening.market.source)

    def words(self, symbol: str) -> Sequence[WordView]:
        """What each provider of the present market says of `symbol`. Raises TimeoutError when the market is busy."""
        found: Sequence[WordView] = self._asked(lambda: self._opener.words(self._opening.market.source, symbol))
        return found

    def feeds(self) -> Mapping[str, FeedView]:
        """Whose word each symbol of a live market is now; nothing in other markets."""
        return self._opener.feeds(self._shown.market.source)

    def prefer(self, order: Sequence[str], stand_ins: Sequence[str]) -> Rejection | None:
        """Keep in which order a person wants the providers, preferred first, and which of them stand in."""
        return unless_refused("order", lambda: self._opener.prefer(order, stand_ins))

    def poll(self, provider: str, watched: Collection[str] = ()) -> None:
        """Ask one provider for what no stream of the present market brings, where it is due. For the scheduler."""
        self._opener.poll(self._opening.market.source, provider, watched)

    def probe(self, provider: str) -> str | Rejection:
        """Asks a provider one thing; takes seconds."""
        return unless_refused("provider", lambda: self._opener.probe(provider, self._opening.market.source))

    def recorders(self) -> Mapping[str, RecorderView]:
        """The recordings of the present market's traffic, by provider."""
        return self._opener.recorders(self._opening.market.source)

    def record(self, provider: str) -> Rejection | None:
        """Write down what a provider of the present market says, into the shelf of recordings, until told to stop."""
        return unless_refused("provider", lambda: self._opener.record(provider, self._opening.market.source))

    def stop_recording(self, provider: str) -> RecorderView | Rejection:
        """What was written."""
        return unless_refused("provider", lambda: self._opener.stop_recording(provider, self._opening.market.source))

    def search(self, text: str, provider: str = "") -> Sequence[Listing] | Rejection:
        """What one provider, or all of them, list under `text`; takes seconds."""
        return unless_refused("symbols", lambda: self._opener.search(text, provider))

    def keep_key(self, name: str, key: str) -> Rejection | None:
        """Keep a vendor's key; an empty one is forgotten. It is never given out again."""
        return unless_refused(name, lambda: self._opener.keep_key(name, key))

    # -- views ----------------------------------------------------------------------------------------------------

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        return self._shown.market.source.instruments

    def market(self, symbol: str) -> MarketView | None:
        return self._shown.market.board.views.get(symbol)

    def markets(self) -> Mapping[str, MarketView]:
        return self._shown.market.board.views

    def ticks(self, symbol: str) -> SymbolTicks | None:
        """Every print and every change of the touch that is kept. Another object after a jump or in another market."""
        return self._shown.market.board.ticks.get(symbol)

    def account(self, account_id: str = "") -> AccountView:
        """The account, or the one that the present market has of its own. Raises KeyError when unknown.

        Valued now, where it is of the open world; another one's as its market was left. Where its orders stand in
        their queues follows them within some tens of milliseconds.
        """
        shown = self._shown
        wanted = account_id or shown.market.account_id
        view = shown.accounts.get(wanted)
        is_good = self._shelf.watch(wanted) and (self._is_elsewhere or self._shelf.is_placed(wanted))
        if view is not None and is_good:
            return view
        try:
            return self._glanced(wanted, view)
        except (TimeoutError, JournalUnavailable):
            if view is None:
                raise
            return view

    def knows_account(self, account_id: str) -> bool:
        """Whether there is such an account, in whatever world."""
        return account_id in self._orders.state.portfolios

    def account_called(self, name: str) -> str | None:
        """The id of the account of the open world that has this id or name; of the world's own for an empty one."""
        shown = self._shown
        if not name:
            return shown.market.account_id
        return next((id_ for id_, view in shown.accounts.items() if name in (id_, view.account.name)), None)

    def trades_here(self, account_id: str) -> bool:
        """Whether there is such an account in the open world."""
        return account_id in self._shown.accounts

    def accounts(self) -> Mapping[str, AccountView]:
        """Every account in use of the open market's world, its own first."""
        shown = self._shown.accounts
        return {account_id: self.account(account_id) for account_id in shown}

    def account_names(self) -> tuple[str, ...]:
        """What `account_id_of` knows: the open world's own account first, then every named one."""
        own = self._shown.market.account_id
        accounts = [each.account for each in tuple(self._orders.state.portfolios.values())]
        known = [each for each in accounts if not each.is_archived]
        first = next(each.name for each in known if each.id == own)
        return (first, *dict.fromkeys(each.name for each in known if each.id != each.home))

    def account_id_of(self, name: str = "") -> str:
        """The account called `name` in the open world, opened there when it is the first time; empty is its own.

        Raises Refused when no account is called so.
        """
        shown = self._shown
        if is_default(name):
            return shown.market.account_id
        for account_id, view in shown.accounts.items():
            if is_called(view.account, name):
                return account_id
        answer = self.submit(UseAccount(name)) if self.is_alive else self._by_hand(UseAccount(name))
        if isinstance(answer, Account):
            return answer.id
        raise Refused(answer.message)

    def risk(self, account_id: str = "") -> RiskView:
        """Limits, their use and the state of an account, or of the desk. Raises KeyError when unknown."""
        return self._shown.risks[account_id]

    def risks(self) -> Mapping[str, RiskView]:
        """Of every account that is shown, and of the desk under the empty id."""
        return self._shown.risks

    def risk_sources(self, account_id: str = "") -> tuple[SourceView, ...]:
        """What the runaway guard sees of an account's sources of orders; answered by the market thread.

        Raises TimeoutError when it is busy.
        """
        wanted = account_id or self._shown.market.account_id
        found: tuple[SourceView, ...] = self._asked(lambda: self._orders.gate.sources(wanted, self._opening.market))
        return found

    def risk_changes(self) -> tuple[RiskStateChanged, ...]:
        """The latest changes of states, of all accounts and the desk, the newest first; as `risk_sources`."""
        found: tuple[RiskStateChanged, ...] = self._asked(self._orders.gate.changes)
        return found

    def throttles(self) -> Sequence[ThrottleView]:
        """Sources of orders that were told to wait, the last time of each, the latest last."""
        return self._orders.gate.throttles()

    def order(self, order_id: str, account_id: str = "") -> Order | None:
        """By id, in the account, or the present market's own; however long ago it was closed."""
        shown = self.account(account_id)
        found = next((order for order in shown.orders if order.id == order_id), None)
        if found is None:
            found = self._asked(lambda: self._orders.state.portfolios[shown.account.id].order(order_id))
        return found

    def orders(self, account_id: str = "") -> tuple[Order, ...]:
        """All that are known, newest first. Raises KeyError for an unknown account, TimeoutError when busy."""
        found: tuple[Order, ...] = self._of_account(account_id, all_orders)
        return found

    def fills(self, account_id: str = "") -> tuple[Fill, ...]:
        """The latest ones, newest first. Raises as `orders`."""
        found: tuple[Fill, ...] = self._of_account(account_id, lambda portfolio: tuple(reversed(portfolio.fills)))
        return found

    def past(self, account_id: str) -> tuple[tuple[Order, ...], tuple[Fill, ...]]:
        """All orders and fills up to one moment, oldest first; the journal is read where there are many.

        Raises as `orders`.
        """
        found: tuple[tuple[Order, ...], tuple[Fill, ...]] = self._of_account(account_id, past_of)
        orders, fills = found
        if len(orders) < KEPT_ORDERS and len(fills) < KEPT_FILLS:
            return found
        return self._archive.traded(account_id or self._shown.market.account_id)

    def moves(self, account_id: str = "") -> tuple[Move, ...]:
        """Money and shares that no fill moved, oldest first: dividends, interest, fees, splits. Reads the journal."""
        return self._archive.moved(account_id or self._shown.market.account_id)

    def lots(self, account_id: str, symbol: str) -> tuple[Lot, ...]:
        """The open tax lots, oldest first. Raises as `orders`."""
        found: tuple[Lot, ...] = self._of_account(account_id, lambda portfolio: portfolio.open_lots(symbol))
        return found

    def closed_lots(self, account_id: str, symbol: str = "") -> tuple[ClosedLot, ...]:
        """The latest that were closed, newest first; of `symbol`, or of all. Raises as `orders`."""
        found: tuple[ClosedLot, ...] = self._of_account(
            account_id,
            lambda portfolio: tuple(
                each for each in reversed(portfolio.closed_lots) if not symbol or each.symbol == symbol
            ),
        )
        return found

    def equity_curve(
        self, account_id: str = "", since: int = 0, until: int | None = None, step_ns: int = NS_PER_MINUTE
    ) -> tuple[EquityPoint, ...]:
        """What the account was worth, oldest first: the last known of each `step_ns`, then what it is worth now.

        By the minute as far as they are remembered (two months; the cache may be lost), by the day since it was opened
        or reset, when `step_ns` is a day or more. A step in which nothing changed has no point. Raises as `orders`.
        """
        found: tuple[EquityPoint, ...] = self._of_account(
            account_id,
            lambda portfolio: self._opening.books.curve(
                portfolio, self._opening.equity_of(portfolio), self._opening.market, since, until, step_ns
            ),
        )
        return found

    def saved_equity(self) -> dict[str, list[bytes]]:
        """The minutes of every lasting account, as plain data to be kept. Raises TimeoutError when busy."""
        found: dict[str, list[bytes]] = self._asked(self._opening.books.saved_equity)
        return found

    def remember_equity(self, saved: Mapping[str, Sequence[bytes]]) -> None:
        """What `saved_equity` gave before a restart. Before `start`."""
        self._opening.books.equity.load(saved)

    def status(self) -> StatusView:
        market = self._shown.market
        return StatusView(
            source=market.source.kind,
            title=market.source.title,
            now=market.reached,
            speed=market.clock.speed,
            is_playing=market.clock.is_playing and not market.is_ended,
            is_ended=market.is_ended,
            start=market.source.start,
            end=market.source.end,
            session_id=market.session_id,
            journal=self._turns.fault or self._journal_state,
            faults=(*self._notes(market), *market.faults, *self._warnings),
            account_id=market.account_id,
        )

    def _notes(self, market: Market) -> tuple[str, ...]:
        is_first = market.session_id == self._noted_session and market.reached - market.source.start < NOTE_NS
        return (self._note,) if self._note and is_first else ()

    def warn(self, sentences: tuple[str, ...]) -> None:
        """What a trader must know besides the market's own faults, until the next call; shown with the status."""
        self._warnings = sentences
        for listener in self._listeners:
            listener()

    def bars(self, symbol: str, timeframe: Timeframe, limit: int = 5_000, before: int | None = None) -> Bars:
        """At most `limit` bars, the last one forming; with `before` (UTC ns) only those that start earlier."""
        return self._shown.market.board.bars.bars(symbol, timeframe, limit, before)

    def simulated_past(self) -> dict[str, History]:
        """All the bars of the simulated market, for saving them; nothing while another market is open."""
        market = self._shown.market
        if market.source.kind is not SourceKind.SIMULATED:
            return {}
        bars, frames = market.board.bars, (Timeframe.S1, Timeframe.M1, Timeframe.D1)
        return {
            symbol: History(*(bars.bars(symbol, frame, ALL_BARS) for frame in frames))
            for symbol in market.source.instruments
        }

    def corporate_actions(self, after: date, until: date) -> Sequence[Dividend | Split]:
        """Those the open market knows of, of the days later than `after` and not later than `until`, oldest first."""
        source = self._shown.market.source
        return source.corporate_actions(after, until) if isinstance(source, CorporateCalendar) else ()

    def recordings(self) -> Sequence[tuple[str, str, int]]:
        """Path, title and bytes of every recording that can be replayed."""
        return self._opener.recordings()

    def on_change(self, listener: Callable[[], None]) -> None:
        """`listener` is called from the market thread after views were swapped; it must be quick."""
        self._listeners = (*self._listeners, listener)

    def subscribe(self, listener: Callable[[Sequence[DeskEvent]], None]) -> Callable[[], None]:
        """Durable events as they happen, in order, on the market thread. Returns the way to end it."""
        return self._bus.subscribe(listener)

    def subscribe_orders(self, listener: Callable[[Sequence[OrderUpdate]], None]) -> Callable[[], None]:
        """What became of each order, in every account, on the market thread. Returns the way to end it."""
        return self._updates.subscribe(listener)

    # -- the market thread ----------------------------------------------------------------------------------------

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="market", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the market thread after its present turn, keep a snapshot, close journal and source."""
        self._stop.set()
        self._inbox.wake()
        if self._thread is not None:
            self._thread.join(10)
        self._save_snapshot()
        self._opening.market.source.close()
        self._journal.close()

    @property
    def is_alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    @property
    def is_behind(self) -> bool:
        """Whether the market has yet to come up to its clock."""
        return self._opening.market.reached < self._opening.market.now

    def turn(self, timeout_s: float = 0.0) -> None:
        """One turn: wait for letters, let time pass, answer, remember, tell."""
        letters = self._inbox.take(timeout_s)
        if not letters and self._precedence.is_claimed:
            letters = self._inbox.take(COURTESY_S)
        self._journal_state = self._journal.health()
        self._turns.turn(letters)
        if self._turns.last_seq - self._snapshot_seq >= SNAPSHOT_EVERY:
            self._save_snapshot()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.turn(self._beat())
            except Exception:
                logger.critical("the market thread stops: the desk's state can no longer be trusted", exc_info=True)
                raise

    def _beat(self) -> float:
        """Seconds until the market has something to do."""
        market = self._opening.market
        if market.is_catching_up and not self._turns.fault:
            return 0.0
        due = None if self._turns.fault else market.next_due()
        return IDLE_S if due is None else min(IDLE_S, max(TURN_S, market.clock.wall_delay_until(due)))

    def _asked(self, question: Callable[[], Any]) -> Any:
        """Answered by the market thread; at once where `turn` is driven by hand and nobody else is there."""
        return self._inbox.put(question).result(PATIENCE_S) if self._is_elsewhere else question()

    @property
    def _is_elsewhere(self) -> bool:
        """Whether the market thread runs and is not who asks."""
        return self.is_alive and threading.current_thread() is not self._thread

    def _of_account(self, account_id: str, question: Callable[[Portfolio], Any]) -> Any:
        wanted = account_id or self._shown.market.account_id
        if wanted not in self._orders.state.portfolios:
            raise KeyError(wanted)
        return self._asked(lambda: question(self._orders.state.portfolios[wanted]))

    def _glanced(self, account_id: str, view: AccountView | None) -> AccountView:
        """The account valued now, by the market thread; `view` is what is shown of it, None when nothing is."""
        if self._is_elsewhere and view is not None:
            self._inbox.put(lambda: self._shelf.demand(account_id)).result(GLANCE_S)
            return self._shown.accounts.get(account_id, view)
        if not self._is_elsewhere:
            return self._shelf.view(account_id, self._opening.market, view)
        key = self._shown.market.session_id, self._orders.state.portfolios[account_id].version
        known = self._left.get(account_id)
        if known is None or known[0] != key:
            asked = self._inbox.put(lambda: self._shelf.view(account_id, self._opening.market))
            known = self._left[account_id] = key, asked.result(GLANCE_S)
        return known[1]

    def _by_hand(self, command: Any) -> Any:
        """As `submit`, where `turn` is driven by hand."""
        answer = self.post(command)
        self.turn()
        return answer.result(0)

    def _prepared(self, command: Any) -> Any:
        """Opening a market means reading files or asking providers: not for the market thread. Raises Refused."""
        match command:
            case OpenReplay():
                return AdoptMarket(self._opener.replay(command.paths, dict(command.mapping)))
            case OpenLive():
                return AdoptMarket(self._opener.live(command.provider, command.symbols, command.backups))
            case OpenSimulated(seed=int(seed)):
                return AdoptMarket(self._opener.simulated(self._simulated_now, seed))
            case OpenSimulated() if self._shown.market.source.kind is SourceKind.SIMULATED:
                raise Refused("the simulated market is open already")
            case OpenSimulated():
                return AdoptMarket(self._opener.simulated(self._simulated_now))
        return command

    @property
    def _simulated_now(self) -> int:
        """Time never goes back: a market that was sped up goes on where it was."""
        return max(self._clock.now(), self._opening.last_moment(PAPER))

    def _handle(self, command: Any) -> Any:
        if callable(command):
            return command()
        if isinstance(command, SubmitOrder | ReplaceOrder):
            if self._journal_state != "ok":
                return Rejection("journal_unavailable", f"orders are refused: {self._journal_state}")
            if self._opening.market.is_catching_up:
                return Rejection("catching_up", "the market is still coming up to its clock; try again in a moment")
        return self._opening.handle(command)

    @property
    def _shown(self) -> Shown:
        return self._window.look()

    def _publish(self, decided: Decisions) -> None:
        """To those who hear of everything that happens, before anybody is answered."""
        self._window.draw()
        self._bus.publish(decided.events)
        if decided.updates:
            self._updates.publish(decided.updates)

    def _stand_back(self) -> None:
        """Let an answer leave the house first, unless the next one is waited for."""
        if self._inbox.is_empty:
            self._precedence.give_way(ANSWER_LEAVES_S)

    def _show(self) -> None:
        """New views, and a call to those who watch them: after the answers, which do not wait for it."""
        try:
            self._refresh()
        finally:
            self._window.open()
        if self._is_news:
            self._is_news = False
            for listener in self._listeners:
                listener()

    def _refresh(self) -> None:
        """Swap in new views of what changed, unless something undurable is in hand."""
        if self._turns.fault:
            return
        former, market = self._shown, self._opening.market
        changed = market.board.refresh(market.reached)
        accounts = self._shelf.refresh(former.accounts, market, changed)
        risks = self._orders.gate.views(accounts, market)
        self._is_news |= bool(changed) or accounts is not former.accounts or market is not former.market
        self._is_news |= risks is not former.risks
        self._window.show(Shown(market, accounts, risks))

    def _save_snapshot(self) -> None:
        """Only of what is durable; a journal that cannot take it now will be asked again."""
        if self._turns.fault or self._journal_state != "ok" or self._turns.last_seq == self._snapshot_seq:
            return
        self._journal.save_snapshot(Snapshot(self._turns.last_seq, self._orders.state.dump()))
        self._snapshot_seq = self._turns.last_seq


def unless_refused(field: str, act: Callable[[], T]) -> T | Rejection:
    """What came of `act`, or its refusal, which is about `field`."""
    try:
        return act()
    except Refused as refused:
        return Rejection("refused", str(refused), field)


def restored(journal: Journal) -> tuple[TradingState, int]:
    """The state that the journal adds up to, and its last row's number. Raises Refused when it does not add up."""
    state, last = from_snapshot(journal)
    for seq, event in journal.replay(after=last):
        state.apply(event)
        last = seq
    try:
        state.check()
    except Unbalanced as wrong:
        raise Refused(f"the journal does not add up: {wrong}") from None
    tail = list(state.ledger.entries)[-LEDGER_TAIL:]
    if tail and list(journal.entries(after=tail[0].seq - 1)) != tail:
        raise Refused("the journal's ledger is not what its events add up to; it was changed by something else")
    return state, last


def from_snapshot(journal: Journal) -> tuple[TradingState, int]:
    """Where the newest sound snapshot ends; the very beginning without one."""
    snapshot = journal.snapshot()
    if snapshot is None:
        return TradingState(), 0
    try:
        state = TradingState.load(snapshot.state)
        state.check()
        return state, snapshot.seq
    except (Refused, Unbalanced) as wrong:
        logger.warning("the snapshot is set aside, the whole journal is read: %s", wrong)
        return TradingState(), 0
