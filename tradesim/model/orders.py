"""The client's side of the trade: orders, fills, and why something was refused or filled. Money is Decimal."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tradesim.model.market import EMPTY_BOOK, BookTop, Side


class OrderType(StrEnum):
    MARKET = "market"
    LIMIT = "limit"


class TimeInForce(StrEnum):
    DAY = "day"
    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"


class OrderStatus(StrEnum):
    """Alpaca's wire values."""

    PENDING_NEW = "pending_new"
    NEW = "new"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"

    @property
    def is_open(self) -> bool:
        return self in OPEN_STATUSES


OPEN_STATUSES = frozenset({OrderStatus.PENDING_NEW, OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED})


class Liquidity(StrEnum):
    MAKER = "maker"
    TAKER = "taker"


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a command was refused: a stable `code` for programs, a sentence for people, the form field it is about."""

    code: str
    message: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What was asked of an open order and is still on its way: a cancel, or a new total quantity and limit."""

    is_cancel: bool = False
    qty: Decimal | None = None
    limit_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """`limit_price` is None for a market order. `source` says where it was placed: ticket, ladder, chart, api.

    `reduce_only` may close a position but never open one: on arrival it is cut to what is left to close.
    """

    id: str
    client_order_id: str
    account_id: str
    symbol: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    qty: Decimal
    limit_price: Decimal | None
    created_at: int
    updated_at: int
    status: OrderStatus = OrderStatus.PENDING_NEW
    filled_qty: Decimal = Decimal(0)
    filled_avg_price: Decimal | None = None
    post_only: bool = False
    source: str = "api"
    reason: str | None = None
    reduce_only: bool = False
    requested: Change | None = None

    @property
    def remaining(self) -> Decimal:
        return self.qty - self.filled_qty

    @property
    def is_open(self) -> bool:
        return self.status.is_open

    @property
    def is_day_order(self) -> bool:
        return self.time_in_force is TimeInForce.DAY


@dataclass(frozen=True, slots=True)
class FillReason:
    """Why an execution happened as it did. Quantities in lots, prices in ticks, durations in ns.

    `ahead_at_entry` is what stood before a resting order when it joined (None for a taker);
    `ahead_traded` and `ahead_canceled` say what became of it. `tick_size` and `lot_size` are the steps of the market
    where it happened: the same symbol may have others in another one.
    """

    model: str
    latency_ns: int = 0
    quote_age_ns: int = 0
    ahead_at_entry: int | None = None
    ahead_traded: int = 0
    ahead_canceled: int = 0
    before: BookTop = EMPTY_BOOK
    after: BookTop = EMPTY_BOOK
    tick_size: Decimal | None = None
    lot_size: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution of our order. `fee` is positive when paid, negative when a rebate."""

    id: str
    order_id: str
    account_id: str
    symbol: str
    side: Side
    qty: Decimal
    price: Decimal
    fee: Decimal
    liquidity: Liquidity
    ts_event: int
    reason: FillReason

    @property
    def signed_qty(self) -> Decimal:
        return self.qty * self.side.sign
