"""`/v1beta3/crypto/{loc}/…`: the same of coins, for everybody, and the order book of every symbol."""

from typing import Any

from flask import Blueprint, Flask, Response, request

from tradesim.api.alpaca.data import shapes
from tradesim.api.alpaca.data.asking import LOCATIONS, Query, Refused, Span, answered, shortened
from tradesim.api.alpaca.data.columns import day_start
from tradesim.api.alpaca.data.doors import CATALOGUE, REFUSALS, Doors, guarded
from tradesim.api.alpaca.data.paging import paged
from tradesim.api.alpaca.data.showing import Pick, Showing
from tradesim.api.alpaca.data.stocks import SPAN, SYMBOLS, TIMEFRAME, Latest
from tradesim.api.operations import Parameter

UTC = "UTC"
LOCATION = Parameter("loc", {"type": "string", "enum": list(LOCATIONS)}, "All show this one market.", "path")
FINDERS: dict[str, tuple[Any, Latest]] = {
    "bars": (shapes.Bar, Showing.latest_bar),
    "trades": (shapes.CryptoTrade, Showing.latest_trade),
    "quotes": (shapes.CryptoQuote, Showing.latest_quote),
    "orderbooks": (shapes.OrderBook, lambda showing, symbol, _until: showing.order_book(symbol)),
}


def register(server: Flask, doors: Doors) -> None:
    api = Blueprint("crypto", __name__, url_prefix="/v1beta3/crypto")
    guarded(api, doors.keys, is_open=True)

    @api.before_request
    def on_location() -> None:
        place = (request.view_args or {}).pop("loc", LOCATIONS[0])
        if place not in LOCATIONS:
            raise Refused(f"invalid location: {shortened(place)}")

    for name in ("bars", "trades", "quotes"):
        history(api, doors, name)
    for name in FINDERS:
        latest(api, doors, name)
    snapshots(api, doors)
    server.register_blueprint(api)


def history(api: Blueprint, doors: Doors, name: str) -> None:
    parameters = (LOCATION, SYMBOLS, *((TIMEFRAME,) if name == "bars" else ()), *SPAN)
    many, _ = shapes.page(name, FINDERS[name][0])

    @CATALOGUE.serves(
        api, "GET", f"/{{loc}}/{name}", f"Past {name}.", many, parameters=parameters, refusals=REFUSALS, is_open=True
    )
    def on_history() -> Response:
        asked = Query(request.args)
        page = paged(asked.symbols(), *span_and_pick(doors, asked, name))
        return answered({name: page.rows, "next_page_token": page.next_page_token})


def span_and_pick(doors: Doors, asked: Query, name: str) -> tuple[Span, Pick]:
    showing = doors.coins
    now = showing.now
    span = asked.span(day_start(now, UTC), now, UTC)
    if name == "bars":
        return span, showing.bars(asked.frame())
    return span, showing.trades if name == "trades" else showing.quotes


def latest(api: Blueprint, doors: Doors, name: str) -> None:
    item, find = FINDERS[name]
    many, _ = shapes.latest(name, item)

    @CATALOGUE.serves(
        api,
        "GET",
        f"/{{loc}}/latest/{name}",
        f"Latest {name}.",
        many,
        parameters=(LOCATION, SYMBOLS),
        refusals=REFUSALS,
        is_open=True,
    )
    def on_latest() -> Response:
        showing = doors.coins
        found = {symbol: find(showing, symbol, showing.now) for symbol in Query(request.args).symbols()}
        return answered({name: {symbol: shape for symbol, shape in found.items() if shape is not None}})


def snapshots(api: Blueprint, doors: Doors) -> None:
    @CATALOGUE.serves(
        api,
        "GET",
        "/{loc}/snapshots",
        "Latest trade, quote and bars.",
        shapes.CryptoSnapshots,
        parameters=(LOCATION, SYMBOLS),
        refusals=REFUSALS,
        is_open=True,
    )
    def on_snapshots() -> Response:
        showing = doors.coins
        found = {symbol: showing.snapshot(symbol, showing.now) for symbol in Query(request.args).symbols()}
        made = {symbol: shapes.CryptoSnapshot(**each) for symbol, each in found.items() if each is not None}
        return answered(shapes.CryptoSnapshots(made))
