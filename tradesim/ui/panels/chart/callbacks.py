"""Wiring of the chart: bars when they are wanted, a fresh Graph on retry, the simple chart once a second."""

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, no_update

from tradesim.desk.desk import Desk
from tradesim.ui.boundary import guarded
from tradesim.ui.panels.chart import columns, figure
from tradesim.ui.panels.chart.ids import Chart
from tradesim.ui.panels.chart.layout import graph


def register(app: Dash, desk: Desk) -> None:
    @app.callback(Output(Chart.BARS, "data"), Input(Chart.WANTED, "data"), prevent_initial_call=True)
    @guarded(Chart.PANEL)
    def on_chart_wanted(wanted: object) -> dict[str, Any]:
        return columns.answer(desk, wanted)

    @app.callback(Output(Chart.GRAPH_SLOT, "children"), Input(Chart.MOUNT, "data"), prevent_initial_call=True)
    @guarded(Chart.PANEL)
    def on_retry(mount: int) -> dcc.Graph:
        return graph(f"{Chart.GRAPH}-{mount}")

    @app.callback(
        Output(Chart.SIMPLE_SLOT, "children"),
        Input(Chart.SIMPLE_TICK, "n_intervals"),
        State(Chart.WANTED, "data"),
        prevent_initial_call=True,
    )
    @guarded(Chart.PANEL)
    def on_simple_due(_ticks: int, wanted: object) -> Any:
        return simple_graph(desk, wanted)

    app.clientside_callback(
        ClientsideFunction("tradesim_chart", "on_bars"), Input(Chart.BARS, "data"), prevent_initial_call=True
    )


def simple_graph(desk: Desk, raw: object) -> Any:
    """The simple chart of what the browser last asked for; nothing new while that is not known."""
    wanted = columns.wanted_of(raw)
    if isinstance(wanted, str) or wanted.symbol not in desk.instruments:
        return no_update
    bars = desk.bars(wanted.symbol, wanted.timeframe, figure.SIMPLE_BARS)
    made = figure.simple(bars, desk.instruments[wanted.symbol], wanted.timeframe, desk.status().zone)
    return dcc.Graph(
        id=Chart.SIMPLE, figure=made, config={"displayModeBar": False, "scrollZoom": True}, responsive=True
    )
