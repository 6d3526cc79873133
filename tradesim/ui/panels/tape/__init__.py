"""Time and sales: every print of the market's tape, newest on top. Rows move in assets/tape.js."""

from tradesim.ui.panels.tape.callbacks import register
from tradesim.ui.panels.tape.layout import layout

__all__ = ["layout", "register"]
