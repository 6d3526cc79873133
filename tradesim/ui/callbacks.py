"""Wiring that no single panel owns: symbol, instruments of the present market, faults and notices."""

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State

from tradesim.desk.desk import Desk
from tradesim.ui import symbols
from tradesim.ui.ids import Page
from tradesim.ui.instruments import instruments_data

NAMESPACE = "tradesim_page"


def register(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(Page.INSTRUMENTS, "data"),
        Input(Page.SESSION, "data"),
        Input(Page.LISTED, "data"),
        prevent_initial_call=True,
    )
    def on_other_instruments(_session: str, _listed: list[str] | None) -> dict[str, Any]:
        return instruments_data(desk.instruments)

    symbols.register(app, desk)
    app.clientside_callback(
        ClientsideFunction(NAMESPACE, "on_instruments"),
        Input(Page.INSTRUMENTS, "data"),
        State(Page.SESSION, "data"),
        State(Page.VERSIONS, "data"),
    )
    for store, function in ((Page.SYMBOL, "on_symbol"), (Page.FAULT, "on_fault"), (Page.NOTICE, "on_notice")):
        app.clientside_callback(ClientsideFunction(NAMESPACE, function), Input(store, "data"))
