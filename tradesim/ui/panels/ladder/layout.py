"""The ladder's skeleton; its rows are built and written by assets/ladder.js."""

from typing import Any

from dash import dcc, html

from tradesim.desk.desk import Desk
from tradesim.ui.attributes import attributes
from tradesim.ui.panels.ladder.ids import Ladder

STEPS = ((1, "1 tick"), (5, "5 ticks"), (10, "10 ticks"), (25, "25 ticks"), (50, "50 ticks"), (100, "100 ticks"))
COLUMNS = (
    ("own-buy", "Buys", "Own buy orders"),
    ("bid", "Bid", "Size bid"),
    ("price", "Price", "Price"),
    ("ask", "Ask", "Size offered"),
    ("own-sell", "Sells", "Own sell orders"),
    ("volume", "Volume", "Traded at this price since the page was opened"),
)
ACTIONS = (
    ("buy", "Buy mkt", "up"),
    ("sell", "Sell mkt", "down"),
    ("cancel-all", "Cancel all", "quiet"),
    ("flatten", "Flatten", "quiet"),
)


def layout(_desk: Desk) -> html.Div:
    children = [head(), auction(), grid(), foot(), fallback()]
    return html.Div(children, id=Ladder.PANEL, className="panel ladder", **attributes(aria_label="Ladder"))


def head() -> html.Div:
    return html.Div(
        [
            html.Span("Spread –", id=Ladder.SPREAD, className="ladder-spread"),
            html.Select(
                [
                    html.Option("Auto", value="auto"),
                    *(html.Option(text, value=str(step)) for step, text in STEPS),
                    html.Option("Only levels", value="levels"),
                ],
                id=Ladder.STEP,
                className="ladder-step",
                title="Height of a row",
                **attributes(aria_label="Height of a row"),
            ),
            toggle(Ladder.VOLUME, "Vol", "Show the volume traded at each price"),
            html.Button(
                html.I(className="bi bi-crosshair", **attributes(aria_hidden="true")),
                id=Ladder.CENTRE,
                className="ladder-button",
                title="Centre on the touch (C)",
                **attributes(aria_label="Centre on the touch"),
            ),
        ],
        className="ladder-head",
    )


def auction() -> html.P:
    return html.P(id=Ladder.AUCTION, className="ladder-auction", hidden=True, role="status")


def toggle(id_: Ladder, text: str, title: str) -> html.Button:
    return html.Button(text, id=id_, className="ladder-button", title=title, **attributes(aria_pressed="false"))


def grid() -> html.Div:
    columns = [
        html.Span(text, className=f"ladder-cell is-{name}", role="columnheader", title=title)
        for name, text, title in COLUMNS
    ]
    return html.Div(
        [
            html.Div(html.Div(columns, className="ladder-columns", role="row"), role="rowgroup"),
            html.Div(id=Ladder.ROWS, className="ladder-rows", role="rowgroup"),
            html.Div(id=Ladder.CONDITION, className="ladder-condition", hidden=True),
        ],
        id=Ladder.GRID,
        className="ladder-grid",
        role="grid",
        tabIndex="0",
        **grid_words(),
    )


def grid_words() -> dict[str, Any]:
    return {
        "aria-label": "Prices and resting orders. Arrows move, B buys, S sells, with Shift on a stop, X cancels.",
        "aria-colcount": str(len(COLUMNS)),
    }


def foot() -> html.Div:
    actions = [
        html.Button(text, className=f"ladder-action is-{kind}", **attributes(data_act=act))
        for act, text, kind in ACTIONS
    ]
    return html.Div(
        [
            html.Div(
                [
                    html.Div(id=Ladder.RECEIPT, className="ladder-receipt", role="status"),
                    html.Div(id=Ladder.HINT, className="ladder-hint", **attributes(aria_hidden="true")),
                ],
                className="ladder-line",
            ),
            html.Div(actions, id=Ladder.ACTIONS, className="ladder-actions"),
            html.Div(
                [
                    html.Div(
                        id=Ladder.SIZE,
                        className="ladder-sizes",
                        role="group",
                        **attributes(aria_label="Quantity of an order"),
                    ),
                    toggle(Ladder.ONE_CLICK, "1-click off", "Send orders with one click, without asking"),
                ],
                className="ladder-size",
            ),
        ],
        className="ladder-foot",
    )


def fallback() -> html.Div:
    return html.Div(
        [
            html.Div(id=Ladder.FALLBACK, className="panel-fallback"),
            dcc.Interval(id=Ladder.FALLBACK_TIMER, interval=1_000, disabled=True),
        ]
    )
