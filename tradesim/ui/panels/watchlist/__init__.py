"""What the trader keeps an eye on: last, change and the last hour of each chosen instrument."""

from tradesim.ui.panels.watchlist.callbacks import register
from tradesim.ui.panels.watchlist.layout import layout

__all__ = ["layout", "register"]
