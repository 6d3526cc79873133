"""The header's skeleton; assets/header.js fills it."""

from dash import html
from dash.development.base_component import Component

from tradesim.desk.desk import Desk
from tradesim.ui.panels.header.ids import Header

NONE = "–"


def layout(desk: Desk) -> html.Header:
    return html.Header(
        [
            html.Div(
                [
                    html.H1("TradeSim", className="brand"),
                    html.Div(id=Header.SEARCH, className="search"),
                    *source(desk),
                    connection(),
                    html.Div([account(), *figures()], className="header-figures"),
                    *actions(),
                ],
                className="header-line",
            ),
            html.Div(id=Header.BANNER, className="banner", role="alert", hidden=True),
            html.Div(id=Header.STANDING, className="standing", role="status", hidden=True, **{"aria-live": "polite"}),
        ],
        id=Header.PANEL,
        className="panel",
        **{"aria-label": "Header"},
    )


def source(desk: Desk) -> tuple[Component, ...]:
    status = desk.status()
    return (
        html.Button(
            status.source.value.upper(),
            id=Header.SOURCE,
            className="source-badge",
            **{"data-source": status.source.value, "aria-haspopup": "dialog", "aria-expanded": "false"},
        ),
        html.Div(
            [
                html.Span(status.title, id=Header.TITLE, className="source-title"),
                html.Span(
                    [html.Span("age", id=Header.AGE_WORD), " ", html.B(NONE, id=Header.AGE)], className="source-age"
                ),
            ],
            className="source-line",
        ),
        html.Button(
            NONE,
            id=Header.CLOCK,
            className="market-clock",
            title="The market's clock: stop, step, speed",
            **{"aria-haspopup": "dialog", "aria-expanded": "false"},
        ),
    )


def connection() -> html.Div:
    return html.Div(
        [html.Span(className="dot", **{"aria-hidden": "true"}), html.Span("Connecting", className="connection-text")],
        id=Header.CONNECTION,
        className="connection",
        **{"data-state": "connecting"},
    )


def account() -> html.Button:
    """Whose figures these are, and the way to another account; assets/accounts.js opens the list."""
    return html.Button(
        [
            html.Span("Account", id=Header.ACCOUNT_NAME, className="account-button-name"),
            html.I(className="bi bi-chevron-down", **{"aria-hidden": "true"}),
        ],
        id=Header.ACCOUNT,
        className="account-button",
        title="Choose another account (Shift A)",
        **{"aria-haspopup": "dialog", "aria-expanded": "false"},
    )


def figures() -> list[Component]:
    named = ((Header.EQUITY, "Equity"), (Header.DAY_PL, "Day P&L"), (Header.BUYING_POWER, "Buying power"))
    return [
        html.Div([html.Span(label, className="figure-label"), html.Span(NONE, id=id_)], className=f"figure {id_}")
        for id_, label in named
    ]


def actions() -> tuple[Component, ...]:
    return (
        html.Button(
            [
                html.I(className="bi bi-x-octagon", **{"aria-hidden": "true"}),
                html.Span("Kill switch", className="stop-word"),
            ],
            id=Header.STOP,
            className="stop-all",
            title="Cancel all, flatten or freeze, and take no new order (F: stop all, and trade on)",
            **{
                "aria-haspopup": "dialog",
                "aria-expanded": "false",
                "aria-label": "Kill switch",
                "data-standing": "active",
            },
        ),
        icon_button(Header.DISPLAY, "circle-half", "Display: theme and colours (T switches)"),
        icon_button(Header.HELP, "question-circle", "Every key (?)"),
    )


def icon_button(id_: str, icon: str, label: str) -> html.Button:
    return html.Button(
        html.I(className=f"bi bi-{icon}", **{"aria-hidden": "true"}),
        id=id_,
        className="icon-button",
        title=label,
        **{"aria-label": label},
    )
