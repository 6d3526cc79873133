"""The ladder: prices down the middle, who waits at each, and where our own orders stand. Rows move in assets/ladder.js."""

from tradesim.ui.panels.ladder.callbacks import register
from tradesim.ui.panels.ladder.layout import layout

__all__ = ["layout", "register"]
