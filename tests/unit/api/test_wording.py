"""Every wrong body is told in a sentence that names the field."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import msgspec
import pytest

from tradesim.api.control.wording import told


class Color(StrEnum):
    RED = "red"
    BLUE = "blue"


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    color: Color | None = None


class Body(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    color: Color = Color.RED
    price: Decimal | None = None
    inner: Inner | None = None
    parts: tuple[Inner, ...] = ()
    words: dict[str, Color] = {}
    count: Annotated[int, msgspec.Meta(ge=0, le=9)] = 0
    sizes: dict[str, Decimal] = {}


CASES = {
    b"[]": ("the body must be an object; was a list", None),
    b"{}": ("name is missing", "name"),
    b'{"nam": "x"}': (
        "the body has no field 'nam': wanted some of name, color, price, inner, parts, words, count, sizes",
        "nam",
    ),
    b'{"name": 1}': ("name must be text; was 1", "name"),
    b'{"name": "x", "color": "green"}': ("color must be one of red, blue; was 'green'", "color"),
    b'{"name": "x", "color": 1}': ("color must be one of red, blue; was 1", "color"),
    b'{"name": "x", "price": "y"}': ("price must be a number; was 'y'", "price"),
    b'{"name": "x", "price": []}': ("price must be a number or nothing; was a list", "price"),
    b'{"name": "x", "inner": {"color": "green"}}': ("inner.color must be one of red, blue; was 'green'", "inner.color"),
    b'{"name": "x", "inner": {"b": 1}}': ("inner has no field 'b': wanted some of color", "inner.b"),
    b'{"name": "x", "parts": [{"b": 1}]}': ("parts[0] has no field 'b': wanted some of color", "parts[0].b"),
    b'{"name": "x", "words": {"a": "green"}}': ("words[...] must be one of red, blue; was 'green'", "words[...]"),
    b'{"name": "x", "count": -5}': ("count must be at least 0; was -5", "count"),
    b'{"name": "x", "count": 10}': ("count must be at most 9; was 10", "count"),
    b'{"name": "x", "count": "soon"}': ("count must be a whole number; was 'soon'", "count"),
    b'{"name": "x", "count": true}': ("count must be a whole number; was true or false", "count"),
    b'{"name": "x", "sizes": {"a": "z"}}': ("sizes[...] must be a number; was other text", "sizes[...]"),
    b'{"name": "x", "price": "y", "': ("price must be a number; was other text", "price"),
    b'{"name"': ("the body is not what was wanted: Input data was truncated", None),
}


@pytest.mark.parametrize(("body", "wanted"), CASES.items(), ids=[body.decode() for body in CASES])
def test_the_sentence_and_the_field(body, wanted) -> None:
    with pytest.raises(msgspec.DecodeError) as raised:
        msgspec.json.decode(body, type=Body)
    assert told(raised.value, Body, body) == wanted
