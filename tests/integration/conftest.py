"""What several files of this folder stand on."""

import pytest

from tests.postgres import private_server


@pytest.fixture(scope="session")
def postgres():
    """One server for all tests; each takes a database of its own."""
    with private_server() as server:
        yield server
