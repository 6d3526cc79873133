"""What a stream must ask by REST while it goes on listening: done elsewhere, one at a time, handed back when ready."""

import queue
import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from tradesim.providers.background import in_background

IDLE_S = 5.0

A = TypeVar("A")
B = TypeVar("B")


class Errands(Protocol[A, B]):
    def send(self, errand: A) -> None: ...

    def done(self) -> list[tuple[A, B | Exception]]:
        """What came back since the last call, in order."""
        ...


class ThreadedErrands(Generic[A, B]):
    """A thread that lives while there is something to do."""

    def __init__(self, name: str, run: Callable[[A], B]) -> None:
        self._name, self._run = name, run
        self._todo: queue.Queue[A] = queue.Queue()
        self._results: queue.SimpleQueue[tuple[A, B | Exception]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._is_running = False

    def send(self, errand: A) -> None:
        with self._lock:
            self._todo.put(errand)
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._work, name=self._name, daemon=True).start()

    def done(self) -> list[tuple[A, B | Exception]]:
        results = []
        while not self._results.empty():
            results.append(self._results.get())
        return results

    def _work(self) -> None:
        while (errand := self._next()) is not None:
            self._results.put((errand, self._result(errand)))

    def _next(self) -> A | None:
        try:
            return self._todo.get(timeout=IDLE_S)
        except queue.Empty:
            with self._lock:
                if not self._todo.empty():
                    return self._todo.get()
                self._is_running = False
                return None

    def _result(self, errand: A) -> B | Exception:
        try:
            with in_background():
                return self._run(errand)
        except Exception as error:  # noqa: BLE001 - handed back as a value: whoever sent the errand decides
            return error
