"""When a part of a connection (one symbol's book) may be asked for again: full jitter, forgiven when good."""

import random
from collections.abc import Hashable
from typing import Generic, TypeVar

from tradesim.kernel.backoff import FullJitter
from tradesim.kernel.clock import NS_PER_SECOND

GOOD_FOR_NS = 30 * NS_PER_SECOND

K = TypeVar("K", bound=Hashable)


class Patience(Generic[K]):
    """`failed` plans the next attempt of a key, `due` hands out those whose time has come, `good` forgives."""

    def __init__(self, rng: random.Random, base_s: float = 1.0, cap_s: float = 60.0) -> None:
        self._rng = rng
        self._base_s = base_s
        self._cap_s = cap_s
        self._jitter: dict[K, FullJitter] = {}
        self._good_since: dict[K, int] = {}
        self._planned: dict[K, int] = {}

    def failed(self, key: K, now: int, least_s: float = 0.0) -> int:
        """The moment (ns) of the next attempt, `least_s` away or more; a plan that stands already is kept."""
        self._good_since.pop(key, None)
        if key not in self._planned:
            jitter = self._jitter.setdefault(key, FullJitter(self._rng, self._base_s, self._cap_s))
            self._planned[key] = now + int(max(least_s, jitter.next()) * NS_PER_SECOND)
        return self._planned[key]

    def good(self, key: K, now: int) -> None:
        if key not in self._jitter:
            return
        since = self._good_since.setdefault(key, now)
        if now - since >= GOOD_FOR_NS:
            self.forget(key)

    def due(self, now: int) -> list[K]:
        due = [key for key, at in self._planned.items() if at <= now]
        for key in due:
            del self._planned[key]
        return due

    def is_planned(self, key: K) -> bool:
        return key in self._planned

    def forget(self, key: K) -> None:
        self._jitter.pop(key, None)
        self._good_since.pop(key, None)
        self._planned.pop(key, None)

    def cancel(self) -> None:
        """What was planned is void (the whole connection is new); what was learned stays."""
        self._planned.clear()
        self._good_since.clear()
