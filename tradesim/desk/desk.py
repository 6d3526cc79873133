"""The desk: the one door. Commands go in and are answered when durable; views come out, immutable.

Every public method is safe to call from any thread, except `turn`, which is the market thread itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from datetime import date
from itertools import chain
from typing import Any, TypeVar

from tradesim.desk.accounts import account_names, all_orders, past_of, retired_names, shown_entries
from tradesim.desk.archive import Archive, Move
from tradesim.desk.bookkeeping import LASTING, PAPER, is_called, is_default
from tradesim.desk.market import Market
from tradesim.desk.marketthread import MarketThread
from tradesim.desk.opener import MarketOpener, unless_refused, with_its_market
from tradesim.desk.opening import Opening
from tradesim.desk.orders import Decisions, OrderDesk, TradingRules
from tradesim.desk.ports import AdjustedDays, CorporateCalendar, DrawnPast, Journal, MarketSource, Snapshot
from tradesim.desk.providers import Providers
from tradesim.desk.recovery import restored
from tradesim.desk.review import Review
from tradesim.desk.shelf import AccountShelf
from tradesim.desk.ticks import SymbolTicks
from tradesim.desk.turns import Turns
from tradesim.desk.views import (
    AccountView,
    Estimate,
    FeedView,
    MarketView,
    OrderUpdate,
    StatusView,
    ThrottleView,
)
from tradesim.desk.window import Shown, Window
from tradesim.kernel.bus import Bus
from tradesim.kernel.clock import NS_PER_SECOND, Clock
from tradesim.kernel.errors import JournalUnavailable, Refused
from tradesim.kernel.ids import Ids
from tradesim.kernel.inbox import Inbox, InboxFull
from tradesim.kernel.precedence import Precedence
from tradesim.model.accounts import Account, ClosedLot, LedgerEntry, Lot
from tradesim.model.commands import (
    OpenReplay,
    ReplaceOrder,
    SubmitOrder,
    UseAccount,
)
from tradesim.model.corporate import Basis, DayFactors, Dividend, Split
from tradesim.model.events import DeskEvent, RiskStateChanged
from tradesim.model.instrument import Instrument
from tradesim.model.market import SourceKind, Timeframe
from tradesim.model.orders import Fill, Order, Rejection
from tradesim.model.risk import RiskView, SourceView
from tradesim.model.series import Bars, History, Traded
from tradesim.trading.portfolio import KEPT_FILLS, KEPT_ORDERS, Portfolio

T = TypeVar("T")

TURN_S = 0.005
IDLE_S = 0.25
SNAPSHOT_EVERY = 10_000
GLANCE_S = 0.25
COURTESY_S = 0.001
"""How long a turn without letters waits for a command that is on its way, so that both share one commit."""
ANSWER_LEAVES_S = 0.0005
"""How long the views wait at most for an answer that is being written."""
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
        self._archive = Archive(journal)
        state, self._snapshot_seq = restored(journal)
        ids = Ids(seed, self._snapshot_seq)
        self._orders = OrderDesk(state, ids, rules)
        left_at = {world: journal.last_moment(world) for world in LASTING}
        self._opening = Opening(source, self._orders, ids, clock, opener.bars, self._inbox.wake, left_at)
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
        self._warnings: dict[str, tuple[str, ...]] = {}
        self._thread = MarketThread(self._inbox, lambda: self.turn(self._beat()))
        self.providers = Providers(opener, lambda: self._shown, self._thread.ask, clock.now)
        self.review = Review(journal, self.account, lambda: self._shown.market, self.submit)
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
        if isinstance(command, SubmitOrder) and command.symbol in self.instruments:
            self.providers.leases.renew((command.symbol,))
        try:
            return self._inbox.put(self._with_its_market(command))
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
            return self._thread.ask(lambda: self._orders.estimate(order, self._opening.market))
        except JournalUnavailable as fault:
            return Estimate(None, None, None, 0, 0, None, None, None, str(fault))

    def ledger(self, account_id: str = "") -> tuple[LedgerEntry, ...]:
        """The latest entries, newest first; answered by the market thread. Raises TimeoutError when it is busy."""
        wanted = account_id or self._shown.market.account_id
        return self._thread.ask(lambda: shown_entries(self._orders.state, wanted))

    def save_recording(self, name: str, content: bytes) -> str | Rejection:
        """The path of the saved file, for OpenReplay."""
        return unless_refused("file", lambda: self._opener.save_recording(name, content))

    # -- views ----------------------------------------------------------------------------------------------------

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        return self._window.glance().market.source.instruments

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
        is_good = self._shelf.watch(wanted) and (self._thread.is_elsewhere or self._shelf.is_exact(wanted))
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
        return account_names(self._orders.state, self._shown.market.account_id)

    def retired_names(self) -> tuple[str, ...]:
        """Names of archived accounts that nobody bears now: no key opens an account called so anew."""
        return retired_names(self._orders.state)

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
        return self._thread.ask(lambda: self._orders.gate.sources(wanted, self._opening.market))

    def risk_changes(self) -> tuple[RiskStateChanged, ...]:
        """The latest changes of states, of all accounts and the desk, the newest first; as `risk_sources`."""
        return self._thread.ask(self._orders.gate.changes)

    def throttles(self) -> Sequence[ThrottleView]:
        """Sources of orders that were told to wait, the last time of each, the latest last."""
        return self._orders.gate.throttles()

    def order(self, order_id: str, account_id: str = "") -> Order | None:
        """By id, in the account, or the present market's own; however long ago it was closed."""
        shown = self.account(account_id)
        found = next((order for order in shown.orders if order.id == order_id), None)
        if found is None:
            found = self._thread.ask(lambda: self._orders.state.portfolios[shown.account.id].order(order_id))
        return found

    def orders(self, account_id: str = "") -> tuple[Order, ...]:
        """All that are known, newest first. Raises KeyError for an unknown account, TimeoutError when busy."""
        return self._of_account(account_id, all_orders)

    def fills(self, account_id: str = "") -> tuple[Fill, ...]:
        """The latest ones, newest first. Raises as `orders`."""
        return self._of_account(account_id, lambda portfolio: tuple(reversed(portfolio.fills)))

    def past(self, account_id: str) -> tuple[tuple[Order, ...], tuple[Fill, ...]]:
        """All orders and fills up to one moment, oldest first; the journal is read where there are many.

        Raises as `orders`.
        """
        orders, fills = self._of_account(account_id, past_of)
        if len(orders) < KEPT_ORDERS and len(fills) < KEPT_FILLS:
            return orders, fills
        return self._archive.traded(account_id or self._shown.market.account_id)

    def moves(self, account_id: str = "") -> tuple[Move, ...]:
        """Money and shares that no fill moved, oldest first: dividends, interest, fees, splits. Reads the journal."""
        return self._archive.moved(account_id or self._shown.market.account_id)

    def lots(self, account_id: str, symbol: str = "") -> tuple[Lot, ...]:
        """The open tax lots of `symbol`, or of all; each symbol's oldest first. Raises as `orders`."""
        return self._of_account(account_id, lambda portfolio: portfolio.open_lots(symbol))

    def closed_lots(self, account_id: str, symbol: str = "") -> tuple[ClosedLot, ...]:
        """The latest that were closed, newest first; of `symbol`, or of all. Raises as `orders`."""
        return self._of_account(
            account_id,
            lambda portfolio: tuple(
                each for each in reversed(portfolio.closed_lots) if not symbol or each.symbol == symbol
            ),
        )

    def feeds(self) -> Mapping[str, FeedView]:
        """Whose word each symbol of a live market is now; nothing in other markets."""
        return self.providers.feeds()

    def status(self) -> StatusView:
        market = self._shown.market
        warnings = chain.from_iterable(self._warnings.values())
        faults = (*self._notes(market), *market.faults, *warnings)
        return market.status(self._turns.fault or self._journal_state, faults)

    def _notes(self, market: Market) -> tuple[str, ...]:
        is_first = market.session_id == self._noted_session and market.reached - market.source.start < NOTE_NS
        return (self._note,) if self._note and is_first else ()

    def warn(self, sentences: tuple[str, ...], of: str = "") -> None:
        """What a trader must know besides the market's own faults, until the next call `of` the same; shown with the
        status.
        """
        if sentences == self._warnings.get(of, ()):
            return
        self._warnings = {**self._warnings, of: sentences}
        for listener in self._listeners:
            listener()

    def bars(self, symbol: str, timeframe: Timeframe, limit: int = 5_000, before: int | None = None) -> Bars:
        """At most `limit` bars, the last one forming; with `before` (UTC ns) only those that start earlier."""
        return self._shown.market.board.bars.bars(symbol, timeframe, limit, before)

    def drawn_trades(self, symbol: str, bars: Bars) -> Traded | None:
        """The trades that bars of a past which nobody heard stand for; None where the past is a real market's."""
        source = self._shown.market.source
        return source.traded(symbol, bars) if isinstance(source, DrawnPast) else None

    def simulated_past(self) -> Iterator[tuple[str, History]]:
        """All the bars of the simulated market, for saving them; nothing while another market is open."""
        market = self._shown.market
        return market.past() if market.source.kind is SourceKind.SIMULATED else iter(())

    def corporate_actions(self, after: date, until: date) -> Sequence[Dividend | Split]:
        """Those the open market knows of, of the days later than `after` and not later than `until`, oldest first."""
        source = self._shown.market.source
        return source.corporate_actions(after, until) if isinstance(source, CorporateCalendar) else ()

    def day_factors(self, symbol: str, basis: Basis) -> DayFactors | None:
        """What turns days of the past into those of `basis` where no corporate actions are known; None where nothing
        does. May wait for a provider, once a day for each symbol.
        """
        source = self._shown.market.source
        return source.day_factors(symbol, basis) if isinstance(source, AdjustedDays) else None

    def split_adjusted_until(self) -> date | None:
        """The day up to which splits are in the open market's bars of the past already; None where none is."""
        source = self._shown.market.source
        return source.split_adjusted_until if isinstance(source, CorporateCalendar) else None

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
        self._thread.start()

    def stop(self) -> None:
        """End the market thread after its present turn, keep a snapshot, close journal and source."""
        self._thread.stop()
        self._save_snapshot()
        self._opening.market.source.close()
        self._journal.close()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive

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

    def _beat(self) -> float:
        """Seconds until the market has something to do: an order of ours arrives on the dot."""
        market = self._opening.market
        if self._turns.fault:
            return IDLE_S
        if market.is_catching_up:
            return 0.0
        due, arrival, until = market.source.next_due(), market.arrivals.next_due(), market.clock.wall_delay_until
        beat = IDLE_S if due is None else min(IDLE_S, max(TURN_S, until(due)))
        return beat if arrival is None else min(beat, max(0.0, until(arrival)))

    def _of_account(self, account_id: str, question: Callable[[Portfolio], T]) -> T:
        wanted = account_id or self._shown.market.account_id
        if wanted not in self._orders.state.portfolios:
            raise KeyError(wanted)
        return self._thread.ask(lambda: question(self._orders.state.portfolios[wanted]))

    def _glanced(self, account_id: str, view: AccountView | None) -> AccountView:
        """The account valued now, by the market thread; `view` is what is shown of it, None when nothing is."""
        if self._thread.is_elsewhere and view is not None:
            self._inbox.put(lambda: self._shelf.demand(account_id)).result(GLANCE_S)
            return self._shown.accounts.get(account_id, view)
        if not self._thread.is_elsewhere:
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

    def _with_its_market(self, command: Any) -> Any:
        """Time never goes back: a simulated market that was sped up goes on where it was. Raises Refused."""
        simulated_now = max(self._clock.now(), self._opening.last_moment(PAPER))
        return with_its_market(command, self._opener, self._shown.market.source, simulated_now)

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
        """To those who hear of everything that happens, before anybody is answered; another market is shown at once."""
        self._window.draw()
        if self._opening.market is not self._shown.market:
            self._refresh()
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
