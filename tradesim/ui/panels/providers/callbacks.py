"""Wiring of the providers panel. Test and search ask the network, on the callback's own thread, for seconds at most."""

import time
from collections.abc import Mapping
from typing import Any, cast

from dash import ClientsideFunction, Dash, Input, Output

from tradesim.desk.desk import Desk
from tradesim.ui.boundary import guarded
from tradesim.ui.panels.providers.ids import Providers
from tradesim.ui.panels.providers.rows import (
    asked_data,
    found_data,
    kept_data,
    ordered_data,
    reached_data,
    recorded_data,
    tested_data,
)

NAMESPACE = "tradesim_providers"


def register(app: Dash, desk: Desk) -> None:
    @app.callback(Output(Providers.ROWS, "data"), Input(Providers.ASKED, "data"), prevent_initial_call=True)
    @guarded(Providers.PANEL)
    def on_asked(wish: Mapping[str, Any] | None) -> dict[str, Any]:
        return asked_data(desk.providers, wish or {}, time.time_ns())

    @app.callback(Output(Providers.TESTED, "data"), Input(Providers.TEST, "data"), prevent_initial_call=True)
    @guarded(Providers.PANEL)
    def on_test(wish: Mapping[str, Any] | None) -> dict[str, Any]:
        return tested_data(desk.providers, wish or {})

    @app.callback(Output(Providers.RECORDED, "data"), Input(Providers.RECORD, "data"), prevent_initial_call=True)
    @guarded(Providers.PANEL)
    def on_record(wish: Mapping[str, Any] | None) -> dict[str, Any]:
        return recorded_data(desk.providers, wish or {})

    @app.callback(Output(Providers.FOUND, "data"), Input(Providers.SEARCH, "data"), prevent_initial_call=True)
    @guarded(Providers.PANEL)
    def on_search(wish: Mapping[str, Any] | None) -> dict[str, Any]:
        return found_data(desk.providers, wish or {})

    @app.callback(Output(Providers.KEPT, "data"), Input(Providers.KEEP, "data"), prevent_initial_call=True)
    @guarded(Providers.PANEL)
    def on_key_entered(wish: Mapping[str, Any] | None) -> dict[str, Any] | None:
        return kept_data(desk.providers, wish) if wish else None

    @app.callback(Output(Providers.PREFERRED, "data"), Input(Providers.PREFER, "data"), prevent_initial_call=True)
    @guarded(Providers.PANEL)
    def on_ordered(wish: Mapping[str, Any] | None) -> dict[str, Any]:
        return ordered_data(desk.providers, wish or {})

    @app.callback(Output(Providers.REACHED, "data"), Input(Providers.REACH, "data"), prevent_initial_call=True)
    @guarded(Providers.PANEL)
    def on_first_visit(wish: Mapping[str, Any] | None) -> dict[str, Any] | None:
        return reached_data(desk.providers) if wish else None

    shown = (
        (Providers.ROWS, "on_rows"),
        (Providers.TESTED, "on_tested"),
        (Providers.RECORDED, "on_recorded"),
        (Providers.FOUND, "on_found"),
        (Providers.REACHED, "on_reached"),
        (Providers.PREFERRED, "on_preferred"),
        (Providers.KEPT, "on_kept"),
    )
    for store, function in shown:
        cast(Any, app).clientside_callback(ClientsideFunction(NAMESPACE, function), Input(store, "data"))
