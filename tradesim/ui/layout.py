"""Where the panels stand: the desk's floor with its dock, the views beside it, and the rail that leads to them."""

import platform
from typing import Any

import dash
import plotly
from dash import dcc, html
from dash.development.base_component import Component

from tradesim import __version__
from tradesim.desk.desk import Desk
from tradesim.ui import symbols
from tradesim.ui.boundary import placed
from tradesim.ui.ids import Page, Shell
from tradesim.ui.instruments import instruments_data
from tradesim.ui.panels import (
    blotter,
    bots,
    chart,
    depth,
    header,
    journal,
    keys,
    ladder,
    performance,
    providers,
    replay,
    risk,
    tape,
    ticket,
    watchlist,
    why,
)

ON_THE_FLOOR = (header, watchlist, chart, replay, ladder, depth, tape, ticket, blotter, why, providers)
VIEWS = (
    ("performance", "Performance", "bar-chart-line", performance),
    ("journal", "Journal", "journal-text", journal),
    ("risk", "Risk", "shield-check", risk),
    ("bots", "Bots", "robot", bots),
    ("keys", "API and keys", "key", keys),
)
FOR_PROGRAMS = (bots, keys)
"""Views that must know what runs beside the page."""
PANELS = (*ON_THE_FLOOR, *(panel for _, _, _, panel in VIEWS))

BOTTOM_BAR = (
    ("ticket", "Trade", "arrow-left-right"),
    ("middle", "Ladder", "list-ol"),
    ("dock", "Orders", "receipt"),
    ("watchlist", "Watchlist", "star"),
    ("more", "More", "three-dots"),
)


def desk_layout(desk: Desk) -> html.Div:
    return html.Div(
        [
            html.A("Skip to the chart", href="#chart", className="skip-link"),
            placed(header, desk),
            html.Div([rail(), floor(desk), *views(desk)], className="rooms"),
            bottom_bar(),
            placed(providers, desk),
            html.Div(id=Shell.TOASTS, role="status", **{"aria-live": "polite", "aria-label": "Messages"}),
            *stores(desk),
        ],
        id=Page.DESK,
    )


def rail() -> html.Nav:
    """One way to each view; assets/views.js opens them."""
    doors = [("desk", "Desk", "graph-up"), *((name, label, icon) for name, label, icon, _ in VIEWS)]
    return html.Nav([door(*each) for each in doors], id=Shell.RAIL, className="rail", **{"aria-label": "Views"})


def door(name: str, label: str, icon: str) -> html.Button:
    return html.Button(
        html.I(className=f"bi bi-{icon}", **{"aria-hidden": "true"}),
        className="rail-door",
        title=label,
        **{"aria-label": label, "data-view": name},
    )


def views(desk: Desk) -> list[html.Section]:
    """What takes the floor's place; one at a time."""
    return [
        html.Section(placed(panel, desk), id=f"view-{name}", className="view", **{"aria-label": label})
        for name, label, _, panel in VIEWS
    ]


def floor(desk: Desk) -> html.Main:
    """The grid under the header; assets/shell.js moves its edges and shows its tabs."""
    return html.Main(
        [
            slot("watchlist", "Watchlist", placed(watchlist, desk)),
            edge("west", "Watchlist width", "vertical"),
            slot("chart", "Chart", placed(chart, desk), placed(replay, desk)),
            edge("middle", "Ladder width", "vertical"),
            slot("middle", "Ladder, depth and tape", *middle_column(desk)),
            edge("east", "Ticket width", "vertical"),
            slot("ticket", "Order ticket", placed(ticket, desk)),
            edge("dock", "Orders height", "horizontal"),
            slot(
                "dock",
                "Positions and orders",
                placed(blotter, desk),
                edge("why", "Explanation width", "vertical"),
                placed(why, desk),
            ),
        ],
        id=Shell.FLOOR,
        className="floor",
    )


def slot(name: str, label: str, *children: Component) -> html.Div:
    return html.Div(
        list(children), id=f"slot-{name}", className=f"slot slot-{name}", **{"data-label": label, "data-slot": name}
    )


def middle_column(desk: Desk) -> tuple[Component, ...]:
    """Ladder, depth and tape as one set of tabs; a tall, wide window shows the ladder and the others below it."""
    return (
        html.Div(
            [
                html.Div(
                    [tab(panel, panel.capitalize(), Shell.MIDDLE_TABS) for panel in ("ladder", "depth", "tape")],
                    id=Shell.MIDDLE_TABS,
                    className="tabs",
                    role="tablist",
                    **{"aria-label": "Market depth"},
                ),
            ],
            className="panel-head",
            **{"data-head": "middle"},
        ),
        placed(ladder, desk),
        edge("ladder", "Ladder height", "horizontal"),
        html.Div(
            html.Div(
                [tab("depth", "Depth", Shell.LOWER_TABS), tab("tape", "Tape", Shell.LOWER_TABS)],
                id=Shell.LOWER_TABS,
                className="tabs",
                role="tablist",
                **{"aria-label": "Depth and tape"},
            ),
            className="panel-head lower-head",
            **{"data-head": "lower"},
        ),
        placed(depth, desk),
        placed(tape, desk),
    )


def tab(panel: str, label: str, of: str) -> html.Button:
    return html.Button(
        label, id=f"{of}-{panel}", className="tab", role="tab", **{"aria-controls": panel, "data-panel": panel}
    )


def edge(name: str, label: str, orientation: str) -> html.Div:
    """A border between two areas that can be dragged, or moved with the arrow keys."""
    return html.Div(
        className=f"edge edge-{orientation} edge-{name}",
        role="separator",
        tabIndex=0,
        **{"aria-label": label, "aria-orientation": orientation, "aria-valuenow": 0, "data-edge": name},
    )


def bottom_bar() -> html.Nav:
    return html.Nav(
        [bar_button(*entry) for entry in BOTTOM_BAR], id=Shell.BOTTOM_BAR, **{"aria-label": "Panels of the desk"}
    )


def bar_button(sheet: str, label: str, icon: str) -> html.Button:
    return html.Button(
        [html.I(className=f"bi bi-{icon}", **{"aria-hidden": "true"}), html.Span(label)],
        className="bar-button",
        **{"data-sheet": sheet, "aria-expanded": "false"},
    )


def stores(desk: Desk) -> list[Component]:
    empty: dict[str, Any] = {
        Page.SYMBOL: None,
        Page.VIEW: "desk",
        Page.ACCOUNT: "",
        Page.SUMMARY: None,
        Page.LOOK: None,
        Page.FAULT: None,
        Page.NOTICE: None,
        Page.SESSION: desk.status().session_id,
        Page.LISTED: None,
        Page.INSTRUMENTS: instruments_data(desk.instruments),
        Page.VERSIONS: versions(),
    }
    return [*(dcc.Store(id=name, data=data) for name, data in empty.items()), *symbols.stores()]


def versions() -> dict[str, str]:
    return {
        "tradesim": __version__,
        "dash": dash.__version__,
        "plotly": plotly.__version__,
        "python": platform.python_version(),
    }
