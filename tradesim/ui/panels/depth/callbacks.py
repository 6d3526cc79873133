"""The depth panel's work on the server: a Plotly figure, or a table, once a second while the canvas cannot be drawn."""

import logging
from typing import Any

from dash import Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from tradesim.desk.desk import Desk
from tradesim.desk.views import MarketView
from tradesim.model.instrument import Instrument
from tradesim.ui.boundary import guarded
from tradesim.ui.ids import Page
from tradesim.ui.panels.depth.figure import curve
from tradesim.ui.panels.depth.ids import Depth
from tradesim.ui.panels.depth.layout import graph
from tradesim.ui.panels.depth.rows import DepthRow, depth_rows

logger = logging.getLogger(__name__)

COLORS = {"up": "#2ebd9f", "down": "#f6605f", "muted": "#8f99ab", "line": "#232a36"}
FALLBACK_GRAPH = "depth-fallback-graph"


def register(app: Dash, desk: Desk) -> None:
    @app.callback(Output(Depth.GRAPH_SLOT, "children"), Input(Depth.MOUNT, "data"), prevent_initial_call=True)
    @guarded(Depth.PANEL)
    def on_graph_wanted(_at: Any) -> dcc.Graph:
        return graph()

    @app.callback(
        Output(Depth.FALLBACK, "children"),
        Input(Depth.FALLBACK_TIMER, "n_intervals"),
        State(Page.SYMBOL, "data"),
        State(Depth.FALLBACK_MODE, "data"),
        prevent_initial_call=True,
    )
    @guarded(Depth.PANEL)
    def on_fallback_due(_n: int, symbol: str | None, mode: dict[str, Any] | None) -> Component:
        return fallback_of(desk, symbol, mode or {})


def fallback_of(desk: Desk, symbol: str | None, mode: dict[str, Any]) -> Component:
    """The figure where Plotly still works (`mode.kind` is figure), else the table."""
    view = desk.market(symbol) if symbol else None
    if view is None or not (view.top.bids or view.top.asks):
        return html.P(f"No book of {symbol or 'any symbol'} now.", className="panel-empty")
    instrument = desk.instruments[view.symbol]
    if mode.get("kind") == "figure":
        return figure_or_table(view, instrument, {**COLORS, **(mode.get("colors") or {})})
    return table(view.symbol, depth_rows(view, instrument))


def figure_or_table(view: MarketView, instrument: Instrument, colors: dict[str, str]) -> Component:
    try:
        figure = curve(view, instrument, colors)
    except ValueError as error:
        logger.warning("depth figure of %s: %s", view.symbol, error)
        return table(view.symbol, depth_rows(view, instrument))
    return dcc.Graph(id=FALLBACK_GRAPH, figure=figure, config={"displayModeBar": False}, responsive=True)


def table(symbol: str, rows: list[DepthRow]) -> html.Table:
    words = ("Bid to here", "Bid", "Ask", "Offered to here")
    return html.Table(
        [
            html.Caption(f"Depth of {symbol}, once a second"),
            html.Thead(html.Tr([html.Th(word, scope="col") for word in words])),
            html.Tbody([html.Tr([html.Td(text) for text in row]) for row in rows]),
        ],
        className="fallback-table",
    )
