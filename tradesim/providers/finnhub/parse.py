"""Finnhub: seconds in REST, milliseconds on the socket; a quote of zeros is an unknown symbol."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from msgspec import Struct

from tradesim.kernel.clock import NS_PER_MS, NS_PER_SECOND
from tradesim.kernel.errors import BadKey, BadPayload, NotEntitled, NotOffered, RateLimited, RetryLater, UnknownSymbol
from tradesim.model.corporate import Dividend, Split
from tradesim.model.feed import Feed, FeedBar, FeedQuote, FeedTrade, Listing, Origin, TradeFlag
from tradesim.model.instrument import AssetClass
from tradesim.model.market import Timeframe
from tradesim.providers.decoding import decoded, described
from tradesim.providers.fields import amount, amount_or_none, day_of, members, ns, rows, text

PROVIDER = "finnhub"
RESOLUTIONS = {
    Timeframe.M1: "1",
    Timeframe.M5: "5",
    Timeframe.M15: "15",
    Timeframe.H1: "60",
    Timeframe.D1: "D",
}
LOT = Decimal(100)
ODD, FORM_T = "24", "12"
NO_FLAGS: frozenset[TradeFlag] = frozenset()
ASIDE = frozenset({TradeFlag.NOT_LAST, TradeFlag.NOT_HIGH_LOW})
FLAGS_BY_CODE = {ODD: ASIDE | {TradeFlag.ODD_LOT}, FORM_T: ASIDE | {TradeFlag.EXTENDED}}
TOO_MANY_S, OUTAGE_S = 30.0, 5.0
SHOWN = 160
DOLLARS = ("USD",)
COINS_BY_DOLLAR = "COINBASE:{base}-{quote}"
COINS = "BINANCE:{base}{quote}"
MONEY = "OANDA:{base}_{quote}"
CURRENCIES = frozenset({"USD", "EUR", "GBP", "JPY", "CHF", "AUD", "CAD", "NZD", "SEK", "NOK", "MXN", "CNH"})
QUOTED_IN = ("USDT", "USDC", "BUSD", "USD", "EUR", "BTC", "ETH")


def judge(status: int, said: str, after_s: float | None = None) -> None:
    """Raises what an answer other than 200 means. `said` is its text without keys; it can be plain text."""
    if status == 200:
        return
    words = _message(said)
    if status == 403 or (status == 401 and "access" in words.lower()):
        raise NotEntitled(f"Finnhub does not give this on the key's plan: {words}")
    if status == 401:
        raise BadKey(f"Finnhub does not know the key: {words}")
    if status == 429:
        raise RateLimited(f"Finnhub: too many requests: {words}", after_s or TOO_MANY_S)
    if status == 404:
        raise NotOffered(f"Finnhub has no such thing: {words}")
    if status >= 500:
        raise RetryLater(f"Finnhub has trouble of its own (HTTP {status}): {words}", after_s or OUTAGE_S)
    raise BadPayload(f"Finnhub would not take the request (HTTP {status}): {words}")


def _message(said: str) -> str:
    try:
        found = decoded(said)
    except BadPayload:
        return said.strip()[:SHOWN] or "nothing"
    return str(found.get("error", found) if isinstance(found, dict) else found)[:SHOWN]


# --- how Finnhub spells it


def spelled(symbol: str) -> str:
    """Our `BTC/USDT`, `EUR/USD`, `AAPL` as Finnhub has them."""
    base, slash, quoted = symbol.partition("/")
    if not slash:
        return symbol
    form = MONEY if {base, quoted} <= CURRENCIES else COINS_BY_DOLLAR if quoted in DOLLARS else COINS
    return form.format(base=base, quote=quoted)


def our_symbol(theirs: str) -> str:
    venue, colon, pair = theirs.partition(":")
    if not colon:
        return theirs
    for mark in "-_":
        if mark in pair:
            return pair.replace(mark, "/")
    quoted = next((each for each in QUOTED_IN if pair.endswith(each) and pair != each), "")
    return f"{pair.removesuffix(quoted)}/{quoted}" if quoted else f"{venue}:{pair}"


# --- REST


def quote(found: Any, symbol: str, received_ns: int) -> FeedQuote:
    """`/quote`: last and previous close, no bid and ask."""
    row = members(found, "a quote")
    if row.get("c") is None:
        raise BadPayload(f"c of a quote must be a price, or 0 where nothing is known, found {described(str(row))}")
    last = amount_or_none(row.get("c"), "c")
    if last is None:
        raise UnknownSymbol(f"Finnhub knows no {symbol}: its quote is all zeros")
    origin = Origin(PROVIDER, feed_of(symbol), ns(row.get("t"), NS_PER_SECOND, "t"), received_ns)
    return FeedQuote(symbol, None, None, origin, last=last, prev_close=amount_or_none(row.get("pc"), "pc"))


def bid_ask(found: Any, symbol: str, received_ns: int) -> FeedQuote:
    """`/stock/bidask` (paid). Sizes are in round lots."""
    return _bid_ask(members(found, "a bid and ask"), symbol, received_ns)


def _bid_ask(row: Mapping[str, Any], symbol: str, received_ns: int) -> FeedQuote:
    origin = Origin(PROVIDER, Feed.SIP, ns(row.get("t"), NS_PER_MS, "t"), received_ns)
    bid, ask = amount_or_none(row.get("b"), "b"), amount_or_none(row.get("a"), "a")
    bid_qty = amount(row.get("bv"), "bv") * LOT if bid is not None else None
    return FeedQuote(symbol, bid, ask, origin, bid_qty, amount(row.get("av"), "av") * LOT if ask is not None else None)


def bid_asks(found: Any, received_ns: int) -> list[FeedQuote]:
    """`/stock/bbo` (paid): columns, oldest first."""
    row = members(found, "bids and asks")
    symbol = our_symbol(text(row.get("s"), "s"))
    return [_bid_ask(each, symbol, received_ns) for each in _columns(row, ("a", "av", "b", "bv", "t"))]


def ticks(found: Any, received_ns: int) -> list[FeedTrade]:
    """`/stock/tick` (paid): columns, oldest first."""
    row = members(found, "ticks")
    symbol = our_symbol(text(row.get("s"), "s"))
    names = ("p", "v", "t", "c") if "c" in row else ("p", "v", "t")
    return [_trade({**each, "s": symbol}, received_ns) for each in _columns(row, names)]


def bars(found: Any, symbol: str, timeframe: Timeframe, received_ns: int) -> list[FeedBar]:
    """`/…/candle` (paid): columns and `s`, oldest first. Raises BadPayload when times run back."""
    row = members(found, "candles")
    if row.get("s") == "no_data":
        return []
    if row.get("s") != "ok":
        raise BadPayload(f"s must be ok or no_data, was {row.get('s')!r:.40}")
    made = [_bar(each, symbol, timeframe, received_ns) for each in _columns(row, ("o", "h", "l", "c", "v", "t"))]
    if any(later.start <= bar.start for bar, later in pairwise(made)):
        raise BadPayload(f"candles of {symbol} must be in order of time, are not")
    return made


def _bar(row: Mapping[str, Any], symbol: str, timeframe: Timeframe, received_ns: int) -> FeedBar:
    start = ns(row["t"], NS_PER_SECOND, "t")
    opened, high, low, close, volume = (amount(row[key], key) for key in "ohlcv")
    end = start + timeframe.ns
    origin = Origin(PROVIDER, feed_of(symbol), min(end, received_ns), received_ns)
    return FeedBar(symbol, timeframe, start, opened, high, low, close, volume, origin, is_final=end <= received_ns)


def _columns(row: Mapping[str, Any], names: Sequence[str]) -> list[dict[str, Any]]:
    columns = [rows(row.get(name), name) for name in names]
    if len({len(column) for column in columns}) > 1:
        lengths = ", ".join(f"{name} {len(column)}" for name, column in zip(names, columns, strict=True))
        raise BadPayload(f"columns must be of one length, were {lengths}")
    return [dict(zip(names, each, strict=True)) for each in zip(*columns, strict=True)]


def feed_of(symbol: str) -> Feed:
    return Feed.CRYPTO if "/" in symbol or ":" in symbol else Feed.REFERENCE


def listings(found: Any) -> list[Listing]:
    """`/search`, `/stock/symbol` and the other symbol lists."""
    table = found.get("result") if isinstance(found, dict) else found
    return [_listing(members(row, "a symbol")) for row in rows(table, "symbols")]


def _listing(row: Mapping[str, Any]) -> Listing:
    theirs = text(row.get("symbol"), "symbol")
    shown = str(row.get("displaySymbol", theirs))
    is_pair = "/" in shown
    asset_class = AssetClass.US_EQUITY
    if is_pair:
        asset_class = AssetClass.FOREX if set(shown.split("/")) <= CURRENCIES else AssetClass.CRYPTO
    exchange = theirs.partition(":")[0] if ":" in theirs else str(row.get("mic", ""))
    return Listing(
        shown if is_pair else theirs, text(row.get("description"), "description"), asset_class, PROVIDER, exchange
    )


def company(found: Any) -> Listing:
    """`/stock/profile2`."""
    row = members(found, "a profile")
    if not row:
        raise UnknownSymbol("Finnhub knows no such company: its profile is empty")
    name = text(row.get("name"), "name")
    return Listing(
        text(row.get("ticker"), "ticker"), name, AssetClass.US_EQUITY, PROVIDER, str(row.get("exchange", ""))
    )


class MarketStatus(Struct, frozen=True):
    """`session` is pre-market, regular, post-market or None when closed; `holiday` its name."""

    exchange: str
    is_open: bool
    session: str | None
    holiday: str | None
    ts_event: int


class Holiday(Struct, frozen=True):
    """`hours` are those of a half day (`09:30-13:00`); None when it is closed all day."""

    day: date
    name: str
    hours: str | None


def market_status(found: Any) -> MarketStatus:
    row = members(found, "a market status")
    if not isinstance(row.get("isOpen"), bool):
        raise BadPayload(f"isOpen must be true or false, was {row.get('isOpen')!r:.40}")
    when = ns(row.get("t"), NS_PER_SECOND, "t")
    return MarketStatus(
        text(row.get("exchange"), "exchange"), row["isOpen"], row.get("session"), row.get("holiday"), when
    )


def holidays(found: Any) -> list[Holiday]:
    table = [members(row, "a holiday") for row in rows(members(found, "holidays").get("data"), "data")]
    return [
        Holiday(
            day_of(row.get("atDate"), "atDate"), text(row.get("eventName"), "eventName"), row.get("tradingHour") or None
        )
        for row in table
    ]


def splits(found: Any) -> list[Split]:
    return [
        Split(
            text(row.get("symbol"), "symbol"),
            day_of(row.get("date"), "date"),
            amount(row.get("fromFactor"), "fromFactor"),
            amount(row.get("toFactor"), "toFactor"),
        )
        for row in (members(each, "a split") for each in rows(found, "splits"))
    ]


def dividends(found: Any) -> list[Dividend]:
    return [
        Dividend(
            text(row.get("symbol"), "symbol"), day_of(row.get("date"), "date"), amount(row.get("amount"), "amount")
        )
        for row in (members(each, "a dividend") for each in rows(found, "dividends"))
    ]


# --- socket


class Complaint(Struct, frozen=True):
    """What the socket's server says against us."""

    words: str

    @property
    def is_symbol_limit(self) -> bool:
        return "too many symbols" in self.words.lower()


def frame(body: str | bytes, received_ns: int) -> list[FeedTrade] | Complaint:
    """One message of the socket: trades, none (a ping), or a complaint. Raises BadPayload."""
    found = members(decoded(body), "a frame")
    match found.get("type"):
        case "trade":
            return [_trade(members(row, "a trade"), received_ns) for row in rows(found.get("data"), "data")]
        case "ping":
            return []
        case "error":
            return Complaint(str(found.get("msg", found))[:SHOWN])
    raise BadPayload(f"type must be trade, ping or error, was {found.get('type')!r:.40}")


def _trade(row: Mapping[str, Any], received_ns: int) -> FeedTrade:
    symbol = our_symbol(text(row.get("s"), "s"))
    origin = Origin(PROVIDER, feed_of(symbol), ns(row.get("t"), NS_PER_MS, "t"), received_ns)
    flags = flags_of(rows(row.get("c"), "c"))
    return FeedTrade(symbol, amount(row.get("p"), "p"), amount(row.get("v"), "v"), origin, flags=flags)


def flags_of(codes: Sequence[Any]) -> frozenset[TradeFlag]:
    found = NO_FLAGS
    for code in codes:
        found |= FLAGS_BY_CODE.get(str(code), NO_FLAGS)
    return found
