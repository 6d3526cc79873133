"""What the market shows: instruments, books, bars, sessions; and why each fill of an order happened."""

from collections.abc import Iterator
from typing import Any

import msgspec
from flask import Blueprint, Response, request

from tradesim.api.control.answers import CATALOGUE, REFUSALS, answer, bad, count_in, unknown_symbol
from tradesim.api.control.orders import ORDER_ID, SYMBOL
from tradesim.api.control.reasons import words_of
from tradesim.api.operations import Parameter, query
from tradesim.desk.desk import Desk
from tradesim.desk.views import MarketView, StatusView
from tradesim.model.instrument import Instrument
from tradesim.model.market import Level, Timeframe
from tradesim.model.orders import Fill, Rejection

MOST_BARS, STANDARD_BARS = 10_000, 500
COLUMNS = ("start", "open", "high", "low", "close", "volume")
ABOUT: dict[str, Any] = {"tag": "market", "refusals": REFUSALS}


class BookLevel(msgspec.Struct):
    price: str
    qty: str
    orders: int


class Book(msgspec.Struct):
    """Best first, 50 levels a side."""

    symbol: str
    ts: int
    bids: list[BookLevel]
    asks: list[BookLevel]


class BarColumns(msgspec.Struct):
    """Oldest first, the last bar forming; times in UTC ns, prices in ticks, volume in lots."""

    start: list[int]
    open: list[int]
    high: list[int]
    low: list[int]
    close: list[int]
    volume: list[int]


class SessionOf(msgspec.Struct):
    symbol: str
    session: str
    is_halted: bool


class Sessions(msgspec.Struct):
    """`session_id` names this run of the market; the rest is what each instrument does now."""

    session_id: str
    source: str
    now: int
    instruments: list[SessionOf]


class Reason(msgspec.Struct):
    """One fill of the order, and in words why it happened as it did."""

    fill: Fill
    words: list[str]


def register(api: Blueprint, desk: Desk) -> None:
    views(api, desk)
    bars(api, desk)

    @CATALOGUE.serves(
        api, "GET", "/reasons/{order_id}", "Why each fill of an order happened.", list[Reason],
        parameters=(ORDER_ID,), **ABOUT,
    )  # fmt: skip
    def on_reasons(order_id: str) -> Response:
        order = desk.order(order_id)
        if order is None:
            return answer(Rejection("unknown_order", f"there is no order {order_id}", "order_id"))
        fills = [fill for fill in desk.fills(order.account_id) if fill.order_id == order_id]
        return answer([Reason(fill, list(words_of(fill))) for fill in reversed(fills)])


def views(api: Blueprint, desk: Desk) -> None:
    @CATALOGUE.serves(api, "GET", "/instruments", "What trades, in which steps.", list[Instrument], **ABOUT)
    def on_instruments() -> Response:
        return answer(list(desk.instruments.values()))

    @CATALOGUE.serves(api, "GET", "/book/{symbol}", "The order book.", Book, parameters=(SYMBOL,), **ABOUT)
    def on_book(symbol: str) -> Response:
        view, instrument = desk.market(symbol), desk.instruments.get(symbol)
        return answer(book_of(view, instrument) if view and instrument else unknown_symbol(symbol))

    @CATALOGUE.serves(api, "GET", "/status", "Source, clock, session, journal and faults.", StatusView, **ABOUT)
    def on_status() -> Response:
        return answer(desk.status())

    @CATALOGUE.serves(api, "GET", "/sessions", "Who is open, closed or halted.", Sessions, **ABOUT)
    def on_sessions() -> Response:
        status = desk.status()
        return answer(Sessions(status.session_id, status.source, status.now, list(sessions_of(desk))))


def bars(api: Blueprint, desk: Desk) -> None:
    frame = query("timeframe", "", enum=list(Timeframe), default="1m")
    limit = Parameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MOST_BARS, "default": STANDARD_BARS},
        "The latest so many.",
    )

    @CATALOGUE.serves(
        api, "GET", "/bars/{symbol}", "Bars as columns.", BarColumns, parameters=(SYMBOL, frame, limit), **ABOUT
    )
    def on_bars(symbol: str) -> Response:
        if symbol not in desk.instruments:
            return answer(unknown_symbol(symbol))
        frame, given = request.args.get("timeframe", "1m"), request.args.get("limit", str(STANDARD_BARS))
        count = count_in(given, MOST_BARS)
        if frame not in list(Timeframe):
            return bad("timeframe", f"timeframe must be one of {', '.join(Timeframe)}, was {frame}")
        if count is None:
            return bad("limit", f"limit must be from 1 to {MOST_BARS:,}, was {given}")
        found = desk.bars(symbol, Timeframe(frame), count)
        return answer(dict(zip(COLUMNS, (column.tolist() for column in found.columns()), strict=True)))


def sessions_of(desk: Desk) -> Iterator[SessionOf]:
    for symbol, view in sorted(desk.markets().items()):
        yield SessionOf(symbol, view.session.value, view.is_halted)


def book_of(view: MarketView, instrument: Instrument) -> dict[str, Any]:
    """Prices and quantities as decimals, best first."""

    def side(levels: tuple[Level, ...]) -> list[dict[str, Any]]:
        return [
            {"price": instrument.price(level.price), "qty": instrument.qty(level.qty), "orders": level.orders}
            for level in levels
        ]

    return {"symbol": view.symbol, "ts": view.updated_at, "bids": side(view.top.bids), "asks": side(view.top.asks)}
