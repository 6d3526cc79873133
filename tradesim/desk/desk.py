"""The desk: the one door. Commands go in and are answered when durable; views come out, immutable.

Every public method is safe to call from any thread. What belongs to the market thread starts with `_`.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import singledispatchmethod
from typing import Any, Protocol

from tradesim.desk.accounts import account_view, symbols_of
from tradesim.desk.board import BarKeeper, Board
from tradesim.desk.days import day_is_over, is_midnight, local
from tradesim.desk.market import Market
from tradesim.desk.orders import OrderDesk, TradingRules
from tradesim.desk.ports import Journal, MarketSource, Snapshot
from tradesim.desk.turns import Turns
from tradesim.desk.views import AccountView, Estimate, MarketView, StatusView
from tradesim.kernel.bus import Bus
from tradesim.kernel.clock import Clock, VirtualClock
from tradesim.kernel.errors import Refused
from tradesim.kernel.ids import Ids
from tradesim.kernel.inbox import Inbox, InboxFull
from tradesim.model.accounts import Account
from tradesim.model.commands import (
    HaltTrading,
    OpenReplay,
    OpenSimulated,
    Pause,
    Play,
    ReplaceOrder,
    ResumeTrading,
    SeekMarket,
    SetSpeed,
    StepMarket,
    SubmitOrder,
)
from tradesim.model.events import AccountOpened, DayOpened, DeskEvent
from tradesim.model.instrument import Instrument
from tradesim.model.market import Bar, SourceKind, Timeframe
from tradesim.model.orders import Order, Rejection
from tradesim.model.series import Bars, History
from tradesim.model.venue import CancelCause
from tradesim.trading.state import TradingState

logger = logging.getLogger(__name__)

PAPER = "paper"
SLOWEST, FASTEST = 0.1, 1_000.0
TURN_S = 0.005
IDLE_S = 0.25
SNAPSHOT_EVERY = 2_000


class MarketOpener(Protocol):
    """Builds sources; called outside the market thread because reading a recording takes seconds."""

    def simulated(self, now: int) -> MarketSource: ...

    def replay(self, paths: Sequence[str], mapping: Mapping[str, str]) -> MarketSource:
        """Raises Refused with file and line."""
        ...

    def bars(self, source: MarketSource) -> BarKeeper: ...

    def recordings(self) -> Sequence[tuple[str, str, int]]:
        """Path, title and bytes of every recording that can be replayed."""
        ...

    def save_recording(self, name: str, content: bytes) -> str:
        """The path of the saved file. Raises Refused."""
        ...


class AdoptMarket:
    """Internal: trade in `source` from now on."""

    def __init__(self, source: MarketSource) -> None:
        self.source = source


class Desk:
    """Owns the market thread. `start` it once; `turn` drives it by hand in a test."""

    def __init__(
        self, opener: MarketOpener, journal: Journal, rules: TradingRules, clock: Clock, seed: int, source: MarketSource
    ) -> None:
        self._opener, self._journal, self._clock = opener, journal, clock
        self._bus, self._inbox = Bus(), Inbox()
        self._listeners: tuple[Callable[[], None], ...] = ()
        state, seq = restored(journal)
        self._ids = Ids(seed, seq)
        self._orders = OrderDesk(state, self._ids, rules)
        self._turns = Turns(self._orders, journal, self._handle, self._published, self._close_day)
        self._turns.last_seq = self._snapshot_seq = seq
        self._accounts: Mapping[str, AccountView] = {}
        self._stop = threading.Event()
        self._journal_state = "ok"
        self._thread: threading.Thread | None = None
        self._market = self._adopt(source)

    # -- the door -----------------------------------------------------------------------------------------------

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        return self._market.source.instruments

    def submit(self, command: Any, timeout_s: float = 5.0) -> Any:
        """Leave `command` with the market thread and wait for its durable outcome (see model.commands)."""
        try:
            return self.post(command).result(timeout_s)
        except TimeoutError:
            return Rejection(
                "timeout", f"the desk did not answer within {timeout_s:g} s; look at the orders before trying again"
            )

    def post(self, command: Any) -> "Future[Any]":
        """As `submit`, without waiting. Recordings are read on the caller's thread."""
        answer: Future[Any] = Future()
        try:
            return self._inbox.put(self._opened(command))
        except Refused as refused:
            answer.set_result(Rejection("refused", str(refused), "paths"))
        except InboxFull as full:
            answer.set_result(Rejection("busy", str(full)))
        return answer

    def market(self, symbol: str) -> MarketView | None:
        return self._market.board.views.get(symbol)

    def markets(self) -> Mapping[str, MarketView]:
        return self._market.board.views

    def account(self, account_id: str = "") -> AccountView:
        """The named account, or the one that trades in the present market. Raises KeyError when unknown."""
        return self._accounts[account_id or self._market.account_id]

    def accounts(self) -> Mapping[str, AccountView]:
        return self._accounts

    def status(self) -> StatusView:
        market = self._market
        clock = market.clock
        return StatusView(
            source=market.source.kind,
            title=market.source.title,
            now=market.now,
            speed=clock.speed,
            is_playing=clock.is_playing and not market.is_ended,
            is_ended=market.is_ended,
            start=market.source.start,
            end=market.source.end,
            session_id=market.session_id,
            journal=self._turns.fault or self._journal_state,
            account_id=market.account_id,
        )

    def bars(self, symbol: str, timeframe: Timeframe, limit: int = 5_000, before: int | None = None) -> Bars:
        """At most `limit` bars, the last one forming; with `before` (UTC ns) only those that start earlier."""
        return self._market.board.bars.bars(symbol, timeframe, limit, before)

    def forming_bar(self, symbol: str, timeframe: Timeframe) -> Bar | None:
        """The last bar, as far as it has come."""
        return self._market.board.bars.forming(symbol, timeframe)

    def history(self, symbol: str) -> History:
        """All the bars there are, for saving them."""
        bars = self._market.board.bars
        return History(*(bars.bars(symbol, frame, 100_000) for frame in (Timeframe.S1, Timeframe.M1, Timeframe.D1)))

    def estimate(self, order: SubmitOrder) -> Estimate:
        """What `order` would do if sent now; answered by the market thread. Raises TimeoutError when it is busy."""
        found: Estimate = self._inbox.put(lambda: self._orders.estimate(order, self._market)).result(2)
        return found

    def order(self, order_id: str) -> Order | None:
        """By id, in the account that trades in the present market."""
        return next((order for order in self.account().orders if order.id == order_id), None)

    def recordings(self) -> Sequence[tuple[str, str, int]]:
        """Path, title and bytes of every recording that can be replayed."""
        return self._opener.recordings()

    def save_recording(self, name: str, content: bytes) -> str | Rejection:
        """The path of the saved file, for OpenReplay."""
        try:
            return self._opener.save_recording(name, content)
        except Refused as refused:
            return Rejection("refused", str(refused), "file")

    def on_change(self, listener: Callable[[], None]) -> None:
        """`listener` is called from the market thread after views were swapped; it must be quick."""
        self._listeners = (*self._listeners, listener)

    def subscribe(self, listener: Callable[[Sequence[DeskEvent]], None]) -> Callable[[], None]:
        """Durable events as they happen, in order, on the market thread. Returns the way to end it."""
        return self._bus.subscribe(listener)

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
        self._market.source.close()
        self._journal.close()

    @property
    def is_alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    @property
    def is_behind(self) -> bool:
        """Whether the market has yet to come up to its clock."""
        return self._market.reached < self._market.now

    def turn(self, timeout_s: float = 0.0) -> None:
        """One turn: wait for letters, let time pass, answer, remember, tell."""
        letters = self._inbox.take(timeout_s)
        self._journal_state = self._journal.health()
        self._turns.turn(self._market, letters)
        self._refresh()
        if self._turns.last_seq - self._snapshot_seq >= SNAPSHOT_EVERY:
            self._save_snapshot()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.turn(self._pause())
            except Exception:
                logger.critical("the market thread stops: the desk's state can no longer be trusted", exc_info=True)
                raise

    def _pause(self) -> float:
        """Seconds until the market has something to do, never less than one beat."""
        if self._turns.fault:
            return IDLE_S
        due = self._market.next_due()
        if due is None:
            return IDLE_S
        return min(IDLE_S, max(TURN_S, self._market.clock.wall_delay_until(due)))

    def _refresh(self) -> None:
        if self._turns.fault:
            return
        changed = self._market.board.refresh(self._market.reached)
        if self._refresh_accounts(changed) or changed:
            for listener in self._listeners:
                listener()

    def _refresh_accounts(self, changed: frozenset[str]) -> bool:
        account_id = self._market.account_id
        former = self._accounts.get(account_id)
        concerns = symbols_of(self._orders.state.portfolio(account_id))
        if former and former.version == self._orders.state.version and not concerns & changed:
            return False
        view = account_view(self._orders.state, self._market, former)
        self._accounts = {**self._accounts, account_id: view}
        return True

    def _published(self, events: Sequence[DeskEvent]) -> None:
        self._bus.publish(events)

    def _save_snapshot(self) -> None:
        if self._turns.fault or self._turns.last_seq == self._snapshot_seq:
            return
        self._journal.save_snapshot(Snapshot(self._turns.last_seq, self._orders.state.dump()))
        self._snapshot_seq = self._turns.last_seq

    def _close_day(self, market: Market) -> None:
        over = [
            order
            for order in self._orders.state.open_orders(market.account_id)
            if order.is_day_order and day_is_over(market.source.session(order.symbol, market.reached), market.reached)
        ]
        for order in over:
            market.source.venue.cancel(order.id, market.reached, CancelCause.EXPIRED)
        if is_midnight(market.reached):
            self._open_day(market)

    def _open_day(self, market: Market) -> None:
        view = account_view(self._orders.state, market, None)
        marks = tuple((held.position.symbol, held.mark) for held in view.positions if held.mark is not None)
        self._orders.record(DayOpened(market.account_id, view.equity, marks, market.reached))

    # -- commands that are about the market itself ------------------------------------------------------------------

    def _opened(self, command: Any) -> Any:
        match command:
            case OpenReplay():
                return AdoptMarket(self._opener.replay(command.paths, dict(command.mapping)))
            case OpenSimulated():
                return AdoptMarket(self._opener.simulated(self._clock.now()))
        return command

    @singledispatchmethod
    def _handle(self, command: Any) -> Any:
        return self._orders.handle(command, self._market)

    @_handle.register
    def _submit(self, command: SubmitOrder | ReplaceOrder) -> Any:
        """What adds risk needs a journal in good health; cancels go on as long as they can be written at all."""
        if self._journal_state != "ok":
            return Rejection("journal_unavailable", f"orders are refused: {self._journal_state}")
        return self._orders.handle(command, self._market)

    @_handle.register
    def _adopt_market(self, command: AdoptMarket) -> None:
        former = self._market
        former.source.close()
        if former.source.kind is SourceKind.REPLAY:
            orders = self._orders.state.open_orders(former.account_id)
            self._orders.drop(orders, former.reached, CancelCause.SEEK, "The replay was closed.")
        self._market = self._adopt(command.source)

    @_handle.register
    def _call(self, command: Callable) -> Any:  # type: ignore[type-arg]
        """Run a function where the market's state may be read: for saving it."""
        return command()

    @_handle.register
    def _play(self, _command: Play) -> Rejection | None:
        return self._controlled(lambda clock: clock.play())

    @_handle.register
    def _halt_clock(self, _command: Pause) -> Rejection | None:
        return self._controlled(lambda clock: clock.pause())

    @_handle.register
    def _set_speed(self, command: SetSpeed) -> Rejection | None:
        if not SLOWEST <= command.speed <= FASTEST:
            return Rejection("speed", f"speed must be from {SLOWEST:g} to {FASTEST:g}, was {command.speed:g}", "speed")
        return self._controlled(lambda clock: clock.set_speed(command.speed))

    @_handle.register
    def _step(self, command: StepMarket) -> int | Rejection:
        market = self._market
        due = market.next_due()
        to = market.reached + command.by_ns if command.by_ns > 0 else due
        if to is None:
            return Rejection("ended", "the recording has ended; there is nothing to step to")
        return self._controlled(lambda clock: clock.pause_at(to)) or to

    @_handle.register
    def _seek(self, command: SeekMarket) -> int | Rejection:
        market, source = self._market, self._market.source
        end = source.end if source.end is not None else command.to
        if not source.start <= command.to <= end:
            return Rejection("seek", "the moment must lie inside the recording", "to")
        if command.to < market.reached:
            return self._rewind(command.to)
        return self._controlled(lambda clock: clock.seek(command.to)) or command.to

    def _rewind(self, to: int) -> int | Rejection:
        """Back in time is a new beginning: a fresh account that knows nothing of the future."""
        market = self._market
        if not market.is_controllable:
            return self._controlled(lambda clock: None) or to
        orders = self._orders.state.open_orders(market.account_id)
        self._orders.drop(orders, market.reached, CancelCause.SEEK, "The replay went back in time.")
        market.source.seek(to)
        playing, speed = market.clock.is_playing, market.clock.speed
        self._market = self._adopt(market.source, to)
        self._market.clock.set_speed(speed)
        if not playing:
            self._market.clock.pause()
        return to

    @_handle.register
    def _halt(self, command: HaltTrading) -> Rejection | None:
        return self._each_symbol(command.symbol, self._market.source.venue.halt)

    @_handle.register
    def _resume(self, command: ResumeTrading) -> Rejection | None:
        return self._each_symbol(command.symbol, self._market.source.venue.resume)

    def _each_symbol(self, symbol: str | None, act: Callable[[str, int], None]) -> Rejection | None:
        if symbol is not None and symbol not in self.instruments:
            return Rejection("unknown_symbol", f"there is no {symbol} in this market", "symbol")
        for each in (symbol,) if symbol else self.instruments:
            act(each, self._market.reached)
            self._market.board.touch((each,))
        return None

    def _controlled(self, move: Callable[[VirtualClock], Any]) -> Rejection | None:
        if not self._market.is_controllable:
            return Rejection("not_replay", "the clock can be moved in a replay only; this market runs at its own pace")
        move(self._market.clock)
        return None

    # -- opening a market ---------------------------------------------------------------------------------------------

    def _adopt(self, source: MarketSource, at: int | None = None) -> Market:
        """Trade in `source` from now on: its account, its clock, and the orders that still wait for it."""
        is_replay = source.kind is SourceKind.REPLAY
        session_id = self._ids.next()
        start = at if at is not None else source.start
        market = Market(
            source=source,
            clock=VirtualClock(self._clock, start),
            board=Board(source, self._opener.bars(source)),
            account_id=f"replay-{session_id[:8]}" if is_replay else PAPER,
            session_id=session_id,
            reached=start,
        )
        self._open_account(market)
        if not is_replay:
            self._resend(market)
        self._turns.record(market)
        market.board.refresh(market.reached)
        view = account_view(self._orders.state, market, None)
        self._accounts = {**self._accounts, market.account_id: view}
        return market

    def _open_account(self, market: Market) -> None:
        if market.account_id in self._orders.state.portfolios:
            return
        rules = self._orders.rules
        account = Account(
            id=market.account_id,
            name="Paper" if market.account_id == PAPER else f"Replay of {market.source.title}",
            cash=rules.starting_cash,
            opened_at=market.reached,
            multiplier=rules.multiplier,
            starting_cash=rules.starting_cash,
        )
        self._orders.record(AccountOpened(account, market.reached))

    def _resend(self, market: Market) -> None:
        """Orders that outlived their market go to the back of the queue of the new one; replays' orders are over."""
        state, now = self._orders.state, market.reached
        for account_id in sorted(state.portfolios):
            orders = state.open_orders(account_id)
            if account_id != market.account_id:
                self._orders.drop(orders, now, CancelCause.SEEK, "The replay was closed.")
                continue
            over = [order for order in orders if order.is_day_order and has_ended(order, now)]
            self._orders.expire(over, now, "The day ended while the desk was closed.")
            for order in orders:
                if order not in over:
                    self._orders.send(order, market)


def has_ended(order: Order, now: int) -> bool:
    return local(order.created_at).date() < local(now).date()


def restored(journal: Journal) -> tuple[TradingState, int]:
    """The state that the journal adds up to, and its last row's number."""
    snapshot = journal.snapshot()
    state, last = (TradingState.load(snapshot.state), snapshot.seq) if snapshot else (TradingState(), 0)
    for seq, event in journal.replay(after=last):
        state.apply(event)
        last = seq
    return state, last
