"""Asking several the same, in order: the next one once one could not answer, or has said nothing for a while.

Each question costs of a budget: nobody more is asked when one has answered. Who was asked before and is better is still
heard out.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")
Told = tuple[int, T | None, BaseException | None]


class Hedge(Generic[T]):
    """`questions` are from the best to the worst, each bounded in time; an outcome `is_answer`, or moves on."""

    def __init__(self, questions: Sequence[Callable[[], T]], is_answer: Callable[[T], bool], patience_s: float) -> None:
        self._questions, self._is_answer, self._patience_s = list(questions), is_answer, patience_s
        self._asked, self._best = 0, len(questions)
        self._open: set[int] = set()
        self._told: SimpleQueue[Told[T]] = SimpleQueue()

    def outcomes(self) -> Iterator[tuple[int, T]]:
        """Place and outcome, as they come; of answers only those that are better than the ones before."""
        while self._may_ask or any(place < self._best for place in self._open):
            if not self._open:
                self._ask()
            try:
                place, outcome, bug = self._told.get(timeout=self._patience_s if self._may_ask else None)
            except Empty:
                self._ask()
                continue
            if bug is not None:
                raise bug
            self._open.discard(place)
            if place < self._best:
                yield from self._heard(place, outcome)  # type: ignore[arg-type]

    @property
    def _may_ask(self) -> bool:
        return self._best == len(self._questions) > self._asked

    def _heard(self, place: int, outcome: T) -> Iterator[tuple[int, T]]:
        if self._is_answer(outcome):
            self._best = place
        yield place, outcome

    def _ask(self) -> None:
        """On a thread of its own, unless nobody else could be asked meanwhile."""
        place = self._asked
        self._asked += 1
        is_alone = not self._open and not self._may_ask
        self._open.add(place)
        if is_alone:
            self._run(place)
        else:
            threading.Thread(target=copy_context().run, args=(self._run, place), name="hedge", daemon=True).start()

    def _run(self, place: int) -> None:
        try:
            self._told.put((place, self._questions[place](), None))
        except BaseException as bug:  # noqa: BLE001 - raised again where the outcome is waited for
            self._told.put((place, None, bug))
