"""How long to wait before the next attempt: full jitter, so that many do not return at once.

Source: "Exponential Backoff and Jitter", AWS Architecture Blog, 2015 (the "full jitter" rule).
"""

import random


class FullJitter:
    """Delays uniform in [0, min(cap, base * 2**attempt)], in seconds."""

    def __init__(self, rng: random.Random, base_s: float = 1.0, cap_s: float = 60.0) -> None:
        self._rng = rng
        self._base_s = base_s
        self._cap_s = cap_s
        self.attempt = 0

    def next(self) -> float:
        ceiling = min(self._cap_s, self._base_s * 2**self.attempt)
        self.attempt += 1
        return self._rng.uniform(0, ceiling)

    def reset(self) -> None:
        self.attempt = 0
