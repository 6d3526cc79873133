"""Which market is open, and how another one is opened: its account, its clock, and the orders that wait for it."""

from collections.abc import Callable, Mapping
from functools import singledispatchmethod
from typing import Any

from tradesim.desk.accounts import symbols_of
from tradesim.desk.board import BarKeeper, Board
from tradesim.desk.bookkeeping import PAPER, Bookkeeper
from tradesim.desk.days import is_boundary, is_midnight
from tradesim.desk.market import SLOWEST, Market
from tradesim.desk.opener import AdoptMarket, AdoptSymbols
from tradesim.desk.orders import OrderDesk
from tradesim.desk.ports import LiveMarket, MarketSource
from tradesim.desk.reports import SENTENCE_BY_CAUSE
from tradesim.desk.sessions import TO_TRADE_AT_ONCE, has_expired
from tradesim.kernel.clock import Clock, VirtualClock, moment_text
from tradesim.kernel.ids import Ids
from tradesim.model.accounts import Account
from tradesim.model.commands import (
    AnnotateTrip,
    ArchiveAccount,
    ConfigureAccount,
    HaltTrading,
    MoveCash,
    OpenAccount,
    Pause,
    Play,
    ResetAccount,
    ResumeTrading,
    SeekMarket,
    SetSpeed,
    StepMarket,
    UseAccount,
)
from tradesim.model.events import TripAnnotated
from tradesim.model.instrument import Instrument
from tradesim.model.market import SourceKind
from tradesim.model.orders import Order, OrderStatus, OrderType, Rejection
from tradesim.model.venue import CancelCause, halt_sentence
from tradesim.trading.performance.notes import annotation_refusal
from tradesim.trading.valuation import Touch

LIVE = "live"
MOST_BARS = 1_000
REPLAY_PREFIX = "replay-"
REPLAY_IS_OVER = "The replay was closed."


