"""Kraken as a provider: real books of level II with no key."""

import random
from collections.abc import Mapping

from tradesim.kernel.clock import Clock
from tradesim.model.feed import Capability, FeedBar, FeedBook, FeedQuote, FeedTrade, Listing, ProviderHealth
from tradesim.model.market import Timeframe
from tradesim.providers.budget import BudgetStore
from tradesim.providers.connection import Connection, Policy, Tap
from tradesim.providers.errands import ThreadedErrands
from tradesim.providers.keyless import EVERYTHING, Catalogue, health_of
from tradesim.providers.kraken import rest
from tradesim.providers.kraken.limits import DEPTH, MESSAGES_PER_SECOND, SYMBOLS
from tradesim.providers.kraken.parse import PROVIDER
from tradesim.providers.kraken.stream import URL, KrakenDialect, MissingTrades

POLICY = Policy(says_per_s=MESSAGES_PER_SECOND, symbol_limit=SYMBOLS)


class Kraken:
    """`contract.Provider`. Addresses can be set for tests and for other hosts; `depth` is 10, 25, 100, 500 or 1000."""

    id = PROVIDER
    title = "Kraken"
    needs_key = False
    is_discontinued = False

    def __init__(
        self,
        clock: Clock,
        rng: random.Random,
        rest_url: str = rest.URL,
        stream_url: str = URL,
        depth: int = DEPTH,
        store: BudgetStore | None = None,
        policy: Policy = POLICY,
        tap: Tap | None = None,
    ) -> None:
        self._rest = rest.KrakenRest(clock, rest_url, store)
        self._catalogue = Catalogue(self._rest.listings, clock)
        self._errands = ThreadedErrands("kraken-errands", self._missing)
        self._dialect = KrakenDialect(rng, self._errands, stream_url, depth)
        self._connection = Connection(self._dialect, clock, rng, policy, tap=tap)

    def capabilities(self) -> Mapping[Capability, str]:
        return EVERYTHING

    def quote(self, symbol: str) -> FeedQuote:
        return self._rest.quote(symbol)

    def book(self, symbol: str) -> FeedBook:
        return self._rest.book(symbol)

    def bars(self, symbol: str, timeframe: Timeframe, start: int, end: int) -> list[FeedBar]:
        return self._rest.bars(symbol, timeframe, start, end)

    def search(self, text: str) -> list[Listing]:
        return self._catalogue.search(text)

    def listing(self, symbol: str) -> Listing:
        """With tick and lot size. Raises UnknownSymbol."""
        return self._catalogue.listing(symbol)

    def stream(self) -> Connection:
        return self._connection

    def health(self) -> ProviderHealth:
        http = self._rest.http
        return health_of(self.id, self.title, http, self._connection, self._dialect.refusals, self.capabilities())

    def close(self) -> None:
        self._connection.stop()
        self._rest.http.close()

    def _missing(self, errand: MissingTrades) -> list[FeedTrade]:
        return self._rest.trades(errand.symbol, errand.since)
