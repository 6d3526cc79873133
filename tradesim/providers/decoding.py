"""Bytes to plain data, strictly: what is not the JSON that was promised is a BadPayload with a sentence."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NoReturn

from tradesim.kernel.errors import BadPayload

SHOWN = 80


def decoded(body: str | bytes, number: Callable[[str], Any] = Decimal, whole: Callable[[str], Any] = int) -> Any:
    """JSON of `body`; `number` and `whole` get the digits of the wire. Raises BadPayload (NaN, HTML, half answers).

    The start of `body` stands in the message: redact it before it is shown.
    """
    try:
        text = body if isinstance(body, str) else body.decode("utf-8")
        return json.loads(text, parse_float=number, parse_int=whole, parse_constant=not_a_number)
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise BadPayload(f"wanted JSON, found {described(body)}: {brief(error)}") from None


def not_a_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number")


def described(body: str | bytes) -> str:
    text = body if isinstance(body, str) else body.decode("utf-8", "replace")
    start = text.lstrip()[:SHOWN]
    if not start:
        return "nothing"
    return f"an HTML page ({start!r})" if start.startswith("<") else repr(start)


def brief(error: Exception) -> str:
    return str(error)[:SHOWN] or type(error).__name__
