"""Which market is open, and how another one is opened: its account, its clock, and the orders that wait for it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import singledispatchmethod
from typing import Any, Protocol

from tradesim.desk.accounts import account_view, symbols_of
from tradesim.desk.board import BarKeeper, Board
from tradesim.desk.days import is_midnight, local
from tradesim.desk.market import Market
from tradesim.desk.orders import OrderDesk
from tradesim.desk.ports import LiveMarket, MarketSource
from tradesim.desk.sessions import TO_TRADE_AT_ONCE, has_expired
from tradesim.desk.views import SwitchView, VendorView, WordView
from tradesim.kernel.clock import Clock, VirtualClock
from tradesim.kernel.ids import Ids
from tradesim.model.accounts import Account
from tradesim.model.commands import (
    HaltTrading,
    Pause,
    Play,
    ResumeTrading,
    SeekMarket,
    SetSpeed,
    StepMarket,
)
from tradesim.model.events import AccountClosed, AccountOpened, DayOpened
from tradesim.model.feed import Listing, ProviderHealth
from tradesim.model.instrument import Instrument
from tradesim.model.market import SourceKind
from tradesim.model.orders import Order, OrderStatus, OrderType, Rejection
from tradesim.model.venue import CancelCause
from tradesim.trading.valuation import Touch

PAPER = "paper"
SLOWEST, FASTEST = 0.1, 1_000.0
REPLAY_PREFIX = "replay-"
KEPT_REPLAYS = 5
REPLAY_IS_OVER = "The replay was closed."


class MarketOpener(Protocol):
    """Builds sources; called outside the market thread because reading a recording takes seconds."""

    def simulated(self, now: int) -> MarketSource: ...

    def replay(self, paths: Sequence[str], mapping: Mapping[str, str]) -> MarketSource:
        """Raises Refused with file and line."""
        ...

    def live(self, provider: str, symbols: Sequence[str], backups: Sequence[str] = ()) -> MarketSource:
        """Raises Refused with what the provider said."""
        ...

    def vendors(self, open_now: MarketSource) -> Sequence[VendorView]:
        """Who could be opened as a live market."""
        ...

    def providers(self, open_now: MarketSource) -> Sequence[ProviderHealth]:
        """How every provider is, those of the open market and the others."""
        ...

    def switches(self, open_now: MarketSource) -> Sequence[SwitchView]:
        """Who served what, newest first."""
        ...

    def words(self, open_now: MarketSource, symbol: str) -> Sequence[WordView]:
        """What each provider of the open market says of `symbol`. Asked on the market thread."""
        ...

    def poll(self, open_now: MarketSource) -> None:
        """Ask for what no stream of the open market brings, where it is due."""
        ...

    def probe(self, provider: str, open_now: MarketSource) -> str:
        """Asks the provider one thing, within a time limit; the sentence of what it said. Raises Refused."""
        ...

    def search(self, text: str, provider: str = "") -> Sequence[Listing]:
        """What one provider, or every one that can be searched, lists. Raises Refused when none answered."""
        ...

    def keep_key(self, name: str, key: str) -> None:
        """Keep the vendor's key called `name`; an empty one is forgotten. Raises Refused."""
        ...

    def bars(self, source: MarketSource) -> BarKeeper: ...

    def recordings(self) -> Sequence[tuple[str, str, int]]:
        """Path, title and bytes of every recording that can be replayed."""
        ...

    def save_recording(self, name: str, content: bytes) -> str:
        """The path of the saved file. Raises Refused."""
        ...


