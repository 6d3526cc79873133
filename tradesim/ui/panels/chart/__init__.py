"""The chart: a canvas under Plotly's axes, with a simple Plotly chart and a table to fall back on."""

from dash import Dash, html

from tradesim.desk.desk import Desk
from tradesim.ui.panels.chart import callbacks
from tradesim.ui.panels.chart.layout import panel


def layout(_desk: Desk) -> html.Div:
    return panel()


def register(app: Dash, desk: Desk) -> None:
    callbacks.register(app, desk)
