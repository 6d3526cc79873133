"""Wiring of the blotter: a grid when its tab is first shown, and what is not in the stream: ledger, lots."""

from collections.abc import Callable
from typing import Any

import dash_ag_grid as dag
from dash import ClientsideFunction, Dash, Input, Output, State

from tradesim.desk.desk import Desk
from tradesim.ui.boundary import guarded
from tradesim.ui.ids import Page
from tradesim.ui.panels.blotter.ids import Blotter, Tab
from tradesim.ui.panels.blotter.layout import grid
from tradesim.ui.panels.blotter.ledger import booked
from tradesim.ui.panels.blotter.lots import told


def register(app: Dash, desk: Desk) -> None:
    for tab in Tab:
        app.callback(Output(tab.place, "children"), Input(tab.wanted, "data"), prevent_initial_call=True)(shown(tab))

    @app.callback(
        Output(Blotter.LEDGER_ROWS, "data"),
        Input(Blotter.LEDGER_WISH, "data"),
        State(Page.ACCOUNT, "data"),
        prevent_initial_call=True,
    )
    @guarded(Blotter.PANEL)
    def on_ledger_wanted(wish: dict[str, Any] | None, account: str | None) -> dict[str, Any]:
        return booked(desk, wish, account or "")

    @app.callback(
        Output(Blotter.LOTS_ROWS, "data"),
        Input(Blotter.LOTS_WISH, "data"),
        State(Page.ACCOUNT, "data"),
        prevent_initial_call=True,
    )
    @guarded(Blotter.PANEL)
    def on_lots_wanted(wish: dict[str, Any] | None, account: str | None) -> dict[str, Any]:
        return told(desk, wish, account or "")

    app.clientside_callback(
        ClientsideFunction("tradesim_blotter_lots", "on_lots"),
        Input(Blotter.LOTS_ROWS, "data"),
        prevent_initial_call=True,
    )

    app.clientside_callback(
        ClientsideFunction("tradesim_blotter", "on_ledger"),
        Input(Blotter.LEDGER_ROWS, "data"),
        prevent_initial_call=True,
    )


def shown(tab: Tab) -> Callable[[Any], dag.AgGrid]:
    @guarded(Blotter.PANEL)
    def on_tab_shown(_wanted: Any) -> dag.AgGrid:
        return grid(tab)

    return on_tab_shown
