"""Times as foreign tables write them: seconds to nanoseconds of the epoch, ISO, and the usual national forms."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from tradesim.kernel.clock import NS_PER_SECOND

FORMATS = (
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y.%m.%d %H:%M:%S",
    "%Y.%m.%d %H:%M",
    "%Y.%m.%d",
    "%d.%m.%Y %H:%M:%S.%f GMT%z",
    "%d.%m.%Y %H:%M:%S.%f",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%Y%m%d %H%M%S",
    "%Y%m%d %H:%M:%S",
    "%Y%m%d %H:%M",
    "%Y%m%d",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%b %d, %Y",
    "%m/%d/%y",
)
COUNTED = 2**63
UNIT_LIMITS = tuple((COUNTED // unit, unit) for unit in (NS_PER_SECOND, 10**6, 10**3))
"""Counts below a limit are seconds, milliseconds, microseconds; above all, nanoseconds. Good from May 1970 on."""
OUT_OF_RANGE = "; times go from 1678 to 2261"
FIRST_DAY_NUMBER, LAST_DAY_NUMBER = 19_000_101, 29_991_231
NS_PER_MICROSECOND = 1_000


class Unreadable(Struct, frozen=True):
    """`row` counts from 0; `why` ends the sentence about it."""

    row: int
    text: str
    why: str = ""


def times_of(cells: Sequence[str], zone: tzinfo) -> NDArray[np.int64] | Unreadable:
    """UTC ns of each cell; a time without a zone of its own is of `zone`. All cells must be of one form."""
    if cells and _is_count(cells[0]):
        return _counts(cells)
    furthest = Unreadable(0, cells[0] if cells else "")
    for reader in READERS:
        found = _read(cells, reader, zone)
        if not isinstance(found, Unreadable):
            return found
        furthest = max(furthest, found, key=lambda unreadable: (unreadable.row, unreadable.why))
    return furthest


def ns_of_counts(counts: NDArray[Any], unit: int | None = None) -> NDArray[np.int64] | Unreadable:
    """Epoch counts as ns, the unit judged by their size where it is not known. NaN is no time."""
    sizes = np.abs(counts.astype(np.float64))
    is_wrong = ~(sizes < COUNTED // (unit or 1))
    if is_wrong.any():
        row = int(is_wrong.argmax())
        return Unreadable(row, "") if np.isnan(sizes[row]) else Unreadable(row, str(counts[row]), OUT_OF_RANGE)
    unit = unit or next((each for limit, each in UNIT_LIMITS if sizes.max(initial=0) < limit), 1)
    whole: NDArray[np.int64] = np.floor(counts).astype(np.int64)
    return whole * unit + np.rint((counts - whole) * unit).astype(np.int64)


def _is_count(cell: str) -> bool:
    digits = cell.strip().lstrip("-").replace(".", "", 1)
    return digits.isdigit() and not FIRST_DAY_NUMBER <= float(digits) <= LAST_DAY_NUMBER


def _counts(cells: Sequence[str]) -> NDArray[np.int64] | Unreadable:
    try:
        return ns_of_counts(np.array([int(cell) for cell in cells], np.int64))
    except (ValueError, OverflowError):
        pass
    values = np.empty(len(cells), np.float64)
    for row, cell in enumerate(cells):
        try:
            values[row] = float(cell)
        except ValueError:
            return Unreadable(row, cell)
    found = ns_of_counts(values)
    return replace(found, text=cells[found.row]) if isinstance(found, Unreadable) else found


Reader = Callable[[str], datetime]


def _strptime(form: str) -> Reader:
    return lambda text: datetime.strptime(text, form)


READERS: tuple[Reader, ...] = (datetime.fromisoformat, *(_strptime(form) for form in FORMATS))


def _read(cells: Sequence[str], reader: Reader, zone: tzinfo) -> NDArray[np.int64] | Unreadable:
    found = np.empty(len(cells), np.int64)
    for row, cell in enumerate(cells):
        try:
            moment = reader(cell.strip())
            found[row] = _ns(moment if moment.tzinfo else moment.replace(tzinfo=zone))
        except ValueError:
            return Unreadable(row, cell)
        except OverflowError:
            return Unreadable(row, cell, OUT_OF_RANGE)
    return found


def _ns(moment: datetime) -> int:
    since = moment.astimezone(UTC) - EPOCH
    return (since.days * 86_400 + since.seconds) * NS_PER_SECOND + since.microseconds * NS_PER_MICROSECOND


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def localised(wall_ns: int, zone: tzinfo) -> int:
    """UTC ns of the moment at which the clocks of `zone` show `wall_ns` (counted as if they were UTC)."""
    second, rest = divmod(wall_ns, NS_PER_SECOND)
    moment = (EPOCH + timedelta(seconds=second)).replace(tzinfo=zone)
    return _ns(moment) + rest
