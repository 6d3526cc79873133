"""How many requests a minute an account may send: counted always, refused only where a limit was set."""

import threading
import time
from collections.abc import Callable

from msgspec import Struct

MINUTE_S = 60
UNLIMITED = 1_000_000
"""What is announced where there is no limit."""


class Standing(Struct, frozen=True):
    """After one more request. `resets_at` is in seconds of the wall clock."""

    limit: int
    remaining: int
    resets_at: int
    is_over: bool

    @property
    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.resets_at),
        }


class Quota:
    """Safe from any thread. `a_minute` of zero counts and refuses nobody."""

    def __init__(self, a_minute: int = 0, now: Callable[[], float] = time.time) -> None:
        self.a_minute, self._now = a_minute, now
        self._turn = threading.Lock()
        self._minute = 0
        self._used: dict[str, int] = {}

    def spend(self, account: str) -> Standing:
        minute = int(self._now()) // MINUTE_S
        with self._turn:
            if minute != self._minute:
                self._minute, self._used = minute, {}
            used = self._used.get(account, 0) + 1
            self._used[account] = used
        limit = self.a_minute or UNLIMITED
        return Standing(limit, max(limit - used, 0), (minute + 1) * MINUTE_S, bool(self.a_minute) and used > limit)
