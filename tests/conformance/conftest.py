"""The real clients of Alpaca against a served desk. Skipped, by name, where a client is not installed.

Numbers in the tests' docstrings are those of the list in docs/alpaca.md.
"""

import importlib.util
from pathlib import Path

import pytest

from tests.conformance.house import still_house

HERE = Path(__file__).parent
if importlib.util.find_spec("alpaca") is None:
    collect_ignore = [path.name for path in HERE.glob("test_*.py") if path.name != "test_clients.py"]


@pytest.fixture
def house():
    with still_house() as served:
        yield served


@pytest.fixture
def client(house):
    return house.trading()
