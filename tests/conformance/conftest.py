"""The real clients of Alpaca against a served desk. Skipped, by name, where a client is not installed.

Numbers in the tests' docstrings are those of the list in docs/alpaca.md.
"""

import pytest

pytest.importorskip("alpaca", reason="alpaca-py is not installed")

from tests.conformance.house import still_house


@pytest.fixture
def house():
    with still_house() as served:
        yield served


@pytest.fixture
def client(house):
    return house.trading()
