"""IEX Cloud as it was until 2024-08-31: recorded answers in normal form. Errors are plain text, 0 is no bid or ask."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tradesim.kernel.clock import NS_PER_MS, NS_PER_SECOND
from tradesim.kernel.errors import (
    BadKey,
    BadPayload,
    NotEntitled,
    ProviderError,
    RateLimited,
    RetryLater,
    UnknownSymbol,
)
from tradesim.model.feed import Feed, FeedBar, FeedQuote, FeedTrade, Listing, Origin
from tradesim.model.instrument import AssetClass
from tradesim.model.market import Timeframe
from tradesim.providers.decoding import decoded
from tradesim.providers.fields import NEW_YORK, amount, amount_or_none, members, ns, ns_of_wall, rows, text

PROVIDER = "iexcloud"
OUTAGE_S, TOO_MANY_S = 5.0, 60.0
SHOWN = 160
NAMES_BY_COLUMNS = {
    False: ("open", "high", "low", "close", "volume", "average"),
    True: ("marketOpen", "marketHigh", "marketLow", "marketClose", "marketVolume", "marketAverage"),
}


def judge(status: int, said: str) -> None:
    """Raises what an answer other than 200 means. An invalid range was refused as an invalid key."""
    if status == 200:
        return
    raise _error(status, _words(said))


def _error(status: int, words: str) -> ProviderError:
    if status == 404:
        return UnknownSymbol(f"IEX Cloud knows no such symbol: {words}")
    if status in (401, 403):
        return BadKey(f"IEX Cloud refused the key, or the range asked for: {words}")
    if status in (402, 451):
        return NotEntitled(f"IEX Cloud does not give this on the key's plan: {words}")
    if status == 429:
        return RateLimited(f"IEX Cloud: too many requests: {words}", TOO_MANY_S)
    if status >= 500:
        return RetryLater(f"IEX Cloud has trouble of its own (HTTP {status}): {words}", OUTAGE_S)
    return BadPayload(f"IEX Cloud would not take the request (HTTP {status}): {words}")


def _words(said: str) -> str:
    try:
        found = decoded(said)
    except BadPayload:
        return said.strip()[:SHOWN] or "nothing"
    return str(found.get("error", found) if isinstance(found, dict) else found)[:SHOWN]


def quote(found: Any, received_ns: int) -> FeedQuote:
    """`/stock/{symbol}/quote` and `/crypto/{symbol}/quote`. IEX's own bid and ask were null without an UTP licence."""
    row = members(found, "a quote")
    symbol = text(row.get("symbol"), "symbol")
    is_crypto = row.get("sector") == "cryptocurrency"
    prefix = "bid", "ask"
    bid, bid_qty = (_told(row, prefix[0], what, is_crypto) for what in ("Price", "Size"))
    ask, ask_qty = (_told(row, prefix[1], what, is_crypto) for what in ("Price", "Size"))
    when = next((row[key] for key in ("iexLastUpdated", "latestUpdate", "closeTime") if row.get(key)), None)
    feed = Feed.CRYPTO if is_crypto else Feed.IEX
    origin = Origin(PROVIDER, feed, ns(when, NS_PER_MS, "latestUpdate"), received_ns)
    last, previous = (
        amount_or_none(row.get("latestPrice"), "latestPrice"),
        amount_or_none(row.get("previousClose"), "previousClose"),
    )
    return FeedQuote(
        symbol,
        bid,
        ask,
        origin,
        bid_qty if bid is not None else None,
        ask_qty if ask is not None else None,
        last,
        previous,
    )


def _told(row: Mapping[str, Any], side: str, what: str, is_crypto: bool) -> Decimal | None:
    key = f"{side}{what}" if is_crypto else f"iex{side.capitalize()}{what}"
    return amount_or_none(row.get(key), key)


def quotes(found: Any, received_ns: int) -> list[FeedQuote]:
    return [quote(row, received_ns) for row in rows(found, "quotes")]


def bars(found: Any, symbol: str, received_ns: int, consolidated: bool = False) -> list[FeedBar]:
    """Any chart, oldest first: minutes by `minute`, days else. Minutes in which IEX saw no trade are left out.

    `consolidated` takes the `market…` columns of minutes, which are those of all exchanges.
    """
    table = members(found, "a chart")["data"] if isinstance(found, dict) else found
    made = [_bar(members(row, "a bar"), symbol, received_ns, consolidated) for row in rows(table, "a chart")]
    return sorted((bar for bar in made if bar is not None), key=lambda bar: bar.start)


