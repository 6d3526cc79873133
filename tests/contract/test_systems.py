"""What one system has and another lacks stays out of the house, or behind a question which system it is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "tradesim"
MODULES = sorted(ROOT.rglob("*.py"))
PADDING = re.compile(r"%[-#][A-Za-z]")
"""`%-d` is of one C library, `%#d` of another: Windows refuses the first."""
PLOTLY = {"hovertemplate", "tickformat", "tickformatstops"}
"""Plotly reads these in the browser: its dates are d3's, where `%-d` is the same on every system."""


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(ROOT)))
def test_dates_are_written_by_what_every_system_knows(module: Path) -> None:
    assert not padded(module.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "code",
    ["day.strftime('%-d %b')", "f'{day:%#d %b}'", "SHORT = '%-d %b'", "{'text': f'{day:%-d}'}", "dict(day='%-d')"],
)
def test_a_date_of_one_system_is_found(code: str) -> None:
    assert padded(code)


@pytest.mark.parametrize(
    "code",
    [
        'def day():\n    """Never `%-d`."""',
        "{'hovertemplate': f'%{{x|%-d}} {currency}'}",
        "{'tickformatstops': [{'value': '%-d'}]}",
    ],
)
def test_prose_and_what_plotly_reads_are_let_be(code: str) -> None:
    assert not padded(code)


def padded(code: str) -> list[str]:
    return [text for text in texts(ast.parse(code)) if PADDING.search(text)]


def texts(node: ast.AST) -> Iterator[str]:
    """The texts Python itself may write a date by: no sentence on its own, nothing under a key of Plotly's."""
    match node:
        case ast.Expr(value=ast.Constant()):
            return
        case ast.Constant(value=str(text)):
            yield text
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if not (isinstance(key, ast.Constant) and key.value in PLOTLY):
                    yield from texts(value)
        case _:
            for child in ast.iter_child_nodes(node):
                yield from texts(child)
