"""Placeholder until the ticket panel lands."""

from dash import Dash, html

from tradesim.desk.desk import Desk


def layout(_desk: Desk) -> html.Div:
    return html.Div(id="ticket", className="panel")


def register(_app: Dash, _desk: Desk) -> None:
    return None
