"""The ladder's only work on the server: a plain table, once a second, while the live rows cannot be drawn."""

from dash import Dash, Input, Output, State, html

from tradesim.desk.desk import Desk
from tradesim.ui.boundary import guarded
from tradesim.ui.ids import Page
from tradesim.ui.panels.ladder.ids import Ladder
from tradesim.ui.panels.ladder.rows import BookRow, book_rows


def register(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(Ladder.FALLBACK, "children"),
        Input(Ladder.FALLBACK_TIMER, "n_intervals"),
        State(Page.SYMBOL, "data"),
        prevent_initial_call=True,
    )
    @guarded(Ladder.PANEL)
    def on_fallback_due(_n: int, symbol: str | None) -> html.Table | html.P:
        return table_of(desk, symbol)


def table_of(desk: Desk, symbol: str | None) -> html.Table | html.P:
    view = desk.market(symbol) if symbol else None
    if view is None or not (view.top.bids or view.top.asks):
        return html.P(f"No book of {symbol or 'any symbol'} now.", className="panel-empty")
    return table(symbol or "", book_rows(view, desk.instruments[view.symbol]))


def table(symbol: str, rows: list[BookRow]) -> html.Table:
    words = ("Bid size", "Bid", "Ask", "Ask size")
    return html.Table(
        [
            html.Caption(f"Best levels of {symbol}, once a second"),
            html.Thead(html.Tr([html.Th(word, scope="col") for word in words])),
            html.Tbody([html.Tr([html.Td(text) for text in row]) for row in rows]),
        ],
        className="fallback-table",
    )
