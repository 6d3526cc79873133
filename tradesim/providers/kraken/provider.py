"""Kraken as a provider: real books of level II with no key."""

import random

from tradesim.kernel.clock import Clock
from tradesim.model.feed import FeedTrade
from tradesim.providers.budget import Budgets
from tradesim.providers.connection import Connection
from tradesim.providers.hooks import NO_HOOKS, Hooks
from tradesim.providers.keyless import KeylessProvider
from tradesim.providers.kraken import rest
from tradesim.providers.kraken.limits import DEPTH, MESSAGES_PER_SECOND, SYMBOLS
from tradesim.providers.kraken.parse import PROVIDER
from tradesim.providers.kraken.stream import URL, KrakenDialect, MissingTrades
from tradesim.providers.line import Policy

POLICY = Policy(says_per_s=MESSAGES_PER_SECOND, symbol_limit=SYMBOLS)


class Kraken(KeylessProvider):
    """`contract.Provider`. Addresses can be set for tests and for other hosts; `depth` is 10, 25, 100, 500 or 1000."""

    id = PROVIDER
    title = "Kraken"

    def __init__(
        self,
        clock: Clock,
        rng: random.Random,
        rest_url: str = rest.URL,
        stream_url: str = URL,
        depth: int = DEPTH,
        budgets: Budgets | None = None,
        policy: Policy = POLICY,
        hooks: Hooks = NO_HOOKS,
    ) -> None:
        self._rest = rest.KrakenRest(clock, rest_url, budgets, hooks)
        errands = hooks.errands("kraken-errands", self._missing)
        self._dialect = KrakenDialect(rng, errands, stream_url, depth)
        connection = Connection(self._dialect, clock, rng, policy, hooks.connect, None, hooks.tap, hooks.wait)
        super().__init__(self._rest, self._dialect, connection, clock)

    def _missing(self, errand: MissingTrades) -> list[FeedTrade]:
        return self._rest.trades(errand.symbol, errand.since)
