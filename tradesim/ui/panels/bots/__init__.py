"""Programs that trade here: running, orders a second, result, log."""

from tradesim.ui.panels.bots.callbacks import register
from tradesim.ui.panels.bots.layout import layout

__all__ = ["layout", "register"]
