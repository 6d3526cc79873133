"""Placeholder until the tape panel lands."""

from dash import Dash, html

from tradesim.desk.desk import Desk


def layout(_desk: Desk) -> html.Div:
    return html.Div(id="tape", className="panel")


def register(_app: Dash, _desk: Desk) -> None:
    return None
