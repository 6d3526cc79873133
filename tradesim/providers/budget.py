"""How much may still be asked: a provider's quotas per second, minute and day, kept across restarts.

All who ask one vendor share one budget, and another process with the same store (`tradesim doctor`) is counted too.
Background work gets at most four fifths of each quota, so that a person's click is never the one refused.
Windows slide (pyrate-limiter's in-memory bucket) over the injected wall clock.
"""

import hashlib
import os
import threading
from collections.abc import Sequence
from typing import Any, Protocol

from msgspec import Struct
from pyrate_limiter import InMemoryBucket, Rate, RateItem

from tradesim.kernel.clock import NS_PER_MS, Clock
from tradesim.kernel.errors import RateLimited

BACKGROUND_SHARE = 0.8
SHORT_WINDOW_S = 10.0
"""Quotas of shorter windows are not worth writing down: a restart takes as long."""
LONGEST_CLOSED_S = 7 * 86_400.0
"""No vendor's answer closes it for longer; what says so was written by a clock that was ahead, or is damaged."""

Stamps = list[list[int]]
"""[when in ms, weight] of what was asked, oldest first."""


class Quota(Struct, frozen=True):
    """At most `limit` units within any `window_s` seconds. `name` is for people: `second`, `minute`, `day`."""

    name: str
    limit: int
    window_s: float


class BudgetStore(Protocol):
    """Where budgets outlive the process; `storage.budgets.BudgetFiles` is one."""

    def get(self, key: str, default: Any = None) -> Any: ...

    def set(self, key: str, value: Any, expire_s: float | None = None) -> bool: ...


class Forgetful:
    """A store for tests and for machines without a disk."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def get(self, key: str, default: Any = None) -> Any:
        return self.values.get(key, default)

    def set(self, key: str, value: Any, expire_s: float | None = None) -> bool:
        self.values[key] = value
        return True


class Budget:
    """One vendor's quotas, of the plan that `key` has. Safe from any thread. Both keep budgets apart in the store."""

    def __init__(
        self, name: str, quotas: Sequence[Quota], clock: Clock, store: BudgetStore | None = None, key: str = ""
    ) -> None:
        self._key, self._clock, self._store = f"budget/1/{place_of(name, key)}", clock, store or Forgetful()
        self._name = name
        self._quotas = sorted(quotas, key=lambda quota: quota.window_s)
        self._all = InMemoryBucket([Rate(quota.limit, ms(quota.window_s)) for quota in self._quotas])
        self._background = InMemoryBucket([Rate(share(quota.limit), ms(quota.window_s)) for quota in self._quotas])
        self._lock = threading.Lock()
        self._closed_until = 0
        self._closed_why = ""
        self._writes = 0
        self._latest = 0
        self._recall()

    def spend(self, weight: int = 1, background: bool = False) -> None:
        """Count one request. Raises RateLimited, with the seconds to wait, when nothing may be asked now."""
        with self._lock:
            self._recall()
            now = self._now()
            if now < self._closed_until:
                raise RateLimited(f"{self._name}: {self._closed_why}", (self._closed_until - now) / 1000)
            self._forget(now)
            item = RateItem(self._name, now, weight)
            if background:
                self._put(self._background, item, "background work may ask")
            try:
                self._put(self._all, item, "the plan allows")
            except RateLimited:
                if background:
                    del self._background.items[-weight:]
                raise
            self._remember()

    def close_for(self, seconds: float, why: str) -> None:
        """The provider itself said that the quota is used up: nothing is asked for so long, restarts included."""
        with self._lock:
            self._recall()
            until = self._now() + ms(seconds)
            self._closed_until = max(self._closed_until, until)
            self._closed_why = why
            self._remember()

    def left(self) -> dict[str, int]:
        """Units left by quota name, for the panel."""
        with self._lock:
            self._recall()
            now = self._now()
            is_closed = now < self._closed_until
            return {
                quota.name: 0 if is_closed else quota.limit - used(self._all, now - ms(quota.window_s))
                for quota in self._quotas
            }

    def _put(self, bucket: InMemoryBucket, item: RateItem, who: str) -> None:
        if bucket.put(item):
            return
        failing, waiting = bucket.failing_rate, bucket.waiting(item)
        allowed = f"{failing.limit} in {failing.interval / 1000:g} s" if failing else "none"
        seconds = waiting / 1000 if isinstance(waiting, int) and waiting > 0 else 1.0
        raise RateLimited(f"{self._name}: {who} {allowed}; the next is free in {seconds:.1f} s", seconds)

    def _forget(self, now: int) -> None:
        self._all.leak(now)
        self._background.leak(now)

    def _now(self) -> int:
        """Where the machine's clock was set back, what was asked was asked just now, and a rest lasts as long."""
        now = self._clock.now() // NS_PER_MS
        if now < self._latest:
            for bucket in (self._all, self._background):
                bucket.items[:] = [RateItem(self._name, min(item.timestamp, now), 1) for item in bucket.items]
            self._closed_until -= self._latest - now
        self._latest = now
        return now

    def _remember(self) -> None:
        longest = self._quotas[-1].window_s if self._quotas else 0.0
        lasts = max(longest, (self._closed_until - self._now()) / 1000)
        if lasts < SHORT_WINDOW_S:
            return
        self._writes += 1
        kept = {
            "by": self._stamp(),
            "all": stamps_of(self._all),
            "background": stamps_of(self._background),
            "closed_until": self._closed_until,
            "closed_why": self._closed_why,
        }
        self._store.set(self._key, kept, lasts + 60.0)

    def _recall(self) -> None:
        """Take over what another wrote since; what is too short to be written down stays as it is."""
        kept = self._store.get(self._key)
        if not isinstance(kept, dict) or kept.get("by") == self._stamp():
            return
        now = self._now()
        self._forget(now)
        most = max((quota.limit for quota in self._quotas), default=0)
        for bucket, name in ((self._all, "all"), (self._background, "background")):
            told = sound_stamps(kept.get(name), now, most)
            if sum(weight for _, weight in told) >= len(bucket.items):
                bucket.items[:] = [RateItem(self._name, at, 1) for at, weight in told for _ in range(weight)]
        until, why = kept.get("closed_until"), kept.get("closed_why")
        latest = now + ms(LONGEST_CLOSED_S)
        if isinstance(until, int) and isinstance(why, str) and self._closed_until < until <= latest:
            self._closed_until, self._closed_why = until, why
        self._forget(now)

    def _stamp(self) -> str:
        """Of what this budget wrote last."""
        return f"{os.getpid()}/{id(self)}/{self._writes}"


