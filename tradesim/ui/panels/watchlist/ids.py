"""Ids of the watchlist."""

from enum import StrEnum


class Watchlist(StrEnum):
    PANEL = "watchlist"
    ROWS = "watchlist-rows"
    UNIT = "watchlist-unit"
    EDIT = "watchlist-edit"
    ADD = "watchlist-add"
    FINDER = "watchlist-finder"
    CLOSES = "watchlist-closes"
    """dcc.Store: {symbol: closes of the last hour's minutes in ticks}."""
