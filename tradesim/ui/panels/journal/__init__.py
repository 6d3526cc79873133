"""The round trips of the account, with notes and tags."""

from tradesim.ui.panels.journal.callbacks import register as register
from tradesim.ui.panels.journal.layout import layout as layout
