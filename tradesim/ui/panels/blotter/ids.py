"""The blotter's ids, written once; assets/blotter.js uses the same."""

from enum import StrEnum


class Tab(StrEnum):
    """One grid each; the ids of its parts are made from its name."""

    POSITIONS = "positions"
    ORDERS = "orders"
    FILLS = "fills"
    LOTS = "lots"
    LEDGER = "ledger"

    @property
    def grid(self) -> str:
        return f"blotter-{self.value}"

    @property
    def button(self) -> str:
        return f"blotter-tab-{self.value}"

    @property
    def counter(self) -> str:
        return f"blotter-count-{self.value}"

    @property
    def pane(self) -> str:
        """The tab's panel."""
        return f"blotter-pane-{self.value}"

    @property
    def place(self) -> str:
        """Where the grid is put when the tab is shown for the first time."""
        return f"blotter-place-{self.value}"

    @property
    def empty(self) -> str:
        return f"blotter-empty-{self.value}"

    @property
    def wanted(self) -> str:
        """dcc.Store: set when the tab is shown for the first time."""
        return f"blotter-wanted-{self.value}"


class Blotter(StrEnum):
    PANEL = "blotter"
    TABS = "blotter-tabs"
    SHOWN = "blotter-shown"
    """Which orders are shown: the open ones or all."""
    CANCEL_ALL = "blotter-cancel-all"
    FLATTEN = "blotter-flatten"
    EXPORT = "blotter-export"
    LOTS_SHOWN = "blotter-lots-shown"
    """Which tax lots are shown: the open ones or the closed."""
    LOTS_WISH = "blotter-lots-wish"
    """dcc.Store: {is_closed, at}."""
    LOTS_ROWS = "blotter-lots-rows"
    """dcc.Store: {account, is_closed, count, rows}, see lots.py."""
    LEDGER_WISH = "blotter-ledger-wish"
    """dcc.Store: {after, at}: the last entry that the page has."""
    LEDGER_ROWS = "blotter-ledger-rows"
    """dcc.Store: {session, after, entries, rows}: postings after that entry, see ledger.py."""
