"""What the journal adds up to: accounts, positions, orders, fills and the ledger. `apply` is the only change.

The desk applies an event after the journal has it; starting up applies the journal's events again. It is
the same path, so what a restart shows is what was there.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from tradesim.kernel.errors import IllegalTransition, Refused, Unbalanced
from tradesim.model.accounts import Account, ClosedLot, LedgerEntry, Lot, Position
from tradesim.model.events import (
    AccountClosed,
    AccountConfigured,
    AccountOpened,
    AccountReset,
    BarsKept,
    CashMoved,
    DayOpened,
    DeskEvent,
    DeskMarked,
    EquityMarked,
    OrderAccepted,
    OrderActivated,
    OrderBound,
    OrderCanceled,
    OrderCancelRequested,
    OrderExpired,
    OrderFilled,
    OrderHeld,
    OrderOpened,
    OrderRejected,
    OrderReleased,
    OrderReplaced,
    OrderReplaceRejected,
    OrderReplaceRequested,
    OrderTrailed,
    OrderTriggered,
    PositionSplit,
    RiskLimitsSet,
    RiskStateChanged,
    TripAnnotated,
)
from tradesim.model.orders import Change, Fill, Order
from tradesim.trading import lifecycle
from tradesim.trading.daytrades import DayCount, from_parts
from tradesim.trading.ledger import Ledger
from tradesim.trading.lots import LotBook
from tradesim.trading.portfolio import DIGEST_BYTES, KEPT_FILLS, KEPT_LOTS, Day, Portfolio
from tradesim.trading.postings import BOOK_BY_KIND, INCOME_KINDS, entry_for
from tradesim.trading.risk.standing import NO_RISK, RiskBook, RiskDump

FORMAT = 3
"""Of a dump. One of another format is refused, and the journal replayed from its beginning."""


class PortfolioDump(Struct, frozen=True):
    account: Account
    day: Day
    fees: Decimal
    positions: tuple[Position, ...]
    day_costs: dict[str, Decimal]
    open: tuple[Order, ...]
    closed: tuple[Order, ...]
    fills: tuple[Fill, ...]
    deposited: Decimal
    income: dict[str, Decimal]
    lots: tuple[Lot, ...]
    closed_lots: tuple[ClosedLot, ...]
    trading_day: int
    opened_today: tuple[str, ...]
    day_counts: tuple[DayCount, ...]
    used: bytes = b""


class StateDump(Struct, frozen=True):
    """`carried` rows are account, book, unit, amount."""

    format: int
    version: int
    orders_total: int
    fills_total: int
    last_entry: int
    carried: tuple[tuple[str, str, str, Decimal], ...]
    entries: tuple[LedgerEntry, ...]
    portfolios: tuple[PortfolioDump, ...]
    risk: RiskDump = NO_RISK


class TradingState:
    """`version` counts the events applied; `orders_total` and `fills_total` count since the journal began."""

    def __init__(self) -> None:
        self.portfolios: dict[str, Portfolio] = {}
        self.ledger = Ledger()
        self.risk = RiskBook()
        self.version = 0
        self.orders_total = 0
        self.fills_total = 0

    @property
    def accounts(self) -> Mapping[str, Account]:
        return {id_: portfolio.account for id_, portfolio in self.portfolios.items()}

    def accounts_of(self, world: str) -> list[Account]:
        """Those in use that trade in the market of `world`, the oldest first: the world's own."""
        accounts = (portfolio.account for portfolio in self.portfolios.values())
        return [account for account in accounts if account.trades_in(world)]

    def portfolio(self, account_id: str) -> Portfolio:
        """Raises IllegalTransition when the account was never opened."""
        try:
            return self.portfolios[account_id]
        except KeyError:
            raise IllegalTransition(f"account {account_id} was never opened") from None

    def position(self, account_id: str, symbol: str) -> Position:
        return self.portfolio(account_id).position(symbol)

    def order(self, order_id: str) -> Order | None:
        """By the desk's id, in any account: every open order, and the most recently closed."""
        for portfolio in self.portfolios.values():
            order = portfolio.order(order_id)
            if order is not None:
                return order
        return None

    def order_of(self, event: DeskEvent) -> Order | None:
        """The order that the event is about, as it is now."""
        match event:
            case OrderAccepted() | OrderRejected():
                return self.portfolio(event.order.account_id).order(event.order.id)
            case OrderFilled():
                return self.portfolio(event.account_id).order(event.fill.order_id)
            case OrderOpened() | OrderHeld() | OrderActivated() | OrderTriggered() | OrderTrailed():
                return self.portfolio(event.account_id).order(event.order_id)
            case OrderBound() | OrderReleased():
                return self.portfolio(event.account_id).order(event.order_id)
            case OrderReplaced() | OrderReplaceRejected() | OrderReplaceRequested():
                return self.portfolio(event.account_id).order(event.order_id)
            case OrderCancelRequested() | OrderCanceled() | OrderExpired():
                return self.portfolio(event.account_id).order(event.order_id)
            case _:
                return None

    def by_client_order_id(self, account_id: str, client_order_id: str) -> Order | None:
        return self.portfolio(account_id).by_client_order_id(client_order_id)

    def open_orders(self, account_id: str) -> list[Order]:
        """Oldest first."""
        return list(self.portfolio(account_id).open.values())

    def entries_for(self, events: Iterable[DeskEvent]) -> list[LedgerEntry]:
        """The entries that `apply` would post for these events, in order; changes nothing."""
        entries: list[LedgerEntry] = []
        for event in events:
            entry = self._entry_for(event, self.ledger.last_seq + len(entries) + 1)
            if entry is not None:
                entries.append(entry)
        return entries

    def apply(self, event: DeskEvent) -> LedgerEntry | None:
        """Take in one fact; the ledger entry that came of it. Raises IllegalTransition or Unbalanced on a bug."""
        entry = self._entry_for(event, self.ledger.last_seq + 1)
        before = self._account_before(event) if isinstance(event, PAYING) else None
        APPLY[type(event)](self, event)
        self.risk.heard(event, self.order_of(event), before)
        if entry is not None:
            self.ledger.post(entry)
        self.version += 1
        return entry

    def check(self) -> None:
        """Raises Unbalanced unless the ledger holds and agrees with every account's cash, fees and positions."""
        self.ledger.check()
        for id_, portfolio in self.portfolios.items():
            require_agreement(self.ledger, id_, portfolio)

    def dump(self) -> StateDump:
        """Everything, as frozen values that JSON can hold; later changes of the state do not show in it."""
        return StateDump(
            FORMAT,
            self.version,
            self.orders_total,
            self.fills_total,
            self.ledger.last_seq,
            tuple((*book, amount) for book, amount in self.ledger.carried.items()),
            tuple(self.ledger.entries),
            tuple(dump_of(portfolio) for portfolio in self.portfolios.values()),
            self.risk.dump(),
        )

    @classmethod
    def load(cls, data: Any) -> "TradingState":
        """From a dump, or the JSON of one, as bytes or decoded. Raises Refused when it is not one of ours."""
        dumped = dump_from(data)
        state = cls()
        state.version, state.orders_total = dumped.version, dumped.orders_total
        state.fills_total = dumped.fills_total
        state.portfolios = {each.account.id: portfolio_from(each) for each in dumped.portfolios}
        carried = {(account, book, unit): amount for account, book, unit, amount in dumped.carried}
        state.ledger = Ledger(carried, dumped.last_entry - len(dumped.entries))
        for entry in dumped.entries:
            state.ledger.post(entry)
        state.risk = RiskBook.load(dumped.risk)
        return state

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TradingState) and self.dump() == other.dump()

    __hash__ = None  # type: ignore[assignment]

    def _entry_for(self, event: DeskEvent, seq: int) -> LedgerEntry | None:
        if isinstance(event, MOVING):
            return entry_for(event, seq, self.portfolio(event.account_id))
        return entry_for(event, seq)

    def _account_before(self, event: AccountOpened | AccountClosed | AccountReset | CashMoved) -> Account:
        return event.account if isinstance(event, AccountOpened) else self.portfolio(event.account_id).account

    def _account_opened(self, event: AccountOpened) -> None:
        account = event.account
        if account.id in self.portfolios:
            raise IllegalTransition(f"account {account.id} is already open")
        self.portfolios[account.id] = Portfolio(account, Day(event.ts_event, account.cash))

    def _account_closed(self, event: AccountClosed) -> None:
        portfolio = self._without_orders(event.account_id)
        if event.is_archived:
            portfolio.archive(event.ts_event)
        else:
            del self.portfolios[event.account_id]

    def _account_configured(self, event: AccountConfigured) -> None:
        self.portfolio(event.account_id).configure(event.rules)

    def _account_reset(self, event: AccountReset) -> None:
        self._without_orders(event.account_id).begin_again(event.cash, event.ts_event)

    def _cash_moved(self, event: CashMoved) -> None:
        self.portfolio(event.account_id).move(event)

    def _position_split(self, event: PositionSplit) -> None:
        self.portfolio(event.account_id).split(event)

    def _without_orders(self, account_id: str) -> Portfolio:
        portfolio = self.portfolio(account_id)
        if portfolio.open:
            raise IllegalTransition(f"account {account_id} still has open orders")
        return portfolio

    def _order_accepted(self, event: OrderAccepted) -> None:
        self.portfolio(event.order.account_id).keep(event.order)
        self.orders_total += 1

    def _order_rejected(self, event: OrderRejected) -> None:
        portfolio = self.portfolio(event.order.account_id)
        known = portfolio.order(event.order.id)
        if known is None:
            portfolio.keep(event.order)
            self.orders_total += 1
        else:
            portfolio.keep(lifecycle.rejected(known, event.rejection.message, event.ts_event))

    def _order_opened(self, event: OrderOpened) -> None:
        self._change(event, lambda order: lifecycle.opened(order, event.ts_event))

    def _order_filled(self, event: OrderFilled) -> None:
        portfolio = self.portfolio(event.account_id)
        portfolio.keep(lifecycle.filled(portfolio.expect(event.fill.order_id), event.fill))
        portfolio.take(event.fill)
        self.fills_total += 1

    def _order_replaced(self, event: OrderReplaced) -> None:
        self._change(event, lambda order: lifecycle.replaced(order, change_in(event), event.ts_event))

    def _order_held(self, event: OrderHeld) -> None:
        self._change(event, lambda order: lifecycle.held(order, event.status, event.ts_event))

    def _order_activated(self, event: OrderActivated) -> None:
        self._change(event, lambda order: lifecycle.activated(order, event.ts_event))

    def _order_bound(self, event: OrderBound) -> None:
        self._change(event, lambda order: lifecycle.bound(order, event.by, event.ts_event))

    def _order_released(self, event: OrderReleased) -> None:
        self._change(event, lambda order: lifecycle.released(order, event.by, event.ts_event))

    def _order_triggered(self, event: OrderTriggered) -> None:
        self._change(event, lambda order: lifecycle.triggered(order, event.ts_event))

    def _order_trailed(self, event: OrderTrailed) -> None:
        self._change(event, lambda order: lifecycle.trailed(order, event.high_water, event.stop_price, event.ts_event))

    def _order_replace_rejected(self, event: OrderReplaceRejected) -> None:
        self._change(event, lambda order: lifecycle.change_refused(order, event.ts_event))

    def _order_replace_requested(self, event: OrderReplaceRequested) -> None:
        self._change(event, lambda order: lifecycle.asked(order, change_in(event), event.ts_event))

    def _order_cancel_requested(self, event: OrderCancelRequested) -> None:
        self._change(
            event, lambda order: lifecycle.asked(order, Change(is_cancel=True, alone=event.alone), event.ts_event)
        )

    def _order_canceled(self, event: OrderCanceled) -> None:
        self._change(event, lambda order: lifecycle.canceled(order, event.message, event.ts_event))

    def _order_expired(self, event: OrderExpired) -> None:
        self._change(event, lambda order: lifecycle.expired(order, event.message, event.ts_event))

    def _day_opened(self, event: DayOpened) -> None:
        self.portfolio(event.account_id).open_day(event.ts_event, event.equity, event.marks, event.maintenance)

    def _heard_elsewhere(self, event: DeskEvent) -> None:
        """What says nothing of holdings or orders: the risk book hears it, or it is read from the journal."""

    def _change(
        self,
        event: OrderOpened
        | OrderHeld
        | OrderActivated
        | OrderBound
        | OrderReleased
        | OrderTriggered
        | OrderTrailed
        | OrderReplaced
        | OrderReplaceRejected
        | OrderReplaceRequested
        | OrderCancelRequested
        | OrderCanceled
        | OrderExpired,
        change: Callable[[Order], Order],
    ) -> None:
        portfolio = self.portfolio(event.account_id)
        portfolio.keep(change(portfolio.expect(event.order_id)))


