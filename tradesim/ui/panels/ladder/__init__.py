"""The ladder: prices down the middle, who waits at each, where our own orders stand. Moves in assets/ladder.js."""

from tradesim.ui.panels.ladder.callbacks import register
from tradesim.ui.panels.ladder.layout import layout

__all__ = ["layout", "register"]