class Opening:
    """Owned by the market thread. `market` is the one that is open; replacing it is seen by the next turn."""

    def __init__(
        self,
        source: MarketSource,
        orders: OrderDesk,
        ids: Ids,
        clock: Clock,
        make_bars: Callable[[MarketSource], BarKeeper],
        wake: Callable[[], None],
        left_at: Mapping[str, int],
    ) -> None:
        """`left_at` is the market time at which each lasting world was left before."""
        self._orders, self._ids, self._clock, self._make_bars, self._wake = orders, ids, clock, make_bars, wake
        self._remembered: dict[str, dict[str, Touch]] = {}
        self._left_at = dict(left_at)
        self.books = Bookkeeper(orders, ids, clock, self.last_moment)
        self.market = self._opened(source)

    @singledispatchmethod
    def handle(self, command: Any) -> Any:
        """Commands about the market itself; anything else is for the order desk."""
        account_id = getattr(command, "account_id", "")
        if account_id and account_id not in self._orders.state.portfolios:
            return Rejection("unknown_account", f"there is no account {account_id}", "account_id")
        answer = self._orders.handle(command, self.market)
        self._orders.settle(self.market)
        return answer

    @handle.register
    def _account(
        self, command: OpenAccount | UseAccount | ConfigureAccount | ResetAccount | ArchiveAccount | MoveCash
    ) -> Account | Rejection:
        answer = self.books.handle(command, self.market)
        self._orders.settle(self.market)
        return answer

    @handle.register
    def _adopt(self, command: AdoptMarket) -> None:
        former = self.market
        self._left_at[former.world] = former.reached
        former.source.close()
        if former.source.kind is SourceKind.REPLAY:
            self._drop_orders(former, REPLAY_IS_OVER)
        else:
            self._remember(former)
        self.market = self._opened(command.source)

    @handle.register
    def _take_up(self, command: AdoptSymbols) -> tuple[str, ...] | Rejection:
        market = self.market
        if market.live is None or market.source is not command.source:
            return Rejection("refused", "another market was opened meanwhile", "symbols")
        fresh = [symbol for symbol in command.symbols if market.instrument(symbol) is None]
        market.live.take_up(fresh)
        for symbol in fresh:
            market.board.take_up(symbol)
        for order in self._orders.open_orders_in(market):
            if order.symbol in fresh:
                self._send_again(order, market)
        self._orders.settle(market)
        return command.symbols

    @handle.register
    def _play(self, _command: Play) -> Rejection | None:
        return self._controlled(lambda clock: clock.play())

    @handle.register
    def _pause(self, _command: Pause) -> Rejection | None:
        return self._controlled(lambda clock: clock.pause())

    @handle.register
    def _set_speed(self, command: SetSpeed) -> Rejection | None:
        fastest = self.market.fastest
        if not SLOWEST <= command.speed <= fastest:
            wanted = f"speed must be from {SLOWEST:g} to {fastest:.10g}, was {command.speed:.10g}"
            return Rejection("speed", wanted, "speed")
        return self._controlled(lambda clock: clock.set_speed(command.speed))

    @handle.register
    def _step(self, command: StepMarket) -> int | Rejection:
        market = self.market
        if not 0 <= command.bars <= MOST_BARS:
            return Rejection("bars", f"bars must be from 0 to {MOST_BARS:,}, was {command.bars:,}", "bars")
        if command.bars and market.bars is None:
            return Rejection("not_bars", "only a replay of bars goes on by bars: this market has no bar of its own")
        to = self._step_end(command)
        if to is None or market.is_ended:
            return Rejection("ended", "the recording has ended; there is nothing to step to")
        return self._controlled(lambda clock: clock.pause_at(to)) or to

    def _step_end(self, command: StepMarket) -> int | None:
        market = self.market
        if command.bars and market.bars:
            return market.bars.bar_end(command.bars)
        return market.reached + command.by_ns if command.by_ns > 0 else market.next_due()

    @handle.register
    def _seek(self, command: SeekMarket) -> int | Rejection:
        source, to = self.market.source, command.to
        if not self.market.is_seekable:
            why = "only a replay can jump to another moment: what will be is not made yet"
            return Rejection("not_replay", why, "to")
        end = to if source.end is None else source.end
        if not source.start <= to <= end:
            inside = f"from {moment_text(source.start)} to {moment_text(end)}"
            return Rejection("seek", f"the moment must lie inside the recording, {inside}, was {moment_text(to)}", "to")
        refused = self._controlled(lambda _clock: self.market.seek(to))
        if refused is None and to < self.market.reached:
            self._rewind(to)
        return refused or to

    @handle.register
    def _halt(self, command: HaltTrading) -> Rejection | None:
        return self._each_symbol(command.symbol, self.market.source.venue.halt)

    @handle.register
    def _resume(self, command: ResumeTrading) -> Rejection | None:
        venue, symbol = self.market.source.venue, command.symbol
        refused = self._each_symbol(symbol, venue.resume)
        if refused is None and symbol is not None and (by := venue.halted_by(symbol)):
            return Rejection("halted", f"{halt_sentence(symbol, by)}: the desk cannot lift that", "symbol")
        return refused

    @handle.register
    def _annotate(self, command: AnnotateTrip) -> Rejection | None:
        no = annotation_refusal(command)
        if no is None:
            at = self.market.reached
            self._orders.record(TripAnnotated(command.account_id, command.trip_id, command.note, command.tags, at))
        return no

    def last_moment(self, world: str) -> int:
        """Market time that `world` has come to; 0 where it never was open."""
        return self.market.reached if self.market.world == world else self._left_at.get(world, 0)

    def pass_minute(self, market: Market) -> None:
        """At every full minute of market time that is reached."""
        if is_boundary(market.reached):
            self._orders.turn_session(market)
            if is_midnight(market.reached):
                self.books.open_day(market)
        self.books.pass_minute(market)
        self._orders.settle(market)

    def _rewind(self, to: int) -> None:
        """Back in time is a new beginning: a fresh account that knows nothing of the future."""
        former = self.market
        self._drop_orders(former, "The replay went back in time.")
        former.source.seek(to)
        self.market = self._opened(former.source, to)
        self.market.clock.set_speed(former.clock.speed)
        if not former.clock.is_playing:
            self.market.clock.pause()

    def _each_symbol(self, symbol: str | None, act: Callable[[str, int], None]) -> Rejection | None:
        traded = self.market.source.instruments
        if symbol is not None and symbol not in traded:
            return Rejection("unknown_symbol", f"there is no {symbol} in this market", "symbol")
        for each in (symbol,) if symbol else traded:
            act(each, self.market.reached)
            self.market.board.touch((each,))
        return None

    def _controlled(self, move: Callable[[VirtualClock], None]) -> Rejection | None:
        if not self.market.is_controllable:
            return Rejection("live", "the clock of a live market is the world's own: nobody can stop or hasten it")
        move(self.market.clock)
        return None

    def _remember(self, former: Market) -> None:
        """What is held may not be traded in the next market: it stays worth what it last was."""
        held: set[str] = set()
        for account in self._orders.state.accounts_of(former.world):
            held |= symbols_of(self._orders.state.portfolio(account.id))
        self._remembered[former.world] = {**former.remembered, **former.touches(held)}

    def touches(self, account: Account) -> dict[str, Touch]:
        """What prices the account's holdings: its own market's, open or not."""
        symbols = symbols_of(self._orders.state.portfolio(account.id))
        if account.home == self.market.world:
            return self.market.touches(symbols)
        known = self._remembered.get(account.home, {})
        return {symbol: known[symbol] for symbol in symbols & known.keys()}

    def _opened(self, source: MarketSource, at: int | None = None) -> Market:
        if isinstance(source, LiveMarket):
            source.on_arrival(self._wake)
        session_id = self._ids.next()
        start = at if at is not None else self._begin(source)
        world = world_of(source, session_id)
        market = Market(
            source=source,
            clock=VirtualClock(self._clock, start),
            board=Board(source, self._make_bars(source)),
            world=world,
            session_id=session_id,
            reached=start,
            remembered=dict(self._remembered.get(world, {})),
        )
        market.clock.set_speed(market.usual_speed)
        self.books.open_world(market, default_name(market), currency_of(market))
        self._orders.begin(market)
        if source.kind is not SourceKind.REPLAY:
            self._resend(market)
            self._orders.settle(market)
        self.books.open_missed_day(market)
        return market

    def _begin(self, source: MarketSource) -> int:
        """A live market's time is the clock's own, however long it took to open."""
        return max(source.start, self._clock.now()) if isinstance(source, LiveMarket) else source.start

    def _resend(self, market: Market) -> None:
        """Orders that outlived their market go to the back of the queue of the new one; replays' orders are over.

        What was asked of an order when the desk stopped is made good; what was to trade at once is not sent again.
        What is not traded in the new one stays open, and is sent again when a market comes that trades it.
        """
        state = self._orders.state
        for account_id in sorted(state.portfolios):
            if state.accounts[account_id].home.startswith(REPLAY_PREFIX):
                self._orders.drop(state.open_orders(account_id), market.reached, CancelCause.SEEK, REPLAY_IS_OVER)
        for order in self._orders.open_orders_in(market):
            self._send_again(order, market)

    def _send_again(self, order: Order, market: Market) -> None:
        now = market.reached
        if order.requested and order.requested.is_cancel:
            cause = CancelCause.ALONE if order.requested.alone else CancelCause.CLIENT
            self._orders.drop([order], now, cause, SENTENCE_BY_CAUSE[cause])
        elif not can_wait(order):
            self._orders.drop([order], now, CancelCause.IOC, "The desk stopped before it could trade.")
        elif has_expired(order, market):
            self._orders.expire([order], now, "The day ended before its market was open again.")
        elif fits(order, market.instrument(order.symbol)):
            self._orders.resume(order, market)

    def _drop_orders(self, market: Market, message: str) -> None:
        self._orders.drop(self._orders.open_orders_in(market), market.reached, CancelCause.SEEK, message)


