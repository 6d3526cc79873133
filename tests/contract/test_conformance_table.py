"""The table of docs/alpaca.md and the tests behind it name the same checks."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHECKS = range(1, 79)
PLACES = ("conformance/test_*.py", "integration/test_alpaca*.py")
ROWS = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \|$", re.MULTILINE)
CLIENTS = re.compile(r"\b[PO43C]\b|raw HTTP|bare WebSocket")


def numbers_of(test: ast.FunctionDef) -> set[int]:
    """As the docstring begins with them (`25`, `41: …`, `30, 32-34`), or as they are in the name (`test_68_…`)."""
    said = re.match(r"[\d,\s-]*", ast.get_docstring(test) or "")
    found = {
        number
        for first, last in re.findall(r"(\d+)(?:-(\d+))?", said.group() if said else "")
        for number in range(int(first), int(last or first) + 1)
    }
    named = re.match(r"test_(\d+)_", test.name)
    return found | ({int(named.group(1))} if named else set())


@cache
def numbers_tested() -> set[int]:
    files = (file for place in PLACES for file in (ROOT / "tests").glob(place))
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    tests = (node for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))
    return {number for test in tests for number in numbers_of(test)}


def test_the_table_has_every_check_once_and_says_who_passes_it():
    rows = ROWS.findall((ROOT / "docs" / "alpaca.md").read_text(encoding="utf-8"))
    assert [int(number) for number, _, _ in rows] == list(CHECKS)
    assert [number for number, _, passed in rows if not CLIENTS.search(passed)] == []


@pytest.mark.parametrize("number", CHECKS)
def test_a_test_says_that_it_shows_the_check(number):
    assert number in numbers_tested()
