"""Facts, in the past tense: what the journal keeps and the bus tells. Replaying them rebuilds the desk.

Every journalled event names its account and its market time `ts_event`.
"""

from dataclasses import dataclass
from decimal import Decimal

from tradesim.model.accounts import Account
from tradesim.model.orders import Fill, Order, Rejection


@dataclass(frozen=True, slots=True)
class AccountOpened:
    account: Account
    ts_event: int


@dataclass(frozen=True, slots=True)
class AccountClosed:
    """Nobody trades in it any more; its entries stay in the ledger."""

    account_id: str
    ts_event: int


@dataclass(frozen=True, slots=True)
class OrderAccepted:
    """Passed every check and is durable; on its way to the venue."""

    order: Order
    ts_event: int


@dataclass(frozen=True, slots=True)
class OrderRejected:
    """`order` carries the status REJECTED and the sentence; nothing was reserved."""

    order: Order
    rejection: Rejection
    ts_event: int


@dataclass(frozen=True, slots=True)
class OrderOpened:
    """The venue has it, resting with `ahead` lots before it at its price."""

    account_id: str
    order_id: str
    ahead: int
    ts_event: int


@dataclass(frozen=True, slots=True)
class OrderFilled:
    """A partial or full execution; the ledger's entry follows from it."""

    fill: Fill
    ts_event: int

    @property
    def account_id(self) -> str:
        return self.fill.account_id


@dataclass(frozen=True, slots=True)
class OrderReplaced:
    account_id: str
    order_id: str
    qty: Decimal
    limit_price: Decimal | None
    kept_place: bool
    ts_event: int


@dataclass(frozen=True, slots=True)
class OrderReplaceRequested:
    """The change is on its way to the venue; a restart makes it good."""

    account_id: str
    order_id: str
    qty: Decimal
    limit_price: Decimal | None
    ts_event: int


@dataclass(frozen=True, slots=True)
class OrderCancelRequested:
    """The cancel is on its way to the venue; a restart makes it good."""

    account_id: str
    order_id: str
    ts_event: int


@dataclass(frozen=True, slots=True)
class OrderReplaceRejected:
    """The venue would not take the change; the order stands as it was."""

    account_id: str
    order_id: str
    rejection: Rejection
    ts_event: int


@dataclass(frozen=True, slots=True)
class OrderCanceled:
    """`cause` is a venue.CancelCause value or `venue: …`; `message` is the sentence for people."""

    account_id: str
    order_id: str
    cause: str
    message: str
    ts_event: int


@dataclass(frozen=True, slots=True)
class OrderExpired:
    account_id: str
    order_id: str
    message: str
    ts_event: int


@dataclass(frozen=True, slots=True)
class DayOpened:
    """A trading day began: what the account was worth, and the mark of each open position (symbol, price)."""

    account_id: str
    equity: Decimal
    marks: tuple[tuple[str, Decimal], ...]
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
    )
}
