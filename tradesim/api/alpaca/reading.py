"""What programs send, read as leniently as Alpaca reads it: numbers as text or numbers, null and "" as nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from tradesim.api.alpaca.errors import Denied, Problem, malformed, unprocessable, wrong_input
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.decimals import decimal_of

E = TypeVar("E", bound=StrEnum)
LARGEST_BODY = 64 * 1024
LONGEST_NUMBER = 64
LARGEST_NUMBER, MOST_DIGITS = Decimal(10) ** 12, 28
"""No size, price or sum of money is beyond; what is can be divided by nothing."""
TOO_LARGE = Problem(413, 41310000, f"a body may have at most {LARGEST_BODY:,} bytes")
Body = dict[str, Any]
decoder = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)


def body_of(data: bytes) -> Body:
    """The JSON object that was sent; an empty body is an empty object. Raises Denied."""
    if len(data) > LARGEST_BODY:
        raise Denied(TOO_LARGE)
    try:
        return decoder.decode(data) if data.strip() else {}
    except (ValueError, ArithmeticError, RecursionError):
        raise malformed() from None


def amount(body: Mapping[str, Any], name: str) -> Decimal | None:
    """A number under `name`. Raises Denied when it is something else."""
    given = body.get(name)
    if given is None or given == "":
        return None
    found: Decimal | None = None
    if isinstance(given, Decimal):
        found = given
    elif isinstance(given, int | str) and not isinstance(given, bool) and len(str(given)) <= LONGEST_NUMBER:
        found = decimal_of(str(given))
    if found is None or not is_usable(found):
        raise wrong_input(f"invalid {name}")
    return found


def is_usable(number: Decimal) -> bool:
    if not number.is_finite() or len(number.as_tuple().digits) > MOST_DIGITS:
        return False
    return number.adjusted() >= -LONGEST_NUMBER and number.copy_abs() <= LARGEST_NUMBER


def word(body: Mapping[str, Any], name: str) -> str | None:
    given = body.get(name)
    if given is None or given == "":
        return None
    if not isinstance(given, str):
        raise wrong_input(f"invalid {name}")
    return given


def choice(body: Mapping[str, Any], name: str, kind: type[E], default: E | None = None) -> E:
    """One of the words that `kind` has. Raises Denied."""
    given = word(body, name)
    if given is None:
        if default is not None:
            return default
        raise wrong_input(f"{name} is required")
    try:
        return kind(given.lower())
    except ValueError:
        raise unprocessable(f"invalid {name}") from None


def flag(body: Mapping[str, Any], name: str, default: bool = False) -> bool:
    given = body.get(name)
    if given is None or given == "":
        return default
    if isinstance(given, bool):
        return given
    return truth(str(given), name)


def inner(body: Mapping[str, Any], name: str) -> Body | None:
    given = body.get(name)
    if given is None or given == "" or given == {}:
        return None
    if not isinstance(given, dict):
        raise wrong_input(f"invalid {name}")
    return given


def truth(text: str, name: str) -> bool:
    """`True` of Python, `true` of everybody else. Raises Denied."""
    match text.strip().lower():
        case "true" | "1" | "t" | "yes":
            return True
        case "false" | "0" | "f" | "no" | "":
            return False
    raise wrong_input(f"invalid {name}")


class Query(Struct, frozen=True):
    """The part of the address behind the question mark."""

    args: Mapping[str, str]

    def word(self, name: str, default: str = "") -> str:
        return self.args.get(name, "").strip() or default

    def words(self, name: str) -> frozenset[str]:
        """Comma-separated."""
        return frozenset(part.strip() for part in self.args.get(name, "").split(",") if part.strip())

    def flag(self, name: str, default: bool = False) -> bool:
        return truth(self.args[name], name) if self.args.get(name, "") else default

    def count(self, name: str, default: int, most: int) -> int:
        """A whole number from 1; more than `most` is `most`. Raises Denied."""
        text = self.word(name)
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
            raise wrong_input(f"invalid {name}")
        return min(int(text), most)

    def number(self, name: str) -> Decimal | None:
        return amount(self.args, name)

    def one_of(self, name: str, words: tuple[str, ...], default: str) -> str:
        found = self.word(name, default).lower()
        if found not in words:
            raise wrong_input(f"invalid {name}")
        return found

    def moment(self, name: str) -> int | None:
        """RFC 3339, a bare date, or seconds since 1970, as UTC ns; 1970 for what is earlier. Raises Denied."""
        text = self.word(name)
        return moment_of(text, name) if text else None


def moment_of(text: str, name: str) -> int:
    """A `+` in an address that was not escaped arrives as a space."""
    try:
        if text.isascii() and text.isdigit():
            return int(text[:19]) * (NS_PER_SECOND if len(text) < 12 else 1)
        whole, dot, rest = text.strip().replace(" ", "T" if text[10:11] == " " else "+").partition(".")
        digits = rest[: next((at for at, letter in enumerate(rest) if not letter.isdigit()), len(rest))]
        found = datetime.fromisoformat(whole + rest[len(digits) :] if dot else whole)
        zoned = found if found.tzinfo else found.replace(tzinfo=UTC)
        return max(int(zoned.timestamp()), 0) * NS_PER_SECOND + int((digits + "000000000")[:9])
    except (ValueError, OverflowError):
        raise wrong_input(f"invalid {name}") from None
