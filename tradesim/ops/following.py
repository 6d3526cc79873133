"""What somebody wants of a live market, told to it again and again, and what it has to take up after a restart."""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

from tradesim.desk.desk import Desk
from tradesim.model.commands import AddSymbols
from tradesim.model.market import SourceKind
from tradesim.model.orders import Rejection

logger = logging.getLogger(__name__)

LIVE = set(SourceKind) - {SourceKind.SIMULATED, SourceKind.REPLAY}
PATIENCE_S = 30.0
MOST_ROUNDS = 720
"""Of rest between two attempts: an hour, where a round is five seconds."""

Wish = Callable[[], Collection[str]]
"""The symbols that somebody wants now."""


@dataclass(slots=True)
class Missed:
    """A symbol that could not be added: why, and after how many rounds it is tried again."""

    why: str = ""
    rest: int = 0
    left: int = 0

    def is_due(self) -> bool:
        """Counts one round."""
        self.left -= 1
        return self.left < 0

    def refused(self, why: str) -> None:
        self.why, self.rest = why, min(MOST_ROUNDS, max(1, self.rest * 2))
        self.left = self.rest


class Follower:
    """`wishes` are asked in their order, those that want most first; before them comes what is held or ordered."""

    def __init__(self, desk: Desk, *wishes: Wish) -> None:
        self._desk, self._wishes = desk, wishes
        self._session_id = ""
        self._missed: dict[str, Missed] = {}

    def follow(self) -> None:
        self._desk.providers.follow([wish() for wish in self._wishes])

    def restore(self) -> None:
        """What is held or ordered and is not listed in the live market is added to it, once its providers list it.

        Called again and again: what is refused is tried less and less often, and is said with the status meanwhile.
        Takes seconds.
        """
        status = self._desk.status()
        if status.session_id != self._session_id:
            self._session_id, self._missed = status.session_id, {}
        unlisted = self._desk.providers.unlisted() if status.source in LIVE else []
        self._missed = {symbol: self._missed.get(symbol) or Missed() for symbol in unlisted}
        for symbol, missed in list(self._missed.items()):
            if missed.is_due():
                self._add(symbol, missed)
        self._desk.warn(tuple(map(sentence_of, self._missed, self._missed.values())), "unlisted")

    def _add(self, symbol: str, missed: Missed) -> None:
        answer = self._desk.submit(AddSymbols((symbol,)), PATIENCE_S)
        if isinstance(answer, Rejection):
            logger.warning("%s is held or ordered and not listed: %s", symbol, answer.message)
            missed.refused(answer.message)
        else:
            logger.info("%s is held or ordered, and is listed now", symbol)
            del self._missed[symbol]


def sentence_of(symbol: str, missed: Missed) -> str:
    why = missed.why.rstrip(".")
    return f"{symbol} is held or ordered and has no price in this market ({why}): it is asked for again and again"
