"""Ids that more than one panel uses; a panel's own ids live in its folder's `ids.py`. Written once, here."""

from enum import StrEnum


class Page(StrEnum):
    SYMBOL = "symbol"
    """dcc.Store: the chosen symbol."""
    INSTRUMENTS = "instruments"
    """dcc.Store: {symbol: {name, tick, lot, pd, qd, cls, cur}} of the present market."""
    SESSION = "session"
    """dcc.Store: id of the market session; changes when another market is opened."""
    INTENTS = "intents"
    """dcc.Store: a batch of wishes from the browser's code, see assets/intents.js."""
    RECEIPTS = "receipts"
    """dcc.Store: the answers to the last batch."""
    SUMMARY = "summary"
    """dcc.Store: at most 4 times a second, what callbacks may need of the live state."""
