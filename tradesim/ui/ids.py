"""Ids that more than one panel uses; a panel's own ids live in its folder's `ids.py`. Written once, here."""

from enum import StrEnum


class Page(StrEnum):
    DESK = "desk"
    """The page's root; it is in the document once Dash has drawn the panels."""
    SYMBOL = "symbol"
    """dcc.Store: the chosen symbol."""
    INSTRUMENTS = "instruments"
    """dcc.Store: {symbol: {name, tick, lot, pd, qd, cls, cur}} of the present market."""
    SESSION = "session"
    """dcc.Store: id of the market session; changes when another market is opened."""
    LISTED = "listed"
    """dcc.Store: the symbols of the present market, when they became more."""
    VERSIONS = "versions"
    """dcc.Store: {tradesim, dash, plotly, python}, for `Copy details`."""
    SUMMARY = "summary"
    """dcc.Store: at most 4 times a second, what callbacks may need of the live state."""
    VIEW = "view"
    """dcc.Store: which view is open: desk, performance, journal, risk, bots, keys. Set by assets/views.js."""
    ACCOUNT = "account"
    """dcc.Store: id of the chosen account, empty for the default one."""
    LOOK = "look"
    """dcc.Store: {theme, palette} as the page shows them now, for figures made on the server."""
    FAULT = "fault"
    """dcc.Store: {panel, message, stack}: a callback of that panel failed."""
    NOTICE = "notice"
    """dcc.Store: {kind, text}: a sentence for the person, shown as a toast."""


class Shell(StrEnum):
    """What the shell lays out around the panels."""

    RAIL = "rail"
    FLOOR = "floor"
    MIDDLE_TABS = "middle-tabs"
    LOWER_TABS = "lower-tabs"
    BOTTOM_BAR = "bottom-bar"
    TOASTS = "toasts"
