"""Times as Alpaca writes and reads them, and what it calls a timeframe."""

import re
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from tradesim.desk.zones import zone
from tradesim.kernel.clock import NS_PER_SECOND

MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9})\d*)?([Zz]|[+-]\d\d:?\d\d)?")
EARLIEST, LATEST = date(1970, 1, 1), date(2200, 1, 1)
NEW_YORK = "America/New_York"


class Unit(StrEnum):
    MINUTE = "Min"
    HOUR = "Hour"
    DAY = "Day"
    WEEK = "Week"
    MONTH = "Month"


class Frame(Struct, frozen=True):
    """A bar's length: `count` of `unit`."""

    count: int
    unit: Unit

    @property
    def minutes(self) -> int:
        """Of those that are shorter than a day."""
        return self.count * (60 if self.unit is Unit.HOUR else 1)


UNIT_BY_NAME = {
    "Min": Unit.MINUTE,
    "T": Unit.MINUTE,
    "Hour": Unit.HOUR,
    "H": Unit.HOUR,
    "Day": Unit.DAY,
    "D": Unit.DAY,
    "Week": Unit.WEEK,
    "W": Unit.WEEK,
    "Month": Unit.MONTH,
    "M": Unit.MONTH,
}
COUNTS = {
    Unit.MINUTE: frozenset(range(1, 60)),
    Unit.HOUR: frozenset(range(1, 24)),
    Unit.DAY: frozenset({1}),
    Unit.WEEK: frozenset({1}),
    Unit.MONTH: frozenset({1, 2, 3, 4, 6, 12}),
}
FRAME_PATTERN = (
    r"^([1-9]|[1-5][0-9])(Min|T)$|^([1-9]|1[0-9]|2[0-3])(Hour|H)$|^1(Day|D|Week|W)$|^(1|2|3|4|6|12)(Month|M)$"
)
MINUTE_FRAME = Frame(1, Unit.MINUTE)
DAY_FRAME = Frame(1, Unit.DAY)


def frame_of(text: str) -> Frame | None:
    """None for what Alpaca does not know either."""
    found = re.fullmatch(r"([0-9]{1,2})([A-Za-z]+)", text, re.ASCII)
    unit = unit_called(found[2]) if found else None
    if found is None or unit is None or int(found[1]) not in COUNTS[unit]:
        return None
    return Frame(int(found[1]), unit)


def unit_called(name: str) -> Unit | None:
    """Words in any case, as some clients write them; `M` is a month and `m` is nothing."""
    return UNIT_BY_NAME.get(name) or (UNIT_BY_NAME.get(name.capitalize()) if len(name) > 1 else None)


def moment_of(text: str, zone_name: str) -> int | None:
    """UTC ns of an RFC 3339 time, or of the midnight of `zone_name` that begins a plain date; None when it is none."""
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            return ns_of(datetime.combine(day, time(), zone(zone_name))) if EARLIEST <= day < LATEST else None
        return instant_of(text)
    except (ValueError, OverflowError):
        return None


def instant_of(text: str) -> int | None:
    found = MOMENT.fullmatch(text)
    if found is None:
        return None
    day, clock, fraction, offset = found.groups()
    moment = datetime.fromisoformat(f"{day}T{clock}{(offset or 'Z').upper()}")
    if not EARLIEST < moment.date() < LATEST:
        return None
    return ns_of(moment) + int((fraction or "0").ljust(9, "0"))


def ns_of(moment: datetime) -> int:
    return int(moment.timestamp()) * NS_PER_SECOND


@lru_cache(maxsize=256)
def second_text(second: int) -> str:
    return (datetime(1970, 1, 1) + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S")


def stamp(ns: int) -> str:
    """RFC 3339, UTC, nine digits behind the second."""
    second, rest = divmod(ns, NS_PER_SECOND)
    return f"{second_text(second)}.{rest:09d}Z"


def whole_stamp(ns: int) -> str:
    """RFC 3339, UTC, of a whole second: where bars begin."""
    return second_text(ns // NS_PER_SECOND) + "Z"


def local(ns: int, zone_name: str = NEW_YORK) -> datetime:
    return datetime.fromtimestamp(ns // NS_PER_SECOND, zone(zone_name)).replace(microsecond=ns % NS_PER_SECOND // 1_000)
