"""All that one account has: cash, positions, lots, orders, fills and what it was worth when each day began."""

from collections import deque
from collections.abc import Iterable
from decimal import Decimal
from hashlib import blake2b

from msgspec import Struct, field
from msgspec.structs import replace

from tradesim.kernel.errors import IllegalTransition
from tradesim.model.accounts import Account, AccountRules, ClosedLot, Lot, Position
from tradesim.model.events import CashMoved, PositionSplit
from tradesim.model.market import Side
from tradesim.model.orders import Fill, Order
from tradesim.trading.daytrades import DayTrades
from tradesim.trading.groups import is_needed, takes_nothing
from tradesim.trading.ladders import Ladder
from tradesim.trading.lots import LotBook
from tradesim.trading.positions import apply_fill, apply_split

KEPT_ORDERS = 2_000
KEPT_FILLS = 2_000
KEPT_LOTS = 2_000
DIGEST_BYTES = 10


class Day(Struct, frozen=True):
    """The account at the start of its trading day.

    When, its equity, the realised P&L, fees and deposits until then, and the maintenance margin; by symbol, what was
    held and its mark, and what was realised until then.
    """

    opened_at: int
    equity: Decimal
    realized_pl: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    deposited: Decimal = Decimal(0)
    maintenance: Decimal = Decimal(0)
    qtys: dict[str, Decimal] = field(default_factory=dict)
    marks: dict[str, Decimal] = field(default_factory=dict)
    realized_by_symbol: dict[str, Decimal] = field(default_factory=dict)


