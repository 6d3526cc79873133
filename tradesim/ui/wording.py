"""How numbers, times and durations are written in what the server draws; the same words as assets/format.js."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from tradesim.kernel.clock import NS_PER_SECOND

NONE, MINUS = "–", "−"
DUST = 8
Number = Decimal | float | int


def number(value: Number | None, decimals: int = 2) -> str:
    """`1,234.50`; a minus is U+2212, nothing known a dash."""
    if value is None:
        return NONE
    text = f"{abs(value):,.{decimals}f}"
    return MINUS + text if value < 0 and has_digits(text) else text


def signed(value: Number | None, decimals: int = 2) -> str:
    text = number(value, decimals)
    return f"+{text}" if value is not None and value > 0 and has_digits(text) else text


def percent(fraction: Number | None, decimals: int = 2) -> str:
    """`+1.25 %` of 0.0125."""
    return NONE if fraction is None else f"{signed(fraction * 100, decimals)} %"


def share(fraction: Number | None, decimals: int = 0) -> str:
    """As `percent`, of what has no direction."""
    return NONE if fraction is None else f"{number(fraction * 100, decimals)} %"


def quantity(value: Decimal) -> str:
    """As many decimals as it has."""
    text = f"{value:,.{DUST}f}"
    return text.rstrip("0").rstrip(".")


def price(value: Decimal | None, decimals: int = 2) -> str:
    """An average may lie between ticks: two more digits where it does."""
    if value is None:
        return NONE
    return number(value, decimals if value == round(value, decimals) else decimals + 2)


def duration(ns: int | None) -> str:
    """`45 s`, `12 min`, `3 h 20 min`, `4 d 2 h`."""
    if ns is None:
        return NONE
    seconds = ns // NS_PER_SECOND
    if seconds < 120:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 120:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def local(at: int, zone: str) -> datetime:
    return datetime.fromtimestamp(at / NS_PER_SECOND, ZoneInfo(zone))


def moment(at: int, zone: str) -> str:
    """`3 Nov 2026 09:31:05`."""
    told = local(at, zone)
    return f"{short_day(told)} {told:%Y %H:%M:%S}"


def short_day(day: date) -> str:
    """`3 Nov`. Not by a format alone: a day without its zero is `%-d` on one system and `%#d` on another."""
    return f"{day.day} {day:%b}"


def sign_class(value: Number | None) -> str:
    return "muted" if not value else "up" if value > 0 else "down"


def has_digits(text: str) -> bool:
    return any(each in "123456789" for each in text)
