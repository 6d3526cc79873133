"""Wiring of the watchlist: the past of its sparklines. What moves is painted by assets/watchlist.js."""

from dash import ClientsideFunction, Dash, Input, Output

from tradesim.desk.desk import Desk
from tradesim.ui.boundary import guarded
from tradesim.ui.ids import Page
from tradesim.ui.panels.watchlist.closes import closes
from tradesim.ui.panels.watchlist.ids import Watchlist


def register(app: Dash, desk: Desk) -> None:
    @app.callback(Output(Watchlist.CLOSES, "data"), Input(Page.INSTRUMENTS, "data"))
    @guarded(Watchlist.PANEL)
    def on_market_opened(instruments: dict[str, object]) -> dict[str, list[int]]:
        return closes(desk, [symbol for symbol in instruments if symbol in desk.instruments])

    app.clientside_callback(
        ClientsideFunction("tradesim_watchlist", "on_closes"),
        Input(Watchlist.CLOSES, "data"),
        prevent_initial_call=True,
    )
