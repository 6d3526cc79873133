"""The whole facade as one catalogue: market data describe themselves where they are served, trading is told here."""

from typing import Any

import msgspec

from tradesim.api.alpaca.data.doors import CATALOGUE
from tradesim.api.alpaca.positions import PositionShape
from tradesim.api.alpaca.shapes import OrderShape, UpdateShape
from tradesim.api.operations import Operation, Parameter, query

Text = str | float | int | None
"""Numbers are taken as JSON numbers and as text."""
REFUSALS = (400, 401, 403, 404, 413, 422, 429, 503, 504)
ORDER_ID = Parameter("order_id", {"type": "string", "minLength": 1}, "Any of the ids that an order ever had.", "path")
HELD = Parameter("symbol_or_asset_id", {"type": "string", "minLength": 1}, "", "path")
LIST_ID = Parameter("watchlist_id", {"type": "string", "minLength": 1}, "", "path")
NAME = Parameter("name", {"type": "string", "minLength": 1}, "", is_required=True)
NESTED = query("nested", "Legs inside their parent, which is listed while one of them is open.", enum=["true", "false"])
Outcome = dict[str, Any]


class ExitWish(msgspec.Struct):
    """Of a bracket, OCO or OTO."""

    limit_price: Text = None
    stop_price: Text = None


class OrderWish(msgspec.Struct):
    """Either `qty` or `notional`."""

    symbol: str
    side: str
    type: str
    time_in_force: str
    qty: Text = None
    notional: Text = None
    limit_price: Text = None
    stop_price: Text = None
    trail_price: Text = None
    trail_percent: Text = None
    extended_hours: bool | None = None
    client_order_id: str | None = None
    order_class: str | None = None
    take_profit: ExitWish | None = None
    stop_loss: ExitWish | None = None
    position_intent: str | None = None


class ChangeWish(msgspec.Struct):
    """What is not given stays as it is."""

    qty: Text = None
    time_in_force: str | None = None
    limit_price: Text = None
    stop_price: Text = None
    trail: Text = None
    client_order_id: str | None = None


class ListWish(msgspec.Struct):
    name: str | None = None
    symbols: list[str] | None = None


class SymbolWish(msgspec.Struct):
    symbol: str


class OutcomeOf(msgspec.Struct):
    """One of many that were to be cancelled: how that went, and the order."""

    id: str
    status: int
    body: Outcome


class ClosingOf(msgspec.Struct):
    symbol: str
    status: int
    body: Outcome


def operation(
    method: str, path: str, summary: str, answers: Any, tag: str, *parameters: Parameter, **more: Any
) -> None:
    made = Operation(method, path, summary, tag, answers, parameters, refusals=REFUSALS, **more)
    if all(each.id != made.id for each in CATALOGUE.operations):
        CATALOGUE.operations.append(made)


def describe_orders() -> None:
    filters = (
        query("status", "", enum=["open", "closed", "all"]),
        Parameter("limit", {"type": "integer", "minimum": 1, "maximum": 500}, "50, where it is not given."),
        query("after", "Submitted after; RFC 3339."),
        query("until", "Submitted before; RFC 3339."),
        query("direction", "By submission.", enum=["asc", "desc"]),
        query("symbols", "Comma-separated."),
        query("side", "", enum=["buy", "sell"]),
        query("asset_class", "Comma-separated: us_equity, crypto, all."),
        query("before_order_id", "Submitted before this order."),
        query("after_order_id", "Submitted after this order."),
    )
    client_id = Parameter("client_order_id", {"type": "string", "minLength": 1}, "", is_required=True)
    operation("POST", "/v2/orders", "Send an order.", OrderShape, "orders", body=OrderWish)
    operation("GET", "/v2/orders", "Orders, newest first.", list[OrderShape], "orders", *filters, NESTED)
    operation("DELETE", "/v2/orders", "Cancel all.", list[OutcomeOf], "orders", status=207)
    by_id = "/v2/orders:by_client_order_id"
    operation("GET", by_id, "One order, by the client's own id.", OrderShape, "orders", client_id)
    operation("GET", "/v2/orders/{order_id}", "One order.", OrderShape, "orders", ORDER_ID, NESTED)
    operation("PATCH", "/v2/orders/{order_id}", "Replace it.", OrderShape, "orders", ORDER_ID, body=ChangeWish)
    operation("DELETE", "/v2/orders/{order_id}", "Cancel it.", None, "orders", ORDER_ID, status=204)
    span = (
        query("since", "RFC 3339: what was told then too, as far as it is kept."),
        query("until", "RFC 3339: it ends there."),
        query("since_id", "The event_id to begin after."),
        query("until_id", "The event_id to end with."),
    )
    summary = "What becomes of orders, as server-sent events: one such object in each data line."
    operation("GET", "/v2/events/trades", summary, UpdateShape, "orders", *span, media="text/event-stream")


