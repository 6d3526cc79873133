"""What may become of one message of a stream while faults are made on purpose."""

from collections.abc import Callable

from msgspec import Struct


class Treatment(Struct, frozen=True):
    """How often it is sent, how much later, and whether the socket ends instead."""

    copies: int = 1
    delay_s: float = 0.0
    ends: bool = False


FAITHFUL = Treatment()
Treat = Callable[[str, str], Treatment]
"""By the stream's address and the account's name."""
Treating = Callable[[], Treat | None]
"""None while nothing can happen to a message."""


def faithfully() -> Treat | None:
    return None
