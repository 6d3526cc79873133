"""Errands for tests of streams, where time is ours."""

from collections.abc import Callable
from typing import Generic, TypeVar

A = TypeVar("A")
B = TypeVar("B")


class AtOnce(Generic[A, B]):
    """`providers.errands.Errands` that are run where they are sent."""

    def __init__(self, run: Callable[[A], B]) -> None:
        self._run = run
        self._results: list[tuple[A, B | Exception]] = []

    def send(self, errand: A) -> None:
        try:
            self._results.append((errand, self._run(errand)))
        except Exception as error:
            self._results.append((errand, error))

    def done(self) -> list[tuple[A, B | Exception]]:
        results, self._results = self._results, []
        return results
