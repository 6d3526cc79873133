"""Limits, how much of each is used, and the state of the account."""

from tradesim.ui.panels.risk.callbacks import register as register
from tradesim.ui.panels.risk.layout import layout as layout
