"""How long an order is on its way to the venue."""

import random

from msgspec import Struct

from tradesim.kernel.clock import NS_PER_MS

LONGEST_JITTER = 10


class LatencyModel(Struct, frozen=True):
    """`constant_ns` always, plus an exponential jitter with mean `jitter_ns`, cut at ten times that."""

    constant_ns: int = 5 * NS_PER_MS
    jitter_ns: int = 0

    def __post_init__(self) -> None:
        for name in ("constant_ns", "jitter_ns"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must be at least 0, was {getattr(self, name)}")

    def delay(self, rng: random.Random) -> int:
        """Nanoseconds that one order takes."""
        if not self.jitter_ns:
            return self.constant_ns
        jitter = min(rng.expovariate(1.0) * self.jitter_ns, LONGEST_JITTER * self.jitter_ns)
        return self.constant_ns + int(jitter)


class Wire:
    """One client's line to the venue: orders take time but never overtake each other, as on one connection."""

    def __init__(self, model: LatencyModel, rng: random.Random) -> None:
        self._model = model
        self._rng = rng
        self._last_arrival = 0

    def arrival(self, sent_at: int) -> int:
        """When an order sent at `sent_at` reaches the venue, both UTC ns."""
        self._last_arrival = max(self._last_arrival, sent_at + self._model.delay(self._rng))
        return self._last_arrival
