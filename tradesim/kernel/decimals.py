"""Numbers as people and programs write them, read strictly: ASCII digits, a point, perhaps an exponent."""

import re
from decimal import Decimal

PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?", re.ASCII)


def decimal_of(text: str) -> Decimal | None:
    """None for what is no number, such as `1_000`, `nan` or digits of another script."""
    stripped = text.strip()
    return Decimal(stripped) if PLAIN.fullmatch(stripped) else None


def typed_decimal(text: str) -> Decimal | None:
    """Thousands may be separated by commas: `1,000.5`. A comma elsewhere may be meant as a point, so that is None."""
    stripped = text.strip()
    return decimal_of(stripped.replace(",", "") if GROUPED.fullmatch(stripped) else stripped)