APPLY: dict[type, Callable[[TradingState, Any], None]] = {
    AccountOpened: TradingState._account_opened,
    AccountClosed: TradingState._account_closed,
    OrderAccepted: TradingState._order_accepted,
    OrderRejected: TradingState._order_rejected,
    OrderOpened: TradingState._order_opened,
    OrderHeld: TradingState._order_held,
    OrderActivated: TradingState._order_activated,
    OrderBound: TradingState._order_bound,
    OrderReleased: TradingState._order_released,
    OrderTriggered: TradingState._order_triggered,
    OrderTrailed: TradingState._order_trailed,
    OrderFilled: TradingState._order_filled,
    OrderReplaced: TradingState._order_replaced,
    OrderReplaceRejected: TradingState._order_replace_rejected,
    OrderReplaceRequested: TradingState._order_replace_requested,
    OrderCancelRequested: TradingState._order_cancel_requested,
    OrderCanceled: TradingState._order_canceled,
    OrderExpired: TradingState._order_expired,
    DayOpened: TradingState._day_opened,
    AccountConfigured: TradingState._account_configured,
    AccountReset: TradingState._account_reset,
    CashMoved: TradingState._cash_moved,
    PositionSplit: TradingState._position_split,
    RiskLimitsSet: TradingState._heard_elsewhere,
    RiskStateChanged: TradingState._heard_elsewhere,
    EquityMarked: TradingState._heard_elsewhere,
    DeskMarked: TradingState._heard_elsewhere,
    BarsKept: TradingState._heard_elsewhere,
    TripAnnotated: TradingState._heard_elsewhere,
}
MOVING = (OrderFilled, CashMoved, PositionSplit, AccountReset)
"""Events that post to the ledger of an open account."""
PAYING = (AccountOpened, AccountClosed, AccountReset, CashMoved)
"""Events by which money may come to the desk, or leave it, that is neither won nor lost."""


