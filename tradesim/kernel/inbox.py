"""The market thread's letter box: many threads put, one thread takes."""

import queue
from concurrent.futures import Future
from typing import Any

from msgspec import Struct, field


class InboxFull(Exception):
    """More letters are waiting than the owner can answer in time; the caller should try again."""


class Letter(Struct, frozen=True):
    """A command on its way to the owner, with the future that carries the answer back."""

    command: Any
    reply: "Future[Any]" = field(default_factory=Future)


class Inbox:
    """Bounded queue of letters. `wake` ends a wait without leaving a letter."""

    def __init__(self, capacity: int = 10_000) -> None:
        self._capacity = capacity
        self._queue: queue.SimpleQueue[Letter | None] = queue.SimpleQueue()

    @property
    def is_empty(self) -> bool:
        return self._queue.empty()

    def put(self, command: Any) -> "Future[Any]":
        """Leave a command. Raises InboxFull when `capacity` letters already wait."""
        if self._queue.qsize() >= self._capacity:
            raise InboxFull(f"the desk already has {self._capacity} commands waiting; try again in a moment")
        letter = Letter(command)
        self._queue.put(letter)
        return letter.reply

    def wake(self) -> None:
        self._queue.put(None)

    def take(self, timeout_s: float, most: int = 256) -> list[Letter]:
        """Wait up to `timeout_s` for a first letter, then take at most `most` without waiting."""
        letters: list[Letter] = []
        try:
            first = self._queue.get(timeout=timeout_s) if timeout_s > 0 else self._queue.get_nowait()
            self._keep(first, letters)
            while len(letters) < most:
                self._keep(self._queue.get_nowait(), letters)
        except queue.Empty:
            pass
        return letters

    @staticmethod
    def _keep(letter: Letter | None, letters: list[Letter]) -> None:
        if letter is not None:
            letters.append(letter)
