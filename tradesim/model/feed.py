"""What a data provider says, in normal form: whose word it is, when it happened, when we heard it.

Prices and sizes are Decimal, made from the digits of the wire, because a provider's steps are not yet ours.
`ts_event` is the provider's time, `ts_received` ours, both UTC ns. Empty sides are None, never 0.
"""

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct, field

from tradesim.model.instrument import AssetClass
from tradesim.model.market import Side, Timeframe


class Feed(StrEnum):
    """Which part of the market a provider shows; on screen beside every figure that is not the whole."""

    SIP = "sip"
    IEX = "iex"
    DELAYED = "delayed"
    CRYPTO = "crypto"
    END_OF_DAY = "end_of_day"
    REFERENCE = "reference"


class Capability(StrEnum):
    """What a provider can be asked for. Learned from its answers where its plan decides."""

    QUOTE = "quote"
    TRADES = "trades"
    BOOK = "book"
    BARS_INTRADAY = "bars_intraday"
    BARS_DAILY = "bars_daily"
    SEARCH = "search"
    STREAM = "stream"


class TradeFlag(StrEnum):
    """What a print may change; from sale conditions. A print without flags changes all three.

    One that was missed, and is told or fetched after a break, is history: no order trades on it.
    """

    NOT_LAST = "not_last"
    NOT_HIGH_LOW = "not_high_low"
    NOT_VOLUME = "not_volume"
    ODD_LOT = "odd_lot"
    EXTENDED = "extended"
    MISSED = "missed"


class Origin(Struct, frozen=True):
    """Whose word it is and when. `sequence` is the provider's own counter where it has one."""

    provider: str
    feed: Feed
    ts_event: int
    ts_received: int
    sequence: int | None = None


class FeedTrade(Struct, frozen=True):
    """`qty` 0 is a price update, not a trade. `trade_id` is the provider's own, unique within provider and symbol."""

    symbol: str
    price: Decimal
    qty: Decimal
    origin: Origin
    trade_id: str | None = None
    aggressor: Side | None = None
    flags: frozenset[TradeFlag] = frozenset()


class FeedQuote(Struct, frozen=True):
    """Best bid and ask; sizes in units (not round lots), None where not told. `last` where the answer carries it.

    `is_answer`: somebody asked for it, so that it stood when it was heard, however long ago it was quoted.
    """

    symbol: str
    bid: Decimal | None
    ask: Decimal | None
    origin: Origin
    bid_qty: Decimal | None = None
    ask_qty: Decimal | None = None
    last: Decimal | None = None
    prev_close: Decimal | None = None
    is_answer: bool = False

    @property
    def has_sizes(self) -> bool:
        """Whether a size is told of either side."""
        return self.bid_qty is not None or self.ask_qty is not None


PriceLevel = tuple[Decimal, Decimal]
"""Price and quantity; quantity 0 removes the level."""


class FeedBook(Struct, frozen=True):
    """A whole book (`is_snapshot`) or the levels that changed, in the order in which to apply them."""

    symbol: str
    bids: tuple[PriceLevel, ...]
    asks: tuple[PriceLevel, ...]
    is_snapshot: bool
    origin: Origin


class FeedBar(Struct, frozen=True):
    """OHLCV over [start, start + timeframe). `is_final` is False while it may still change."""

    symbol: str
    timeframe: Timeframe
    start: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    origin: Origin
    vwap: Decimal | None = None
    is_final: bool = True


class FeedCorrection(Struct, frozen=True):
    """An earlier print is undone; `replaced_by` is what it should have been, None when it never was."""

    symbol: str
    trade_id: str
    origin: Origin
    replaced_by: FeedTrade | None = None


class FeedHalt(Struct, frozen=True):
    symbol: str
    is_halted: bool
    reason: str
    origin: Origin


class FeedReset(Struct, frozen=True):
    """What was known of the symbol's book is void until the next snapshot (checksum, gap, reconnect)."""

    symbol: str
    reason: str
    origin: Origin
    is_line_gone: bool = False
    """The whole line ended, not this book alone."""


FeedEvent = FeedTrade | FeedQuote | FeedBook | FeedBar | FeedCorrection | FeedHalt | FeedReset


class Listing(Struct, frozen=True):
    """A search result: how the provider calls it, and what our instrument of it would be."""

    symbol: str
    name: str
    asset_class: AssetClass
    provider: str
    exchange: str = ""
    tick_size: Decimal | None = None
    lot_size: Decimal | None = None


class LinkState(StrEnum):
    """A provider's connection, as the panel shows it."""

    OFF = "off"
    CONNECTING = "connecting"
    LIVE = "live"
    QUIET = "quiet"
    STALE = "stale"
    WAITING = "waiting"
    REFUSED = "refused"


class ProviderHealth(Struct, frozen=True):
    """One provider now, for the panel. Ages and latencies in ns; `retry_at` UTC ns; `error` in plain words, no keys."""

    provider: str
    title: str
    state: LinkState
    capabilities: dict[Capability, str] = field(default_factory=dict)
    last_heard: int | None = None
    latency_ns: int | None = None
    retry_at: int | None = None
    attempt: int = 0
    budget_left: dict[str, int] = field(default_factory=dict)
    error: str | None = None
    errors: int = 0
    requests: int = 0
