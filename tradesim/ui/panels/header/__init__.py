"""The line above everything: which market, how fresh, how connected, and what the account is worth."""

from tradesim.ui.panels.header.callbacks import register
from tradesim.ui.panels.header.layout import layout

__all__ = ["layout", "register"]
