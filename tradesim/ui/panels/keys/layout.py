"""The skeleton of the API and keys view."""

from dash import html

from tradesim.desk.desk import Desk


def layout(_desk: Desk) -> html.Div:
    return html.Div(
        html.Div(html.H2("API and keys"), className="view-head"),
        id="keys",
        className="panel",
        **{"aria-label": "API and keys"},
    )
