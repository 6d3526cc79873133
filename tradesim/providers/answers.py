"""The parts of an exchange's answer, each asked for by what it must be; else a BadPayload that names the exchange."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from tradesim.kernel.errors import BadPayload

T = TypeVar("T")
anything = msgspec.json.Decoder(float_hook=str)
"""Digits of fractions stay as they were written."""


class AnswerReader:
    """Of the exchange called `title`."""

    def __init__(self, title: str) -> None:
        self._title = title

    def decoded(self, decode: Callable[[Any], T], text: Any) -> T:
        try:
            return decode(text)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise BadPayload(f"{self._title} sent what cannot be read: {error}") from error

    def mapping(self, body: bytes) -> dict[str, Any]:
        told = self.decoded(anything.decode, body)
        if not isinstance(told, dict):
            raise BadPayload(f"an object was wanted from {self._title}, found {type(told).__name__}")
        return told

    def rows(self, body: bytes) -> list[Any]:
        return self.rows_in(self.decoded(anything.decode, body))

    def rows_in(self, told: Any) -> list[Any]:
        if not isinstance(told, list):
            raise BadPayload(f"rows were wanted from {self._title}, found {type(told).__name__}")
        return told

    def at(self, holder: Any, key: str | int) -> Any:
        try:
            return holder[key]
        except (KeyError, IndexError, TypeError) as error:
            raise BadPayload(f"{self._title}'s answer lacks {key!r}") from error