def _bar(row: Mapping[str, Any], symbol: str, received_ns: int, consolidated: bool) -> FeedBar | None:
    is_minute = "minute" in row
    names = NAMES_BY_COLUMNS[consolidated and is_minute]
    if row.get(names[3]) is None or (is_minute and not amount(row.get(names[4]), names[4])):
        return None
    day = text(row.get("date"), "date")
    start = ns_of_wall(f"{day} {row['minute']}" if is_minute else day, NEW_YORK, "date")
    timeframe = Timeframe.M1 if is_minute else Timeframe.D1
    opened, high, low, close, volume = (amount(row.get(name), name) for name in names[:5])
    feed = Feed.IEX if is_minute and not consolidated else Feed.SIP
    origin = Origin(PROVIDER, feed, min(start + timeframe.ns, received_ns), received_ns)
    vwap = amount_or_none(row.get(names[5]), names[5]) if is_minute else None
    return FeedBar(symbol, timeframe, start, opened, high, low, close, volume, origin, vwap)


def tops(row: Any, received_ns: int) -> FeedQuote:
    """One TOPS message, of REST or of the socket.io stream (where it came as JSON in a string)."""
    told = members(decoded(row) if isinstance(row, str) else row, "a TOPS message")
    bid, ask = amount_or_none(told.get("bidPrice"), "bidPrice"), amount_or_none(told.get("askPrice"), "askPrice")
    origin = Origin(PROVIDER, Feed.IEX, ns(told.get("lastUpdated"), NS_PER_MS, "lastUpdated"), received_ns)
    return FeedQuote(
        text(told.get("symbol"), "symbol"),
        bid,
        ask,
        origin,
        amount_or_none(told.get("bidSize"), "bidSize") if bid is not None else None,
        amount_or_none(told.get("askSize"), "askSize") if ask is not None else None,
        amount_or_none(told.get("lastSalePrice"), "lastSalePrice"),
    )


def ohlc(found: Any, symbol: str, received_ns: int) -> FeedBar:
    """`/stock/{symbol}/ohlc`: the day so far. Its volume was never told: 0."""
    row = members(found, "open, high, low, close")
    opened, closed = members(row.get("open"), "open"), members(row.get("close"), "close")
    first, last = amount(opened.get("price"), "open"), amount(closed.get("price"), "close")
    start = ns(opened.get("time"), NS_PER_MS, "time") // Timeframe.D1.ns * Timeframe.D1.ns
    high = amount_or_none(row.get("high"), "high") or max(first, last)
    low = amount_or_none(row.get("low"), "low") or min(first, last)
    origin = Origin(PROVIDER, Feed.SIP, ns(closed.get("time"), NS_PER_MS, "time"), received_ns)
    day = ns_of_wall(_day(start), NEW_YORK, "time")
    return FeedBar(symbol, Timeframe.D1, day, first, high, low, last, Decimal(0), origin)


def _day(start: int) -> str:
    return datetime.fromtimestamp(start // NS_PER_SECOND, UTC).date().isoformat()


def price(found: Any) -> Decimal:
    return amount(found, "a price")


def large_trades(found: Any, symbol: str, received_ns: int) -> list[FeedTrade]:
    table = (members(row, "a trade") for row in rows(found, "largest trades"))
    return [
        FeedTrade(
            symbol,
            amount(row.get("price"), "price"),
            amount(row.get("size"), "size"),
            Origin(PROVIDER, Feed.SIP, ns(row.get("time"), NS_PER_MS, "time"), received_ns),
        )
        for row in table
    ]


def rates(found: Any, received_ns: int) -> list[FeedQuote]:
    """`/fx/latest`."""
    table = (members(row, "a rate") for row in rows(found, "rates"))
    return [
        FeedQuote(
            f"{row['symbol'][:3]}/{row['symbol'][3:]}",
            None,
            None,
            Origin(PROVIDER, Feed.REFERENCE, ns(row.get("timestamp"), NS_PER_MS, "timestamp"), received_ns),
            last=amount(row.get("rate"), "rate"),
        )
        for row in table
        if text(row.get("symbol"), "symbol")
    ]


def listings(found: Any) -> list[Listing]:
    """`/ref-data/…/symbols`."""
    table = (members(row, "a symbol") for row in rows(found, "symbols"))
    return [
        Listing(
            text(row.get("symbol"), "symbol"),
            text(row.get("name"), "name"),
            AssetClass.US_EQUITY,
            PROVIDER,
            str(row.get("exchange", "")),
        )
        for row in table
    ]
