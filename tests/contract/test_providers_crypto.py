"""What the exchanges of pairs do beyond `test_providers.py`: spellings, steps of price and size, no pair at all."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.contract.adapters import ADAPTERS
from tests.fault_server import FaultServer
from tradesim.kernel.clock import WallClock
from tradesim.kernel.errors import UnknownSymbol
from tradesim.model.feed import Capability


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


@pytest.fixture(params=["kraken", "coinbase", "binance"])
def exchange(request: pytest.FixtureRequest, server: FaultServer) -> Iterator[Any]:
    adapter = ADAPTERS[request.param]
    adapter.well(server, Capability.SEARCH)
    provider = adapter.built(server, WallClock())
    yield provider
    provider.close()


def test_a_search_finds_pairs_in_any_spelling_with_their_steps_and_asks_once(exchange: Any, server: FaultServer):
    symbol = ADAPTERS[exchange.id].symbol
    for text in ("btc", symbol, symbol.replace("/", "").lower(), "usd"):
        (found,) = exchange.search(text)
        assert (found.symbol, found.tick_size, found.lot_size) == (symbol, Decimal("0.1"), Decimal("0.00000001"))
    assert exchange.search("nothing like it") == []
    assert len(server.seen) == 1


def test_what_is_no_pair_is_unknown_before_anything_is_asked(exchange: Any, server: FaultServer):
    with pytest.raises(UnknownSymbol, match="AAPL"):
        exchange.quote("AAPL")
    assert server.seen == []
