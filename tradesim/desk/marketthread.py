"""The thread that owns the market: it takes one turn after the other, and answers questions between them."""

import logging
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from tradesim.kernel.inbox import Inbox

logger = logging.getLogger(__name__)

PATIENCE_S = 2.0
JOIN_S = 10.0
T = TypeVar("T")


class Asking(Protocol):
    def __call__(self, question: Callable[[], T]) -> T:
        """What the market thread says to `question`. Raises TimeoutError when it is busy."""
        ...


class MarketThread:
    """`turn` is taken until `stop`, or until it fails: then the desk's state can no longer be trusted."""

    def __init__(self, inbox: Inbox, turn: Callable[[], None]) -> None:
        self._inbox, self._turn = inbox, turn
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="market", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """After its present turn."""
        self._is_over.set()
        self._inbox.wake()
        if self._thread is not None:
            self._thread.join(JOIN_S)

    @property
    def is_alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    @property
    def is_elsewhere(self) -> bool:
        """Whether the market thread runs and is not who asks."""
        return self.is_alive and threading.current_thread() is not self._thread

    def ask(self, question: Callable[[], T]) -> T:
        """Answered by the market thread; at once where turns are taken by hand and nobody else is there.

        Raises TimeoutError when it is busy.
        """
        if not self.is_elsewhere:
            return question()
        found: T = self._inbox.put(question).result(PATIENCE_S)
        return found

    def _run(self) -> None:
        while not self._is_over.is_set():
            try:
                self._turn()
            except Exception:
                logger.critical("the market thread stops: the desk's state can no longer be trusted", exc_info=True)
                raise
