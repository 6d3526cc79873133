"""Who waits for an answer goes before who tells everybody: the one says so, the other gives way for a moment."""

import threading
from typing import Any


class Precedence:
    """`with precedence:` around the work that somebody waits for; `give_way` before work that can wait."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._waiting = 0
        self._free = threading.Event()
        self._free.set()

    @property
    def is_claimed(self) -> bool:
        return self._waiting > 0

    def give_way(self, limit_s: float) -> None:
        """Wait until nobody claims it, at most `limit_s`."""
        if self._waiting and limit_s > 0:
            self._free.wait(limit_s)

    def __enter__(self) -> None:
        with self._turn:
            self._waiting += 1
            self._free.clear()

    def __exit__(self, *_error: Any) -> None:
        with self._turn:
            self._waiting -= 1
            if not self._waiting:
                self._free.set()