class AdoptMarket:
    """Internal command: trade in `source` from now on."""

    def __init__(self, source: MarketSource) -> None:
        self.source = source


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
    ) -> None:
        self._orders, self._ids, self._clock, self._make_bars, self._wake = orders, ids, clock, make_bars, wake
        self.market = self._opened(source)

    @singledispatchmethod
    def handle(self, command: Any) -> Any:
        """Commands about the market itself; anything else is for the order desk."""
        answer = self._orders.handle(command, self.market)
        self._orders.settle(self.market)
        return answer

    @handle.register
    def _adopt(self, command: AdoptMarket) -> None:
        former = self.market
        former.source.close()
        if former.source.kind is SourceKind.REPLAY:
            self._drop_orders(former, REPLAY_IS_OVER)
        self.market = self._opened(command.source, remembered=self._remembered(former))

    @handle.register
    def _play(self, _command: Play) -> Rejection | None:
        return self._controlled(lambda clock: clock.play())

    @handle.register
    def _pause(self, _command: Pause) -> Rejection | None:
        return self._controlled(lambda clock: clock.pause())

    @handle.register
    def _set_speed(self, command: SetSpeed) -> Rejection | None:
        if not SLOWEST <= command.speed <= FASTEST:
            return Rejection("speed", f"speed must be from {SLOWEST:g} to {FASTEST:g}, was {command.speed:g}", "speed")
        return self._controlled(lambda clock: clock.set_speed(command.speed))

    @handle.register
    def _step(self, command: StepMarket) -> int | Rejection:
        market = self.market
        to = market.reached + command.by_ns if command.by_ns > 0 else market.next_due()
        if to is None or market.is_ended:
            return Rejection("ended", "the recording has ended; there is nothing to step to")
        return self._controlled(lambda clock: clock.pause_at(to)) or to

    @handle.register
    def _seek(self, command: SeekMarket) -> int | Rejection:
        source, to = self.market.source, command.to
        if not self.market.is_controllable:
            return self._controlled(lambda clock: None) or to
        if not source.start <= to <= (to if source.end is None else source.end):
            return Rejection("seek", "the moment must lie inside the recording", "to")
        refused = self._controlled(lambda clock: clock.seek(to))
        if refused is None and to < self.market.reached:
            self._rewind(to)
        return refused or to

    @handle.register
    def _halt(self, command: HaltTrading) -> Rejection | None:
        return self._each_symbol(command.symbol, self.market.source.venue.halt)

    @handle.register
    def _resume(self, command: ResumeTrading) -> Rejection | None:
        return self._each_symbol(command.symbol, self.market.source.venue.resume)

    def close_day(self, market: Market) -> None:
        """At a boundary of the day: sessions begin and end, and at midnight a new day begins."""
        self._orders.turn_session(market)
        if is_midnight(market.reached):
            self._open_day(market)

    def _open_day(self, market: Market) -> None:
        view = account_view(self._orders.state, market)
        marks = tuple((held.position.symbol, held.mark) for held in view.positions if held.mark is not None)
        self._orders.record(DayOpened(market.account_id, view.equity, marks, market.reached))

    def _rewind(self, to: int) -> None:
        """Back in time is a new beginning: a fresh account that knows nothing of the future."""
        former = self.market
        self._drop_orders(former, "The replay went back in time.")
        former.source.seek(to)
        self.market = self._opened(former.source, to, former.remembered)
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
            return Rejection("not_replay", "the clock can be moved in a replay only; this market runs at its own pace")
        move(self.market.clock)
        return None

    def _remembered(self, former: Market) -> dict[str, Touch]:
        """What is held may not be traded in the next market: it stays worth what it last was."""
        held = symbols_of(self._orders.state.portfolio(PAPER)) if PAPER in self._orders.state.portfolios else set()
        is_ours = former.account_id == PAPER
        return {**former.remembered, **(former.touches(held) if is_ours else {})}

    def _opened(
        self, source: MarketSource, at: int | None = None, remembered: Mapping[str, Touch] | None = None
    ) -> Market:
        is_replay = source.kind is SourceKind.REPLAY
        if isinstance(source, LiveMarket):
            source.on_arrival(self._wake)
        session_id = self._ids.next()
        start = at if at is not None else self._begin(source)
        market = Market(
            source=source,
            clock=VirtualClock(self._clock, start),
            board=Board(source, self._make_bars(source)),
            account_id=f"{REPLAY_PREFIX}{session_id[:8]}" if is_replay else PAPER,
            session_id=session_id,
            reached=start,
            remembered=dict(remembered or {}),
        )
        self._open_account(market)
        self._orders.begin(market)
        if not is_replay:
            self._resend(market)
            self._orders.settle(market)
        if has_new_day(self._orders.state.portfolio(market.account_id).day.opened_at, start):
            self._open_day(market)
        return market

    def _begin(self, source: MarketSource) -> int:
        """A live market's time is the clock's own, however long it took to open."""
        return max(source.start, self._clock.now()) if isinstance(source, LiveMarket) else source.start

    def _open_account(self, market: Market) -> None:
        if market.account_id in self._orders.state.portfolios:
            return
        rules = self._orders.rules
        account = Account(
            id=market.account_id,
            name="Paper" if market.account_id == PAPER else f"Replay of {market.source.title}",
            cash=rules.starting_cash,
            currency=currency_of(market),
            opened_at=market.reached,
            multiplier=rules.multiplier,
            starting_cash=rules.starting_cash,
        )
        self._orders.record(AccountOpened(account, market.reached))
        for account_id in old_replays(self._orders.state.portfolios):
            self._orders.record(AccountClosed(account_id, market.reached))

    def _resend(self, market: Market) -> None:
        """Orders that outlived their market go to the back of the queue of the new one; replays' orders are over.

        What was asked of an order when the desk stopped is made good; what was to trade at once is not sent again.
        What is not traded in the new one stays open, and is sent again when a market comes that trades it.
        """
        state, now = self._orders.state, market.reached
        for account_id in sorted(state.portfolios):
            if account_id != market.account_id:
                self._orders.drop(state.open_orders(account_id), now, CancelCause.SEEK, REPLAY_IS_OVER)
        for order in state.open_orders(market.account_id):
            if order.requested and order.requested.is_cancel:
                self._orders.drop([order], now, CancelCause.CLIENT, "Cancelled on request.")
            elif not can_wait(order):
                self._orders.drop([order], now, CancelCause.IOC, "The desk stopped before it could trade.")
            elif has_expired(order, market):
                self._orders.expire([order], now, "The day ended before its market was open again.")
            elif fits(order, market.instrument(order.symbol)):
                self._orders.resume(order, market)

    def _drop_orders(self, market: Market, message: str) -> None:
        orders = self._orders.state.open_orders(market.account_id)
        self._orders.drop(orders, market.reached, CancelCause.SEEK, message)


