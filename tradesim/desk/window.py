"""What readers see, swapped whole: a market is never seen with another one's account."""

import threading
from collections.abc import Mapping

from msgspec import Struct, field

from tradesim.desk.market import Market
from tradesim.desk.views import AccountView
from tradesim.model.risk import RiskView

PATIENCE_S = 5.0


class Shown(Struct, frozen=True):
    """The open market, the accounts of its world, and how they stand with their limits."""

    market: Market
    accounts: Mapping[str, AccountView]
    risks: Mapping[str, RiskView] = field(default_factory=dict)


class Window:
    """Dressed by the market thread, looked through by all.

    An answer does not wait for the views that show what came of it. Who got it and looks meets drawn blinds, and sees
    the new views a moment later: never older ones than the answer.
    """

    def __init__(self, shown: Shown) -> None:
        self._shown = shown
        self._is_open = threading.Event()
        self._is_open.set()
        self._dresser = 0

    def look(self) -> Shown:
        """Waits while the blinds are drawn, except for who drew them. Raises TimeoutError when they stay so."""
        is_drawn = not self._is_open.is_set() and threading.get_ident() != self._dresser
        if is_drawn and not self._is_open.wait(PATIENCE_S):
            raise TimeoutError(f"wanted the desk's views within {PATIENCE_S:g} s, found none")
        return self._shown

    def glance(self) -> Shown:
        """What is there now, for its market alone: that is never older than an answer."""
        return self._shown

    def draw(self) -> None:
        """What is shown is about to be older than what is answered."""
        self._dresser = threading.get_ident()
        self._is_open.clear()

    def show(self, shown: Shown) -> None:
        self._shown = shown

    def open(self) -> None:
        """What is shown is as new as every answer that was given."""
        self._is_open.set()
