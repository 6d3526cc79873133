"""Wiring of the Risk view: its facts while it is open. States and use come over the stream, deeds go as intents."""

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output
from dash.exceptions import PreventUpdate

from tradesim.desk.desk import Desk
from tradesim.ui.boundary import guarded
from tradesim.ui.ids import Page
from tradesim.ui.panels.risk.facts import facts
from tradesim.ui.panels.risk.ids import Risk


def register(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(Risk.FACTS, "data"),
        Input(Risk.TICK, "n_intervals"),
        Input(Risk.WISH, "data"),
        Input(Page.VIEW, "data"),
        Input(Page.ACCOUNT, "data"),
        prevent_initial_call=True,
    )
    @guarded(Risk.PANEL)
    def on_look(_ticks: int, _wish: Any, view: str, account: str | None) -> dict[str, Any]:
        if view != Risk.PANEL:
            raise PreventUpdate
        return facts(desk, account or "")

    app.clientside_callback(
        ClientsideFunction("tradesim_risk", "on_facts"), Input(Risk.FACTS, "data"), prevent_initial_call=True
    )
