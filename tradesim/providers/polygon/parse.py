"""Polygon (Massive): units differ by field, so each field is read by its documented unit, never by its size.

Lower case is the bid and upper case the ask; sizes of quotes are round lots; what a print may change is told
by the `update_rules` of its conditions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tradesim.kernel.clock import NS_PER_MS, NS_PER_SECOND
from tradesim.kernel.errors import (
    BadKey,
    BadPayload,
    NoData,
    NotEntitled,
    ProviderError,
    RateLimited,
    RetryLater,
    UnknownSymbol,
)
from tradesim.model.corporate import Dividend, Split
from tradesim.model.feed import (
    Feed,
    FeedBar,
    FeedBook,
    FeedEvent,
    FeedHalt,
    FeedQuote,
    FeedTrade,
    Listing,
    Origin,
    PriceLevel,
    TradeFlag,
)
from tradesim.model.instrument import AssetClass
from tradesim.model.market import Timeframe
from tradesim.providers.decoding import decoded
from tradesim.providers.fields import (
    NEW_YORK,
    amount,
    amount_or_none,
    day_of,
    members,
    ns,
    ns_of_stamp,
    ns_of_wall,
    rows,
    text,
    whole,
)
from tradesim.providers.standing import NotThisTime

PROVIDER = "polygon"
NS_PER_US = 1_000
ROUND_LOT = Decimal(100)
MINUTE_S, OUTAGE_S = 60.0, 5.0
RETRIED = (408, 413, 425, 499)
SHOWN = 200
PARTICULAR = ("timeframe", "before end of day")
SPANS = {
    Timeframe.S1: (1, "second"),
    Timeframe.S5: (5, "second"),
    Timeframe.S15: (15, "second"),
    Timeframe.M1: (1, "minute"),
    Timeframe.M5: (5, "minute"),
    Timeframe.M15: (15, "minute"),
    Timeframe.H1: (1, "hour"),
    Timeframe.H4: (4, "hour"),
    Timeframe.D1: (1, "day"),
}
CLASS_BY_MARKET = {"crypto": AssetClass.CRYPTO, "fx": AssetClass.FOREX}
PREFIXES = ("X:", "C:")
HOSTS = ("api.massive.com", "api.polygon.io")
DOLLAR_LENGTH = 3


def judge(status: int, said: str, after_s: float | None = None) -> None:
    """Raises what an answer other than 200 means. `said` is its text without keys; it may be empty or HTML."""
    if status == 200:
        return
    words = _message(said)
    if status == 403 or "NOT_AUTHORIZED" in said:
        raise refusal(words)
    if status == 401:
        raise BadKey(f"Polygon does not know the key: {words}")
    if status == 429:
        raise RateLimited(f"Polygon: too many requests: {words}", after_s or MINUTE_S)
    if status == 404:
        raise UnknownSymbol(f"Polygon has nothing of that name: {words}")
    if status >= 500 or status in RETRIED:
        raise RetryLater(f"Polygon has trouble of its own (HTTP {status}): {words}", after_s or OUTAGE_S)
    raise BadPayload(f"Polygon would not take the request (HTTP {status}): {words}")


def refusal(words: str) -> ProviderError:
    """Three wordings: the plan, its period of history, today before the day has ended. Only the first is final."""
    said = f"Polygon does not give this on the key's plan: {words}"
    return NotThisTime(said) if any(each in words.lower() for each in PARTICULAR) else NotEntitled(said)


def _message(said: str) -> str:
    try:
        found = decoded(said)
    except BadPayload:
        return said.strip()[:SHOWN] or "nothing"
    if not isinstance(found, dict):
        return str(found)[:SHOWN]
    return str(found.get("message") or found.get("error") or found.get("status"))[:SHOWN]


def results(found: Any, what: str) -> Any:
    """`results` of an answer whose `status` is sound; None when there are none. DELAYED is data too."""
    body = members(found, what)
    status = str(body.get("status", "OK")).upper()
    if status == "NOT_AUTHORIZED":
        raise refusal(str(body.get("message", "no reason given")))
    if status == "NOT_FOUND":
        raise UnknownSymbol(f"Polygon has no {what}: {str(body.get('message', 'not found'))[:SHOWN]}")
    if status not in ("OK", "DELAYED", "SUCCESS"):
        raise BadPayload(f"status of {what} must be OK or DELAYED, was {status[:40]}")
    return body.get("results")


def feed_of(found: Any, symbol: str = "") -> Feed:
    if "/" in symbol:
        return Feed.CRYPTO
    is_delayed = isinstance(found, dict) and str(found.get("status", "")).upper() == "DELAYED"
    return Feed.DELAYED if is_delayed else Feed.SIP


def next_page(found: Any, base_url: str) -> str | None:
    """The address of the next page on `base_url`, which has no key in it. The vendor writes either of its names.

    Raises BadPayload when it is on a stranger's host.
    """
    url = members(found, "a page").get("next_url")
    if not url:
        return None
    wanted, told = urlsplit(base_url), urlsplit(text(url, "next_url"))
    if told.netloc not in (wanted.netloc, *HOSTS) or told.scheme not in (wanted.scheme, "https"):
        raise BadPayload(f"next_url must be on {wanted.netloc}, was on {told.scheme}://{told.netloc}")
    return urlunsplit((wanted.scheme, wanted.netloc, told.path, told.query, ""))


# --- how Polygon spells it


def spelled(symbol: str, asset_class: AssetClass | None = None) -> str:
    """Our `BTC/USD` is `X:BTCUSD`, or `C:` where both are currencies."""
    base, slash, quoted = symbol.partition("/")
    if not slash:
        return symbol
    is_money = asset_class is AssetClass.FOREX or {base, quoted} <= CURRENCIES
    return f"{'C' if is_money else 'X'}:{base}{quoted}"


def our_symbol(theirs: str) -> str:
    if theirs.startswith(PREFIXES):
        pair = theirs[2:]
        return f"{pair[:-DOLLAR_LENGTH]}/{pair[-DOLLAR_LENGTH:]}"
    return theirs


CURRENCIES = frozenset({"USD", "EUR", "GBP", "JPY", "CHF", "AUD", "CAD", "NZD", "SEK", "NOK", "MXN", "CNH"})


# --- sale conditions

NO_FLAGS: frozenset[TradeFlag] = frozenset()
FORM_T, ODD_LOT = 12, 37
NEVER_WAS = (7, 8, 10, 11)
"""`correction` of a print that was an error or cancelled, or is the notice of one (CTA and UTP codes)."""
UNDONE = frozenset({TradeFlag.NOT_LAST, TradeFlag.NOT_HIGH_LOW, TradeFlag.NOT_VOLUME})
VOLUME_ONLY = frozenset({TradeFlag.NOT_LAST, TradeFlag.NOT_HIGH_LOW})
NOT_LAST = frozenset({TradeFlag.NOT_LAST})
EXTRA = {FORM_T: frozenset({TradeFlag.EXTENDED}), ODD_LOT: frozenset({TradeFlag.ODD_LOT})}
USUAL = {2: VOLUME_ONLY, 5: NOT_LAST, 7: VOLUME_ONLY, 10: NOT_LAST, FORM_T: VOLUME_ONLY, ODD_LOT: VOLUME_ONLY}


@dataclass(frozen=True, slots=True)
class Conditions:
    """What each sale condition keeps a print from changing; the usual ones until the vendor's list was fetched."""

    flags: Mapping[int, frozenset[TradeFlag]] = field(default_factory=lambda: with_extras(USUAL))

    def of(self, codes: Sequence[Any]) -> frozenset[TradeFlag]:
        found = NO_FLAGS
        for code in codes:
            found |= self.flags.get(code, NO_FLAGS)
        return found


