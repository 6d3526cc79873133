"""The explanation needs nothing of the server but the stream; assets/why.js tells it."""

from dash import Dash

from tradesim.desk.desk import Desk


def register(_app: Dash, _desk: Desk) -> None:
    return None
