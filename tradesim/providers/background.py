"""Whether a question is a person's or the machine's own: polls, gaps and retries leave room for clicks."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

is_background: ContextVar[bool] = ContextVar("is_background", default=False)


@contextmanager
def in_background() -> Iterator[None]:
    """Requests of this thread within are the machine's own: they leave the last fifth of each quota to clicks."""
    token = is_background.set(True)
    try:
        yield
    finally:
        is_background.reset(token)
