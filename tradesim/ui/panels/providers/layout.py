"""The dialog's skeleton: three tabs, filled by assets/providers.js while they are looked at."""

from dash import dcc, html
from dash.development.base_component import Component

from tradesim.desk.desk import Desk
from tradesim.ui.attributes import attributes
from tradesim.ui.panels.providers.ids import Providers

TABS = (
    (Providers.MARKET, "Market"),
    (Providers.STATE, "Providers"),
    (Providers.ORDER, "Order"),
    (Providers.KEYS, "Keys"),
)
STORES = (
    Providers.ASKED,
    Providers.ROWS,
    Providers.TEST,
    Providers.TESTED,
    Providers.RECORD,
    Providers.RECORDED,
    Providers.SEARCH,
    Providers.FOUND,
    Providers.REACH,
    Providers.REACHED,
    Providers.PREFER,
    Providers.PREFERRED,
    Providers.KEEP,
    Providers.KEPT,
)


def layout(_desk: Desk) -> html.Div:
    stores = [dcc.Store(id=name) for name in STORES]
    return html.Div(
        [dialog(), *stores],
        id=Providers.PANEL,
        className="panel providers",
        role="region",
        **attributes(aria_label="Market data"),
    )


def dialog() -> html.Dialog:
    return html.Dialog(
        [head(), tabs(), *(pane(name, label) for name, label in TABS)],
        id=Providers.DIALOG,
        className="sheet-dialog is-wide providers-dialog",
        **attributes(aria_labelledby=Providers.TITLE),
    )


def head() -> html.Div:
    close = html.Button(
        html.I(className="bi bi-x-lg", **attributes(aria_hidden="true")),
        id=Providers.CLOSE,
        className="icon-button",
        **attributes(aria_label="Close"),
    )
    return html.Div([html.H2("Market data", id=Providers.TITLE), close], className="dialog-head")


def tabs() -> html.Div:
    return html.Div(
        [tab(name, label) for name, label in TABS],
        id=Providers.TABS,
        className="tabs",
        role="tablist",
        **attributes(aria_label="Market, providers, their order and keys"),
    )


def tab(name: Providers, label: str) -> html.Button:
    return html.Button(
        label,
        id=f"{name}-tab",
        className="tab",
        role="tab",
        **attributes(aria_controls=name.value, aria_selected="false", data_pane=name.value),
    )


def pane(name: Providers, label: str) -> Component:
    return html.Div(id=name, className="providers-pane", role="tabpanel", hidden=True, **attributes(aria_label=label))
