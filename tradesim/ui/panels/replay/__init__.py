"""Replay: the bar that plays a recorded market, and the dialog that opens one. Moves in assets/replay.js."""

from tradesim.ui.panels.replay.callbacks import register
from tradesim.ui.panels.replay.layout import layout

__all__ = ["layout", "register"]
