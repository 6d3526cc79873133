"""What the account earned and how: equity, drawdown, returns, trade statistics."""

from tradesim.ui.panels.performance.callbacks import register as register
from tradesim.ui.panels.performance.layout import layout as layout
