"""What the page's intents say, read field by field: each is what was wanted, or a sentence that says what was found."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from tradesim.kernel.decimals import typed_decimal

Intent = Mapping[str, Any]


class BadIntent(Exception):
    """The browser's code sent something that is no wish; `field` is what was wrong with it."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


def text(intent: Intent, name: str, otherwise: str | None = None) -> str:
    value = intent.get(name, otherwise)
    if not isinstance(value, str) or not value:
        raise BadIntent(f"{name} must be given, was {value!r}", name)
    return value


def names(intent: Intent, name: str, otherwise: Sequence[str] | None = None) -> tuple[str, ...]:
    value = intent.get(name, otherwise)
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise BadIntent(f"{name} must be a list of names, was {value!r}", name)
    return tuple(value)


def number(intent: Intent, name: str) -> Decimal | None:
    value = intent.get(name)
    if value is None or value == "":
        return None
    found = typed_decimal(str(value))
    if found is None:
        hint = ": decimals stand behind a point" if "," in str(value) else ""
        raise BadIntent(f"{name} must be a number, was {value!r}{hint}", name)
    return found


def real(intent: Intent, name: str) -> float:
    value = number(intent, name)
    if value is None:
        raise BadIntent(f"{name} must be a number, was {intent.get(name)!r}", name)
    return float(value)


def whole(intent: Intent, name: str, otherwise: int | None = None, wanted: str = "milliseconds") -> int:
    value = intent.get(name, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 2**52:
        raise BadIntent(f"{name} must be {wanted}, was {value!r}", name)
    return int(value)


def one_of(intent: Intent, name: str, kind: Any, otherwise: Any = None) -> Any:
    value = intent.get(name, otherwise)
    if value not in list(kind):
        raise BadIntent(f"{name} must be one of {', '.join(kind)}, was {value!r}", name)
    return kind(value)
