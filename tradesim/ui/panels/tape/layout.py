"""The tape's skeleton; its rows are built, recycled and written by assets/tape.js."""

from dash import dcc, html

from tradesim.desk.desk import Desk
from tradesim.ui.attributes import attributes
from tradesim.ui.panels.tape.ids import Tape

COLUMNS = (
    ("time", "Time", "Market time of the print, with milliseconds"),
    ("price", "Price", "Price, and whether it is above (+) or below (−) the print before"),
    ("size", "Size", "Size"),
    ("side", "By", "Who crossed the spread: ▲ a buyer, ▼ a seller"),
)


def layout(_desk: Desk) -> html.Div:
    children = [head(), table(), fallback()]
    return html.Div(children, id=Tape.PANEL, className="panel tape", **attributes(aria_label="Tape"))


def head() -> html.Div:
    return html.Div(
        [
            html.Span(
                "–",
                id=Tape.RATE,
                className="tape-rate",
                title="Prints a second · volume a second, over the last 10 s of market time",
            ),
            html.Label("Size ≥", htmlFor=Tape.MINIMUM + "-input", className="tape-label"),
            html.Span(id=Tape.MINIMUM, className="tape-minimum"),
        ],
        className="tape-head",
    )


def table() -> html.Div:
    columns = [
        html.Span(text, className=f"tape-cell is-{name}", role="columnheader", title=title)
        for name, text, title in COLUMNS
    ]
    return html.Div(
        [
            html.Div(html.Div(columns, className="tape-columns", role="row"), role="rowgroup"),
            html.Div(id=Tape.ROWS, className="tape-rows", role="rowgroup"),
            html.Div(id=Tape.CONDITION, className="tape-condition", hidden=True),
            html.Div(id=Tape.PAUSED, className="tape-paused", hidden=True),
        ],
        id=Tape.TABLE,
        className="tape-table",
        role="table",
        **attributes(aria_label="Time and sales, newest first", aria_live="off"),
    )


def fallback() -> html.Div:
    return html.Div(
        [
            html.Div(id=Tape.FALLBACK, className="panel-fallback"),
            dcc.Interval(id=Tape.FALLBACK_TIMER, interval=1_000, disabled=True),
        ]
    )
