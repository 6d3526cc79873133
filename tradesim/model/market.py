"""What a market shows: quotes, trades, bars, books. Prices in ticks, sizes in lots, times in UTC ns."""

from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from tradesim.kernel.clock import NS_PER_SECOND


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> "Side":
        return Side.SELL if self is Side.BUY else Side.BUY


class SourceKind(StrEnum):
    """Where a market comes from; always on screen. `RESYNC` is live but being fetched again: not to be trusted yet."""

    SIMULATED = "simulated"
    REPLAY = "replay"
    LIVE = "live"
    DELAYED = "delayed"
    STALE = "stale"
    RESYNC = "resync"


class SessionState(StrEnum):
    """`ALWAYS` is a market that never closes."""

    ALWAYS = "always"
    PRE = "pre"
    REGULAR = "regular"
    POST = "post"
    CLOSED = "closed"


class Timeframe(StrEnum):
    """Length of a bar, by its wire value."""

    S1 = "1s"
    S5 = "5s"
    S15 = "15s"
    M1 = "1m"
    M5 = "5m"
    M15 = "15m"
    H1 = "1h"
    H4 = "4h"
    D1 = "1D"

    @property
    def seconds(self) -> int:
        return SECONDS_BY_TIMEFRAME[self]

    @property
    def ns(self) -> int:
        return self.seconds * NS_PER_SECOND


SECONDS_BY_TIMEFRAME = {
    Timeframe.S1: 1,
    Timeframe.S5: 5,
    Timeframe.S15: 15,
    Timeframe.M1: 60,
    Timeframe.M5: 300,
    Timeframe.M15: 900,
    Timeframe.H1: 3_600,
    Timeframe.H4: 14_400,
    Timeframe.D1: 86_400,
}


class Level(NamedTuple):
    """One price of a book: ticks, lots and the number of orders there (0: not known)."""

    price: int
    qty: int
    orders: int = 0


class BookTop(NamedTuple):
    """The best levels of both sides, best first. What a screen, a fill's reason and a checksum are made of."""

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]

    @property
    def spread(self) -> int | None:
        """Ticks between best bid and best ask; None when a side is empty."""
        return self.asks[0].price - self.bids[0].price if self.bids and self.asks else None


EMPTY_BOOK = BookTop((), ())


class Trade(Struct, frozen=True):
    """A print on the market's tape. `aggressor` is the side that crossed; None when not known.

    Orders that came later than `meets_until` (UTC ns) neither trade on it nor are triggered by it; None: all may. While
    it `is_doubtful`, since its market could not be trusted when it was told, no order does. Where it `is_between`, its
    true price lies between `price` and the tick above, so that nothing that rests at either was traded on.
    """

    symbol: str
    trade_id: int
    price: int
    qty: int
    aggressor: Side | None
    ts_event: int
    meets_until: int | None = None
    is_doubtful: bool = False
    is_between: bool = False

    def against(self, side: Side) -> int:
        """The tick at which an order of `side` is not better off than at the true price."""
        return self.price + (self.is_between and side is Side.BUY)

    @property
    def counts_at(self) -> int:
        """When it is the market's word for orders (UTC ns): what is delayed by its plan counts from its hearing."""
        return self.meets_until or self.ts_event


MEETS_NOBODY = 0
"""`Trade.meets_until` of a print that is for the tape alone."""


class Auction(StrEnum):
    """The call auction that a day begins or ends with, by the letters of Alpaca's data."""

    OPEN = "O"
    CLOSE = "C"


class Indicative(Struct, frozen=True):
    """What an auction would do if it were held now: at which price (None: none is known yet), for how many lots.

    `imbalance` are the lots on `side` at that price that would find nobody.
    """

    auction: Auction
    price: int | None
    paired: int
    imbalance: int
    side: Side | None
    ts_event: int


class Bar(Struct, frozen=True):
    """OHLCV over [start, start + timeframe), in ticks and lots."""

    start: int
    open: int
    high: int
    low: int
    close: int
    volume: int
