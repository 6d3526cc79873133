"""How much of the time a busy machine took away: what a test allows on top of a limit in seconds."""

import threading
import time
from typing import Self

BEAT_S = 0.02
SHARE = 2.0
"""Threads in turn lose more than the one that counts."""


class Lag:
    """Within `with`, a thread sleeps in short beats; `s` is by how much it overslept, in all."""

    def __init__(self) -> None:
        self._overslept = 0.0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._began = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.took_s = time.monotonic() - self._began
        self._is_over.set()
        self._thread.join()

    def within(self, seconds: float) -> bool:
        """Whether what was done within took at most `seconds`, but for what the machine took away."""
        return self.took_s <= seconds + SHARE * self._overslept

    def _beat(self) -> None:
        while not self._is_over.is_set():
            began = time.monotonic()
            time.sleep(BEAT_S)
            self._overslept += max(0.0, time.monotonic() - began - 2 * BEAT_S)
