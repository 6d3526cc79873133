"""The tape's only work on the server: a plain table, once a second, while the live rows cannot be drawn."""

from dash import Dash, Input, Output, State, html

from tradesim.desk.desk import Desk
from tradesim.ui.boundary import guarded
from tradesim.ui.ids import Page
from tradesim.ui.panels.tape.ids import Tape
from tradesim.ui.panels.tape.rows import PrintRow, print_rows


def register(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(Tape.FALLBACK, "children"),
        Input(Tape.FALLBACK_TIMER, "n_intervals"),
        State(Page.SYMBOL, "data"),
        prevent_initial_call=True,
    )
    @guarded(Tape.PANEL)
    def on_fallback_due(_n: int, symbol: str | None) -> html.Table | html.P:
        return table_of(desk, symbol)


def table_of(desk: Desk, symbol: str | None) -> html.Table | html.P:
    view = desk.market(symbol) if symbol else None
    if view is None or not view.tape:
        return html.P(f"No print of {symbol or 'any symbol'} yet.", className="panel-empty")
    return table(view.symbol, print_rows(view, desk.instruments[view.symbol], desk.status().zone))


def table(symbol: str, rows: list[PrintRow]) -> html.Table:
    words = ("Time", "Price", "Size", "By")
    return html.Table(
        [
            html.Caption(f"Newest prints of {symbol}, once a second"),
            html.Thead(html.Tr([html.Th(word, scope="col") for word in words])),
            html.Tbody([html.Tr([html.Td(text) for text in row]) for row in rows]),
        ],
        className="fallback-table",
    )
