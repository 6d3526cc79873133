"""What the account holds, asked for, got and booked: positions, orders, fills, tax lots and the ledger, as grids."""

from tradesim.ui.panels.blotter.callbacks import register
from tradesim.ui.panels.blotter.layout import layout

__all__ = ["layout", "register"]
