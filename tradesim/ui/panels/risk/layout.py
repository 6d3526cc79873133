"""The skeleton of the Risk view: states, limits, margin, exposure, guard and history; assets/risk.js fills it."""

from collections.abc import Iterable

from dash import dcc, html
from dash.development.base_component import Component

from tradesim.desk.desk import Desk
from tradesim.ui.attributes import attributes
from tradesim.ui.panels.risk.ids import Risk
from tradesim.ui.panels.risk.limits import AFTER, BEFORE, LimitWords

REFRESH_MS = 2_000
STATE_HEADS = ("Account", "State", "Since", "By", "Why", "Equity", "Day P&L", "")
GUARD_HEADS = ("Source", "Now, a second", "Usual", "In 10 s, of what it may", "")
HISTORY_HEADS = ("When", "Account", "State", "By", "Why")


def layout(_desk: Desk) -> html.Div:
    return html.Div(
        [
            html.Div(
                [html.H2("Risk"), html.Div(id=Risk.SCOPE, className="risk-scope")],
                className="view-head",
            ),
            html.Div(
                [
                    section("States", table(Risk.STATES, STATE_HEADS, "States of the accounts"), "is-wide"),
                    limits(),
                    html.Div(
                        [
                            section(html.Span("Margin", id=Risk.MARGIN_TITLE), html.Div(id=Risk.MARGIN)),
                            section("Exposure by symbol", html.Div(id=Risk.EXPOSURE)),
                            section("Runaway guard", table(Risk.GUARD, GUARD_HEADS, "Sources of orders")),
                            section("Changes of state", table(Risk.HISTORY, HISTORY_HEADS, "Changes of state")),
                        ],
                        className="risk-side",
                    ),
                ],
                className="risk-grid",
            ),
            dcc.Interval(id=Risk.TICK, interval=REFRESH_MS, disabled=True),
            dcc.Store(id=Risk.WISH),
            dcc.Store(id=Risk.FACTS),
        ],
        id=Risk.PANEL,
        className="panel",
        role="region",
        **attributes(aria_label="Risk"),
    )


def section(title: str | Component, body: Component, kind: str = "") -> html.Section:
    return html.Section([html.H3(title), body], className=f"risk-section {kind}".strip())


def table(name: Risk, heads: Iterable[str], label: str) -> html.Div:
    return html.Div(
        html.Table(
            [
                html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
                html.Tbody(id=name),
            ],
            className="risk-table",
            **attributes(aria_label=label),
        ),
        className="risk-scroll",
    )


def limits() -> html.Section:
    """Every check with its sentence; the browser's code makes the fields, which own their text."""
    heads = ("Limit", "Used", "Setting")
    return html.Section(
        [
            html.H3("Limits and checks"),
            html.P(id=Risk.LIMITS_NOTE, className="risk-note"),
            html.Div(
                html.Table(
                    [
                        html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
                        html.Tbody(
                            [
                                group("Watched after every fill and every second"),
                                *(limit(each) for each in AFTER),
                                group("Asked before every order, in this order"),
                                *(limit(each) for each in BEFORE),
                            ],
                            id=Risk.LIMITS,
                        ),
                    ],
                    className="risk-table is-limits",
                    **attributes(aria_label="Limits and checks"),
                ),
                className="risk-scroll",
            ),
            html.Div(id=Risk.DEEDS, className="risk-deeds", hidden=True),
        ],
        className="risk-section risk-limits",
    )


def group(title: str) -> html.Tr:
    return html.Tr(html.Th(title, colSpan=3, scope="colgroup"), className="risk-group")


def limit(words: LimitWords) -> html.Tr:
    return html.Tr(
        [
            html.Td([html.B(words.title), html.Span(words.sentence, className="limit-sentence")]),
            html.Td(className="limit-use"),
            html.Td(className="limit-set"),
        ],
        className="limit-row",
        **attributes(data_limit=words.name, data_unit=words.unit.value, data_title=words.title),
    )
