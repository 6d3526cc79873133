"""The client's side of the trade: orders, fills, and why something was refused or filled. Money is Decimal."""

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from tradesim.model.market import EMPTY_BOOK, BookTop, Side


class OrderType(StrEnum):
    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TRAILING_STOP = "trailing_stop"

    @property
    def waits_for_trigger(self) -> bool:
        return self in TRIGGERED_TYPES


TRIGGERED_TYPES = frozenset({OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP})


class TimeInForce(StrEnum):
    DAY = "day"
    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"
    OPG = "opg"
    CLS = "cls"


class OrderClass(StrEnum):
    """How orders hang together.

    A bracket is an entry with both exits, OTO an entry with one, OCO two exits of which one cancels the other: the
    take-profit is the parent there.
    """

    SIMPLE = "simple"
    BRACKET = "bracket"
    OCO = "oco"
    OTO = "oto"


class LegRole(StrEnum):
    NONE = ""
    TAKE_PROFIT = "take_profit"
    STOP_LOSS = "stop_loss"


class OrderStatus(StrEnum):
    """Alpaca's wire values.

    ACCEPTED waits for its session or its auction, HELD is a leg that waits for its parent to fill. A stop that waits
    for its trigger is NEW.
    """

    HELD = "held"
    ACCEPTED = "accepted"
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


OPEN_STATUSES = frozenset(
    {
        OrderStatus.HELD,
        OrderStatus.ACCEPTED,
        OrderStatus.PENDING_NEW,
        OrderStatus.NEW,
        OrderStatus.PARTIALLY_FILLED,
    }
)


class Liquidity(StrEnum):
    MAKER = "maker"
    TAKER = "taker"


class Rejection(Struct, frozen=True):
    """Why a command was refused: a stable `code` for programs, a sentence for people, the form field it is about."""

    code: str
    message: str
    field: str | None = None


class Throttled(Rejection, frozen=True):
    """Refused because too much was sent too fast; the same may be tried again after `retry_after_s`."""

    retry_after_s: int = 1


class Shortfall(Rejection, frozen=True):
    """Refused because `needed` is more than there is: money for buying power, a quantity for what may be sold."""

    needed: Decimal = Decimal(0)
    available: Decimal = Decimal(0)


class WashTrade(Rejection, frozen=True):
    """Refused because it could trade with `existing_order_id` of the same account.

    `opposite` is what that one is: market, limit or stop.
    """

    existing_order_id: str = ""
    opposite: str = ""


class Change(Struct, frozen=True):
    """What was asked of an open order and is still on its way: a cancel, or new values. None leaves one as it is.

    `revision_id` is the id that the changed order has for clients who count every replacement as an order of its own;
    a cancel that goes `alone` leaves the others of its group as they are.
    """

    is_cancel: bool = False
    qty: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail: Decimal | None = None
    time_in_force: TimeInForce | None = None
    revision_id: str | None = None
    client_order_id: str | None = None
    alone: bool = False


class Revision(Struct, frozen=True):
    """An order as it stood before a replacement took hold at `replaced_at`; `id` is what it was called until then.

    `time_in_force` is None where it was not kept: as it is now.
    """

    id: str
    client_order_id: str
    qty: Decimal
    filled_qty: Decimal
    limit_price: Decimal | None
    stop_price: Decimal | None
    trail: Decimal | None
    replaced_at: int
    time_in_force: TimeInForce | None = None
    expires_at: int | None = None


class ExitLeg(Struct, frozen=True):
    """An exit wished for with an entry: a limit takes profit; a stop, stop-limit or trail limits the loss."""

    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_price: Decimal | None = None
    trail_percent: Decimal | None = None
    time_in_force: TimeInForce | None = None


class Order(Struct, frozen=True):
    """`limit_price` is None for a market order. `source` says where it was placed: ticket, ladder, chart, api.

    `reduce_only` may close a position but never open one: on arrival it is cut to what is left to close. So it is with
    the exits of a group (`only_closes`).
    `stop_price` of a trailing stop is where it stands now; `high_water` the best price since it began to trail.
    `triggered_at` is None while a stop waits. `display_qty` is what an iceberg shows. `revision_id` is what clients
    call it who count every replacement as an order of its own (`id` until the first), `revisions` what it was before.
    `tag` is the trader's own word for the idea behind it. `lots` are the tax lots that it was told to close first.
    `intent` is whether it was to open or to close a position when it was accepted; empty where that was not kept.
    `bound_by` are the orders that were sent to close its position; it is `reduce_only` until they all ended in vain.
    `day_from` is when its day began, where that was later than its making: an exit's with its entry's fill, say.
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
    stop_price: Decimal | None = None
    trail_price: Decimal | None = None
    trail_percent: Decimal | None = None
    high_water: Decimal | None = None
    triggered_at: int | None = None
    order_class: OrderClass = OrderClass.SIMPLE
    role: LegRole = LegRole.NONE
    parent_id: str | None = None
    legs: tuple[str, ...] = ()
    display_qty: Decimal | None = None
    extended_hours: bool = False
    notional: Decimal | None = None
    expires_at: int | None = None
    ended_at: int | None = None
    revision_id: str = ""
    revisions: tuple[Revision, ...] = ()
    tag: str = ""
    lots: tuple[str, ...] = ()
    intent: str = ""
    bound_by: tuple[str, ...] = ()
    day_from: int | None = None

    @property
    def only_closes(self) -> bool:
        """Whether it may never open a position."""
        return self.reduce_only or self.role is not LegRole.NONE

    @property
    def remaining(self) -> Decimal:
        return self.qty - self.filled_qty

    @property
    def is_open(self) -> bool:
        return self.status.is_open


class FillReason(Struct, frozen=True):
    """Why an execution happened as it did. Quantities in lots, prices in ticks, durations in ns.

    `ahead_at_entry` is what stood before a resting order when it joined (None for a taker, and where the price was
    never among those shown); `ahead_traded` and `ahead_canceled` say what became of it. `tick_size` and `lot_size` are
    the steps of the market where it happened: the same symbol may have others in another one.
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


class Fill(Struct, frozen=True):
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
