"""What readers see: immutable values, swapped whole by the market thread after the journal has them.

Prices in ticks and sizes in lots for the market, Decimal for money; times in UTC ns of the market's clock.
"""

from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct

from tradesim.model.accounts import Account, Position
from tradesim.model.events import DeskEvent
from tradesim.model.market import EMPTY_BOOK, BookTop, Indicative, Level, SessionState, SourceKind, Trade
from tradesim.model.orders import Fill, Order
from tradesim.model.venue import QueuePosition
from tradesim.trading.performance.curve import DayReturn, Drawdown, Ratios
from tradesim.trading.performance.curve import Mark as Mark
from tradesim.trading.performance.excursions import PricedBar
from tradesim.trading.performance.figures import Figures as Figures
from tradesim.trading.performance.notes import LONGEST_NOTE as LONGEST_NOTE
from tradesim.trading.performance.notes import LONGEST_TAG as LONGEST_TAG
from tradesim.trading.performance.trips import Leg as Leg
from tradesim.trading.performance.trips import RoundTrip
from tradesim.trading.today import Outcome as Outcome
from tradesim.trading.today import Today

BOOK_LEVELS = 50
TAPE_LENGTH = 500


class MarketView(Struct, frozen=True):
    """One instrument now. `open/high/low/volume` are the day's; `prev_close` is the day before's close.

    `indicative` is what the auction would do that orders are collected for; None where none are. `band_reference` is
    what the price band is measured from; None while every price is taken. With another `revision` bars of before were
    told anew.
    """

    symbol: str
    top: BookTop = EMPTY_BOOK
    last: int | None = None
    last_qty: int = 0
    last_at: int = 0
    open: int | None = None
    high: int | None = None
    low: int | None = None
    volume: int = 0
    prev_close: int | None = None
    session: SessionState = SessionState.ALWAYS
    is_halted: bool = False
    updated_at: int = 0
    tape: tuple[Trade, ...] = ()
    indicative: Indicative | None = None
    band_reference: int | None = None
    revision: int = 0

    @property
    def bid(self) -> Level | None:
        return self.top.bids[0] if self.top.bids else None

    @property
    def ask(self) -> Level | None:
        return self.top.asks[0] if self.top.asks else None


class OrderUpdate(Struct, frozen=True):
    """One durable fact about an order, the order as it was right after it, and what was then held of its symbol."""

    event: DeskEvent
    order: Order
    position_qty: Decimal


class PositionView(Struct, frozen=True):
    """A position valued at `mark` (the side it could be closed on, else the last trade).

    `last_day_price` is its mark when the day began, None when it was opened since. `qty_available` is what no open
    order would close already; negative for a short. `realized_today` is before fees.
    """

    position: Position
    mark: Decimal | None
    market_value: Decimal
    unrealized_pl: Decimal
    day_pl: Decimal
    last_day_price: Decimal | None = None
    qty_available: Decimal = Decimal(0)
    realized_today: Decimal = Decimal(0)


class LotView(Struct, frozen=True):
    """An open tax lot: `qty` at `price` each (negative: sold short), together `cost`; what it would bring at `mark`.

    `unrealized_pl` is before fees; None without a mark. `age_ns` is until now; `is_long_term` if it were closed now.
    """

    id: str
    account_id: str
    symbol: str
    qty: Decimal
    price: Decimal
    cost: Decimal
    opened_at: int
    order_id: str
    age_ns: int
    is_long_term: bool
    mark: Decimal | None
    unrealized_pl: Decimal | None


class ClosedLotView(Struct, frozen=True):
    """A tax lot, or the part `qty` of it, that was closed by the fill `cause`; `realized_pl` is before fees."""

    lot_id: str
    account_id: str
    symbol: str
    qty: Decimal
    price: Decimal
    closing_price: Decimal
    opened_at: int
    closed_at: int
    held_ns: int
    is_long_term: bool
    realized_pl: Decimal
    cause: str


