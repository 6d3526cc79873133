"""The skeleton of the Performance view."""

from dash import html

from tradesim.desk.desk import Desk


def layout(_desk: Desk) -> html.Div:
    return html.Div(
        html.Div(html.H2("Performance"), className="view-head"),
        id="performance",
        className="panel",
        **{"aria-label": "Performance"},
    )
