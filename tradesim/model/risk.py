"""How far an account may go, and what became of it when it went too far."""

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct


class RiskState(StrEnum):
    """REDUCING: only what makes positions smaller is taken. HALTED: nothing but cancels."""

    ACTIVE = "active"
    REDUCING = "reducing"
    HALTED = "halted"


class KillMode(StrEnum):
    """CANCEL: cancel every order and take no new one. FLATTEN: also close every position. FREEZE: take no new one."""

    CANCEL = "cancel"
    FLATTEN = "flatten"
    FREEZE = "freeze"


class RiskLimits(Struct, frozen=True):
    """What one account may ask and lose. None: no limit.

    The first group is checked before an order is sent. `max_position_value` is money; `price_collar` how far through
    the touch an order may reach, as a fraction of the touch; `allowed` lists all that may be traded (empty: anything);
    `usual_orders_per_second` is what the runaway guard takes as usual of a source without a history (0: no guard).

    The second is looked at after every fill and once a second. `max_day_loss` is money, `max_drawdown` a fraction of
    the highest equity since the limits were set, `max_exposure` (gross) and `max_concentration` (in one symbol)
    fractions of equity, `max_consecutive_losses` counts round trips.
    """

    max_order_qty: Decimal = Decimal(10_000_000)
    max_order_value: Decimal = Decimal(10_000_000)
    max_open_orders: int = 1_000
    max_position_value: Decimal | None = None
    max_orders_per_minute: int | None = None
    price_collar: Decimal | None = None
    restricted: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    duplicate_window_ms: int = 0
    wash_trades_allowed: bool = True
    usual_orders_per_second: int = 20

    max_day_loss: Decimal | None = None
    max_drawdown: Decimal | None = None
    max_exposure: Decimal | None = None
    max_concentration: Decimal | None = None
    max_consecutive_losses: int | None = None


STANDARD_LIMITS = RiskLimits()


class LimitUse(Struct, frozen=True):
    """One limit as the risk panel shows it: its stable name, its sentence, how much of it is used."""

    name: str
    title: str
    used: Decimal
    limit: Decimal | None
    unit: str = ""

    @property
    def share(self) -> Decimal | None:
        return self.used / self.limit if self.limit else None


class RiskView(Struct, frozen=True):
    """The state of one account (or, with an empty id, of the desk), why it is so, since when (UTC ns) and by whom.

    `is_desks` says that the state is the desk's, which is stricter than the account's own: who lets the account go on
    must let the desk go on.

    `limits` are those that hold, `own_limits` those set for it alone: the desk's may be stricter. `still_passed` is the
    sentence of a limit that forbids a stopped account to go on; empty where none does.
    """

    account_id: str
    state: RiskState = RiskState.ACTIVE
    cause: str = ""
    message: str = ""
    since: int = 0
    limits: RiskLimits = STANDARD_LIMITS
    uses: tuple[LimitUse, ...] = ()
    own_limits: RiskLimits = STANDARD_LIMITS
    by: str = ""
    is_desks: bool = False
    still_passed: str = ""


class Pace(Struct, frozen=True):
    """How often the runaway guard counted something in its window, and how often it may be; `usual` is the habit."""

    measure: str
    count: int
    allowed: int
    usual: float


class SourceView(Struct, frozen=True):
    """One source of orders as the runaway guard sees it; an empty `source` is the account as a whole.

    `per_second` is its rate now, `usual` its habit; `message` why it is slowed, empty while it is not, and `wait_s` for
    how long; `refused` how often it was refused for it in the last minute, of `patience`.
    """

    source: str
    per_second: float
    usual: float
    paces: tuple[Pace, ...] = ()
    message: str = ""
    wait_s: int = 0
    refused: int = 0
    patience: int = 0
