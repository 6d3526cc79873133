"""Waiting for a fact, never for a time: a busy machine may need long, a quiet one goes on at once."""

import time
from collections.abc import Callable
from typing import Any

PATIENCE_S = 60.0
"""Long enough for any machine: what has not come true by then never will."""
LOOK_EVERY_S = 0.01


def eventually(fact: Callable[[], Any], said: Callable[[], object] = lambda: "did not come true") -> Any:
    """The first true answer of `fact`; `said` completes the sentence when there is none."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := fact()):
        assert time.monotonic() < deadline, f"waited {PATIENCE_S:g} s: {said()}"
        time.sleep(LOOK_EVERY_S)
    return found