def describe_account() -> None:
    operation("GET", "/v2/account", "The account that the key opens.", Outcome, "account")
    configurations = "/v2/account/configurations"
    operation("GET", configurations, "What it may do.", Outcome, "account")
    operation("PATCH", configurations, "Change that; what is null stays.", Outcome, "account", body=Outcome)
    history = (
        query("period", "As 1D, 2W, 1M, 1A."),
        query("timeframe", "", enum=["1Min", "5Min", "15Min", "1H", "1D"]),
        query("start", "RFC 3339."),
        query("end", "RFC 3339."),
        query("pnl_reset", "Whether the profit begins anew with each day.", enum=["per_day", "no_reset"]),
        query("cashflow_types", "Comma-separated activities whose sums are told too, or ALL."),
    )
    operation("GET", "/v2/account/portfolio/history", "Equity over time.", Outcome, "account", *history)
    page = (
        query("direction", "", enum=["asc", "desc"]),
        query("date", "One day; without a page_size all of it."),
        query("after", "RFC 3339."),
        query("until", "RFC 3339."),
        Parameter("page_size", {"type": "integer", "minimum": 1, "maximum": 100}, ""),
        query("page_token", "The id of the last one seen."),
    )
    kinds = (
        query("activity_types", "Comma-separated, as FILL, DIV, FEE."),
        query("category", "", enum=["trade_activity", "non_trade_activity"]),
    )
    every = "/v2/account/activities"
    operation("GET", every, "What moved shares and money.", list[Outcome], "account", *kinds, *page)
    one = Parameter("activity_type", {"type": "string", "minLength": 1}, "As FILL, DIV, FEE.", "path")
    operation(
        "GET", "/v2/account/activities/{activity_type}", "The same, of one kind.", list[Outcome], "account", one, *page
    )


def describe_positions() -> None:
    cancel = query("cancel_orders", "Open orders first.", enum=["true", "false"])
    part = (query("qty", "So many of it."), query("percentage", "So much of it, above 0 to 100."))
    operation("GET", "/v2/positions", "What is held.", list[PositionShape], "positions")
    operation("DELETE", "/v2/positions", "Close everything.", list[ClosingOf], "positions", cancel, status=207)
    one = "/v2/positions/{symbol_or_asset_id}"
    operation("GET", one, "One position.", PositionShape, "positions", HELD)
    operation("DELETE", one, "Close it, or a part of it.", OrderShape, "positions", HELD, *part)


def describe_watchlists() -> None:
    tag, one, by_name = "watchlists", "/v2/watchlists/{watchlist_id}", "/v2/watchlists:by_name"
    operation("GET", "/v2/watchlists", "All lists, without their assets.", list[Outcome], tag)
    operation("POST", "/v2/watchlists", "A new list.", Outcome, tag, body=ListWish)
    for path, which in ((one, LIST_ID), (by_name, NAME)):
        operation("GET", path, "One list.", Outcome, tag, which)
        operation("PUT", path, "Its name and symbols.", Outcome, tag, which, body=ListWish)
        operation("POST", path, "One more symbol.", Outcome, tag, which, body=SymbolWish)
        operation("DELETE", path, "Forget it.", None, tag, which, status=204)
    symbol = Parameter("symbol", {"type": "string", "minLength": 1}, "", "path")
    operation("DELETE", one + "/{symbol}", "One symbol less.", Outcome, tag, LIST_ID, symbol)


for describe in (describe_orders, describe_account, describe_positions, describe_watchlists):
    describe()

WHOLE = CATALOGUE
