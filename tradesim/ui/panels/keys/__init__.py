"""Keys for programs, and how to point a client at this desk."""

from tradesim.ui.panels.keys.callbacks import register
from tradesim.ui.panels.keys.layout import layout

__all__ = ["layout", "register"]
