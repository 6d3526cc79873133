"""How often something happens: now, and as a habit. Time is given, in UTC ns; the same calls give the same answers."""

from collections import deque
from math import exp

from msgspec import Struct

from tradesim.kernel.clock import NS_PER_SECOND

SLOTS = 40
"""A window is counted in so many parts; what leaves it leaves a part at a time."""


class Count:
    """How often something happened in the last `width_s` seconds."""

    __slots__ = ("_slot_ns", "_slots", "_total")

    def __init__(self, width_s: int) -> None:
        self._slot_ns = width_s * NS_PER_SECOND // SLOTS
        self._slots: deque[list[int]] = deque()
        self._total = 0

    def add(self, now: int) -> None:
        slot = now // self._slot_ns
        if self._slots and self._slots[-1][0] >= slot:
            self._slots[-1][1] += 1
        else:
            self._slots.append([slot, 1])
        self._total += 1

    def total(self, now: int) -> int:
        oldest = now // self._slot_ns - SLOTS
        while self._slots and self._slots[0][0] <= oldest:
            self._total -= self._slots.popleft()[1]
        return self._total

    def seconds_until(self, below: int, now: int) -> int:
        """How long until fewer than `below` are left in the window, at least 1 s."""
        left = self.total(now)
        for slot, count in self._slots:
            left -= count
            if left < below:
                until = (slot + SLOTS) * self._slot_ns - now
                return max(1, -(-until // NS_PER_SECOND))
        return 1

    def clear(self) -> None:
        self._slots.clear()
        self._total = 0


class Habit(Struct, frozen=True):
    """A rate that forgets: what happened `memory_s` ago weighs 1/e of what happens now (EWMA). `at` in UTC ns."""

    weight: float = 0.0
    at: int = 0

    def after_one(self, now: int, memory_s: float) -> "Habit":
        return Habit(self._faded(now, memory_s) + 1.0, max(now, self.at))

    def rate(self, now: int, memory_s: float) -> float:
        """Per second."""
        return self._faded(now, memory_s) / memory_s

    def _faded(self, now: int, memory_s: float) -> float:
        passed_s = max(now - self.at, 0) / NS_PER_SECOND
        return self.weight * exp(-passed_s / memory_s)
