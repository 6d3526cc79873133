"""The blotter's skeleton: tabs, actions, and a place for each grid, which is made when its tab is first shown."""

import dash_ag_grid as dag
from dash import dcc, html

from tradesim.desk.desk import Desk
from tradesim.ui.attributes import attributes
from tradesim.ui.panels.blotter.columns import COLUMNS
from tradesim.ui.panels.blotter.ids import Blotter, Tab

EMPTY = {
    Tab.POSITIONS: ("No position", "What you hold stands here, at the present price."),
    Tab.ORDERS: ("No open order", "What you send stands here, with its place in the queue."),
    Tab.FILLS: ("No fill yet", "Each time one of your orders trades, it stands here. Choose one, and Why explains it."),
    Tab.LOTS: ("No lot here", "What is left of each purchase stands here. Each lot can be sold by itself."),
    Tab.LEDGER: ("No entry yet", "Every cent and every share that moves is booked here. Each entry adds up to zero."),
}
KEYS = (("B", "buy"), ("S", "sell"), ("Enter", "send"), ("Click", "a price in the ladder"), ("?", "all keys"))
"""How to get something into an empty table."""

CHOICES = (
    (Blotter.SHOWN, "Open and recent", "Open orders only, or the recent ones too"),
    (Blotter.LOTS_SHOWN, "Open lots", "Lots that are held, or those that were closed"),
)

ACTIONS = (
    (Blotter.CANCEL_ALL, "Cancel all", "Cancel every open order (Shift X)"),
    (Blotter.FLATTEN, "Flatten", "Cancel every order and close every position (F)"),
    (Blotter.EXPORT, "Export", "Save the shown rows as CSV"),
)


GRID_SCRIPT = "dash_ag_grid.min.js"

for resource in dag.AgGrid._js_dist:
    if resource["relative_package_path"] == GRID_SCRIPT:
        # 1.3 MB that the first paint need not wait for: assets/blotter.js loads it when the first grid is due.
        resource["dynamic"] = True


def layout(_desk: Desk) -> html.Div:
    return html.Div(
        [
            head(),
            *(pane(tab) for tab in Tab),
            *(dcc.Store(id=tab.wanted) for tab in Tab),
            dcc.Store(id=Blotter.LOTS_WISH),
            dcc.Store(id=Blotter.LOTS_ROWS),
            dcc.Store(id=Blotter.LEDGER_WISH),
            dcc.Store(id=Blotter.LEDGER_ROWS),
        ],
        id=Blotter.PANEL,
        className="panel blotter",
        role="region",
        **attributes(aria_label="Positions and orders"),
    )


def head() -> html.Div:
    return html.Div(
        [
            html.Div(
                [tab_button(tab) for tab in Tab],
                id=Blotter.TABS,
                className="tabs",
                role="tablist",
                **attributes(aria_label="Positions, orders, fills, lots and ledger"),
            ),
            html.Div([*shown(), *actions()], className="head-note blotter-actions"),
        ],
        className="panel-head blotter-head",
    )


def tab_button(tab: Tab) -> html.Button:
    return html.Button(
        [tab.value.capitalize(), " ", html.Span(id=tab.counter, className="blotter-count")],
        id=tab.button,
        className="tab",
        role="tab",
        **attributes(aria_controls=tab.pane, aria_selected="false", data_tab=tab.value),
    )


def shown() -> list[html.Button]:
    """Which rows: with the tab that has the choice."""
    return [
        html.Button(
            text,
            id=name,
            className="blotter-action",
            title=title,
            hidden=True,
            **attributes(aria_pressed="false"),
        )
        for name, text, title in CHOICES
    ]


def actions() -> list[html.Button]:
    return [html.Button(text, id=name, className="blotter-action", title=title) for name, text, title in ACTIONS]


def pane(tab: Tab) -> html.Div:
    return html.Div(
        [
            html.Div(id=tab.place, className="blotter-place"),
            empty(tab),
        ],
        id=tab.pane,
        className="blotter-pane",
        role="tabpanel",
        hidden=True,
        **attributes(aria_labelledby=tab.button),
    )


def empty(tab: Tab) -> html.Div:
    title, sentence = EMPTY[tab]
    keys = [html.Span([html.Kbd(key), f" {words}"]) for key, words in KEYS]
    return html.Div(
        [html.B(title), html.Span(sentence), html.Div(keys, className="blotter-keys")],
        id=tab.empty,
        className="panel-empty blotter-empty",
    )


def grid(tab: Tab) -> dag.AgGrid:
    """Rows come from the browser's code, straight into the grid; no row goes through a callback."""
    return dag.AgGrid(
        id=tab.grid,
        columnDefs=COLUMNS[tab],
        defaultColDef={
            "sortable": True,
            "resizable": True,
            "suppressHeaderMenuButton": True,
            "useValueFormatterForExport": False,
            "suppressKeyboardEvent": {"function": "blotterLeavesKey(params)"},
        },
        getRowId="params.data.id",
        rowClassRules={
            "is-chosen": "blotterIsChosen(params)",
            "is-closed": "blotterIsClosed(params)",
            "is-held": "blotterIsHeld(params)",
            "is-stale": "blotterIsStale(params)",
        },
        dashGridOptions={
            "theme": {"function": "blotterTheme(themeQuartz)"},
            "rowHeight": 26,
            "headerHeight": 26,
            "animateRows": False,
            "suppressDragLeaveHidesColumns": True,
            "suppressNoRowsOverlay": True,
            "loading": False,
            "tooltipShowDelay": 400,
            "stopEditingWhenCellsLoseFocus": True,
            "valueCache": False,
        },
        className="blotter-grid",
        style={"height": "100%", "width": "100%"},
    )
