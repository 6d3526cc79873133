"""The skeleton of the Bots view."""

from dash import html

from tradesim.desk.desk import Desk


def layout(_desk: Desk) -> html.Div:
    return html.Div(
        html.Div(html.H2("Bots"), className="view-head"),
        id="bots",
        className="panel",
        **{"aria-label": "Bots"},
    )
