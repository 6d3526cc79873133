"""Wishes, in the imperative. The desk answers each with a value: what came of it, or a `Rejection`."""

from decimal import Decimal

from msgspec import Struct

from tradesim.model.accounts import STANDARD_RULES, AccountRules
from tradesim.model.market import Side
from tradesim.model.orders import ExitLeg, OrderClass, OrderType, TimeInForce
from tradesim.model.risk import KillMode, RiskLimits


class SubmitOrder(Struct, frozen=True):
    """Either `qty` or `notional` (USD, turned into a quantity at the touch) is given. Answer: Order or Rejection.

    A trailing stop has either `trail_price` (USD) or `trail_percent`. `take_profit` and `stop_loss` are the exits of
    a bracket, OCO or OTO; an OCO's own limit is its take-profit. `is_strict` asks for Alpaca's narrower rules.
    `lots` names the tax lots to close first, by their ids.
    """

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
    stop_price: Decimal | None = None
    trail_price: Decimal | None = None
    trail_percent: Decimal | None = None
    order_class: OrderClass = OrderClass.SIMPLE
    take_profit: ExitLeg | None = None
    stop_loss: ExitLeg | None = None
    display_qty: Decimal | None = None
    extended_hours: bool = False
    is_strict: bool = False
    tag: str = ""
    lots: tuple[str, ...] = ()


class CancelOrder(Struct, frozen=True):
    """Answer: the Order as it is after, or Rejection. An exit takes its group along, unless it goes `alone`."""

    account_id: str
    order_id: str
    alone: bool = False


class CancelAllOrders(Struct, frozen=True):
    """Answer: the list of Orders asked to be cancelled. `symbol` narrows it to one instrument."""

    account_id: str
    symbol: str | None = None


class ReplaceOrder(Struct, frozen=True):
    """`qty` is the new total (filled part included). None leaves a value as it is. Answer: Order or Rejection.

    `trail` is in the unit of the order's own trail. `is_revision` asks for a new `revision_id`, at once.
    """

    account_id: str
    order_id: str
    qty: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail: Decimal | None = None
    time_in_force: TimeInForce | None = None
    client_order_id: str | None = None
    is_revision: bool = False


class ClosePosition(Struct, frozen=True):
    """A market order against the position, or against `qty` of it. Answer: Order or Rejection."""

    account_id: str
    symbol: str
    source: str = "api"
    qty: Decimal | None = None


class Flatten(Struct, frozen=True):
    """Cancel everything, then close every position. Answer: list of Orders sent."""

    account_id: str
    source: str = "api"


class OpenAccount(Struct, frozen=True):
    """Answer: Account or Rejection. `name` is unique among those that are not archived.

    `by_key` says that nobody asked for it but a key that is for it: what was archived is not opened so again.
    """

    name: str
    cash: Decimal = Decimal(100_000)
    rules: AccountRules = STANDARD_RULES
    by_key: bool = False


class ConfigureAccount(Struct, frozen=True):
    """Answer: Account or Rejection."""

    account_id: str
    rules: AccountRules


class ResetAccount(Struct, frozen=True):
    """Cancel its orders, write off its positions and begin again with `cash`. Answer: Account or Rejection."""

    account_id: str
    cash: Decimal | None = None


class ArchiveAccount(Struct, frozen=True):
    """Nobody trades in it any more, in any world; its past can still be read. Answer: Account or Rejection."""

    account_id: str


class MoveCash(Struct, frozen=True):
    """Pay in (`amount` above zero) or take out. Answer: Account or Rejection."""

    account_id: str
    amount: Decimal
    memo: str = ""


class UseAccount(Struct, frozen=True):
    """The account called `name` in the open market's world, opened there when it is the first time.

    Answer: Account or Rejection.
    """

    name: str


class CountRefusal(Struct, frozen=True):
    """Answer: None. An order was refused before the desk was asked; the runaway guard counts it."""

    account_id: str
    source: str


class SetRiskLimits(Struct, frozen=True):
    """Only a person may raise them. Answer: RiskView or Rejection. An empty `account_id` means the whole desk."""

    account_id: str
    limits: RiskLimits
    by: str = "person"


class Kill(Struct, frozen=True):
    """The kill switch. An empty `account_id` means every account. Answer: RiskView or Rejection."""

    account_id: str = ""
    mode: KillMode = KillMode.CANCEL
    reason: str = "the kill switch was pulled"
    by: str = "person"


class Reactivate(Struct, frozen=True):
    """Only a person may do it: trading goes on. Answer: RiskView or Rejection."""

    account_id: str = ""
    by: str = "person"


class AnnotateTrip(Struct, frozen=True):
    """What the trader says of a round trip, in place of what was said before. Answer: None or Rejection."""

    account_id: str
    trip_id: str
    note: str = ""
    tags: tuple[str, ...] = ()


class HaltTrading(Struct, frozen=True):
    """Stop matching in `symbol`, or in all when None; cancels stay possible. Answer: None or Rejection."""

    symbol: str | None = None
    reason: str = "halted by hand"


class ResumeTrading(Struct, frozen=True):
    symbol: str | None = None


class Play(Struct, frozen=True):
    """Let the market's clock run. Replay, and the simulated market's virtual clock."""


class Pause(Struct, frozen=True):
    """Stop the market's clock."""


class SetSpeed(Struct, frozen=True):
    """`speed` x the wall clock, 0.1 to 1000; for bars as much as shows 20 of them a second."""

    speed: float


class StepMarket(Struct, frozen=True):
    """Go on by `by_ns`, or until the next `bars` of a recording are whole, or to the next event, and stop there.

    Answer: the new market time.
    """

    by_ns: int = 0
    bars: int = 0


class SeekMarket(Struct, frozen=True):
    """Jump to `to` (UTC ns). Forward: orders work on the way. Backward: a fresh account at that moment."""

    to: int


class OpenReplay(Struct, frozen=True):
    """Leave the present market and replay the recorded `paths`. Answer: None or Rejection."""

    paths: tuple[str, ...]
    mapping: tuple[tuple[str, str], ...] = ()


class OpenLive(Struct, frozen=True):
    """Leave the present market for a provider's live one. Answer: None or Rejection.

    `provider` is who is preferred, `backups` who stands in, in order. `symbols` are in our spelling: `BTC/USD`.
    """

    provider: str
    symbols: tuple[str, ...]
    backups: tuple[str, ...] = ()


class AddSymbols(Struct, frozen=True):
    """Trade these too in the live market that is open. Answer: the symbols, or Rejection.

    Those that its providers do not list are refused, all of them.
    """

    symbols: tuple[str, ...]


class OpenSimulated(Struct, frozen=True):
    """Leave the present market and return to the simulated one; with a `seed` it begins anew."""

    seed: int | None = None
