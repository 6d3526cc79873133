"""What DATABASE_URL may be."""

import pytest

from tradesim.kernel.errors import Refused
from tradesim.storage.schema import database_engine

WANTED = "DATABASE_URL must be an address such as postgresql://user@host/name, was "


@pytest.mark.parametrize(
    ("url", "found"),
    [("nonsense", "none"), ("mysql://me:secret@host/desk", "mysql://…"), ("postgresql:desk", "none")],
)
def test_what_is_no_address_of_postgresql_is_refused_with_an_example(url: str, found: str) -> None:
    with pytest.raises(Refused) as refused:
        database_engine(url)
    assert str(refused.value) == WANTED + found


def test_a_port_that_is_no_number_is_refused() -> None:
    with pytest.raises(Refused, match="DATABASE_URL must be an address"):
        database_engine("postgresql://me@host:port/desk")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_either_name_of_postgresql_will_do(scheme: str) -> None:
    pytest.importorskip("psycopg")
    assert database_engine(f"{scheme}://me@host/desk").url.drivername == "postgresql+psycopg"
