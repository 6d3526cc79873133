"""Numbers and moments as vendors write them: digits stay digits, times become UTC ns. Raises BadPayload, never less.

`Text` is a JSON number whose digits were kept (msgspec with `float_hook=str`), or a number sent as text.
"""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import BadPayload

SECONDS_LENGTH = len("2026-08-16T23:37:09")
NS_DIGITS = 9


def digits_of(value: Any) -> str:
    """The digits of a number as sent, exponents written out."""
    if type(value) is int:
        return str(value)
    if type(value) is not str:
        raise BadPayload(f"a number was wanted, found {value!r}")
    if "e" in value or "E" in value:
        return format(decimal_of(value), "f")
    return value


def decimal_of(value: Any) -> Decimal:
    """Exact and finite."""
    if type(value) is not str and type(value) is not int:
        raise BadPayload(f"a number was wanted, found {value!r}")
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise BadPayload(f"a number was wanted, found {value!r}") from error
    if not number.is_finite():
        raise BadPayload(f"a finite number was wanted, found {value!r}")
    return number


def price_of(value: Any) -> Decimal:
    price = decimal_of(value)
    if price <= 0:
        raise BadPayload(f"a price above zero was wanted, found {value!r}")
    return price


def qty_of(value: Any) -> Decimal:
    qty = decimal_of(value)
    if qty < 0:
        raise BadPayload(f"a quantity of zero or more was wanted, found {value!r}")
    return qty


def level_of(price: Any, qty: Any) -> tuple[Decimal, Decimal]:
    return price_of(price), qty_of(qty)


def none_if_zero(number: Decimal) -> Decimal | None:
    return number if number > 0 else None


def whole_of(value: Any) -> int:
    if type(value) is not int:
        raise BadPayload(f"a whole number was wanted, found {value!r}")
    return value


def moment_of(text: Any) -> int:
    """RFC 3339 in UTC (`2026-08-16T23:37:09.399268Z`), up to nine digits of a second, as ns."""
    if type(text) is not str or not text.endswith("Z"):
        raise BadPayload(f"a UTC time was wanted, found {text!r}")
    fraction = text[SECONDS_LENGTH + 1 : -1]
    if fraction and not (fraction.isdigit() and text[SECONDS_LENGTH] == "."):
        raise BadPayload(f"a UTC time was wanted, found {text!r}")
    return _second(text[:SECONDS_LENGTH]) + int(fraction[:NS_DIGITS].ljust(NS_DIGITS, "0"))


def moment_of_seconds(value: Any) -> int:
    """Seconds since the epoch with a decimal fraction, digits kept, as ns."""
    return int(decimal_of(value) * NS_PER_SECOND)


@lru_cache(maxsize=64)
def _second(text: str) -> int:
    try:
        return int(datetime.fromisoformat(f"{text}+00:00").timestamp()) * NS_PER_SECOND
    except ValueError as error:
        raise BadPayload(f"a UTC time was wanted, found {text!r}") from error
