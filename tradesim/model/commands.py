"""Wishes, in the imperative. The desk answers each with a value: what came of it, or a `Rejection`."""

from dataclasses import dataclass
from decimal import Decimal

from tradesim.model.market import Side
from tradesim.model.orders import OrderType, TimeInForce


@dataclass(frozen=True, slots=True)
class SubmitOrder:
    """Either `qty` or `notional` (USD, turned into whole lots at the touch) is given. Answer: Order or Rejection."""

    account_id: str
    symbol: str
    side: Side
    type: OrderType = OrderType.MARKET
    time_in_force: TimeInForce = TimeInForce.DAY
    qty: Decimal | None = None
    notional: Decimal | None = None
    limit_price: Decimal | None = None
    post_only: bool = False
    client_order_id: str | None = None
    source: str = "api"
    reduce_only: bool = False


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Answer: the Order as it is after, or Rejection."""

    account_id: str
    order_id: str


@dataclass(frozen=True, slots=True)
class CancelAllOrders:
    """Answer: the list of Orders asked to be cancelled. `symbol` narrows it to one instrument."""

    account_id: str
    symbol: str | None = None


@dataclass(frozen=True, slots=True)
class ReplaceOrder:
    """`qty` is the new total (filled part included). None leaves a value as it is. Answer: Order or Rejection."""

    account_id: str
    order_id: str
    qty: Decimal | None = None
    limit_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ClosePosition:
    """A market order against the position. Answer: Order or Rejection."""

    account_id: str
    symbol: str
    source: str = "api"


@dataclass(frozen=True, slots=True)
class Flatten:
    """Cancel everything, then close every position. Answer: list of Orders sent."""

    account_id: str
    source: str = "api"


@dataclass(frozen=True, slots=True)
class HaltTrading:
    """Stop matching in `symbol`, or in all when None; cancels stay possible. Answer: None or Rejection."""

    symbol: str | None = None
    reason: str = "halted by hand"


@dataclass(frozen=True, slots=True)
class ResumeTrading:
    symbol: str | None = None


@dataclass(frozen=True, slots=True)
class Play:
    """Let the market's clock run. Replay, and the simulated market's virtual clock."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop the market's clock."""


@dataclass(frozen=True, slots=True)
class SetSpeed:
    """`speed` x the wall clock, 0.1 to 1000."""

    speed: float


@dataclass(frozen=True, slots=True)
class StepMarket:
    """While paused: go on to the next event (`to_next`), or by `by_ns`. Answer: the new market time."""

    by_ns: int = 0


@dataclass(frozen=True, slots=True)
class SeekMarket:
    """Jump to `to` (UTC ns). Forward: orders work on the way. Backward: a fresh account at that moment."""

    to: int


@dataclass(frozen=True, slots=True)
class OpenReplay:
    """Leave the present market and replay the recorded `paths`. Answer: None or Rejection."""

    paths: tuple[str, ...]
    mapping: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OpenSimulated:
    """Leave the replay and return to the simulated market."""
