"""The callbacks of the Performance view."""

from dash import Dash

from tradesim.desk.desk import Desk


def register(_app: Dash, _desk: Desk) -> None:
    return None
