"""Wiring of the API view: which keys there are, one more, one less."""

from collections.abc import Mapping
from typing import Any, cast

from dash import ClientsideFunction, Dash, Input, Output

from tradesim.desk.desk import Desk
from tradesim.ui.boundary import guarded
from tradesim.ui.panels.keys.ids import Keys
from tradesim.ui.panels.keys.rows import made_data, revoked_data, rows_data
from tradesim.ui.programs import Programs

NAMESPACE = "tradesim_keys"
Wished = Mapping[str, Any] | None


def register(app: Dash, desk: Desk, programs: Programs) -> None:
    @app.callback(Output(Keys.ROWS, "data"), Input(Keys.ASKED, "data"), prevent_initial_call=True)
    @guarded(Keys.PANEL)
    def on_asked(wish: Wished) -> dict[str, Any]:
        return rows_data(desk, programs.keys, wish or {})

    @app.callback(Output(Keys.MADE, "data"), Input(Keys.MAKE, "data"), prevent_initial_call=True)
    @guarded(Keys.PANEL)
    def on_create(wish: Wished) -> dict[str, Any] | None:
        return made_data(programs, wish) if wish else None

    @app.callback(Output(Keys.REVOKED, "data"), Input(Keys.REVOKE, "data"), prevent_initial_call=True)
    @guarded(Keys.PANEL)
    def on_revoke(wish: Wished) -> dict[str, Any] | None:
        return revoked_data(programs.keys, wish) if wish else None

    for store, function in ((Keys.ROWS, "on_rows"), (Keys.MADE, "on_made"), (Keys.REVOKED, "on_revoked")):
        cast(Any, app).clientside_callback(ClientsideFunction(NAMESPACE, function), Input(store, "data"))
