"""When a trading day ends: what DAY means in a market with hours, and in one that never closes."""

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.market import SessionState

ZONE = ZoneInfo("America/New_York")
NS_PER_MINUTE = 60 * NS_PER_SECOND
NS_PER_DAY = 1_440 * NS_PER_MINUTE
BOUNDARIES = ((0, 0), (4, 0), (9, 28), (9, 30), (12, 50), (13, 0), (15, 50), (16, 0), (17, 0), (20, 0))
"""New York, hour and minute: midnight; the extended session's begin and end; the regular open, the close of a half day
and the regular close, each also when its auction begins to be collected; the end of a half day, and of the currency
week."""
TRADING = frozenset({SessionState.ALWAYS, SessionState.REGULAR, SessionState.PRE})


def local(now: int) -> datetime:
    return datetime.fromtimestamp(now // NS_PER_SECOND, ZONE)


def next_boundary(now: int) -> int:
    """The next moment after `now`, UTC ns, at which a session or a trading day may begin or end."""
    return boundary_after(now // NS_PER_SECOND) * NS_PER_SECOND


@lru_cache(maxsize=8)
def boundary_after(second: int) -> int:
    present = datetime.fromtimestamp(second, ZONE)
    for day in (present, present + timedelta(days=1)):
        for hour, minute in BOUNDARIES:
            moment = day.replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)
            if moment.timestamp() > second:
                return int(moment.timestamp())
    raise AssertionError("a day has a midnight")


def is_boundary(now: int) -> bool:
    """Whether a trading day may end at `now`."""
    return now % NS_PER_SECOND == 0 and next_boundary(now - NS_PER_SECOND) == now


def next_minute(now: int) -> int:
    """The next full minute after `now`; every boundary is one."""
    return now - now % NS_PER_MINUTE + NS_PER_MINUTE


def days_between(since: int, now: int) -> int:
    """Midnights in New York passed on the way from `since` to `now`."""
    return (local(now).date() - local(since).date()).days


def is_midnight(now: int) -> bool:
    return local(now).hour == 0


def day_is_over(session: SessionState, now: int) -> bool:
    """Whether a DAY order ends at the boundary `now`: at midnight where the market never closes, else at its close."""
    return is_midnight(now) if session is SessionState.ALWAYS else session not in TRADING
