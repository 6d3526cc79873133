"""A conversation with a vendor's socket, without the socket: what was heard, what to say next, what to ask by REST.

A session is single-threaded and has no clock; whoever owns the socket calls it under a lock and obeys the answer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from tradesim.model.feed import FeedEvent


class FetchKind(StrEnum):
    BOOK = "book"
    TRADES = "trades"


@dataclass(frozen=True, slots=True)
class Fetch:
    """Something only REST can tell. Trades are those with `after` < id < `before`."""

    kind: FetchKind
    symbol: str
    after: int = 0
    before: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What one call of a session leads to. `restart` is why the whole connection must be replaced."""

    events: tuple[FeedEvent, ...] = ()
    send: tuple[str, ...] = ()
    fetch: tuple[Fetch, ...] = ()
    restart: str | None = None
    is_data: bool = False

    def __add__(self, other: "Step") -> "Step":
        return Step(
            self.events + other.events,
            self.send + other.send,
            self.fetch + other.fetch,
            self.restart or other.restart,
            self.is_data or other.is_data,
        )


NOTHING = Step()


class Session(Protocol):
    def want(self, symbols: Iterable[str], now: int) -> Step:
        """Replaces what was wanted; says what to send now if the connection is open."""
        ...

    def opened(self, now: int) -> Step: ...

    def heard(self, frame: bytes, now: int) -> Step: ...

    def due(self, now: int) -> Step:
        """What time alone brings about; to be called about every quarter of a second."""
        ...

    def answered(self, fetch: Fetch, answer: object, now: int) -> Step: ...

    def failed(self, fetch: Fetch, error: Exception, now: int) -> Step: ...

    def closed(self, reason: str, now: int) -> Step:
        """Resets for every book that was shown."""
        ...

    def refused(self) -> Mapping[str, str]:
        """Symbols that the vendor would not give, and why."""
        ...