def with_extras(flags: Mapping[int, frozenset[TradeFlag]]) -> dict[int, frozenset[TradeFlag]]:
    return {code: flags.get(code, NO_FLAGS) | EXTRA.get(code, NO_FLAGS) for code in {*flags, *EXTRA}}


def conditions(found: Any) -> Conditions:
    """`/v3/reference/conditions`: the vendor's rules over the usual ones."""
    told: dict[int, frozenset[TradeFlag]] = {}
    for row in rows(results(found, "conditions"), "conditions"):
        rules = members(row, "a condition").get("update_rules")
        if isinstance(rules, dict):
            told[whole(row.get("id"), "id")] = _flags(members(rules.get("consolidated"), "consolidated"))
    return Conditions(with_extras({**USUAL, **told}))


def _flags(rules: Mapping[str, Any]) -> frozenset[TradeFlag]:
    told = (
        ("updates_open_close", TradeFlag.NOT_LAST),
        ("updates_high_low", TradeFlag.NOT_HIGH_LOW),
        ("updates_volume", TradeFlag.NOT_VOLUME),
    )
    return frozenset(flag for rule, flag in told if rules.get(rule) is False)


# --- REST


def bars(found: Any, symbol: str, timeframe: Timeframe, received_ns: int) -> list[FeedBar]:
    """Aggregates, oldest first; `t` is the start in ms. No `results` is no trading."""
    table = rows(results(found, "aggregates"), "results")
    feed = feed_of(found, symbol)
    made = [_bar(members(row, "a bar"), symbol, timeframe, feed, received_ns) for row in table]
    return sorted(made, key=lambda bar: bar.start)


