"""When a trading day begins: midnight of the market's own zone, clock changes included. Seconds of the epoch, UTC."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tradesim.model.instrument import AssetClass, Instrument

NEW_YORK = "America/New_York"
UTC_ZONE = "UTC"
HOURS_OF_A_DAY = 24


def zone_name(instrument: Instrument) -> str:
    """The zone that an instrument's days are counted in: New York for US equities, UTC for what never closes."""
    return NEW_YORK if instrument.asset_class is AssetClass.US_EQUITY else UTC_ZONE


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def date_of(second: int, name: str) -> date:
    return datetime.fromtimestamp(second, zone(name)).date()


@lru_cache(maxsize=4096)
def midnight(day: date, name: str) -> int:
    """First second of `day` in the zone."""
    return at(day, time(), name)


def at(day: date, wall: time, name: str) -> int:
    """The second at which the clocks of the zone show `wall` on `day` (the first one when they show it twice)."""
    return int(datetime.combine(day, wall, zone(name)).timestamp())


def day_bounds(second: int, name: str) -> tuple[int, int]:
    """`[first, next)` of the day that `second` falls in: 23, 24 or 25 hours."""
    day = date_of(second, name)
    return midnight(day, name), midnight(day + timedelta(days=1), name)


def boundaries(first: int, last: int, hours: int, name: str) -> NDArray[np.int64]:
    """Where stretches of `hours` begin, counted by the zone's clocks from midnight (00:00, 04:00, ...).

    Covers `first` to `last`, both included; on the days that clocks are changed one stretch is an hour
    shorter or longer.
    """
    day, end = date_of(first, name), date_of(last, name)
    found: list[int] = []
    while day <= end:
        found.extend(_of_one_day(day, hours, name))
        day += timedelta(days=1)
    return np.array(found, np.int64)


@lru_cache(maxsize=16_384)
def _of_one_day(day: date, hours: int, name: str) -> tuple[int, ...]:
    starts = [at(day, time(hour), name) for hour in range(0, HOURS_OF_A_DAY, hours)]
    return tuple(starts[:1] + [later for earlier, later in pairwise(starts) if later > earlier])