class AccountView(Struct, frozen=True):
    """`orders`: all open, then the most recent closed, newest first; `fills` newest first, bounded.

    Margins and buying powers are explained in docs/accounts.md. `last_equity` and `last_maintenance_margin` are those
    at the day's beginning. `margin_call` is the sentence that says why positions may be closed, or None.
    """

    account: Account
    equity: Decimal
    buying_power: Decimal
    reserved: Decimal
    day_pl: Decimal
    unrealized_pl: Decimal
    realized_pl: Decimal
    fees: Decimal
    positions: tuple[PositionView, ...] = ()
    orders: tuple[Order, ...] = ()
    queue: Mapping[str, QueuePosition] | None = None
    fills: tuple[Fill, ...] = ()
    version: int = 0
    long_market_value: Decimal = Decimal(0)
    short_market_value: Decimal = Decimal(0)
    initial_margin: Decimal = Decimal(0)
    maintenance_margin: Decimal = Decimal(0)
    last_equity: Decimal = Decimal(0)
    last_maintenance_margin: Decimal = Decimal(0)
    regt_buying_power: Decimal = Decimal(0)
    daytrading_buying_power: Decimal = Decimal(0)
    non_marginable_buying_power: Decimal = Decimal(0)
    cash_withdrawable: Decimal = Decimal(0)
    sma: Decimal = Decimal(0)
    accrued_fees: Decimal = Decimal(0)
    daytrade_count: int = 0
    margin_call: str | None = None
    today: Today = Today()


class ThrottleView(Struct, frozen=True):
    """The last time that a source of orders was told to wait: the sentence, and when (UTC ns of market time)."""

    account_id: str
    source: str
    message: str
    at: int


class StatusView(Struct, frozen=True):
    """The truth about the market's source, its clock and the journal, for the badge.

    `journal` is `ok` or a sentence that says why orders are refused; `faults` are other sentences a
    trader must know. `bar_ns` is how long a bar is where all that is replayed are bars.
    """

    source: SourceKind
    title: str
    now: int
    speed: float
    is_playing: bool
    is_ended: bool
    start: int
    end: int | None
    session_id: str
    zone: str = "America/New_York"
    journal: str = "ok"
    faults: tuple[str, ...] = ()
    account_id: str = "paper"
    bar_ns: int | None = None


class KeyView(Struct, frozen=True):
    """A key that a vendor wants, by the name of its environment variable; never the key itself.

    `held` says where it is kept: `environment`, `file`, or empty.
    """

    name: str
    title: str
    held: str = ""


class VendorView(Struct, frozen=True):
    """A provider that could be opened as a live market. `refusal` is the sentence that says why not now.

    `symbols` are what to begin with, `backups` the providers that can stand in for it, in order; `stands_in` whether
    a person wants it to stand in for others. `is_open`: it serves or stands by in the present market; `is_first`: it is
    the one that this market was opened with.
    """

    id: str
    title: str
    note: str
    symbols: tuple[str, ...]
    keys: tuple[KeyView, ...] = ()
    backups: tuple[str, ...] = ()
    is_open: bool = False
    refusal: str | None = None
    kind: str = ""
    stands_in: bool = False
    is_first: bool = False


class SwitchView(Struct, frozen=True):
    """One line of the failover's timeline: who served `kind` before and after, and why it changed. UTC ns."""

    at: int
    kind: str
    former: str | None
    chosen: str | None
    why: str


class WordView(Struct, frozen=True):
    """What one provider says of a symbol now: last, bid and ask in money, and when it said so (UTC ns)."""

    provider: str
    bid: Decimal | None
    ask: Decimal | None
    said_at: int | None
    last: Decimal | None = None


