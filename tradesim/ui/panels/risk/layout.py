"""The skeleton of the Risk view."""

from dash import html

from tradesim.desk.desk import Desk


def layout(_desk: Desk) -> html.Div:
    return html.Div(
        html.Div(html.H2("Risk"), className="view-head"),
        id="risk",
        className="panel",
        **{"aria-label": "Risk"},
    )
