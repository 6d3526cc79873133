"""Where prices come from: choosing a market, how every provider is, and the keys they want."""

from tradesim.ui.panels.providers.callbacks import register
from tradesim.ui.panels.providers.layout import layout

__all__ = ["layout", "register"]
