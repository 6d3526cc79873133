"""What Polygon's tickers are called, as searches told it: the free plan has too few questions to ask for each one."""

from collections.abc import Iterable
from contextlib import suppress

from tradesim.model.feed import Listing
from tradesim.model.instrument import AssetClass
from tradesim.providers.budget import BudgetStore, Forgetful
from tradesim.providers.polygon.naming import PROVIDER

KEPT_S = 30 * 86_400.0


class Tickers:
    """Safe from any thread. What was taken of a search outlives the process where there is a `store`."""

    def __init__(self, store: BudgetStore | None = None) -> None:
        self._store = store or Forgetful()
        self._found: dict[str, Listing] = {}

    def found(self, listings: Iterable[Listing]) -> None:
        """By the last search."""
        self._found = {each.symbol: each for each in listings}

    def of(self, symbol: str) -> Listing | None:
        """None of what no search led to. Asks nobody."""
        found = self._found.get(symbol)
        if found is not None:
            self._store.set(place_of(symbol), [found.name, found.exchange], KEPT_S)
            return found
        with suppress(TypeError, ValueError):
            name, exchange = self._store.get(place_of(symbol))
            return Listing(symbol, str(name), AssetClass.US_EQUITY, PROVIDER, str(exchange))
        return None


def place_of(symbol: str) -> str:
    return f"polygon/1/ticker/{symbol}"
