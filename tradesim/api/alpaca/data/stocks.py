"""`/v2/stocks/…`: bars, trades and quotes of shares, their latest, and snapshots."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, request

from tradesim.api.alpaca.data import shapes
from tradesim.api.alpaca.data.asking import (
    ADJUSTMENTS,
    CURRENCIES,
    FEEDS,
    MOST,
    SORTS,
    STANDARD_LIMIT,
    Query,
    Span,
    answered,
    checked,
)
from tradesim.api.alpaca.data.columns import day_start
from tradesim.api.alpaca.data.doors import CATALOGUE, REFUSALS, Doors, guarded
from tradesim.api.alpaca.data.paging import paged
from tradesim.api.alpaca.data.showing import Pick, Showing
from tradesim.api.alpaca.data.times import FRAME_PATTERN, NEW_YORK
from tradesim.api.operations import Parameter, query, required

SYMBOLS = required("symbols", "Comma-separated.", minLength=1, pattern=r"^[A-Za-z0-9][A-Za-z0-9./_,-]{0,199}$")
SYMBOL = Parameter("symbol", {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,23}$"}, "", "path")
TIMEFRAME = required("timeframe", "As `1Min`, `4Hour`, `1Day`, `1Week`, `3Month`.", pattern=FRAME_PATTERN)
MOMENT = "RFC 3339, or a date: its midnight in the market's zone. Included."
SPAN = (
    query("start", MOMENT + " The beginning of the present day, where it is not given."),
    query("end", MOMENT + " Now, where it is not given; nothing later is ever shown."),
    Parameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": STANDARD_LIMIT},
        "Rows of all symbols together.",
    ),
    query("page_token", "`next_page_token` of the page before."),
    query("sort", "By time.", enum=list(SORTS)),
)
FEED = (
    query("feed", "All show this one market; `delayed_sip` as it was 15 minutes ago.", enum=list(FEEDS)),
    query("currency", "Prices are in the currency in which it trades.", enum=list(CURRENCIES)),
)
ADJUSTMENT = query(
    "adjustment",
    f"Comma-separated: {', '.join(sorted(ADJUSTMENTS))}. For what companies did that is known here.",
)
ASOF = query("asof", "Symbols do not change their names here.")

BARS, BARS_OF_ONE = shapes.page("bars", shapes.Bar)
TRADES, TRADES_OF_ONE = shapes.page("trades", shapes.Trade)
QUOTES, QUOTES_OF_ONE = shapes.page("quotes", shapes.Quote)
LATEST_BARS, LATEST_BAR = shapes.latest("bars", shapes.Bar)
LATEST_TRADES, LATEST_TRADE = shapes.latest("trades", shapes.Trade)
LATEST_QUOTES, LATEST_QUOTE = shapes.latest("quotes", shapes.Quote)

Latest = Callable[[Showing, str, int], Any]


def register(server: Flask, doors: Doors) -> None:
    api = Blueprint("stocks", __name__, url_prefix="/v2/stocks")
    guarded(api, doors.keys)
    history(api, doors, "bars", BARS, BARS_OF_ONE, (TIMEFRAME, *SPAN, ADJUSTMENT, ASOF, *FEED))
    history(api, doors, "trades", TRADES, TRADES_OF_ONE, (*SPAN, ASOF, *FEED))
    history(api, doors, "quotes", QUOTES, QUOTES_OF_ONE, (*SPAN, ASOF, *FEED))
    latest(api, doors, "bars", LATEST_BARS, LATEST_BAR, Showing.latest_bar)
    latest(api, doors, "trades", LATEST_TRADES, LATEST_TRADE, Showing.latest_trade)
    latest(api, doors, "quotes", LATEST_QUOTES, LATEST_QUOTE, Showing.latest_quote)
    snapshots(api, doors)
    server.register_blueprint(api)


def history(api: Blueprint, doors: Doors, name: str, many: type, one: type, parameters: tuple[Parameter, ...]) -> None:
    about = f"Past {name}"

    @CATALOGUE.serves(
        api, "GET", f"/{name}", f"{about} of many symbols.", many, parameters=(SYMBOLS, *parameters), refusals=REFUSALS
    )
    def on_many() -> Response:
        asked = Query(request.args)
        page = paged(asked.symbols(), *span_and_pick(doors, asked, name))
        return answered({name: page.rows, "next_page_token": page.next_page_token})

    @CATALOGUE.serves(
        api, "GET", f"/{{symbol}}/{name}", f"{about} of one.", one, parameters=(SYMBOL, *parameters), refusals=REFUSALS
    )
    def on_one(symbol: str) -> Response:
        asked, wanted = Query(request.args), checked(symbol)
        page = paged([wanted], *span_and_pick(doors, asked, name))
        rows = page.rows.get(wanted, [])
        return answered({name: rows, "symbol": wanted, "next_page_token": page.next_page_token})


def span_and_pick(doors: Doors, asked: Query, name: str) -> tuple[Span, Pick]:
    """What the plan lets be seen."""
    showing, feed = doors.showing, feed_of(asked)
    now = showing.now
    span = asked.span(day_start(now, NEW_YORK), now, NEW_YORK)
    doors.plan.check_span(feed, span.end, now)
    span = span.delayed(doors.plan.latest(feed, now))
    if name != "bars":
        return span, showing.trades if name == "trades" else showing.quotes
    return span, showing.bars(asked.frame(), asked.adjustment())


def feed_of(asked: Query) -> str:
    asked.one_of("currency", CURRENCIES, "USD")
    return asked.one_of("feed", FEEDS, "sip")


def latest(api: Blueprint, doors: Doors, name: str, many: type, one: type, find: Latest) -> None:
    @CATALOGUE.serves(
        api, "GET", f"/{name}/latest", f"Latest {name}.", many, parameters=(SYMBOLS, *FEED), refusals=REFUSALS
    )
    def on_many() -> Response:
        asked, showing = Query(request.args), doors.showing
        until = seen_until(doors, asked, showing)
        found = {symbol: find(showing, symbol, until) for symbol in asked.symbols()}
        return answered({name: {symbol: shape for symbol, shape in found.items() if shape is not None}})

    @CATALOGUE.serves(
        api,
        "GET",
        f"/{{symbol}}/{name}/latest",
        f"Latest of the {name} of one symbol.",
        one,
        parameters=(SYMBOL, *FEED),
        refusals=REFUSALS,
    )
    def on_one(symbol: str) -> Response:
        wanted, showing = checked(symbol), doors.showing
        found = find(showing, wanted, seen_until(doors, Query(request.args), showing))
        return answered({"symbol": wanted, name.removesuffix("s"): found})


def seen_until(doors: Doors, asked: Query, showing: Showing) -> int:
    return doors.plan.latest(feed_of(asked), showing.now, is_history=False)


def snapshots(api: Blueprint, doors: Doors) -> None:
    @CATALOGUE.serves(
        api,
        "GET",
        "/snapshots",
        "Latest trade, quote and bars of many symbols.",
        dict[str, shapes.Snapshot],
        parameters=(SYMBOLS, *FEED),
        refusals=REFUSALS,
    )
    def on_snapshots() -> Response:
        asked, showing = Query(request.args), doors.showing
        until = seen_until(doors, asked, showing)
        found = {symbol: showing.snapshot(symbol, until) for symbol in asked.symbols()}
        return answered({symbol: shapes.Snapshot(**each) for symbol, each in found.items() if each is not None})

    @CATALOGUE.serves(
        api,
        "GET",
        "/{symbol}/snapshot",
        "Latest trade, quote and bars of one.",
        shapes.SymbolSnapshot,
        parameters=(SYMBOL, *FEED),
        refusals=REFUSALS,
    )
    def on_snapshot(symbol: str) -> Response:
        wanted, showing = checked(symbol), doors.showing
        found = showing.snapshot(wanted, seen_until(doors, Query(request.args), showing)) or NO_SNAPSHOT
        return answered(shapes.SymbolSnapshot(wanted, **found))


NO_SNAPSHOT: dict[str, Any] = dict.fromkeys(
    ("latest_trade", "latest_quote", "minute_bar", "daily_bar", "prev_daily_bar")
)
