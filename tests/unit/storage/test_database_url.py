import pytest

from tradesim.kernel.errors import Refused
from tradesim.storage.schema import database_engine


def test_what_is_no_url_is_refused_with_an_example():
    with pytest.raises(Refused, match="the database URL must be like postgresql://user@host/name"):
        database_engine("nonsense")