def change_in(event: OrderReplaced | OrderReplaceRequested) -> Change:
    return Change(
        qty=event.qty,
        limit_price=event.limit_price,
        stop_price=event.stop_price,
        trail=event.trail,
        time_in_force=event.time_in_force,
        revision_id=event.revision_id,
        client_order_id=event.client_order_id,
    )


def require_agreement(ledger: Ledger, account_id: str, portfolio: Portfolio) -> None:
    currency = portfolio.account.currency
    ledger.require(account_id, "cash", currency, portfolio.account.cash)
    ledger.require(account_id, "fees", currency, portfolio.fees)
    for kind in INCOME_KINDS:
        ledger.require(account_id, BOOK_BY_KIND[kind], currency, -portfolio.income.get(kind, Decimal(0)))
    for symbol, position in portfolio.positions.items():
        ledger.require(account_id, "position", symbol, position.qty)
        lots = portfolio.lots[symbol].qty if symbol in portfolio.lots else Decimal(0)
        if lots != position.qty:
            raise Unbalanced(f"the lots of {symbol} in {account_id} must add up to {position.qty}, were {lots}")


def dump_from(data: Any) -> StateDump:
    """Raises Refused."""
    if isinstance(data, StateDump):
        return data
    try:
        is_text = isinstance(data, bytes | str)
        found = msgspec.json.decode(data, type=StateDump) if is_text else msgspec.convert(data, StateDump)
    except msgspec.MsgspecError as error:
        raise Refused(f"a snapshot must be a dump of the trading state, was not: {error}") from error
    if found.format != FORMAT:
        raise Refused(f"a snapshot must be of format {FORMAT}, was of {found.format}")
    return found


