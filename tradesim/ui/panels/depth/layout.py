"""The depth panel's skeleton: a head with mid, spread and imbalance; canvases under and over Plotly's axes."""

from typing import Any

from dash import dcc, html

from tradesim.desk.desk import Desk
from tradesim.ui.attributes import attributes
from tradesim.ui.panels.depth.figure import axes
from tradesim.ui.panels.depth.ids import Depth

GRAPH_CONFIG: Any = {"staticPlot": True, "displayModeBar": False, "responsive": True}
STAGE_WORDS = attributes(
    aria_label="Depth: quantity up to a price. Arrows choose a price, plus and minus zoom.",
    aria_valuenow="0",
    aria_valuetext="no price chosen",
)


def layout(_desk: Desk) -> html.Div:
    children = [head(), stage(), fallback()]
    return html.Div(children, id=Depth.PANEL, className="panel depth", **attributes(aria_label="Depth"))


def head() -> html.Div:
    return html.Div(
        [
            html.Span("Mid –", id=Depth.MID),
            html.Span("Spread –", id=Depth.SPREAD, className="depth-muted"),
            html.Span(
                [
                    html.Span(html.Span(className="depth-balance-fill", id=Depth.IMBALANCE), className="depth-balance"),
                    html.Span("–", id=Depth.IMBALANCE_TEXT, className="depth-balance-text"),
                ],
                className="depth-balance-box",
                title="Imbalance of the best ten levels: (bid − offered) / (bid + offered)",
            ),
        ],
        className="depth-head",
    )


def stage() -> html.Div:
    return html.Div(
        [
            html.Div(id=Depth.UNDER, className="depth-layer"),
            html.Div(id=Depth.GRAPH_SLOT, className="depth-layer", **attributes(aria_hidden="true")),
            html.Div(id=Depth.OVER, className="depth-layer"),
            html.Div(id=Depth.READOUT, className="depth-readout", hidden=True),
            html.Div(id=Depth.CONDITION, className="depth-condition", hidden=True),
        ],
        id=Depth.STAGE,
        className="depth-stage",
        role="slider",
        tabIndex="0",
        **STAGE_WORDS,
    )


def graph() -> dcc.Graph:
    """Mounted after the first paint: Plotly's library takes the browser a while to read."""
    return dcc.Graph(id=Depth.GRAPH, figure=axes(), config=GRAPH_CONFIG, responsive=True, className="depth-graph")


def fallback() -> html.Div:
    return html.Div(
        [
            html.Div(id=Depth.FALLBACK, className="panel-fallback"),
            dcc.Interval(id=Depth.FALLBACK_TIMER, interval=1_000, disabled=True),
            dcc.Store(id=Depth.FALLBACK_MODE),
            dcc.Store(id=Depth.MOUNT),
        ]
    )
