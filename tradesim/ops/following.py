"""What somebody wants of a live market, told to it again and again, and what it has to take up after a restart."""

import logging
from collections.abc import Callable, Collection

from tradesim.desk.desk import Desk
from tradesim.model.commands import AddSymbols
from tradesim.model.market import SourceKind
from tradesim.model.orders import Rejection

logger = logging.getLogger(__name__)

LIVE = {SourceKind.LIVE, SourceKind.DELAYED, SourceKind.STALE}
PATIENCE_S = 30.0

Wish = Callable[[], Collection[str]]
"""The symbols that somebody wants now."""


class Follower:
    """`wishes` are asked in their order, those that want most first; before them comes what is held or ordered."""

    def __init__(self, desk: Desk, *wishes: Wish) -> None:
        self._desk, self._wishes = desk, wishes
        self._tried: set[tuple[str, str]] = set()

    def follow(self) -> None:
        self._desk.providers.follow([wish() for wish in self._wishes])

    def restore(self) -> None:
        """What is held or ordered and is not listed in the live market is added to it, if its providers list it.

        Tried once in each market. Takes seconds.
        """
        status = self._desk.status()
        for symbol in self._desk.providers.unlisted() if status.source in LIVE else ():
            if (status.session_id, symbol) not in self._tried:
                self._tried.add((status.session_id, symbol))
                answer = self._desk.submit(AddSymbols((symbol,)), PATIENCE_S)
                why = answer.message if isinstance(answer, Rejection) else "it is listed now"
                logger.info("%s is held or ordered and was not listed: %s", symbol, why)
