"""Wiring of the ticket: the desk's estimate of the form. Orders go the way of all intents (ui/intents.py)."""

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output
from dash.exceptions import PreventUpdate

from tradesim.desk.desk import Desk
from tradesim.ui.boundary import guarded
from tradesim.ui.ids import Page
from tradesim.ui.panels.ticket.estimates import answer
from tradesim.ui.panels.ticket.ids import Ticket


def register(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(Ticket.ANSWER, "data"),
        Input(Ticket.WISH, "data"),
        Input(Page.ACCOUNT, "data"),
        prevent_initial_call=True,
    )
    @guarded(Ticket.PANEL)
    def on_ticket_changed(wish: dict[str, Any] | None, account: str | None) -> dict[str, Any]:
        if wish is None:
            raise PreventUpdate
        return answer(desk, wish, account or "")

    app.clientside_callback(
        ClientsideFunction("tradesim_ticket", "on_answer"),
        Input(Ticket.ANSWER, "data"),
        prevent_initial_call=True,
    )
