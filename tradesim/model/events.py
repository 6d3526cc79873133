"""Facts, in the past tense: what the journal keeps and the bus tells. Replaying them rebuilds the desk.

Every journalled event names its account and its market time `ts_event`.
"""

from decimal import Decimal

from msgspec import Struct

from tradesim.model.accounts import Account, AccountRules
from tradesim.model.orders import Fill, Order, OrderStatus, Rejection, TimeInForce
from tradesim.model.risk import RiskLimits, RiskState


class AccountOpened(Struct, frozen=True):
    account: Account
    ts_event: int


class AccountClosed(Struct, frozen=True):
    """Nobody trades in it any more; its entries stay in the ledger. When `is_archived` all else stays readable too."""

    account_id: str
    ts_event: int
    is_archived: bool = False


class OrderAccepted(Struct, frozen=True):
    """Passed every check and is durable; on its way to the venue."""

    order: Order
    ts_event: int


class OrderRejected(Struct, frozen=True):
    """`order` carries the status REJECTED and the sentence; nothing was reserved."""

    order: Order
    rejection: Rejection
    ts_event: int


class OrderOpened(Struct, frozen=True):
    """The venue has it, resting with `ahead` lots before it at its price; None where that is not known."""

    account_id: str
    order_id: str
    ahead: int | None
    ts_event: int


class OrderFilled(Struct, frozen=True):
    """A partial or full execution; the ledger's entry follows from it."""

    fill: Fill
    ts_event: int

    @property
    def account_id(self) -> str:
        return self.fill.account_id


class OrderHeld(Struct, frozen=True):
    """A stop, a leg or an order outside its session waits at the desk (`status` says which), not at the venue."""

    account_id: str
    order_id: str
    status: OrderStatus
    ts_event: int


class OrderActivated(Struct, frozen=True):
    """What waited at the desk is on its way to the venue: its session opened, or its parent filled."""

    account_id: str
    order_id: str
    ts_event: int


class OrderBound(Struct, frozen=True):
    """The position that it was to close is being closed: from now on it may only close (`reduce_only`).

    `by` is the order that closes it; without one (of an older desk) that is so for good.
    """

    account_id: str
    order_id: str
    ts_event: int
    by: str = ""


class OrderReleased(Struct, frozen=True):
    """The order `by` ended and closed nothing: what it had bound alone is again as it was sent."""

    account_id: str
    order_id: str
    by: str
    ts_event: int


class OrderTriggered(Struct, frozen=True):
    """A trade at `price` reached the stop; the order is on its way to the venue."""

    account_id: str
    order_id: str
    price: Decimal
    ts_event: int


class OrderTrailed(Struct, frozen=True):
    """The best price since a trailing stop began to trail, and where it stands now."""

    account_id: str
    order_id: str
    high_water: Decimal
    stop_price: Decimal
    ts_event: int


class OrderReplaced(Struct, frozen=True):
    """`revision_id` and `client_order_id` are the new ones where the client asked for a revision.

    `at_once`: at the client's wish, without an OrderReplaceRequested before it, since the order waited at the desk.
    """

    account_id: str
    order_id: str
    qty: Decimal
    limit_price: Decimal | None
    kept_place: bool
    ts_event: int
    stop_price: Decimal | None = None
    trail: Decimal | None = None
    time_in_force: TimeInForce | None = None
    revision_id: str | None = None
    client_order_id: str | None = None
    at_once: bool = False


class OrderReplaceRequested(Struct, frozen=True):
    """The change is on its way to the venue; a restart makes it good. None leaves a value as it is on arrival."""

    account_id: str
    order_id: str
    qty: Decimal | None
    limit_price: Decimal | None
    ts_event: int
    stop_price: Decimal | None = None
    trail: Decimal | None = None
    time_in_force: TimeInForce | None = None
    revision_id: str | None = None
    client_order_id: str | None = None


class OrderCancelRequested(Struct, frozen=True):
    """The cancel is on its way to the venue; a restart makes it good. What goes `alone` leaves its group as it is."""

    account_id: str
    order_id: str
    ts_event: int
    alone: bool = False


class OrderReplaceRejected(Struct, frozen=True):
    """The venue would not take the change; the order stands as it was."""

    account_id: str
    order_id: str
    rejection: Rejection
    ts_event: int


class OrderCanceled(Struct, frozen=True):
    """`cause` is a venue.CancelCause value or `venue: …`; `message` is the sentence for people."""

    account_id: str
    order_id: str
    cause: str
    message: str
    ts_event: int


class OrderExpired(Struct, frozen=True):
    account_id: str
    order_id: str
    message: str
    ts_event: int


