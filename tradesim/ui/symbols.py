"""Symbols that the open market does not have yet: finding them at its provider while one types, and adding one."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, cast

from dash import ClientsideFunction, Dash, Input, Output, dcc
from dash.development.base_component import Component

from tradesim.desk.desk import Desk
from tradesim.desk.providers import Providers
from tradesim.model.commands import AddSymbols
from tradesim.model.orders import Rejection
from tradesim.ui.boundary import guarded

NAMESPACE = "tradesim_symbols"
PANEL = "header"
LONGEST_TEXT = 40
PATIENCE_S = 60.0

Wish = Mapping[str, Any]


class Symbols(StrEnum):
    TYPED = "symbols-typed"
    """dcc.Store: {n, text}: what stands in a search field."""
    FOUND = "symbols-found"
    """dcc.Store: {n, text, found: [{symbol, name}]}."""
    WISHED = "symbols-wished"
    """dcc.Store: {n, symbol}: to be added to the market."""
    ADDED = "symbols-added"
    """dcc.Store: {n, ok, message}."""


def stores() -> list[Component]:
    return [dcc.Store(id=name) for name in Symbols]


def register(app: Dash, desk: Desk) -> None:
    @app.callback(Output(Symbols.FOUND, "data"), Input(Symbols.TYPED, "data"), prevent_initial_call=True)
    @guarded(PANEL)
    def on_typed(wish: Wish | None) -> dict[str, Any]:
        return found_data(desk.providers, wish or {})

    @app.callback(Output(Symbols.ADDED, "data"), Input(Symbols.WISHED, "data"), prevent_initial_call=True)
    @guarded(PANEL)
    def on_wished(wish: Wish | None) -> dict[str, Any]:
        return added_data(desk, wish or {})

    for store, function in ((Symbols.FOUND, "on_found"), (Symbols.ADDED, "on_added")):
        cast(Any, app).clientside_callback(ClientsideFunction(NAMESPACE, function), Input(store, "data"))


def found_data(providers: Providers, wish: Wish) -> dict[str, Any]:
    """What the preferred provider of the open market lists; nothing of one whose quota typing would use up."""
    text = str(wish.get("text") or "").strip()[:LONGEST_TEXT]
    first = next((vendor for vendor in providers.vendors() if vendor.is_first and not vendor.keys), None)
    found = providers.search(text, first.id) if first and text else []
    rows = [] if isinstance(found, Rejection) else [{"symbol": each.symbol, "name": each.name} for each in found]
    return {"n": wish.get("n"), "text": text, "found": rows}


def added_data(desk: Desk, wish: Wish) -> dict[str, Any]:
    answer = desk.submit(AddSymbols((str(wish.get("symbol") or ""),)), PATIENCE_S)
    refusal = answer.message if isinstance(answer, Rejection) else ""
    return {"n": wish.get("n"), "ok": not refusal, "message": refusal}
