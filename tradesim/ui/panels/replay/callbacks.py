"""The replay dialog's work on the server: the list of recordings, and keeping what is dropped on it."""

from typing import Any, cast

from dash import ClientsideFunction, Dash, Input, Output, State

from tradesim.desk.desk import Desk
from tradesim.ui.boundary import guarded
from tradesim.ui.panels.replay.ids import Replay
from tradesim.ui.panels.replay.recordings import choices_data, kept

NAMESPACE = "tradesim_replay"


def register(app: Dash, desk: Desk) -> None:
    @app.callback(Output(Replay.CHOICES, "data"), Input(Replay.ASKED, "data"), prevent_initial_call=True)
    @guarded(Replay.PANEL)
    def on_recordings_asked(_count: int) -> dict[str, Any]:
        return choices_data(desk)

    @app.callback(
        Output(Replay.UPLOADED, "data"),
        Output(Replay.UPLOAD, "contents"),
        Input(Replay.UPLOAD, "contents"),
        State(Replay.UPLOAD, "filename"),
        prevent_initial_call=True,
    )
    @guarded(Replay.PANEL)
    def on_files_dropped(contents: list[str] | None, names: list[str] | None) -> tuple[dict[str, Any], None]:
        return kept(desk, names or [], contents or []), None

    for store, function in ((Replay.CHOICES, "on_choices"), (Replay.UPLOADED, "on_uploaded")):
        cast(Any, app).clientside_callback(ClientsideFunction(NAMESPACE, function), Input(store, "data"))