class FeedView(Struct, frozen=True):
    """Whose word a symbol of a live market is now, for the badge on every panel that shows it.

    `shown_by` gave bid, ask and book, `told_by` the trades, in the words of a badge (their ids: `shown_id`, `told_id`);
    empty while nobody did. Times in UTC ns, `limit_s` is the
    age from which it is stale (None: age proves nothing, the market is closed).
    `shown_of` and `told_of` are the moments that delayed, late or end-of-day words are about; None where they are of
    now.
    """

    shown_by: str
    shown_at: int | None
    told_by: str
    told_at: int | None
    freshness: SourceKind
    limit_s: float | None = None
    shown_id: str = ""
    told_id: str = ""
    shown_of: int | None = None
    told_of: int | None = None


class RecorderView(Struct, frozen=True):
    """A recording of a provider's traffic. `fault` says why it ended by itself; empty when it was told to."""

    provider: str
    name: str
    is_on: bool
    seconds: float
    bytes: int
    frames: int
    answers: int
    fault: str = ""


class Estimate(Struct, frozen=True):
    """What an order would do if sent now, from the live book. None where it cannot be known.

    `slippage_ticks` is the volume-weighted distance from the touch; `fills_now` is in lots. `refusal` is
    the sentence that would refuse it, `refused_field` the form field that it is about. `rule` is the sentence of how
    what lies beyond a quote was counted, where the market shows no book; None where nothing lies beyond. `waits` are
    the lots that trade at the next print, in a market that shows prints alone: price, value and fee are then reckoned
    at the last one. `opens` is the quantity for which no position is free to be closed: what other orders close already
    is not. `trades_from` is when it can first trade, UTC ns, where that is not now: nothing of it meets the present
    book.
    """

    value: Decimal | None
    fee: Decimal | None
    avg_price: Decimal | None
    fills_now: int
    rests: int
    slippage_ticks: Decimal | None
    queue_ahead: int | None
    buying_power_after: Decimal | None
    refusal: str | None = None
    refused_field: str | None = None
    rule: str | None = None
    waits: int = 0
    opens: Decimal = Decimal(0)
    trades_from: int | None = None


class TripView(Struct, frozen=True):
    """A round trip with what its trader says of it. `mae` and `mfe` are money before fees, the worst and the best that
    it was worth on `bars_seen` whole bars and at its fills; None where there was no whole bar, or its fills are no
    longer kept.

    `stop` is the first stop that was known while it was held, `r_multiple` its net profit over what was risked to
    there; None without one.
    """

    trip: RoundTrip
    mae: Decimal | None
    mfe: Decimal | None
    bars_seen: int = 0
    note: str = ""
    tags: tuple[str, ...] = ()
    setup: str = ""
    stop: Decimal | None = None
    r_multiple: Decimal | None = None


class ChartView(Struct, frozen=True):
    """A round trip and the one-minute bars around it, in money: from half an hour before to a quarter after."""

    view: TripView
    bars: tuple[PricedBar, ...]


class PerformanceView(Struct, frozen=True):
    """How an account did from `begin` to `end` (UTC ns). Money is Decimal in figures, float in curves and ratios.

    `equity` rows are time, equity, gross exposure; `drawdown` has one fraction for each; `months` rows are month,
    return, money. `turnover` is the value of all closed trips' fills over the average equity. `by_hour` ("09") and
    `by_weekday` (1 is Monday) go by when a trip was entered, in New York.
    """

    account_id: str
    currency: str
    period: str
    begin: int
    end: int
    equity: tuple[tuple[int, float, float], ...]
    drawdown: tuple[float, ...]
    deepest: Drawdown
    days: tuple[DayReturn, ...]
    months: tuple[tuple[str, float, float], ...]
    ratios: Ratios
    mean_exposure: float
    time_in_market: float
    turnover: float
    figures: Figures
    open_trips: int
    by_symbol: Mapping[str, Figures]
    by_side: Mapping[str, Figures]
    by_source: Mapping[str, Figures]
    by_tag: Mapping[str, Figures]
    by_setup: Mapping[str, Figures]
    by_hour: Mapping[str, Figures]
    by_weekday: Mapping[str, Figures]
