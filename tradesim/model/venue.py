"""What passes through a venue's door: orders in, executions out, in whole ticks and lots.

Owners are account ids; an owner that begins with `~` is an agent of the simulated market, whose own
affairs are not reported.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from msgspec import Struct

from tradesim.model.market import Level, Side, Trade
from tradesim.model.orders import FillReason, Liquidity, OrderType, TimeInForce


class VenueOrder(Struct, frozen=True):
    """`price` is None for a market order. `latency_ns` is how long the order was on its way (for its reasons).

    `display` is what an iceberg shows at a time, in lots. `is_for_auction` keeps it for the next call auction: what is
    left there of an OPG or CLS order is cancelled, of another it goes on to the book. One that `only_closes` never
    trades more than its owner holds when it trades. It came to the venue at `arrived_at` (UTC ns).
    """

    id: str
    owner: str
    symbol: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    qty: int
    price: int | None = None
    post_only: bool = False
    latency_ns: int = 0
    display: int | None = None
    is_for_auction: bool = False
    only_closes: bool = False
    arrived_at: int = 0

    def had_come(self, by: int | None) -> bool:
        """Whether it was at the venue by then; None: there is no telling, so it was."""
        return by is None or self.arrived_at <= by


class Beyond(Struct, frozen=True):
    """What trades behind the displayed market by a stated rule: `levels` best first, and `rule` in words for the last.

    `touch` (ticks) is what slippage is counted from. `is_to_come`: nothing trades before the next print, and `levels`
    are at the last one.
    """

    touch: int
    levels: tuple[Level, ...]
    rule: str
    is_to_come: bool = False


class CancelCause(StrEnum):
    """Why what was left of an order stopped resting or never did."""

    CLIENT = "client"
    ALONE = "alone"
    IOC = "ioc"
    FOK = "fok"
    SELF_TRADE = "self_trade"
    MARKET_NO_LIQUIDITY = "no_liquidity"
    EXPIRED = "expired"
    SEEK = "seek"
    AUCTION = "auction"
    SESSION = "session"
    REDUCE_ONLY = "reduce_only"


class HaltedBy(StrEnum):
    """Who halted trading in a symbol, in words: each lifts its own halt alone."""

    DESK = "the desk"
    MARKET = "its market"


def halt_sentence(symbol: str, by: Iterable[HaltedBy]) -> str:
    return f"trading in {symbol} is halted by {' and by '.join(by)}"


class Rested(Struct, frozen=True):
    """A client's order joined the book with `ahead` lots before it at its price; None where that is not known."""

    order_id: str
    symbol: str
    price: int
    qty: int
    ahead: int | None
    ts_event: int


class Execution(Struct, frozen=True):
    """One execution of a client's order (when two clients meet, there is one for each)."""

    order_id: str
    owner: str
    symbol: str
    side: Side
    price: int
    qty: int
    liquidity: Liquidity
    trade_id: int
    ts_event: int
    reason: FillReason


class Canceled(Struct, frozen=True):
    """What was left (`qty` lots) of a client's order is gone from the venue."""

    order_id: str
    symbol: str
    qty: int
    cause: CancelCause
    ts_event: int


class Replaced(Struct, frozen=True):
    """A client's order now has `qty` lots open at `price`; `kept_place` tells whether it kept its queue place."""

    order_id: str
    symbol: str
    price: int
    qty: int
    kept_place: bool
    ahead: int
    ts_event: int


class VenueRefusal(Struct, frozen=True):
    """The venue will not take the order or change; nothing was done. `message` says wanted and found."""

    order_id: str
    symbol: str
    code: str
    message: str
    ts_event: int


class PrintVoided(Struct, frozen=True):
    """A print of the tape, known by its moment, price and lots, never was: the market says so now.

    `better` (price, lots) stands in its place, where it is told. `last` is the last price that stands, in ticks.
    """

    symbol: str
    ts_event: int
    price: int
    qty: int
    better: tuple[int, int] | None
    last: int | None


VenueReport = Rested | Execution | Canceled | Replaced | VenueRefusal


@dataclass(slots=True)
class Happenings:
    """What a market did since it was last asked, in order; `touched` are the symbols whose book changed."""

    items: list[Trade | PrintVoided | VenueReport] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)


class QueuePosition(Struct, frozen=True):
    """Where a resting order stands, in lots: `ahead` now, and what has become of `ahead_at_entry` since.

    None where nobody can know: the price was never among those that the market shows.
    """

    order_id: str
    price: int
    ahead: int | None
    ahead_at_entry: int | None
    ahead_traded: int
    ahead_canceled: int
    behind: int | None
    level_qty: int | None
