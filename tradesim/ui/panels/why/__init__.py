"""Why a fill came about, or what an open order waits for, in sentences and in a small book."""

from tradesim.ui.panels.why.callbacks import register
from tradesim.ui.panels.why.layout import layout

__all__ = ["layout", "register"]
