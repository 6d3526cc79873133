"""What goes over the wire, field by field. Market data are JSON numbers; a key is there even when nothing is known."""

from functools import cache
from typing import Annotated, Any

import msgspec

Stamp = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
Number = int | float


class Bar(msgspec.Struct):
    """`n` and `vw` are null where it is not known how the bar came about: before the desk began to listen."""

    t: Stamp
    o: Number
    h: Number
    l: Number  # noqa: E741 - Alpaca's own word
    c: Number
    v: Number
    n: int | None
    vw: Number | None


class Trade(msgspec.Struct):
    t: Stamp
    x: str
    p: Number
    s: Number
    c: list[str]
    i: int
    z: str


class Quote(msgspec.Struct, rename={"as_": "as"}):
    """`as` and `bs` are round lots of 100 shares, unless the server was told to give shares."""

    t: Stamp
    ax: str
    ap: Number
    as_: Number
    bx: str
    bp: Number
    bs: Number
    c: list[str]
    z: str


class CryptoTrade(msgspec.Struct):
    """`tks` is the taker's side: B, S, or empty when it is not known."""

    t: Stamp
    p: Number
    s: Number
    tks: str
    i: int


class CryptoQuote(msgspec.Struct, rename={"as_": "as"}):
    t: Stamp
    bp: Number
    bs: Number
    ap: Number
    as_: Number


class Level(msgspec.Struct):
    p: Number
    s: Number


class OrderBook(msgspec.Struct):
    """Best first, at most 50 levels a side."""

    t: Stamp
    b: list[Level]
    a: list[Level]


class Snapshot(msgspec.Struct, rename="camel"):
    latest_trade: Trade | None
    latest_quote: Quote | None
    minute_bar: Bar | None
    daily_bar: Bar | None
    prev_daily_bar: Bar | None


class SymbolSnapshot(msgspec.Struct, rename="camel"):
    symbol: str
    latest_trade: Trade | None
    latest_quote: Quote | None
    minute_bar: Bar | None
    daily_bar: Bar | None
    prev_daily_bar: Bar | None


class CryptoSnapshot(msgspec.Struct, rename="camel"):
    latest_trade: CryptoTrade | None
    latest_quote: CryptoQuote | None
    minute_bar: Bar | None
    daily_bar: Bar | None
    prev_daily_bar: Bar | None


@cache
def page(name: str, item: Any) -> tuple[type, type]:
    """The types of a page of many symbols and of one: `{name: {SYMBOL: [...]}}` and `{name: [...], symbol}`."""
    token = ("next_page_token", str | None)
    title = name.capitalize()
    many = msgspec.defstruct(f"{title}Page{item.__name__}", [(name, dict[str, list[item]]), token])
    one = msgspec.defstruct(f"{title}PageOf{item.__name__}", [(name, list[item]), ("symbol", str), token])
    return many, one


@cache
def latest(name: str, item: Any) -> tuple[type, type]:
    """`{bars: {SYMBOL: {...}}}` and `{bar: {...}, symbol}`; the latter's is null when there was none yet."""
    many = msgspec.defstruct(f"Latest{name.capitalize()}{item.__name__}", [(name, dict[str, item])])
    one = msgspec.defstruct(f"Latest{item.__name__}", [(name.removesuffix("s"), item | None), ("symbol", str)])
    return many, one


class CryptoSnapshots(msgspec.Struct):
    snapshots: dict[str, CryptoSnapshot]


class ActiveStock(msgspec.Struct):
    symbol: str
    volume: Number
    trade_count: int


class MostActives(msgspec.Struct):
    most_actives: list[ActiveStock]
    last_updated: Stamp


class Mover(msgspec.Struct):
    symbol: str
    percent_change: float
    change: float
    price: Number


class Movers(msgspec.Struct):
    gainers: list[Mover]
    losers: list[Mover]
    market_type: str
    last_updated: Stamp


class AuctionPrint(msgspec.Struct):
    """`c` is O for the opening, 6 for the closing auction."""

    t: Stamp
    x: str
    p: Number
    s: Number
    c: str


class AuctionDay(msgspec.Struct):
    """The day, its opening and its closing auctions."""

    d: str
    o: list[AuctionPrint]
    c: list[AuctionPrint]


class NewsPage(msgspec.Struct):
    """There is no news in this market."""

    news: list[dict[str, Any]]
    next_page_token: str | None


class CorporateActions(msgspec.Struct):
    corporate_actions: dict[str, list[dict[str, Any]]]
    next_page_token: str | None


class Refusal(msgspec.Struct):
    code: int
    message: str


class Asset(msgspec.Struct, rename={"class_": "class"}, omit_defaults=True):
    """The last three are there for coins only."""

    id: str
    class_: str
    cusip: str | None
    exchange: str
    symbol: str
    name: str
    status: str
    tradable: bool
    marginable: bool
    shortable: bool
    easy_to_borrow: bool
    borrow_status: str
    fractionable: bool
    maintenance_margin_requirement: int
    margin_requirement_long: str
    margin_requirement_short: str
    attributes: list[str]
    min_order_size: str | msgspec.UnsetType = msgspec.UNSET
    min_trade_increment: str | msgspec.UnsetType = msgspec.UNSET
    price_increment: str | msgspec.UnsetType = msgspec.UNSET


class Clock(msgspec.Struct):
    """`timestamp` is the market's time: simulated, replayed or real."""

    timestamp: Stamp
    is_open: bool
    next_open: Stamp
    next_close: Stamp


class CalendarDay(msgspec.Struct):
    date: str
    open: str
    close: str
    session_open: str
    session_close: str
    settlement_date: str


class Market(msgspec.Struct):
    acronym: str
    name: str
    timezone: str
    mic: str
    bic: str


class MarketClock(msgspec.Struct):
    market: Market
    timestamp: Stamp
    is_market_day: bool
    next_market_open: Stamp
    next_market_close: Stamp
    phase: str
    phase_until: Stamp


class MarketClocks(msgspec.Struct):
    clocks: list[MarketClock]


class MarketDay(msgspec.Struct):
    date: str
    core_start: Stamp
    core_end: Stamp
    pre_start: Stamp | None
    pre_end: Stamp | None
    post_start: Stamp | None
    post_end: Stamp | None
    lunch_start: Stamp | None
    lunch_end: Stamp | None
    settlement_date: str


class MarketCalendar(msgspec.Struct):
    market: Market
    calendar: list[MarketDay]
