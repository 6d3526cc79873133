"""Where every account stands with its limits, as the journal's events add up to. Part of TradingState."""

from collections import deque
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from tradesim.model.accounts import Account
from tradesim.model.events import (
    AccountClosed,
    AccountOpened,
    AccountReset,
    BarsKept,
    CashMoved,
    DayOpened,
    DeskEvent,
    DeskMarked,
    EquityMarked,
    OrderAccepted,
    OrderCanceled,
    OrderFilled,
    OrderRejected,
    OrderReplaced,
    OrderReplaceRequested,
    PositionSplit,
    RiskLimitsSet,
    RiskStateChanged,
)
from tradesim.model.orders import Fill, Order
from tradesim.model.risk import RiskLimits, RiskState
from tradesim.trading.risk.limits import SEVERITY, is_watched
from tradesim.trading.risk.pace import Count
from tradesim.trading.risk.runaway import RunawayGuard, SourceDump

DESK = ""
"""The account id that stands for the whole desk."""
ZERO = Decimal(0)
BY_CLIENT = "client"
PERSON = "person"
"""Who alone may raise a limit, and have the high and the losses in a row counted anew."""
KEPT_CHANGES = 200


class Standing(Struct, frozen=True):
    """`limits` is None where nobody set any. `high` is the highest equity since it was opened, the limits were set, or
    a person reactivated the account; `streak` the round trips lost in a row since then."""

    account_id: str
    limits: RiskLimits | None = None
    state: RiskState = RiskState.ACTIVE
    cause: str = ""
    message: str = ""
    by: str = ""
    since: int = 0
    high: Decimal | None = None
    streak: int = 0
    marked: Decimal | None = None
    is_flattening: bool = False


class OpenTrip(Struct, frozen=True):
    """A position on its way from flat to flat: `cash` is what its fills brought so far, fees taken off."""

    qty: Decimal = ZERO
    cash: Decimal = ZERO


class TripDump(Struct, frozen=True):
    account_id: str
    symbol: str
    trip: OpenTrip


class KeptDump(Struct, frozen=True):
    account_id: str
    symbol: str
    start: int


class WorldHigh(Struct, frozen=True):
    """The highest that all accounts of `world` together were worth, as a Standing's `high` is of one."""

    world: str
    high: Decimal


class RiskDump(Struct, frozen=True):
    standings: tuple[Standing, ...] = ()
    trips: tuple[TripDump, ...] = ()
    sources: tuple[SourceDump, ...] = ()
    kept: tuple[KeptDump, ...] = ()
    changes: tuple[RiskStateChanged, ...] = ()
    highs: tuple[WorldHigh, ...] = ()


NO_RISK = RiskDump()
"""Of a journal that knows of no limits."""