def grouped(found: Any, received_ns: int) -> list[FeedBar]:
    """One daily bar of every symbol (`T` names it); these and `prev` carry the closing moment in `t`."""
    feed = feed_of(found)
    table = [members(row, "a bar") for row in rows(results(found, "grouped bars"), "results")]
    return [_closed_day(row, feed, received_ns) for row in table]


def _closed_day(row: Mapping[str, Any], feed: Feed, received_ns: int) -> FeedBar:
    closed = ns(row.get("t"), NS_PER_MS, "t")
    day = date_in_new_york(closed)
    start = ns_of_wall(day.isoformat(), NEW_YORK, "t")
    return _bar(row, our_symbol(text(row.get("T"), "T")), Timeframe.D1, feed, received_ns, start)


def date_in_new_york(moment: int) -> date:
    return datetime.fromtimestamp(moment // NS_PER_SECOND, NEW_YORK).date()


def _bar(
    row: Mapping[str, Any],
    symbol: str,
    timeframe: Timeframe,
    feed: Feed,
    received_ns: int,
    start: int | None = None,
) -> FeedBar:
    begins = ns(row.get("t"), NS_PER_MS, "t") if start is None else start
    end = begins + timeframe.ns
    opened, high, low, close, volume = (amount(row.get(key), key) for key in "ohlcv")
    origin = Origin(PROVIDER, feed, min(end, received_ns), received_ns)
    vwap = amount_or_none(row.get("vw"), "vw")
    return FeedBar(
        symbol, timeframe, begins, opened, high, low, close, volume, origin, vwap, is_final=end <= received_ns
    )


def open_close(found: Any, received_ns: int) -> FeedBar:
    """`/v1/open-close`: a day's bar with its date in `from`."""
    results(found, "an open and close")
    row = members(found, "an open and close")
    start = ns_of_wall(row.get("from"), NEW_YORK, "from")
    end = start + Timeframe.D1.ns
    opened, high, low, close, volume = (amount(row.get(key), key) for key in ("open", "high", "low", "close", "volume"))
    origin = Origin(PROVIDER, Feed.SIP, min(end, received_ns), received_ns)
    symbol = our_symbol(text(row.get("symbol"), "symbol"))
    return FeedBar(symbol, Timeframe.D1, start, opened, high, low, close, volume, origin, is_final=end <= received_ns)


def last_trade(found: Any, received_ns: int, known: Conditions) -> FeedTrade:
    row = members(results(found, "a last trade"), "results")
    return _short_trade(row, our_symbol(text(row.get("T"), "T")), feed_of(found), received_ns, known)


def _short_trade(row: Mapping[str, Any], symbol: str, feed: Feed, received_ns: int, known: Conditions) -> FeedTrade:
    """Of `last/trade` and snapshots: ns, conditions null or absent when there are none."""
    sequence = whole(row["q"], "q") if row.get("q") is not None else None
    origin = Origin(PROVIDER, feed, ns(row.get("t"), 1, "t"), received_ns, sequence)
    flags = known.of(rows(row.get("c"), "c"))
    return FeedTrade(
        symbol, amount(row.get("p"), "p"), amount(row.get("s"), "s"), origin, _id(row.get("i")), flags=flags
    )


def _id(value: object) -> str | None:
    return None if value is None else str(value)


def last_quote(found: Any, received_ns: int) -> FeedQuote:
    """`/v2/last/nbbo`."""
    row = members(results(found, "a last quote"), "results")
    return _short_quote(row, our_symbol(text(row.get("T"), "T")), feed_of(found), received_ns)


def _short_quote(row: Mapping[str, Any], symbol: str, feed: Feed, received_ns: int) -> FeedQuote:
    sequence = whole(row["q"], "q") if row.get("q") is not None else None
    origin = Origin(PROVIDER, feed, ns(row.get("t"), 1, "t"), received_ns, sequence)
    return _quote(symbol, row, ("p", "s", "P", "S"), origin, ROUND_LOT)


def _quote(symbol: str, row: Mapping[str, Any], names: Sequence[str], origin: Origin, unit: Decimal) -> FeedQuote:
    """`names` are those of bid, its size, ask, its size."""
    bid, ask = amount_or_none(row.get(names[0]), names[0]), amount_or_none(row.get(names[2]), names[2])
    bid_qty, ask_qty = (amount_or_none(row.get(name), name) for name in (names[1], names[3]))
    return FeedQuote(
        symbol,
        bid,
        ask,
        origin,
        bid_qty * unit if bid is not None and bid_qty is not None else None,
        ask_qty * unit if ask is not None and ask_qty is not None else None,
    )


def quotes(found: Any, symbol: str, received_ns: int) -> list[FeedQuote]:
    """One page of `/v3/quotes`, newest first as told."""
    feed = feed_of(found, symbol)
    names = ("bid_price", "bid_size", "ask_price", "ask_size")
    return [
        _quote(symbol, row, names, _long_origin(row, feed, received_ns), ROUND_LOT)
        for row in (members(each, "a quote") for each in rows(results(found, "quotes"), "results"))
    ]


def _long_origin(row: Mapping[str, Any], feed: Feed, received_ns: int) -> Origin:
    when = row.get("sip_timestamp", row.get("participant_timestamp"))
    sequence = whole(row["sequence_number"], "sequence_number") if row.get("sequence_number") is not None else None
    return Origin(PROVIDER, feed, ns(when, 1, "sip_timestamp"), received_ns, sequence)


def trades(found: Any, symbol: str, received_ns: int, known: Conditions) -> list[FeedTrade]:
    """One page of `/v3/trades`, newest first as told. What was cancelled changes nothing."""
    feed = feed_of(found, symbol)
    return [
        _long_trade(members(row, "a trade"), symbol, feed, received_ns, known)
        for row in rows(results(found, "trades"), "results")
    ]


def _long_trade(row: Mapping[str, Any], symbol: str, feed: Feed, received_ns: int, known: Conditions) -> FeedTrade:
    flags = known.of(rows(row.get("conditions"), "conditions"))
    if row.get("correction") in NEVER_WAS:
        flags |= UNDONE
    price, size = amount(row.get("price"), "price"), amount(row.get("size"), "size")
    return FeedTrade(symbol, price, size, _long_origin(row, feed, received_ns), _id(row.get("id")), flags=flags)


def snapshots(found: Any, received_ns: int) -> list[FeedQuote]:
    """Every ticker of a snapshot answer as a quote with last and previous close."""
    results(found, "a snapshot")
    body = members(found, "a snapshot")
    told = [body["ticker"]] if "ticker" in body else rows(body.get("tickers"), "tickers")
    return [_snapshot(members(row, "a ticker"), feed_of(found), received_ns) for row in told]


def _snapshot(row: Mapping[str, Any], feed: Feed, received_ns: int) -> FeedQuote:
    symbol = our_symbol(text(row.get("ticker"), "ticker"))
    quote, trade = row.get("lastQuote") or {}, row.get("lastTrade") or {}
    previous = members(row.get("prevDay") or {}, "prevDay")
    last = amount_or_none(members(trade, "lastTrade").get("p"), "p")
    if not quote and last is None:
        raise NoData(f"Polygon has neither quote nor trade of {symbol} today")
    when = max(ns(each["t"], 1, "t") for each in (quote, trade, {"t": row.get("updated")}) if each.get("t"))
    found = _quote(symbol, quote, ("p", "s", "P", "S"), Origin(PROVIDER, feed, when, received_ns), ROUND_LOT)
    return FeedQuote(
        symbol,
        found.bid,
        found.ask,
        found.origin,
        found.bid_qty,
        found.ask_qty,
        last,
        amount_or_none(previous.get("c"), "c"),
    )


def last_crypto_trade(found: Any, received_ns: int) -> FeedTrade:
    """`/v1/last/crypto`: ms."""
    body = members(found, "a last trade")
    row = members(body.get("last"), "last")
    symbol = text(body.get("symbol"), "symbol").replace("-", "/")
    origin = Origin(PROVIDER, Feed.CRYPTO, ns(row.get("timestamp"), NS_PER_MS, "timestamp"), received_ns)
    return FeedTrade(symbol, amount(row.get("price"), "price"), amount(row.get("size"), "size"), origin)


def last_rate(found: Any, received_ns: int) -> FeedQuote:
    """`/v1/last_quote/currencies` and `/v1/conversion`: ms."""
    body = members(found, "a rate")
    row = members(body.get("last"), "last")
    origin = Origin(PROVIDER, Feed.REFERENCE, ns(row.get("timestamp"), NS_PER_MS, "timestamp"), received_ns)
    bid, ask = amount_or_none(row.get("bid"), "bid"), amount_or_none(row.get("ask"), "ask")
    return FeedQuote(text(body.get("symbol"), "symbol"), bid, ask, origin)


def crypto_book(found: Any, received_ns: int) -> FeedBook:
    """A crypto snapshot's book: sizes at a price summed over exchanges."""
    row = members(members(found, "a book").get("data"), "data")
    origin = Origin(PROVIDER, Feed.CRYPTO, ns(row.get("updated"), NS_PER_MS, "updated"), received_ns)
    bids, asks = (
        tuple(_summed(members(each, side)) for each in rows(row.get(side), side)) for side in ("bids", "asks")
    )
    return FeedBook(our_symbol(text(row.get("ticker"), "ticker")), bids, asks, True, origin)


def _summed(row: Mapping[str, Any]) -> PriceLevel:
    sizes = (amount(size, "x") for size in members(row.get("x"), "x").values())
    return amount(row.get("p"), "p"), sum(sizes, Decimal(0))


def listings(found: Any) -> list[Listing]:
    """`/v3/reference/tickers`, a page or one ticker."""
    told = results(found, "tickers")
    return [_listing(members(row, "a ticker")) for row in ([told] if isinstance(told, dict) else rows(told, "results"))]


def _listing(row: Mapping[str, Any]) -> Listing:
    asset_class = CLASS_BY_MARKET.get(str(row.get("market")), AssetClass.US_EQUITY)
    symbol = our_symbol(text(row.get("ticker"), "ticker"))
    return Listing(symbol, text(row.get("name"), "name"), asset_class, PROVIDER, str(row.get("primary_exchange", "")))


@dataclass(frozen=True, slots=True)
class IndexValue:
    """One row of `/v3/snapshot`: a value, or the error that stands for this ticker alone."""

    ticker: str
    value: Decimal | None
    error: ProviderError | None = None


def index_values(found: Any) -> list[IndexValue]:
    """`/v3/snapshot/indices`: an answer of 200 may refuse some of its tickers."""
    return [_index_value(members(row, "a row")) for row in rows(results(found, "a snapshot"), "results")]


def _index_value(row: Mapping[str, Any]) -> IndexValue:
    ticker, words = str(row.get("ticker", "")), str(row.get("message", row.get("error")))
    match row.get("error"):
        case None:
            return IndexValue(ticker, amount_or_none(row.get("value"), "value"))
        case "NOT_FOUND":
            return IndexValue(ticker, None, UnknownSymbol(f"Polygon has no {ticker}: {words}"))
        case "NOT_ENTITLED":
            return IndexValue(ticker, None, NotEntitled(f"Polygon does not give {ticker} on the key's plan: {words}"))
    return IndexValue(ticker, None, BadPayload(f"Polygon says of {ticker}: {words}"))


def splits(found: Any) -> list[Split]:
    table = (members(row, "a split") for row in rows(results(found, "splits"), "results"))
    return [
        Split(
            text(row.get("ticker"), "ticker"),
            day_of(row.get("execution_date"), "execution_date"),
            amount(row.get("split_from"), "split_from"),
            amount(row.get("split_to"), "split_to"),
        )
        for row in table
    ]


def dividends(found: Any) -> list[Dividend]:
    table = (members(row, "a dividend") for row in rows(results(found, "dividends"), "results"))
    return [
        Dividend(
            text(row.get("ticker"), "ticker"),
            day_of(row.get("ex_dividend_date"), "ex_dividend_date"),
            amount(row.get("cash_amount"), "cash_amount"),
        )
        for row in table
    ]


@dataclass(frozen=True, slots=True)
class MarketStatus:
    """`market` is open, closed or extended-hours."""

    market: str
    is_early: bool
    is_late: bool
    ts_event: int


@dataclass(frozen=True, slots=True)
class Holiday:
    exchange: str
    day: date
    name: str
    status: str


def market_status(found: Any) -> MarketStatus:
    row = members(found, "a market status")
    when = ns_of_stamp(row.get("serverTime"), "serverTime")
    return MarketStatus(
        text(row.get("market"), "market"), row.get("earlyHours") is True, row.get("afterHours") is True, when
    )


def holidays(found: Any) -> list[Holiday]:
    table = (members(row, "a holiday") for row in rows(found, "holidays"))
    return [
        Holiday(
            text(row.get("exchange"), "exchange"),
            day_of(row.get("date"), "date"),
            text(row.get("name"), "name"),
            text(row.get("status"), "status"),
        )
        for row in table
    ]


# --- socket


@dataclass(frozen=True, slots=True)
class Status:
    """connected, auth_success, auth_failed, auth_timeout, success, max_connections, error …"""

    status: str
    words: str

    @property
    def topic(self) -> str | None:
        """The topic that an ack is of: `subscribed to: T.AAPL`."""
        head, colon, topic = self.words.partition(": ")
        return topic.strip() if colon and head.endswith("subscribed to") else None


def frames(body: str | bytes, received_ns: int, known: Conditions, feed: Feed = Feed.SIP) -> list[FeedEvent | Status]:
    """One message of the socket, always an array, in its order. Raises BadPayload."""
    told = decoded(body)
    if not isinstance(told, list):
        raise BadPayload(f"a frame must be an array, was {told!r:.40}")
    made: list[FeedEvent | Status] = []
    for each in told:
        row = members(each, "an event")
        reader = READERS.get(str(row.get("ev")))
        if row.get("ev") == "status":
            made.append(Status(str(row.get("status", "")), str(row.get("message", ""))[:SHOWN]))
        elif reader is not None:
            event = reader(row, received_ns, known, feed)
            made += [] if event is None else [event]
        elif row.get("ev") not in SILENT:
            raise BadPayload(f"ev must be one of the documented channels, was {row.get('ev')!r:.40}")
    return made


SILENT = ("NOI", "FMV", "V", "C", "CA", "CAS")
"""Channels that are never asked for and say nothing of quotes, trades or books of stocks and crypto."""


def _ws_trade(row: Mapping[str, Any], received_ns: int, known: Conditions, feed: Feed) -> FeedEvent:
    sequence = whole(row["q"], "q") if row.get("q") is not None else None
    origin = Origin(PROVIDER, feed, ns(row.get("t"), NS_PER_MS, "t"), received_ns, sequence)
    symbol, flags = our_symbol(text(row.get("sym"), "sym")), known.of(rows(row.get("c"), "c"))
    return FeedTrade(
        symbol, amount(row.get("p"), "p"), amount(row.get("s"), "s"), origin, _id(row.get("i")), flags=flags
    )


def _ws_quote(row: Mapping[str, Any], received_ns: int, known: Conditions, feed: Feed) -> FeedEvent:
    sequence = whole(row["q"], "q") if row.get("q") is not None else None
    origin = Origin(PROVIDER, feed, ns(row.get("t"), NS_PER_MS, "t"), received_ns, sequence)
    return _quote(our_symbol(text(row.get("sym"), "sym")), row, ("bp", "bs", "ap", "as"), origin, ROUND_LOT)


def _ws_minute(row: Mapping[str, Any], received_ns: int, known: Conditions, feed: Feed) -> FeedEvent:
    return _ws_bar(row, "sym", Timeframe.M1, received_ns, feed)


def _ws_second(row: Mapping[str, Any], received_ns: int, known: Conditions, feed: Feed) -> FeedEvent:
    return _ws_bar(row, "sym", Timeframe.S1, received_ns, feed)


def _ws_pair_minute(row: Mapping[str, Any], received_ns: int, known: Conditions, feed: Feed) -> FeedEvent:
    return _ws_bar(row, "pair", Timeframe.M1, received_ns, Feed.CRYPTO)


def _ws_pair_second(row: Mapping[str, Any], received_ns: int, known: Conditions, feed: Feed) -> FeedEvent:
    return _ws_bar(row, "pair", Timeframe.S1, received_ns, Feed.CRYPTO)


def _ws_bar(row: Mapping[str, Any], name: str, timeframe: Timeframe, received_ns: int, feed: Feed) -> FeedBar:
    start = ns(row.get("s"), NS_PER_MS, "s")
    origin = Origin(PROVIDER, feed, ns(row.get("e"), NS_PER_MS, "e"), received_ns)
    symbol = _pair(row) if name == "pair" else our_symbol(text(row.get(name), name))
    opened, high, low, close, volume = (amount(row.get(key), key) for key in "ohlcv")
    vwap = amount_or_none(row.get("vw"), "vw")
    return FeedBar(symbol, timeframe, start, opened, high, low, close, volume, origin, vwap)


def _ws_band(row: Mapping[str, Any], received_ns: int, known: Conditions, feed: Feed) -> FeedEvent | None:
    """LULD: the symbol is in `T`. Its documents say ms and its samples are µs, so here alone the size decides.

    Indicator 17 is a pause of trading, 18 its end.
    """
    codes = rows(row.get("i"), "i")
    symbol = our_symbol(text(row.get("T"), "T"))
    unit = NS_PER_MS if whole(row.get("t"), "t") < FIRST_MICROSECONDS else NS_PER_US
    origin = Origin(PROVIDER, feed, ns(row.get("t"), unit, "t"), received_ns)
    if PAUSED in codes or RESUMED in codes:
        return FeedHalt(symbol, PAUSED in codes, "limit up, limit down", origin)
    return None


PAUSED, RESUMED = 17, 18
FIRST_MICROSECONDS = 10**14


def _ws_crypto_trade(row: Mapping[str, Any], received_ns: int, known: Conditions, feed: Feed) -> FeedEvent:
    origin = Origin(PROVIDER, Feed.CRYPTO, ns(row.get("t"), NS_PER_MS, "t"), received_ns)
    return FeedTrade(_pair(row), amount(row.get("p"), "p"), amount(row.get("s"), "s"), origin, _id(row.get("i")))


def _ws_crypto_quote(row: Mapping[str, Any], received_ns: int, known: Conditions, feed: Feed) -> FeedEvent:
    origin = Origin(PROVIDER, Feed.CRYPTO, ns(row.get("t"), NS_PER_MS, "t"), received_ns)
    return _quote(_pair(row), row, ("bp", "bs", "ap", "as"), origin, Decimal(1))


def _ws_crypto_book(row: Mapping[str, Any], received_ns: int, known: Conditions, feed: Feed) -> FeedEvent:
    origin = Origin(PROVIDER, Feed.CRYPTO, ns(row.get("t"), NS_PER_MS, "t"), received_ns)
    bids, asks = (tuple(_level(each) for each in rows(row.get(side), side)) for side in "ba")
    return FeedBook(_pair(row), bids, asks, True, origin)


def _pair(row: Mapping[str, Any]) -> str:
    return text(row.get("pair"), "pair").replace("-", "/")


def _level(row: Any) -> PriceLevel:
    told = rows(row, "a level")
    if len(told) != 2:
        raise BadPayload(f"a level must be price and size, was {row!r:.40}")
    return amount(told[0], "price"), amount(told[1], "size")


READERS = {
    "T": _ws_trade,
    "Q": _ws_quote,
    "AM": _ws_minute,
    "A": _ws_second,
    "LULD": _ws_band,
    "XT": _ws_crypto_trade,
    "XQ": _ws_crypto_quote,
    "XL2": _ws_crypto_book,
    "XA": _ws_pair_minute,
    "XAS": _ws_pair_second,
}
