"""Polygon (Massive): units differ by field, so each field is read by its documented unit, never by its size.

Lower case is the bid and upper case the ask; sizes of quotes are round lots; what a print may change is told
by the `update_rules` of its conditions.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tradesim.kernel.clock import NS_PER_MS, NS_PER_SECOND
from tradesim.kernel.errors import (
    BadPayload,
    NoData,
)
from tradesim.model.feed import (
    Feed,
    FeedBar,
    FeedBook,
    FeedQuote,
    FeedTrade,
    Origin,
    PriceLevel,
)
from tradesim.model.market import Timeframe
from tradesim.providers.fields import (
    NEW_YORK,
    amount,
    amount_or_none,
    members,
    ns,
    ns_of_wall,
    rows,
    text,
    whole,
)
from tradesim.providers.polygon.conditions import NEVER_WAS, UNDONE, Conditions
from tradesim.providers.polygon.envelope import feed_of, results
from tradesim.providers.polygon.naming import PROVIDER, our_symbol

NS_PER_US = 1_000
ROUND_LOT = Decimal(100)
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
        symbol, amount(row.get("p"), "p"), amount(row.get("s"), "s"), origin, id_of(row.get("i")), flags=flags
    )


def id_of(value: object) -> str | None:
    return None if value is None else str(value)


def last_quote(found: Any, received_ns: int) -> FeedQuote:
    """`/v2/last/nbbo`."""
    row = members(results(found, "a last quote"), "results")
    return _short_quote(row, our_symbol(text(row.get("T"), "T")), feed_of(found), received_ns)


def _short_quote(row: Mapping[str, Any], symbol: str, feed: Feed, received_ns: int) -> FeedQuote:
    sequence = whole(row["q"], "q") if row.get("q") is not None else None
    origin = Origin(PROVIDER, feed, ns(row.get("t"), 1, "t"), received_ns, sequence)
    return quote_of(symbol, row, ("p", "s", "P", "S"), origin, ROUND_LOT)


def quote_of(symbol: str, row: Mapping[str, Any], names: Sequence[str], origin: Origin, unit: Decimal) -> FeedQuote:
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
        quote_of(symbol, row, names, _long_origin(row, feed, received_ns), ROUND_LOT)
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
    return FeedTrade(symbol, price, size, _long_origin(row, feed, received_ns), id_of(row.get("id")), flags=flags)


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
    found = quote_of(symbol, quote, ("p", "s", "P", "S"), Origin(PROVIDER, feed, when, received_ns), ROUND_LOT)
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


def level_of(row: Any) -> PriceLevel:
    told = rows(row, "a level")
    if len(told) != 2:
        raise BadPayload(f"a level must be price and size, was {row!r:.40}")
    return amount(told[0], "price"), amount(told[1], "size")