class DayOpened(Struct, frozen=True):
    """A trading day began: what the account was worth, the mark of each open position (symbol, price).

    `maintenance` is the margin that it needed then.
    """

    account_id: str
    equity: Decimal
    marks: tuple[tuple[str, Decimal], ...]
    ts_event: int
    maintenance: Decimal = Decimal(0)


class AccountConfigured(Struct, frozen=True):
    account_id: str
    rules: AccountRules
    ts_event: int


class AccountReset(Struct, frozen=True):
    """Orders were cancelled, positions written off; it begins again with `cash`."""

    account_id: str
    cash: Decimal
    ts_event: int


class CashMoved(Struct, frozen=True):
    """Money that no fill moved: `kind` is dividend, interest, borrow, fee, deposit or withdrawal.

    `amount` is positive when received. `qty` and `per_share` say of what, where it came of a position.
    """

    id: str
    account_id: str
    kind: str
    amount: Decimal
    memo: str
    ts_event: int
    symbol: str | None = None
    qty: Decimal | None = None
    per_share: Decimal | None = None

    @property
    def is_from_outside(self) -> bool:
        """The owner's own money, neither won nor lost."""
        return self.kind in ("deposit", "withdrawal")


class PositionSplit(Struct, frozen=True):
    """`ratio` new shares for each old one, `qty` (signed) held after.

    What is left of a share is paid out as `cash_in_lieu`, negative where a short pays it.
    """

    id: str
    account_id: str
    symbol: str
    ratio: Decimal
    qty: Decimal
    cash_in_lieu: Decimal
    ts_event: int


class RiskLimitsSet(Struct, frozen=True):
    """An empty `account_id` means the desk."""

    account_id: str
    limits: RiskLimits
    by: str
    ts_event: int


class RiskStateChanged(Struct, frozen=True):
    """An empty `account_id` means the desk. `cause` is the limit or guard that did it, or `kill_switch`, `person`.

    `is_flattening`: positions are closed, again and again, until there are none.
    """

    account_id: str
    state: RiskState
    cause: str
    message: str
    by: str
    ts_event: int
    is_flattening: bool = False


class EquityMarked(Struct, frozen=True):
    """What an account was worth, and the value of its long and short positions together (gross)."""

    account_id: str
    equity: Decimal
    exposure: Decimal
    ts_event: int


class DeskMarked(Struct, frozen=True):
    """What all accounts in use of `world` together were worth. `account_id` is empty: it is no account's."""

    account_id: str
    world: str
    equity: Decimal
    ts_event: int


class BarsKept(Struct, frozen=True):
    """One-minute bars of a symbol that the account traded, kept so that its trades can be drawn again.

    Rows are start (UTC ns), open, high, low, close (ticks of `tick_size`) and volume (lots of `lot_size`).
    """

    account_id: str
    symbol: str
    tick_size: Decimal
    lot_size: Decimal
    rows: tuple[tuple[int, int, int, int, int, int], ...]
    ts_event: int


class TripAnnotated(Struct, frozen=True):
    """What the trader says of a round trip; it takes the place of what was said before."""

    account_id: str
    trip_id: str
    note: str
    tags: tuple[str, ...]
    ts_event: int


DeskEvent = (
    AccountOpened
    | AccountClosed
    | OrderAccepted
    | OrderRejected
    | OrderOpened
    | OrderFilled
    | OrderReplaced
    | OrderReplaceRejected
    | OrderReplaceRequested
    | OrderCancelRequested
    | OrderCanceled
    | OrderExpired
    | DayOpened
    | OrderHeld
    | OrderActivated
    | OrderBound
    | OrderReleased
    | OrderTriggered
    | OrderTrailed
    | AccountConfigured
    | AccountReset
    | CashMoved
    | PositionSplit
    | RiskLimitsSet
    | RiskStateChanged
    | EquityMarked
    | DeskMarked
    | BarsKept
    | TripAnnotated
)

EVENT_KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        AccountOpened,
        AccountClosed,
        OrderAccepted,
        OrderRejected,
        OrderOpened,
        OrderFilled,
        OrderReplaced,
        OrderReplaceRejected,
        OrderReplaceRequested,
        OrderCancelRequested,
        OrderCanceled,
        OrderExpired,
        DayOpened,
        OrderHeld,
        OrderActivated,
        OrderBound,
        OrderReleased,
        OrderTriggered,
        OrderTrailed,
        AccountConfigured,
        AccountReset,
        CashMoved,
        PositionSplit,
        RiskLimitsSet,
        RiskStateChanged,
        EquityMarked,
        DeskMarked,
        BarsKept,
        TripAnnotated,
    )
}