class Portfolio:
    """Changed by TradingState alone. All open orders are kept; closed orders, lots and fills up to a bound.

    `day_costs` is, by symbol, the position's value when the day began plus all that was bought and
    minus all that was sold since: the market value minus it is the position's P&L of the day.
    `ladders` are the open orders again, by symbol and side, with what they ask for.
    `version` counts the changes since it was made. `income` is what came in, by kind of CashMoved.
    """

    def __init__(self, account: Account, day: Day) -> None:
        self.account = account
        self.day = day
        self.version = 0
        self.fees = Decimal(0)
        self.deposited = Decimal(0)
        self.income: dict[str, Decimal] = {}
        self.positions: dict[str, Position] = {}
        self.day_costs: dict[str, Decimal] = {}
        self.lots: dict[str, LotBook] = {}
        self.closed_lots: deque[ClosedLot] = deque(maxlen=KEPT_LOTS)
        self.day_trades = DayTrades()
        self.open: dict[str, Order] = {}
        self.ladders: dict[tuple[str, Side], Ladder] = {}
        self.closed: dict[str, Order] = {}
        self.fills: deque[Fill] = deque(maxlen=KEPT_FILLS)
        self.used: dict[bytes, None] = {}
        """Digests of what clients called the orders that are forgotten: no name is used twice."""
        self._client_ids: dict[str, str] = {}

    @property
    def realized_pl(self) -> Decimal:
        """Since the account was opened, before fees."""
        return sum((position.realized_pl for position in self.positions.values()), Decimal(0))

    @property
    def deposited_today(self) -> Decimal:
        return self.deposited - self.day.deposited

    @property
    def open_positions(self) -> list[Position]:
        return [position for position in self.positions.values() if position.qty]

    def position(self, symbol: str) -> Position:
        """The holding in `symbol`, empty when there is none."""
        return self.positions.get(symbol) or Position(self.account.id, symbol)

    def order(self, order_id: str) -> Order | None:
        return self.open.get(order_id) or self.closed.get(order_id)

    def by_client_order_id(self, client_order_id: str) -> Order | None:
        order_id = self._client_ids.get(client_order_id)
        return self.order(order_id) if order_id else None

    def has_used(self, client_order_id: str) -> bool:
        """Whether an order was ever called so, since the account was opened or reset."""
        return client_order_id in self._client_ids or digest_of(client_order_id) in self.used

    def expect(self, order_id: str) -> Order:
        """The order, which must be known. Raises IllegalTransition."""
        order = self.order(order_id)
        if order is None:
            raise IllegalTransition(f"account {self.account.id} has no order {order_id}")
        return order

    def keep(self, order: Order) -> None:
        """File the order under open or closed; beyond the bound the order closed longest ago is forgotten."""
        self.version += 1
        for client_order_id in client_order_ids(order):
            self._client_ids[client_order_id] = order.id
        if order.is_open:
            self.open[order.id] = order
            self._note(order)
            return
        self.open.pop(order.id, None)
        self.closed[order.id] = order
        self._note(order)
        if len(self.closed) > KEPT_ORDERS:
            self._forget(next((id_ for id_, each in self.closed.items() if not is_needed(each, self.order)), order.id))

    def take(self, fill: Fill) -> None:
        """What a fill does to position, lots, cash and fees."""
        symbol, money, before = fill.symbol, fill.price * fill.signed_qty, self.position(fill.symbol)
        self.version += 1
        self.positions[symbol] = apply_fill(before, fill)
        self.day_costs[symbol] = self.day_costs.get(symbol, Decimal(0)) + money
        self.account = replace(self.account, cash=self.account.cash - money - fill.fee)
        self.fees += fill.fee
        self.fills.append(fill)
        self._take_lots(fill)
        if is_share(symbol):
            self.day_trades.take(symbol, before.qty, fill.signed_qty, fill.ts_event)

    def move(self, event: CashMoved) -> None:
        """Money that no fill moved."""
        self.version += 1
        self.account = replace(self.account, cash=self.account.cash + event.amount)
        if event.is_from_outside:
            self.deposited += event.amount
        elif event.kind == "fee":
            self.fees -= event.amount
        else:
            self.income[event.kind] = self.income.get(event.kind, Decimal(0)) + event.amount

    def split(self, event: PositionSplit) -> None:
        symbol, ratio, day = event.symbol, event.ratio, self.day
        self.version += 1
        self.positions[symbol] = apply_split(self.position(symbol), event)
        self.account = replace(self.account, cash=self.account.cash + event.cash_in_lieu)
        self.day_costs[symbol] = self.day_costs.get(symbol, Decimal(0)) - event.cash_in_lieu
        if symbol in self.lots:
            self.lots[symbol].split(ratio, event.qty)
        qtys = {each: qty * (ratio if each == symbol else 1) for each, qty in day.qtys.items()}
        marks = {each: mark / ratio if each == symbol else mark for each, mark in day.marks.items()}
        self.day = replace(day, qtys=qtys, marks=marks)

    def configure(self, rules: AccountRules) -> None:
        self.version += 1
        self.account = replace(self.account, rules=rules)

    def archive(self, ts_event: int) -> None:
        self.version += 1
        self.account = replace(self.account, archived_at=ts_event)

    def begin_again(self, cash: Decimal, ts_event: int) -> None:
        """As if it had just been opened; what it was called and what it may do stays."""
        fresh = Portfolio(replace(self.account, cash=cash, starting_cash=cash), Day(ts_event, cash))
        fresh.version = self.version + 1
        self.__dict__.update(fresh.__dict__)

    def open_day(
        self, ts_event: int, equity: Decimal, marks: Iterable[tuple[str, Decimal]], maintenance: Decimal = Decimal(0)
    ) -> None:
        """A new day's base. A position without a mark is taken at its entry price."""
        held = self.open_positions
        known = dict(marks)
        prices = {each.symbol: known.get(each.symbol, each.avg_entry_price) for each in held}
        qtys = {each.symbol: each.qty for each in held}
        realized = {each.symbol: each.realized_pl for each in self.positions.values() if each.realized_pl}
        self.version += 1
        self.day = Day(
            ts_event, equity, self.realized_pl, self.fees, self.deposited, maintenance, qtys, prices, realized
        )
        self.day_costs = {symbol: qty * prices[symbol] for symbol, qty in qtys.items()}

    def open_lots(self, symbol: str = "") -> tuple[Lot, ...]:
        """Of `symbol`, or of all; each symbol's oldest first."""
        books = [self.lots[each] for each in ([symbol] if symbol else self.lots) if each in self.lots]
        return tuple(lot for book in books for lot in book.lots)

    def _take_lots(self, fill: Fill) -> None:
        book = self.lots.get(fill.symbol)
        if book is None:
            book = self.lots[fill.symbol] = LotBook()
        order = self.order(fill.order_id)
        self.closed_lots.extend(book.take(fill, self.account.rules.lot_method, order.lots if order else ()))

    def _note(self, order: Order) -> None:
        """What an order of a group asks for depends on what became of the others."""
        for each in (order, *self._beside(order)):
            step = (each.symbol, each.side)
            ladder = self.ladders.get(step)
            if ladder is None:
                ladder = self.ladders[step] = Ladder(*step)
            ladder.note(each, is_asking=each.is_open and not takes_nothing(each, self.order))
            if not ladder.orders:
                del self.ladders[step]

    def _beside(self, order: Order) -> list[Order]:
        """The other open orders of its group."""
        if not order.legs and order.parent_id is None:
            return []
        parent = order if order.parent_id is None else self.order(order.parent_id)
        ids = (parent.id, *parent.legs) if parent else ()
        return [self.open[each] for each in ids if each != order.id and each in self.open]

    def _forget(self, order_id: str) -> None:
        order = self.closed.pop(order_id)
        self._note(order)
        for client_order_id in client_order_ids(order):
            if self._client_ids.get(client_order_id) == order_id:
                del self._client_ids[client_order_id]
                if client_order_id != order_id:
                    self.used[digest_of(client_order_id)] = None


def digest_of(client_order_id: str) -> bytes:
    return blake2b(client_order_id.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()


def is_share(symbol: str) -> bool:
    """Pairs (`BTC/USD`) know no day trades."""
    return "/" not in symbol


def client_order_ids(order: Order) -> tuple[str, ...]:
    """What its client calls it, and called it before each replacement."""
    if not order.revisions:
        return (order.client_order_id,)
    return (*(each.client_order_id for each in order.revisions), order.client_order_id)
