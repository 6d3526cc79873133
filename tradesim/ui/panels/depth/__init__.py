"""Depth: what is bid and offered up to each price. The curve is drawn in assets/depth.js under Plotly's axes."""

from tradesim.ui.panels.depth.callbacks import register
from tradesim.ui.panels.depth.layout import layout

__all__ = ["layout", "register"]
