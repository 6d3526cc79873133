"""Placeholder until the chart panel lands."""

from dash import Dash, html

from tradesim.desk.desk import Desk


def layout(_desk: Desk) -> html.Div:
    return html.Div(id="chart", className="panel")


def register(_app: Dash, _desk: Desk) -> None:
    return None
