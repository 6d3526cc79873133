"""What time it is. Every engine is handed a clock; none looks at the wall.

Times are `int` nanoseconds since 1970-01-01 UTC.
"""

import time
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

NS_PER_MS = 1_000_000
NS_PER_SECOND = 1_000_000_000


def moment_text(moment: int) -> str:
    """UTC, to the second; nanoseconds where no calendar reaches."""
    try:
        return f"{datetime.fromtimestamp(moment // NS_PER_SECOND, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return f"{moment} ns"


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


class Course(NamedTuple):
    """From `market` time at `wall` time on, at `speed`; standing still where it does not play."""

    market: int
    wall: int
    speed: float
    is_playing: bool


class VirtualClock:
    """Market time: runs at `speed` times the pace of `wall`, can pause, step and jump.

    While paused it stands still; `seek` may go either way, everything else only forward. Moved by one
    thread, read by any: its course is swapped whole.
    """

    def __init__(self, wall: Clock, start: int, speed: float = 1.0, playing: bool = True) -> None:
        self._wall = wall
        self._course = Course(start, wall.now(), speed, playing)

    @property
    def speed(self) -> float:
        return self._course.speed

    @property
    def is_playing(self) -> bool:
        return self._course.is_playing

    def now(self) -> int:
        course = self._course
        if not course.is_playing:
            return course.market
        return course.market + int((self._wall.now() - course.wall) * course.speed)

    def play(self) -> None:
        self._set_off(is_playing=True)

    def pause(self) -> None:
        self._set_off(is_playing=False)

    def pause_at(self, moment: int) -> None:
        self._course = Course(moment, self._wall.now(), self._course.speed, False)

    def set_speed(self, speed: float) -> None:
        if not 0 < speed <= 1_000_000:
            raise ValueError(f"speed must be above 0 and at most 1,000,000, was {speed}")
        self._course = Course(self.now(), self._wall.now(), speed, self._course.is_playing)

    def seek(self, to: int) -> None:
        self._course = Course(to, self._wall.now(), self._course.speed, self._course.is_playing)

    def wall_delay_until(self, moment: int) -> float:
        """Seconds of wall time until the market reaches `moment`; infinite while paused."""
        if not self.is_playing:
            return float("inf")
        return max(0.0, (moment - self.now()) / self.speed / NS_PER_SECOND)

    def _set_off(self, is_playing: bool) -> None:
        self._course = Course(self.now(), self._wall.now(), self._course.speed, is_playing)
