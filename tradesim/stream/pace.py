"""How often pages are told what changed: less often the more there are, and the longer it takes to say it."""

from bisect import bisect_left

SHARE = 4 / 3
"""Frames are so far apart that making them takes at most one part in this many of a core: orders go first anyway."""
SLOWEST_FRAME_S = 0.1
PACE = ((100, 0.003), (500, 0.010), (1_000, 0.020), (5_000, 0.1))
"""Sockets and the least time between two frames for them, in seconds; in between, a straight line."""


def frame_interval(sockets: int, pass_s: float) -> float:
    """Seconds from one frame to the next for so many sockets, when making one takes `pass_s` of processor time."""
    return max(paced(sockets), min(SHARE * pass_s, SLOWEST_FRAME_S))


def paced(sockets: int) -> float:
    place = bisect_left(PACE, (sockets, 0.0))
    if place == 0:
        return PACE[0][1]
    if place == len(PACE):
        return PACE[-1][1]
    (fewer, faster), (more, slower) = PACE[place - 1 : place + 1]
    return faster + (slower - faster) * (sockets - fewer) / (more - fewer)
