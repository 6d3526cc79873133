"""Coinbase Exchange as a provider: real books of level II with no key."""

import random

from tradesim.kernel.clock import Clock
from tradesim.model.feed import FeedTrade
from tradesim.providers.budget import Budgets
from tradesim.providers.coinbase import rest
from tradesim.providers.coinbase.limits import MESSAGE_BYTES, MESSAGES_PER_SECOND, SYMBOLS
from tradesim.providers.coinbase.parse import PROVIDER
from tradesim.providers.coinbase.stream import URL, CoinbaseDialect, MissingTrades
from tradesim.providers.connection import Connection
from tradesim.providers.hooks import NO_HOOKS, Hooks
from tradesim.providers.keyless import KeylessProvider
from tradesim.providers.line import Policy

POLICY = Policy(
    says_per_s=MESSAGES_PER_SECOND,
    symbol_limit=SYMBOLS,
    max_message_bytes=MESSAGE_BYTES,
    ceiling_bytes=2 * MESSAGE_BYTES,
)


class Coinbase(KeylessProvider):
    """`contract.Provider`. Addresses can be set for tests and for other hosts."""

    id = PROVIDER
    title = "Coinbase"

    def __init__(
        self,
        clock: Clock,
        rng: random.Random,
        rest_url: str = rest.URL,
        stream_url: str = URL,
        budgets: Budgets | None = None,
        policy: Policy = POLICY,
        hooks: Hooks = NO_HOOKS,
    ) -> None:
        self._rest = rest.CoinbaseRest(clock, rest_url, budgets, hooks)
        errands = hooks.errands("coinbase-errands", self._missing)
        self._dialect = CoinbaseDialect(rng, errands, stream_url)
        connection = Connection(self._dialect, clock, rng, policy, hooks.connect, None, hooks.tap, hooks.wait)
        super().__init__(self._rest, self._dialect, connection, clock)

    def _missing(self, errand: MissingTrades) -> list[FeedTrade]:
        return self._rest.trades(errand.symbol, errand.gap.before)
