"""The skeleton of the Performance view: a head with account, period and export; the rest is drawn when it is open."""

from dash import dcc, html
from dash.development.base_component import Component

from tradesim.desk.desk import Desk
from tradesim.ui.attributes import attributes
from tradesim.ui.panels.performance.ids import Performance

PERIODS = {"1D": "1D", "1W": "1W", "1M": "1M", "3M": "3M", "YTD": "YTD", "all": "All"}
"""The desk's name of a period, and the page's."""
PERIOD_WORDS = {
    "1D": "The last day",
    "1W": "The last seven days",
    "1M": "The last 30 days",
    "3M": "The last 91 days",
    "YTD": "Since New Year in New York",
    "all": "Since the account was opened, or last reset",
}
REFRESH_MS = 5_000


def layout(_desk: Desk) -> html.Div:
    return html.Div(
        [
            html.Div(
                [html.H2("Performance"), html.Span(id=Performance.ACCOUNT, className="muted"), periods(), exports()],
                className="view-head",
            ),
            html.Div(
                [
                    html.Div(id=Performance.SUMMARY),
                    html.Div(id=Performance.CURVES, className="performance-curves"),
                    html.Div(id=Performance.TRADES),
                ],
                className="performance-body",
            ),
            dcc.Interval(id=Performance.TICK, interval=REFRESH_MS, disabled=True),
            dcc.Store(id=Performance.PERIOD, data="all"),
            dcc.Store(id=Performance.SEEN),
        ],
        id=Performance.PANEL,
        className="panel performance",
        role="region",
        **attributes(aria_label="Performance"),
    )


def periods() -> html.Div:
    """assets/performance.js presses them and keeps the choice."""
    return html.Div(
        [
            html.Button(
                label,
                className="performance-period",
                title=PERIOD_WORDS[period],
                **attributes(data_period=period, aria_pressed="false"),
            )
            for period, label in PERIODS.items()
        ],
        id=Performance.PERIODS,
        className="performance-periods",
        role="group",
        **attributes(aria_label="Period"),
    )


def exports() -> html.Div:
    return html.Div(export_links(""), id=Performance.EXPORTS, className="view-exports")


def export_links(account_id: str) -> list[Component]:
    """Every round trip of the account as a file, whatever the period."""
    return [
        html.Span("Round trips:", className="muted"),
        *(
            html.A(
                label,
                href=f"/sim/v1/journal?account={account_id}&format={name}",
                download=f"round-trips.{name}",
                title=f"Save every round trip of the account as {label}",
            )
            for name, label in (("csv", "CSV"), ("json", "JSON"), ("parquet", "Parquet"))
        ),
    ]
