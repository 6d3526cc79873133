"""Fields of a vendor's answer, asked for by what they must be. What is not so is a BadPayload that says where."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import BadPayload

MOST_DIGITS = 30
LATEST_NS = 2**63 - 1
NEW_YORK = ZoneInfo("America/New_York")


def amount(value: object, what: str) -> Decimal:
    """A finite number from the digits of the wire, be they a JSON number or a string."""
    found = value if isinstance(value, Decimal) else _number(value, what)
    if not found.is_finite() or abs(found.adjusted()) > MOST_DIGITS:
        raise BadPayload(f"{what} must be a number, was {value!r:.40}")
    return found


def _number(value: object, what: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise BadPayload(f"{what} must be a number, was {value!r:.40}")
    try:
        return Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        raise BadPayload(f"{what} must be a number, was {value!r:.40}") from None


def amount_or_none(value: object, what: str) -> Decimal | None:
    """None for nothing and for 0, which vendors write where there is no price."""
    if value is None:
        return None
    return amount(value, what) or None


def whole(value: object, what: str) -> int:
    found = amount(value, what)
    if found != found.to_integral_value():
        raise BadPayload(f"{what} must be a whole number, was {value!r:.40}")
    return int(found)


def text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise BadPayload(f"{what} must be text, was {value!r:.40}")
    return value


def members(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadPayload(f"{what} must be an object, was {value!r:.40}")
    return value


def rows(value: object, what: str) -> Sequence[Any]:
    """A list; nothing at all counts as an empty one."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise BadPayload(f"{what} must be a list, was {value!r:.40}")
    return value


def ns(count: object, unit_ns: int, what: str) -> int:
    """UTC ns of an epoch count in units of `unit_ns`."""
    found = whole(count, what) * unit_ns
    if not 0 < found <= LATEST_NS:
        raise BadPayload(f"{what} must be a moment, was {count!r:.40}")
    return found


def ns_of_stamp(value: object, what: str) -> int:
    """UTC ns of RFC 3339 with up to nine decimals (`2021-10-13T08:00:00.08960768Z`)."""
    stamp = text(value, what)
    head, rest = stamp[:19], stamp[19:]
    zone_at = next((place for place, mark in enumerate(rest) if mark in "Z+-"), len(rest))
    fraction, zone = rest[:zone_at].lstrip("."), rest[zone_at:]
    try:
        moment = datetime.fromisoformat(head + ("+00:00" if zone in ("Z", "") else zone))
        return int(moment.timestamp()) * NS_PER_SECOND + int(fraction[:9].ljust(9, "0"))
    except (ValueError, OverflowError):
        raise BadPayload(f"{what} must be a time, was {value!r:.40}") from None


def ns_of_wall(value: object, zone: ZoneInfo, what: str) -> int:
    """UTC ns of a wall-clock time or a date without a zone, which is of `zone`."""
    try:
        moment = datetime.fromisoformat(text(value, what).strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        return int(moment.astimezone(UTC).timestamp()) * NS_PER_SECOND + moment.microsecond * 1_000
    except (ValueError, OverflowError):
        raise BadPayload(f"{what} must be a time, was {value!r:.40}") from None


def day_of(value: object, what: str) -> date:
    try:
        return date.fromisoformat(text(value, what)[:10])
    except ValueError:
        raise BadPayload(f"{what} must be a date, was {value!r:.40}") from None


def zone_of(name: object, what: str) -> ZoneInfo:
    try:
        return ZoneInfo(text(name, what))
    except (ValueError, OSError, KeyError):
        raise BadPayload(f"{what} must be a time zone, was {name!r:.40}") from None
