"""What time it is. Every engine is handed a clock; none looks at the wall.

Times are `int` nanoseconds since 1970-01-01 UTC.
"""

import time
from typing import Protocol

NS_PER_MS = 1_000_000
NS_PER_SECOND = 1_000_000_000


class Clock(Protocol):
    def now(self) -> int:
        """Nanoseconds since the epoch, UTC."""
        ...


class WallClock:
    """The machine's own clock, never running backwards within one process (it waits instead)."""

    def __init__(self) -> None:
        self._latest = 0

    def now(self) -> int:
        self._latest = max(self._latest, time.time_ns())
        return self._latest


class ManualClock:
    """A clock that stands still until it is told to move. For tests and scripted sessions."""

    def __init__(self, now: int = 0) -> None:
        self._now = now

    def now(self) -> int:
        return self._now

    def advance(self, by_ns: int) -> int:
        self._now += by_ns
        return self._now

    def set(self, now: int) -> None:
        self._now = now


class VirtualClock:
    """Market time: runs at `speed` times the pace of `wall`, can pause, step and jump.

    While paused it stands still; `seek` may go either way, everything else only forward.
    """

    def __init__(self, wall: Clock, start: int, speed: float = 1.0, playing: bool = True) -> None:
        self._wall = wall
        self._anchor_wall = wall.now()
        self._anchor = start
        self._speed = speed
        self._playing = playing

    @property
    def speed(self) -> float:
        return self._speed

    @property
    def is_playing(self) -> bool:
        return self._playing

    def now(self) -> int:
        if not self._playing:
            return self._anchor
        return self._anchor + int((self._wall.now() - self._anchor_wall) * self._speed)

    def play(self) -> None:
        self._reanchor(self.now())
        self._playing = True

    def pause(self) -> None:
        self._reanchor(self.now())
        self._playing = False

    def pause_at(self, moment: int) -> None:
        self._playing = False
        self._reanchor(moment)

    def set_speed(self, speed: float) -> None:
        if not 0 < speed <= 1_000_000:
            raise ValueError(f"speed must be above 0 and at most 1,000,000, was {speed}")
        self._reanchor(self.now())
        self._speed = speed

    def seek(self, to: int) -> None:
        self._reanchor(to)

    def wall_delay_until(self, moment: int) -> float:
        """Seconds of wall time until the market reaches `moment`; infinite while paused."""
        if not self._playing:
            return float("inf")
        return max(0.0, (moment - self.now()) / self._speed / NS_PER_SECOND)

    def _reanchor(self, at: int) -> None:
        self._anchor = at
        self._anchor_wall = self._wall.now()
