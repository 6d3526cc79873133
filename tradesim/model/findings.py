"""What a check found, for a person who wants to know why something does not work."""

from enum import StrEnum

from msgspec import Struct


class Grade(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Finding(Struct, frozen=True):
    """`of` is a provider's id or a part of the house, `check` what was looked at; `remedy` what to do, if anything."""

    of: str
    check: str
    grade: Grade
    found: str
    remedy: str = ""
