"""Between the providers' threads and the market thread: a bounded queue that wakes the market when it was resting."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from tradesim.kernel.clock import NS_PER_MS, Clock
from tradesim.model.feed import FeedEvent, FeedHalt, FeedQuote, FeedReset

CAPACITY = 100_000
PATIENCE_S = 1.0
BUSY_NS = 5 * NS_PER_MS
STANDING = (FeedQuote, FeedHalt, FeedReset)
"""Of these the last word stands by itself, so it is kept when others are dropped."""


class Missed(Struct, frozen=True):
    """The market thread could not keep up: words of a provider on a symbol were dropped. Its line is well."""

    provider: str
    symbol: str
    at: int


class Intake:
    """`put` may be called from any thread, `take` from the market's alone.

    While things arrive steadily the market looks by itself every few milliseconds (`next_due`) and is not woken
    for each. When it cannot keep up, the putting thread waits a moment, so that the vendor's line backs up; what still
    does not fit is dropped but for the last standing words, and told as missed.
    """

    def __init__(self, clock: Clock, capacity: int = CAPACITY, patience_s: float = PATIENCE_S) -> None:
        self._clock, self._capacity, self._patience_s = clock, capacity, patience_s
        self._room = threading.Condition()
        self._events: deque[Any] = deque()
        self._wake: Callable[[], None] = nobody
        self._is_busy = False
        self._taken_at = 0
        self._missed: dict[tuple[str, str], Missed] = {}
        self._standing: dict[tuple[str, str, type], FeedEvent] = {}
        self.dropped = 0

    def on_arrival(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    def put(self, events: Sequence[Any]) -> None:
        with self._room:
            fits = self._room.wait_for(self._has_room, self._patience_s) if not self._has_room() else True
            if fits:
                self._events.extend(events)
            else:
                self._drop(events)
            is_resting = not self._is_busy
        if is_resting:
            self._wake()

    def take(self, now: int) -> list[Any]:
        """All that arrived, in order."""
        with self._room:
            taken = [*self._events, *self._missed.values(), *self._standing.values()]
            for each in (self._events, self._missed, self._standing):
                each.clear()
            self._is_busy, self._taken_at = bool(taken), now
            self._room.notify_all()
        return taken

    def next_due(self) -> int | None:
        return self._taken_at + BUSY_NS if self._is_busy or self._events else None

    def _has_room(self) -> bool:
        return len(self._events) < self._capacity

    def _drop(self, events: Sequence[Any]) -> None:
        self.dropped += len(events)
        for event in events:
            if not isinstance(event, Callable):  # type: ignore[arg-type]
                self._miss(event)

    def _miss(self, event: FeedEvent) -> None:
        provider, symbol = event.origin.provider, event.symbol
        self._missed[provider, symbol] = Missed(provider, symbol, event.origin.ts_received)
        if isinstance(event, STANDING):
            self._standing.pop((provider, symbol, type(event)), None)
            self._standing[provider, symbol, type(event)] = event


def nobody() -> None:
    """No market is listening yet."""
