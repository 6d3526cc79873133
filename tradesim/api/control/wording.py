"""What is wrong with a body, as a sentence: which field, what was wanted there, and what was found."""

import re
import types
import typing
from enum import Enum
from typing import Any

import msgspec
from msgspec.structs import fields

PLACE = re.compile(r"^(?P<said>.*?)(?: - at `\$\.?(?P<path>[^`]*)`)?$", re.DOTALL)
BAD_CHOICE = re.compile(r"Invalid enum value '?(?P<found>.*?)'?$")
UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`$")
MISSING = re.compile(r"Object missing required field `(?P<name>.*)`$")
TYPES = re.compile(r"Expected `(?P<wanted>.*)`, got `(?P<found>.*)`$")
BOUND = re.compile(r"Expected `\w+` (?P<relation><=|>=|<|>) (?P<bound>.*)$")
RELATIONS = {">=": "at least", "<=": "at most", ">": "above", "<": "below"}
STEP = re.compile(r"[^.\[\]]+|\[[^\]]*\]")
WORDS = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "null": "nothing"}
WORDS |= {"object": "an object", "array": "a list", "decimal": "a number"}
LONGEST = 40


def told(error: msgspec.DecodeError, kind: Any, body: bytes) -> tuple[str, str | None]:
    """The sentence about `body` and the field, None for the body itself."""
    parts = PLACE.match(str(error))
    assert parts is not None
    said, path = parts["said"], parts["path"] or ""
    name = path or "the body"
    if match := BAD_CHOICE.match(said):
        return f"{name} must be one of {', '.join(choices(kind, path))}; was {match['found'][:LONGEST]!r}", path or None
    if match := UNKNOWN.match(said):
        unknown, known = match["name"][:LONGEST], ", ".join(each.name for each in fields(at(kind, path)))
        return f"{name} has no field {unknown!r}: wanted some of {known}", joined(path, unknown)
    if match := MISSING.match(said):
        return f"{joined(path, match['name'])} is missing", joined(path, match["name"])
    if match := TYPES.match(said):
        one_of = ", ".join(choices(kind, path))
        wanted = f"one of {one_of}" if one_of else words(match["wanted"])
        return f"{name} must be {wanted}; was {found(body, path) or words(match['found'])}", path or None
    if match := BOUND.match(said):
        return (
            f"{name} must be {RELATIONS[match['relation']]} {match['bound']}; was {found(body, path) or 'another'}",
            path or None,
        )
    if said == "Invalid decimal string":
        return f"{name} must be a number; was {found(body, path) or 'other text'}", path or None
    return f"the body is not what was wanted: {error}", path or None


def found(body: bytes, path: str) -> str:
    """The text or number that stands at `path`; empty for all else, and where what follows it cannot be read."""
    try:
        value = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return ""
    for step in STEP.findall(path):
        if step == "[...]":
            return ""
        value = value[int(step[1:-1])] if step.startswith("[") else value[step]
    return repr(value)[:LONGEST] if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def choices(kind: Any, path: str) -> list[str]:
    wanted = at(kind, path)
    return [str(each.value) for each in wanted] if isinstance(wanted, type) and issubclass(wanted, Enum) else []


def at(kind: Any, path: str) -> Any:
    """The type at `path`, such as `take_profit.limit_price` or `lots[0]`; of what may be left out, what else it is."""
    for step in STEP.findall(path):
        inner = (
            typing.get_args(kind) if step.startswith("[") else [each.type for each in fields(kind) if each.name == step]
        )
        kind = solid(next(each for each in reversed(inner) if each is not Ellipsis))
    return kind


def solid(kind: Any) -> Any:
    if typing.get_origin(kind) not in (typing.Union, types.UnionType):
        return kind
    return next(each for each in typing.get_args(kind) if each is not types.NoneType)


def joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def words(names: str) -> str:
    return " or ".join(WORDS.get(each, each) for each in names.split(" | "))
