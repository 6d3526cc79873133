"""Which mark a table writes before its decimals, told by its numbers: `1.100,5` and `1,100.5` are the same."""

import re
from collections import Counter
from collections.abc import Iterable

POINT, COMMA = ".", ","
NUMBER = re.compile(r"[-+$\s]*\d[\d.,]*\s*")
THOUSANDS = 3


def decimal_mark(cells: Iterable[str], otherwise: str) -> str:
    """`otherwise` where every mark may as well stand between thousands."""
    numbers = [cell.strip() for cell in cells if NUMBER.fullmatch(cell)]
    votes = Counter(mark for mark in map(_mark_in, numbers) if mark)
    if votes:
        return votes.most_common(1)[0][0]
    return otherwise if any(otherwise in number for number in numbers) else POINT


def plain(cell: str, mark: str) -> str:
    """The number without marks between thousands where its decimals stand behind a comma, a point in its place."""
    return cell.replace(POINT, "").replace(COMMA, POINT) if mark == COMMA else cell


def _mark_in(number: str) -> str:
    """The mark that can only stand before decimals in this number; empty where there is none."""
    last = max(POINT, COMMA, key=number.rfind)
    if number.count(last) != 1:
        return ""
    whole, _, decimals = number.partition(last)
    has_thousands = POINT in whole or COMMA in whole
    return last if has_thousands or len(decimals) != THOUSANDS else ""