def world_of(source: MarketSource, session_id: str) -> str:
    """Whose accounts trade in `source`. Two markets never share a position, though both may list the same symbol."""
    if source.kind is SourceKind.REPLAY:
        return f"{REPLAY_PREFIX}{session_id[:8]}"
    return LIVE if isinstance(source, LiveMarket) else PAPER


def default_name(market: Market) -> str:
    if market.source.kind is SourceKind.REPLAY:
        return f"Replay of {market.source.title}"
    return "Paper" if market.world == PAPER else "Live"


def currency_of(market: Market) -> str:
    """A replay trades in its instruments' own currency where they share one; everything else in USD."""
    currencies = {instrument.currency for instrument in market.source.instruments.values()}
    return currencies.pop() if market.source.kind is SourceKind.REPLAY and len(currencies) == 1 else "USD"


def can_wait(order: Order) -> bool:
    """What was to trade at once is not sent again later; what waits at the desk was not sent yet."""
    if order.status in (OrderStatus.HELD, OrderStatus.ACCEPTED) or order.type.waits_for_trigger:
        return True
    return order.type is OrderType.LIMIT and order.time_in_force not in TO_TRADE_AT_ONCE


def fits(order: Order, instrument: Instrument | None) -> bool:
    """Whether the order's symbol is traded, in steps that have its price and quantity."""
    if instrument is None:
        return False
    prices = (price for price in (order.limit_price, order.stop_price) if price is not None)
    is_in_steps = instrument.fractionable or instrument.is_on_lot(order.remaining)
    return is_in_steps and all(instrument.is_on_tick(price) for price in prices)
