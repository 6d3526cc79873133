"""Orders, changes and cancels on their way to the venue, in the order in which they will arrive."""

from collections import deque
from collections.abc import Callable

Action = Callable[[int], None]


class Arrivals:
    """First sent is first to arrive: jitter can delay an action, never let it overtake."""

    def __init__(self) -> None:
        self._queue: deque[tuple[int, Action]] = deque()

    def send(self, arrives_at: int, action: Action) -> None:
        last = self._queue[-1][0] if self._queue else arrives_at
        self._queue.append((max(arrives_at, last), action))

    def next_due(self) -> int | None:
        return self._queue[0][0] if self._queue else None

    def take(self) -> Action:
        """The next to arrive. Raises IndexError when nothing is on its way."""
        return self._queue.popleft()[1]
