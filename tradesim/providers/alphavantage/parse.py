"""Alpha Vantage: everything is HTTP 200, so the body alone tells. Values are strings, times naive, newest first."""

import csv
import io
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tradesim.kernel.errors import (
    BadKey,
    BadPayload,
    NotEntitled,
    NotOffered,
    ProviderError,
    RateLimited,
    RetryLater,
    UnknownSymbol,
)
from tradesim.model.feed import Feed, FeedBar, FeedQuote, Listing, Origin
from tradesim.model.instrument import AssetClass
from tradesim.model.market import Timeframe
from tradesim.providers.decoding import decoded
from tradesim.providers.fields import NEW_YORK, amount, amount_or_none, day_of, members, ns_of_wall, rows, text, zone_of
from tradesim.providers.standing import NotThisTime

PROVIDER = "alphavantage"
NUMBERING = re.compile(r"^\d+[.:]\s*")
ECHO = re.compile(r"(?i)(api ?key as |apikey=)[^\s&|)]+")
NOTICES = ("Information", "Note", "Error Message")
SECOND_S, MINUTE_S, DAY_S, OUTAGE_S = 2.0, 60.0, 86_400.0, 60.0
CLASSES = {
    "Cryptocurrency": AssetClass.CRYPTO,
    "Digital Currency": AssetClass.CRYPTO,
    "Physical Currency": AssetClass.FOREX,
}


def judge(status: int, said: str, after_s: float | None = None) -> None:
    """Raises what an answer means that is not data. `said` is its text without keys."""
    if status >= 500:
        raise RetryLater(f"Alpha Vantage has trouble of its own (HTTP {status})", after_s or OUTAGE_S)
    if status == 429:
        raise RateLimited("Alpha Vantage: too many requests", after_s or MINUTE_S)
    if status != 200:
        raise BadPayload(f"Alpha Vantage answers 200 to everything, found HTTP {status}")
    if said.lstrip().startswith("{"):
        found = members(decoded(said), "an answer of Alpha Vantage")
        for words in (found[key] for key in NOTICES if isinstance(found.get(key), str)):
            raise notice(words)


def notice(words: str) -> ProviderError:
    """Told by its text, the narrower limits first: the burst notice names the daily limit as well."""
    said = f"Alpha Vantage says: {without_key(words)[:200]}"
    low = words.lower()
    if "1 request per second" in low or "sparingly" in low or "burst" in low:
        return RateLimited(said, SECOND_S)
    if "per minute" in low:
        return RateLimited(said, MINUTE_S)
    if "per day" in low:
        return RateLimited(said, DAY_S)
    if "premium" in low:
        return NotThisTime(said) if "parameter" in low else NotEntitled(said)
    if "apikey" in low.split("http")[0] or "api key" in low:
        return BadKey(said)
    if "internal or external error" in low or "apologize" in low:
        return RetryLater(said, OUTAGE_S)
    if "invalid api call" in low:
        return NotOffered(said)
    return BadPayload(said)


def without_key(words: str) -> str:
    """The vendor's words less the key that it echoes."""
    return ECHO.sub(r"\1***", words)


Found = Mapping[str, Any]


def body(found: Any) -> Found:
    return members(found, "an answer of Alpha Vantage")


def named(row: Mapping[str, Any]) -> dict[str, Any]:
    """Keys without their numbering, which differs from function to function."""
    return {NUMBERING.sub("", key): value for key, value in row.items()}


def quote(found: Mapping[str, Any], received_ns: int) -> FeedQuote:
    """GLOBAL_QUOTE. It has a date and no time of day: the close of that day once it has passed, else its midnight."""
    row = named(members(found.get("Global Quote", {}), "Global Quote"))
    if not row:
        raise UnknownSymbol("Alpha Vantage knows no such symbol: its quote is empty")
    origin = Origin(PROVIDER, Feed.END_OF_DAY, _time_of_day(row, received_ns), received_ns)
    last, previous = (
        amount(row.get("price"), "05. price"),
        amount_or_none(row.get("previous close"), "08. previous close"),
    )
    return FeedQuote(text(row.get("symbol"), "01. symbol"), None, None, origin, last=last, prev_close=previous)


def _time_of_day(row: Mapping[str, Any], received_ns: int) -> int:
    day = day_of(row.get("latest trading day"), "07. latest trading day").isoformat()
    close = ns_of_wall(f"{day} 16:00:00", NEW_YORK, "07. latest trading day")
    return close if close <= received_ns else ns_of_wall(day, NEW_YORK, "07. latest trading day")