class Budgets:
    """The budgets of one process: whoever asks a vendor with a key, for whatever market, spends from the same one."""

    def __init__(self, clock: Clock, store: BudgetStore | None = None) -> None:
        self._clock, self._store = clock, store
        self._made: dict[str, Budget] = {}
        self._lock = threading.Lock()

    def of(self, name: str, quotas: Sequence[Quota], key: str = "") -> Budget:
        place = place_of(name, key)
        with self._lock:
            if place not in self._made:
                self._made[place] = Budget(name, quotas, self._clock, self._store, key)
            return self._made[place]


def place_of(name: str, key: str) -> str:
    """Under which something of a vendor and a key is kept; the key cannot be told from it."""
    return f"{name}/{hashlib.sha256(key.encode()).hexdigest()[:16]}" if key else name


def every_s(quotas: Sequence[Quota]) -> float:
    """How often background work may ask, on and on."""
    return max(quota.window_s / share(quota.limit) for quota in quotas)


def ms(seconds: float) -> int:
    return max(1, int(seconds * 1000))


def share(limit: int) -> int:
    """What of a quota background work may use; never nothing."""
    return max(1, int(limit * BACKGROUND_SHARE))


def used(bucket: InMemoryBucket, since: int) -> int:
    return sum(1 for item in bucket.items if item.timestamp >= since)


def stamps_of(bucket: InMemoryBucket) -> Stamps:
    stamps: Stamps = []
    for item in bucket.items:
        if stamps and stamps[-1][0] == item.timestamp:
            stamps[-1][1] += 1
        else:
            stamps.append([item.timestamp, 1])
    return stamps


def sound_stamps(kept: Any, now: int, most: int) -> Stamps:
    """What was kept, in order and never after now (the machine's clock may have been set back); `most` units at most,
    the latest: a budget that is full holds no more.
    """
    if not isinstance(kept, list):
        return []
    pairs = [pair for pair in kept if isinstance(pair, list) and len(pair) == 2 and all(map(is_count, pair))]
    stamps: Stamps = []
    for at, weight in sorted(([min(at, now), weight] for at, weight in pairs), reverse=True):
        stamps.insert(0, [at, min(weight, most)])
        most -= stamps[0][1]
        if not most:
            break
    return stamps


def is_count(number: Any) -> bool:
    return isinstance(number, int) and 0 < number < 1 << 53
