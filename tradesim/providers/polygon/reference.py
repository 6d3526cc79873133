"""What Polygon says of instruments, companies and the market's hours."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct

from tradesim.kernel.errors import (
    BadPayload,
    NotEntitled,
    ProviderError,
    UnknownSymbol,
)
from tradesim.model.corporate import Dividend, Split
from tradesim.model.feed import (
    Listing,
)
from tradesim.model.instrument import AssetClass
from tradesim.providers.fields import (
    amount,
    amount_or_none,
    day_of,
    members,
    ns_of_stamp,
    rows,
    text,
)
from tradesim.providers.polygon.envelope import results
from tradesim.providers.polygon.naming import CLASS_BY_MARKET, PROVIDER, our_symbol


def listings(found: Any) -> list[Listing]:
    """`/v3/reference/tickers`, a page or one ticker."""
    told = results(found, "tickers")
    return [_listing(members(row, "a ticker")) for row in ([told] if isinstance(told, dict) else rows(told, "results"))]


def _listing(row: Mapping[str, Any]) -> Listing:
    asset_class = CLASS_BY_MARKET.get(str(row.get("market")), AssetClass.US_EQUITY)
    symbol = our_symbol(text(row.get("ticker"), "ticker"))
    return Listing(symbol, text(row.get("name"), "name"), asset_class, PROVIDER, str(row.get("primary_exchange", "")))


class IndexValue(Struct, frozen=True):
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


class MarketStatus(Struct, frozen=True):
    """`market` is open, closed or extended-hours."""

    market: str
    is_early: bool
    is_late: bool
    ts_event: int


class Holiday(Struct, frozen=True):
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
