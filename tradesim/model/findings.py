"""What a check found, for a person who wants to know why something does not work."""

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """`of` is a provider's id or a part of the house, `check` what was looked at; `remedy` what to do, if anything."""

    of: str
    check: str
    grade: Grade
    found: str
    remedy: str = ""
