"""Wiring of the Bots view. Stopping waits for a process to end: a few seconds at most, on the callback's own thread."""

import time
from collections.abc import Mapping
from typing import Any, cast

from dash import ClientsideFunction, Dash, Input, Output

from tradesim.desk.desk import Desk
from tradesim.ui.boundary import guarded
from tradesim.ui.panels.bots.deeds import done_data
from tradesim.ui.panels.bots.ids import Bots
from tradesim.ui.panels.bots.rows import rows_data
from tradesim.ui.programs import Programs

NAMESPACE = "tradesim_bots"
Wished = Mapping[str, Any] | None


def register(app: Dash, desk: Desk, programs: Programs) -> None:
    @app.callback(Output(Bots.ROWS, "data"), Input(Bots.ASKED, "data"), prevent_initial_call=True)
    @guarded(Bots.PANEL)
    def on_asked(wish: Wished) -> dict[str, Any]:
        return rows_data(desk, programs, wish or {}, time.time())

    @app.callback(Output(Bots.DONE, "data"), Input(Bots.WISH, "data"), prevent_initial_call=True)
    @guarded(Bots.PANEL)
    def on_wish(wish: Wished) -> dict[str, Any] | None:
        return done_data(programs.bots, wish, desk.retired_names()) if wish else None

    for store, function in ((Bots.ROWS, "on_rows"), (Bots.DONE, "on_done")):
        cast(Any, app).clientside_callback(ClientsideFunction(NAMESPACE, function), Input(store, "data"))
