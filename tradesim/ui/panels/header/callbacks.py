"""The header needs nothing of the server but the live state: assets/header.js does it all in the browser."""

from dash import Dash

from tradesim.desk.desk import Desk


def register(_app: Dash, _desk: Desk) -> None:
    return None
