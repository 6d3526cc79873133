"""The callbacks of the Journal view: rows and the chosen trip while it is open, nothing while it is not."""

from typing import Any

import dash_ag_grid as dag
from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from tradesim.desk.desk import Desk
from tradesim.ui.accounts import chosen_account
from tradesim.ui.boundary import guarded
from tradesim.ui.ids import Page
from tradesim.ui.panels.journal import detail, rows
from tradesim.ui.panels.journal.ids import Journal
from tradesim.ui.panels.journal.layout import grid
from tradesim.ui.panels.performance.layout import export_links
from tradesim.ui.plots import ColorsOf, colors_of

NAMESPACE = "tradesim_journal"
Answer = tuple[Any, ...]


def register(app: Dash, desk: Desk) -> None:
    colors = colors_of(app)

    @app.callback(Output(Journal.PLACE, "children"), Input(Journal.WANTED, "data"), prevent_initial_call=True)
    @guarded(Journal.PANEL)
    def on_grid_wanted(_wanted: object) -> dag.AgGrid:
        return grid()

    @app.callback(
        Output(Journal.ROWS, "data"),
        Output(Journal.DIGEST, "data"),
        Output(Journal.ACCOUNT, "children"),
        Output(Journal.EXPORTS, "children"),
        Input(Page.VIEW, "data"),
        Input(Page.ACCOUNT, "data"),
        Input(Journal.WISH, "data"),
        Input(Journal.TICK, "n_intervals"),
        State(Journal.DIGEST, "data"),
        prevent_initial_call=True,
    )
    @guarded(Journal.PANEL)
    def on_due(view: str, account: object, _wish: object, _ticks: int | None, known: object) -> Answer:
        if view != Journal.PANEL:
            return (no_update,) * 4
        return listed(desk, chosen_account(desk, account), known)

    @app.callback(
        Output(Journal.TITLE, "children"),
        Output(Journal.CHART, "children"),
        Output(Journal.FACTS, "children"),
        Output(Journal.FILLS, "children"),
        Input(Journal.CHOSEN, "data"),
        Input(Page.LOOK, "data"),
        Input(Journal.TICK, "n_intervals"),
        State(Page.ACCOUNT, "data"),
        prevent_initial_call=True,
    )
    @guarded(Journal.PANEL)
    def on_chosen(chosen: dict[str, Any] | None, look: object, _ticks: int | None, account: object) -> Answer:
        if not chosen or (ctx.triggered_id == Journal.TICK and not chosen.get("open")):
            return (no_update,) * 4
        return told(desk, chosen_account(desk, account), str(chosen.get("id")), look, colors)

    app.clientside_callback(
        ClientsideFunction(NAMESPACE, "is_closed"),
        Output(Journal.TICK, "disabled"),
        Input(Page.VIEW, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction(NAMESPACE, "on_rows"), Input(Journal.ROWS, "data"), prevent_initial_call=True
    )


def listed(desk: Desk, account_id: str, known: object) -> Answer:
    found = rows.answer(desk, account_id, known)
    if found is None:
        return (no_update,) * 4
    account = desk.account(account_id).account
    return found, found["digest"], f"{account.name}, {account.currency}", export_links(account.id)


def told(desk: Desk, account_id: str, trip_id: str, look: object, colors_of: ColorsOf) -> Answer:
    """Nothing new when the trip is of an account that was left."""
    found = desk.review.trip_chart(trip_id, account_id)
    if found is None:
        return (no_update,) * 4
    market = detail.market_of(desk, found.view)
    return (
        detail.title(found.view),
        detail.chart_part(found, market, colors_of(look)),
        detail.facts(found.view, market),
        detail.fills(found.view, market),
    )
