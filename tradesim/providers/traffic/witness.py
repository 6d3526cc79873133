"""What else decides what a stream says, written down: what it rolled, and when an answer by REST was handed to it.

With the frames and the looks at a quiet line this is all of it: played back, the same words come at the same moments,
whatever the threads did.
"""

import random
from collections.abc import Callable
from typing import Any

from tradesim.providers.errands import ThreadedErrands

Write = Callable[..., None]
"""`write(kind, **fields)`"""


class WrittenDice(random.Random):
    """Rolls as `rng` does."""

    def __init__(self, rng: random.Random, write: Write) -> None:
        super().__init__()
        self._rng, self._write = rng, write

    def uniform(self, a: float, b: float) -> float:
        rolled = self._rng.uniform(a, b)
        self._write("rolled", value=rolled)
        return rolled


class WrittenErrands(ThreadedErrands[Any, Any]):
    def __init__(self, name: str, run: Callable[[Any], Any], write: Write) -> None:
        super().__init__(name, run)
        self._write = write

    def done(self) -> list[tuple[Any, Any]]:
        results = super().done()
        if results:
            self._write("handed", count=len(results))
        return results
