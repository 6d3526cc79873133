"""How the keys of programs are used: when last, and how often today. In memory; what was counted may be lost."""

import threading
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

DAY_NS = 86_400_000_000_000


class KeyUse(Struct, frozen=True):
    """`last_used_at` in UTC ns of the wall clock; `requests` of the UTC day `day` (counted from 1970)."""

    last_used_at: int
    day: int
    requests: int


class KeyUses:
    """Safe from any thread. A listener that knocks with its key counts like a request."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._turn = threading.Lock()
        self._by_id: dict[str, KeyUse] = {}

    def count(self, id_: str) -> None:
        at = self._now()
        with self._turn:
            former, day = self._by_id.get(id_), at // DAY_NS
            today = former.requests if former and former.day == day else 0
            self._by_id[id_] = KeyUse(at, day, today + 1)

    def of(self, id_: str) -> KeyUse | None:
        """None for a key that nobody has shown yet; `requests` is 0 when that was on another day."""
        found = self._by_id.get(id_)
        if found is None or found.day == self._now() // DAY_NS:
            return found
        return KeyUse(found.last_used_at, found.day, 0)

    def forget(self, id_: str) -> None:
        with self._turn:
            self._by_id.pop(id_, None)

    def saved(self) -> dict[str, list[int]]:
        """For a cache, to be handed to `remember` after a restart."""
        with self._turn:
            return {id_: [use.last_used_at, use.day, use.requests] for id_, use in self._by_id.items()}

    def remember(self, saved: Mapping[str, Sequence[int]]) -> None:
        """What is not in the form of `saved` is not looked at."""
        with self._turn:
            for id_, row in saved.items():
                if id_ not in self._by_id and len(row) == 3 and all(isinstance(part, int) for part in row):
                    self._by_id[id_] = KeyUse(*row)