def rate(found: Mapping[str, Any], received_ns: int) -> FeedQuote:
    """CURRENCY_EXCHANGE_RATE."""
    row = named(members(found.get("Realtime Currency Exchange Rate", {}), "Realtime Currency Exchange Rate"))
    if not row:
        raise UnknownSymbol("Alpha Vantage knows no such pair: its rate is empty")
    when = ns_of_wall(row.get("Last Refreshed"), zone_of(row.get("Time Zone"), "7. Time Zone"), "6. Last Refreshed")
    symbol = f"{text(row.get('From_Currency Code'), '1.')}/{text(row.get('To_Currency Code'), '3.')}"
    bid, ask = (amount_or_none(_sound(row.get(key)), key) for key in ("Bid Price", "Ask Price"))
    origin = Origin(PROVIDER, Feed.REFERENCE, when, received_ns)
    return FeedQuote(symbol, bid, ask, origin, last=amount(row.get("Exchange Rate"), "5. Exchange Rate"))


def _sound(value: object) -> object:
    return None if value == "-" else value


def bars(found: Mapping[str, Any], symbol: str, timeframe: Timeframe, received_ns: int) -> list[FeedBar]:
    """Any TIME_SERIES function, oldest first. Minutes without a trade are not in it; a volume left out is 0."""
    series = next((value for key, value in found.items() if "Time Series" in key), None)
    if series is None:
        raise UnknownSymbol(
            f"Alpha Vantage has no series of {symbol}: its answer is {'empty' if not found else 'other'}"
        )
    zone = _zone(found)
    made = [
        _bar(symbol, timeframe, ns_of_wall(when, zone, "a bar's time"), named(members(row, when)), received_ns)
        for when, row in members(series, "a time series").items()
    ]
    return sorted(made, key=lambda bar: bar.start)


def _zone(found: Mapping[str, Any]) -> ZoneInfo:
    meta = named(members(found.get("Meta Data", {}), "Meta Data"))
    return zone_of(meta["Time Zone"], "Time Zone") if "Time Zone" in meta else NEW_YORK


def _bar(symbol: str, timeframe: Timeframe, start: int, row: Mapping[str, Any], received_ns: int) -> FeedBar:
    opened, high, low, close = (amount(row.get(key), key) for key in ("open", "high", "low", "close"))
    volume = amount(row["volume"], "volume") if row.get("volume") is not None else Decimal(0)
    end = start + timeframe.ns
    feed = Feed.END_OF_DAY if timeframe is Timeframe.D1 else Feed.DELAYED
    origin = Origin(PROVIDER, feed, min(end, received_ns), received_ns)
    return FeedBar(symbol, timeframe, start, opened, high, low, close, volume, origin, is_final=end <= received_ns)


def bars_of_csv(body: bytes, symbol: str, timeframe: Timeframe, received_ns: int) -> list[FeedBar]:
    """`datatype=csv`, in either order; a notice comes as JSON even then."""
    words = body.decode("utf-8", "replace").lstrip()
    judge(200, words)
    table = list(csv.DictReader(io.StringIO(words)))
    if table and not {"open", "high", "low", "close"} <= set(table[0]):
        raise BadPayload(f"wanted the columns open, high, low, close, found {', '.join(map(str, table[0]))[:80]}")
    made = [
        _bar(symbol, timeframe, ns_of_wall(_when(row), NEW_YORK, "a bar's time"), row, received_ns) for row in table
    ]
    return sorted(made, key=lambda bar: bar.start)


def _when(row: Mapping[str, Any]) -> object:
    return next((row[key] for key in ("time", "timestamp", "date") if key in row), None)


def listings(found: Mapping[str, Any]) -> list[Listing]:
    """SYMBOL_SEARCH, best first; `exchange` is the region, as no exchange is told."""
    return [_listing(named(members(row, "a match"))) for row in rows(found.get("bestMatches"), "bestMatches")]


def _listing(row: Mapping[str, Any]) -> Listing:
    asset_class = CLASSES.get(str(row.get("type")), AssetClass.US_EQUITY)
    return Listing(
        text(row.get("symbol"), "1. symbol"),
        text(row.get("name"), "2. name"),
        asset_class,
        PROVIDER,
        str(row.get("region", "")),
    )
