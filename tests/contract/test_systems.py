"""What one system has and another lacks stays out of the house, or behind a question which system it is."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "tradesim"
MODULES = sorted(ROOT.rglob("*.py"))
PADDING = re.compile(r"%[-#][A-Za-z]")
"""`%-d` is of one C library, `%#d` of another: Windows refuses the first."""


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(ROOT)))
def test_dates_are_written_by_what_every_system_knows(module: Path) -> None:
    code = "\n".join(line for line in module.read_text(encoding="utf-8").splitlines() if "`%-d`" not in line)
    assert not PADDING.search(code)
