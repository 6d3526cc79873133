"""Placeholder until the replay panel lands."""

from dash import Dash, html

from tradesim.desk.desk import Desk


def layout(_desk: Desk) -> html.Div:
    return html.Div(id="replay", className="panel")


def register(_app: Dash, _desk: Desk) -> None:
    return None
