"""The watchlist's skeleton; assets/watchlist.js makes its rows."""

from dash import dcc, html

from tradesim.desk.desk import Desk
from tradesim.ui.panels.watchlist.ids import Watchlist


def layout(_desk: Desk) -> html.Div:
    return html.Div(
        [
            html.Div([html.H2("Watchlist", className="panel-title"), unit(), edit(), add()], className="panel-head"),
            html.Div(id=Watchlist.FINDER, className="watch-finder", hidden=True),
            html.Ul(id=Watchlist.ROWS, className="watch-rows", **{"aria-label": "Watched instruments"}),
            dcc.Store(id=Watchlist.CLOSES),
        ],
        id=Watchlist.PANEL,
        className="panel",
        role="region",
        **{"aria-label": "Watchlist"},
    )


def unit() -> html.Button:
    """The head of the column of changes says in what they are; a click takes the other."""
    return html.Button(
        "Change",
        id=Watchlist.UNIT,
        className="watch-unit",
        title="Show the change in percent",
    )


def edit() -> html.Button:
    """For fingers only: a mouse finds the tools of a row at its right end."""
    return html.Button(
        html.I(className="bi bi-pencil", **{"aria-hidden": "true"}),
        id=Watchlist.EDIT,
        className="icon-button",
        title="Move and remove rows",
        **{"aria-label": "Move and remove rows", "aria-pressed": "false"},
    )


def add() -> html.Button:
    return html.Button(
        html.I(className="bi bi-plus-lg", **{"aria-hidden": "true"}),
        id=Watchlist.ADD,
        className="icon-button",
        title="Add an instrument",
        **{"aria-label": "Add an instrument", "aria-expanded": "false"},
    )
