"""One failover for the market thread, which judges what is streamed, and the threads that ask over REST."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from tradesim.kernel.errors import ProviderError
from tradesim.marketdata.failover import Circuit, Failover, FailoverRules
from tradesim.model.feed import Capability


class SharedFailover(Failover):
    """As `Failover`, under a lock that is never held while anybody waits for the network."""

    def __init__(self, order: Mapping[Capability, Sequence[str]], rules: FailoverRules | None = None) -> None:
        super().__init__(order, rules)
        self._lock = threading.RLock()

    def order(self, kind: Capability) -> tuple[str, ...]:
        with self._lock:
            return super().order(kind)

    def active(self, kind: Capability, now: int) -> str | None:
        with self._lock:
            return super().active(kind, now)

    def candidates(self, kind: Capability, now: int) -> tuple[str, ...]:
        with self._lock:
            return super().candidates(kind, now)

    def circuit(self, kind: Capability, provider: str, now: int) -> Circuit:
        with self._lock:
            return super().circuit(kind, provider, now)

    def excluded(self) -> Mapping[tuple[Capability, str], str]:
        with self._lock:
            return super().excluded()

    def readmit(self, provider: str, why: str, now: int) -> None:
        with self._lock:
            super().readmit(provider, why, now)

    def enlist(self, provider: str, kinds: Iterable[Capability], route: Sequence[str]) -> None:
        with self._lock:
            super().enlist(provider, kinds, route)

    def leave_out(self, provider: str, why: str, now: int) -> None:
        with self._lock:
            super().leave_out(provider, why, now)

    def admit(self, provider: str, now: int) -> None:
        with self._lock:
            super().admit(provider, now)

    def without(self, provider: str) -> Self:
        with self._lock:
            return super().without(provider)

    def succeeded(self, kind: Capability, provider: str, now: int) -> None:
        with self._lock:
            super().succeeded(kind, provider, now)

    def failed(self, kind: Capability, provider: str, error: ProviderError, now: int) -> None:
        with self._lock:
            super().failed(kind, provider, error, now)

    def stale(self, kind: Capability, provider: str, why: str, now: int) -> None:
        with self._lock:
            super().stale(kind, provider, why, now)

    def trying(self, kind: Capability, provider: str, now: int) -> None:
        with self._lock:
            super().trying(kind, provider, now)