class RiskBook:
    """Changed by TradingState alone, which tells it every event; `guard` is also told what no event says."""

    def __init__(self) -> None:
        self.guard = RunawayGuard()
        self.kept: dict[tuple[str, str], int] = {}
        """Start of the newest bar kept for each account and symbol."""
        self.watched: dict[str, None] = {}
        """Accounts with a limit that prices and fills can pass, and the desk."""
        self.changes: deque[RiskStateChanged] = deque(maxlen=KEPT_CHANGES)
        """The latest changes of states, the newest last."""
        self.version = 0
        """Counts what changed limits and states."""
        self._highs: dict[str, Decimal] = {}
        self._standings: dict[str, Standing] = {}
        self._trips: dict[tuple[str, str], OpenTrip] = {}
        self._sent: dict[str, Count] = {}

    def standing(self, account_id: str = DESK) -> Standing:
        return self._standings.get(account_id) or Standing(account_id)

    def desk_high(self, world: str) -> Decimal | None:
        """The highest equity of the desk as a whole in `world` since it is counted; None before the first mark."""
        return self._highs.get(world)

    def gravest(self, account_id: str) -> Standing:
        """The account's own standing, or the desk's where that is stricter."""
        own, desk = self.standing(account_id), self.standing(DESK)
        return desk if SEVERITY[desk.state] > SEVERITY[own.state] else own

    def is_flattening(self, account_id: str) -> bool:
        return self.standing(account_id).is_flattening or self.standing(DESK).is_flattening

    def sent_in_a_minute(self, account_id: str, now: int) -> int:
        return self._sent[account_id].total(now) if account_id in self._sent else 0

    def seconds_until_room(self, account_id: str, most: int, now: int) -> int:
        return self._sent[account_id].seconds_until(most, now) if account_id in self._sent else 1

    def heard(self, event: DeskEvent, order: Order | None, paying: Account | None = None) -> None:
        """Take in one fact; `order` is the one that it is about, as it is after.

        `paying` is, where money may come in or go out, the account as it was before.
        """
        if paying is not None:
            self._pay(event, paying)
        match event:
            case OrderAccepted(order=new):
                self._accepted(new, event.ts_event)
            case OrderReplaceRequested() if order is not None:
                self._changed(order, event)
            case OrderReplaced(at_once=True) if order is not None:
                self._changed(order, event)
            case OrderCanceled() if order is not None and event.cause == BY_CLIENT and not order.filled_qty:
                self.guard.canceled(order.account_id, order.source, order.created_at, event.ts_event)
            case OrderRejected(order=rejected):
                self.guard.refused(rejected.account_id, rejected.source, event.ts_event)
            case OrderFilled():
                self._filled(event.fill)
            case PositionSplit():
                self._split(event)
            case EquityMarked() | DayOpened():
                self._marked(event.account_id, event.equity)
            case DeskMarked():
                self._highs[event.world] = max(event.equity, self._highs.get(event.world, event.equity))
            case CashMoved() if event.is_from_outside:
                self._shift(event.account_id, event.amount)
            case RiskLimitsSet():
                self._change(event.account_id, limits=event.limits)
                if event.by == PERSON:
                    self._change(event.account_id, high=None, streak=0)
                    self._count_anew(event.account_id)
                self._watch()
            case RiskStateChanged():
                self._state_changed(event)
            case BarsKept() if event.rows:
                self.kept[event.account_id, event.symbol] = event.rows[-1][0]
            case AccountOpened(account=account):
                self._change(account.id, high=account.cash)
            case AccountReset():
                self._forget(event.account_id)
                self._change(event.account_id, high=event.cash, streak=0, marked=None)
            case AccountClosed():
                self._forget(event.account_id)
                self._standings.pop(event.account_id, None)
                self._watch()
                self.guard.forget(event.account_id)

    def dump(self) -> RiskDump:
        return RiskDump(
            tuple(self._standings.values()),
            tuple(TripDump(account, symbol, trip) for (account, symbol), trip in self._trips.items()),
            self.guard.dump(),
            tuple(KeptDump(account, symbol, start) for (account, symbol), start in self.kept.items()),
            tuple(self.changes),
            tuple(WorldHigh(world, high) for world, high in self._highs.items()),
        )

    @classmethod
    def load(cls, dumped: RiskDump) -> "RiskBook":
        book = cls()
        book._standings = {each.account_id: each for each in dumped.standings}
        book._trips = {(each.account_id, each.symbol): each.trip for each in dumped.trips}
        book.kept = {(each.account_id, each.symbol): each.start for each in dumped.kept}
        book.guard.load(dumped.sources)
        book.changes.extend(dumped.changes)
        book._highs = {each.world: each.high for each in dumped.highs}
        book._watch()
        return book

    def _accepted(self, order: Order, now: int) -> None:
        """An exit that the desk placed with its entry is part of that order."""
        if order.parent_id is None:
            self._count(order.account_id, now)
            self.guard.sent(order.account_id, order.source, signature(order), now)

    def _changed(self, order: Order, event: OrderReplaceRequested | OrderReplaced) -> None:
        wish = f"{order.id} {event.qty} {event.limit_price} {event.stop_price} {event.trail}"
        self.guard.sent(order.account_id, order.source, wish, event.ts_event)
        self._count(order.account_id, event.ts_event)

    def _count(self, account_id: str, now: int) -> None:
        if account_id not in self._sent:
            self._sent[account_id] = Count(60)
        self._sent[account_id].add(now)

    def _filled(self, fill: Fill) -> None:
        """A fill that crosses zero ends one trip and begins another; its fee is shared by quantity."""
        trip = self._trips.pop((fill.account_id, fill.symbol), OpenTrip())
        after = trip.qty + fill.signed_qty
        cash = -fill.price * fill.signed_qty - fill.fee
        if trip.qty * after > 0 or not trip.qty:
            self._keep(fill, OpenTrip(after, trip.cash + cash))
            return
        closing = abs(trip.qty) / fill.qty
        self._ended(fill.account_id, trip.cash + cash * closing)
        if after:
            self._keep(fill, OpenTrip(after, cash * (1 - closing)))

    def _keep(self, fill: Fill, trip: OpenTrip) -> None:
        self._trips[fill.account_id, fill.symbol] = trip

    def _ended(self, account_id: str, result: Decimal) -> None:
        streak = self.standing(account_id).streak
        if result:
            self._change(account_id, streak=streak + 1 if result < 0 else 0)

    def _split(self, event: PositionSplit) -> None:
        """A position of which nothing is left has ended with it."""
        trip = self._trips.pop((event.account_id, event.symbol), None)
        if trip is None:
            return
        cash = trip.cash + event.cash_in_lieu
        if event.qty:
            self._trips[event.account_id, event.symbol] = OpenTrip(event.qty, cash)
        else:
            self._ended(event.account_id, cash)

    def _marked(self, account_id: str, equity: Decimal) -> None:
        high = self.standing(account_id).high
        self._change(account_id, marked=equity, high=equity if high is None else max(high, equity))

    def _shift(self, account_id: str, amount: Decimal) -> None:
        standing = self.standing(account_id)
        if standing.high is not None:
            self._change(account_id, high=standing.high + amount)

    def _pay(self, event: DeskEvent, account: Account) -> None:
        """What makes an account of a world richer or poorer, or another one of it, is no gain or loss of the desk."""
        match event:
            case AccountOpened():
                self._shift_desk(account.home, account.cash)
            case CashMoved() if event.is_from_outside:
                self._shift_desk(account.home, event.amount)
            case AccountReset():
                marked = self.standing(account.id).marked
                self._shift_desk(account.home, event.cash - (account.cash if marked is None else marked))
            case AccountClosed(is_archived=True):
                self._shift_desk(account.home, -account.cash)
            case AccountClosed():
                self._highs.pop(account.home, None)

    def _shift_desk(self, world: str, amount: Decimal) -> None:
        if world in self._highs:
            self._highs[world] += amount

    def _count_anew(self, account_id: str) -> None:
        if account_id == DESK:
            self._highs.clear()

    def _watch(self) -> None:
        self.version += 1
        self.watched = {
            id_: None for id_, each in self._standings.items() if each.limits is not None and is_watched(each.limits)
        }

    def _state_changed(self, event: RiskStateChanged) -> None:
        self.changes.append(event)
        self._change(
            event.account_id,
            state=event.state,
            cause=event.cause,
            message=event.message,
            by=event.by,
            since=event.ts_event,
            is_flattening=event.is_flattening,
        )
        self.version += 1
        if event.state is RiskState.ACTIVE:
            self.guard.pardon(event.account_id)
            self._count_anew(event.account_id)
            for account_id in [event.account_id] if event.account_id else list(self._standings):
                self._change(account_id, high=None, streak=0)

    def _change(self, account_id: str, **changes: object) -> None:
        self._standings[account_id] = replace(self.standing(account_id), **changes)

    def _forget(self, account_id: str) -> None:
        for key in [key for key in self._trips if key[0] == account_id]:
            del self._trips[key]
        self._sent.pop(account_id, None)


def signature(order: Order) -> str:
    """The same for orders that are alike."""
    prices = f"{order.limit_price} {order.stop_price} {order.trail_price} {order.trail_percent}"
    return f"{order.symbol} {order.side} {order.type} {order.qty} {prices}"


def next_multiple(now: int, step_ns: int) -> int:
    """The first multiple of `step_ns` after `now`, UTC ns."""
    return (now // step_ns + 1) * step_ns
