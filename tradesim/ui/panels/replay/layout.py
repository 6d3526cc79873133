"""The replay bar and the dialog that opens a recording; assets/replay.js moves both."""

from typing import Any

from dash import dcc, html

from tradesim.desk.desk import Desk
from tradesim.ui.attributes import attributes
from tradesim.ui.panels.replay.ids import Replay
from tradesim.ui.panels.replay.recordings import MAX_BYTES, SUFFIXES

SPEEDS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)


def layout(_desk: Desk) -> html.Div:
    stores = [dcc.Store(id=name) for name in (Replay.ASKED, Replay.CHOICES, Replay.UPLOADED)]
    children = [bar(), dialog(), *stores]
    return html.Div(
        children, id=Replay.PANEL, className="panel replay", role="region", **attributes(aria_label="Replay")
    )


def bar() -> html.Div:
    return html.Div([controls(), scrubber()], id=Replay.BAR, className="replay-bar", hidden=True)


def controls() -> html.Div:
    return html.Div(
        [
            button(Replay.PLAY, icon("play-fill"), "Play (space)", "replay-button is-play"),
            button(Replay.STEP, icon("skip-end-fill"), "Step to the next event (.)"),
            button(Replay.SECOND, "+1 s", "Step one second (Shift .)"),
            button(Replay.MINUTE, "+1 min", "Step one minute"),
            html.Select(
                [html.Option(f"{speed:g}×", value=f"{speed:g}") for speed in SPEEDS],
                id=Replay.SPEED,
                className="replay-button",
                title="Speed ([ slower, ] faster)",
                **attributes(aria_label="Speed of the replay"),
            ),
            html.Span("–", id=Replay.NOW, className="replay-now"),
            html.Span("", id=Replay.STATE, className="replay-state", role="status"),
            button(Replay.OPEN, [icon("folder2-open"), html.Span("Open…")], "Open another recording (O)"),
            button(Replay.EXIT, [icon("box-arrow-left"), html.Span("Exit")], "Back to the simulated market"),
        ],
        className="replay-controls",
        role="toolbar",
        **attributes(aria_label="Replay controls"),
    )


def button(id_: Replay, content: Any, title: str, class_name: str = "replay-button") -> html.Button:
    return html.Button(content, id=id_, className=class_name, title=title, **attributes(aria_label=title))


def icon(name: str) -> html.I:
    return html.I(className=f"bi bi-{name}", **attributes(aria_hidden="true"))


def scrubber() -> html.Div:
    """The track's parts are built by assets/replay.js."""
    words = attributes(aria_label="Time in the recording", aria_valuemin="0", aria_valuemax="1000", aria_valuenow="0")
    return html.Div(id=Replay.SCRUBBER, className="replay-scrubber", role="slider", tabIndex="0", **words)


def dialog() -> html.Dialog:
    return html.Dialog(
        [
            html.Div(
                [
                    html.H2("Open a recording", id="replay-title"),
                    html.Button(
                        icon("x-lg"), id=Replay.CLOSE, className="icon-button", **attributes(aria_label="Close")
                    ),
                ],
                className="dialog-head",
            ),
            html.Div(id=Replay.LIST, className="replay-list"),
            upload(),
            html.Div(id=Replay.FORM, className="replay-form"),
            html.Div(id=Replay.PROGRESS, className="replay-progress", hidden=True, role="status"),
            html.Div(id=Replay.ANSWER, className="replay-answer", role="alert"),
            html.Div(
                html.Button("Replay", id=Replay.START, className="main-button", disabled=True),
                className="dialog-actions",
            ),
        ],
        id=Replay.DIALOG,
        className="sheet-dialog is-wide replay-dialog",
        **attributes(aria_labelledby="replay-title"),
    )


def upload() -> html.Div:
    """The limits stand on the place, so that the browser can refuse a file before it travels."""
    words = html.Div(
        [
            html.Span([icon("upload"), " Drop files here, or choose them"], className="replay-drop-title"),
            html.Span(f"{', '.join(SUFFIXES)} · at most {MAX_BYTES // 1024 // 1024} MiB each"),
        ],
        className="replay-drop",
    )
    place = dcc.Upload(
        words,
        id=Replay.UPLOAD,
        multiple=True,
        className="replay-upload",
        className_active="replay-upload is-over",
    )
    limits = attributes(data_suffixes=" ".join(SUFFIXES), data_most=str(MAX_BYTES))
    return html.Div(place, id=Replay.DROP, **limits)
