"""The callbacks of the Performance view: everything while it is open, nothing while it is not."""

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from tradesim.desk.desk import Desk
from tradesim.ui.boundary import guarded
from tradesim.ui.ids import Page
from tradesim.ui.panels.performance import view as shown
from tradesim.ui.panels.performance.ids import Performance
from tradesim.ui.panels.performance.layout import export_links
from tradesim.ui.panels.performance.tiles import tile_list
from tradesim.ui.plots import ColorsOf, colors_of

NAMESPACE = "tradesim_performance"
Answer = tuple[Any, ...]


def register(app: Dash, desk: Desk) -> None:
    colors = colors_of(app)

    @app.callback(
        Output(Performance.ACCOUNT, "children"),
        Output(Performance.EXPORTS, "children"),
        Output(Performance.SUMMARY, "children"),
        Output(Performance.CURVES, "children"),
        Output(Performance.TRADES, "children"),
        Output(Performance.SEEN, "data"),
        Input(Page.VIEW, "data"),
        Input(Page.ACCOUNT, "data"),
        Input(Performance.PERIOD, "data"),
        Input(Page.LOOK, "data"),
        Input(Performance.TICK, "n_intervals"),
        State(Performance.SEEN, "data"),
        prevent_initial_call=True,
    )
    @guarded(Performance.PANEL)
    def on_due(view: str, account: object, period: object, look: object, _ticks: int | None, seen: object) -> Answer:
        if view != Performance.PANEL:
            return (no_update,) * 6
        return drawn(desk, shown.wish_of(desk, account, period), look, seen, colors)

    app.clientside_callback(
        ClientsideFunction(NAMESPACE, "is_closed"),
        Output(Performance.TICK, "disabled"),
        Input(Page.VIEW, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction(NAMESPACE, "on_point"),
        Input(Performance.EXCURSIONS, "clickData"),
        prevent_initial_call=True,
    )


def drawn(desk: Desk, wish: shown.Wish, look: object, seen: object, colors_of: ColorsOf) -> Answer:
    """Of trades nothing new as long as they are the same."""
    view, colors = shown.performance_of(desk, wish), colors_of(look)
    now_seen = shown.seen(view, look)
    is_same = now_seen == seen
    trips = () if is_same else desk.review.round_trips(wish.account_id, shown.MOST_TRIPS)
    return (
        shown.account_words(desk, view),
        export_links(view.account_id),
        tile_list(view),
        shown.curves(view, colors, desk.status().zone),
        no_update if is_same else shown.trades(view, trips, colors),
        now_seen,
    )