def currency_of(market: Market) -> str:
    """A replay trades in its instruments' own currency where they share one; everything else in USD."""
    currencies = {instrument.currency for instrument in market.source.instruments.values()}
    return currencies.pop() if market.source.kind is SourceKind.REPLAY and len(currencies) == 1 else "USD"


def old_replays(account_ids: Iterable[str]) -> list[str]:
    """Accounts of replays that were left long ago."""
    return [account_id for account_id in account_ids if account_id.startswith(REPLAY_PREFIX)][:-KEPT_REPLAYS]


def can_wait(order: Order) -> bool:
    """What was to trade at once is not sent again later; what waits at the desk was not sent yet."""
    if order.status in (OrderStatus.HELD, OrderStatus.ACCEPTED) or order.type.waits_for_trigger:
        return True
    return order.type is OrderType.LIMIT and order.time_in_force not in TO_TRADE_AT_ONCE


def has_new_day(opened_at: int, now: int) -> bool:
    return local(opened_at).date() < local(now).date()


def fits(order: Order, instrument: Instrument | None) -> bool:
    """Whether the order's symbol is traded, in steps that have its price and quantity."""
    if instrument is None:
        return False
    prices = (price for price in (order.limit_price, order.stop_price) if price is not None)
    is_in_steps = instrument.fractionable or instrument.is_on_lot(order.remaining)
    return is_in_steps and all(instrument.is_on_tick(price) for price in prices)
