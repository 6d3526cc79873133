"""The order ticket: what to buy or sell, what that would do in the present book, and what came of it."""

from tradesim.ui.panels.ticket.callbacks import register
from tradesim.ui.panels.ticket.layout import layout

__all__ = ["layout", "register"]