def dump_of(portfolio: Portfolio) -> PortfolioDump:
    return PortfolioDump(
        portfolio.account,
        portfolio.day,
        portfolio.fees,
        tuple(portfolio.positions.values()),
        dict(portfolio.day_costs),
        tuple(portfolio.open.values()),
        tuple(portfolio.closed.values()),
        tuple(portfolio.fills),
        portfolio.deposited,
        dict(portfolio.income),
        tuple(lot for book in portfolio.lots.values() for lot in book.lots),
        tuple(portfolio.closed_lots),
        portfolio.day_trades.day,
        tuple(portfolio.day_trades.opened),
        tuple(portfolio.day_trades.counts),
        b"".join(portfolio.used),
    )


def portfolio_from(dumped: PortfolioDump) -> Portfolio:
    portfolio = Portfolio(dumped.account, dumped.day)
    portfolio.fees = dumped.fees
    portfolio.positions = {position.symbol: position for position in dumped.positions}
    portfolio.day_costs = dict(dumped.day_costs)
    for order in (*dumped.closed, *dumped.open):
        portfolio.keep(order)
    portfolio.fills = deque(dumped.fills, maxlen=KEPT_FILLS)
    portfolio.deposited, portfolio.income = dumped.deposited, dict(dumped.income)
    for lot in dumped.lots:
        portfolio.lots.setdefault(lot.symbol, LotBook()).lots.append(lot)
    portfolio.closed_lots = deque(dumped.closed_lots, maxlen=KEPT_LOTS)
    portfolio.day_trades = from_parts(dumped.trading_day, dumped.opened_today, dumped.day_counts)
    used = range(0, len(dumped.used), DIGEST_BYTES)
    portfolio.used = {dumped.used[start : start + DIGEST_BYTES]: None for start in used}
    return portfolio
