"""The skeleton of the Journal view."""

from dash import html

from tradesim.desk.desk import Desk


def layout(_desk: Desk) -> html.Div:
    return html.Div(
        html.Div(html.H2("Journal"), className="view-head"),
        id="journal",
        className="panel",
        **{"aria-label": "Journal"},
    )
