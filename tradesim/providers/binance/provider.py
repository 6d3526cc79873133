"""Binance spot as a provider: real books of level II with no key."""

import random

from tradesim.kernel.clock import Clock
from tradesim.providers.binance import rest
from tradesim.providers.binance.limits import CLIENT_MESSAGES_PER_SECOND, SYMBOLS
from tradesim.providers.binance.parse import PROVIDER
from tradesim.providers.binance.stream import URL, BinanceDialect, Errand, ErrandKind, Found
from tradesim.providers.budget import Budgets
from tradesim.providers.connection import Connection
from tradesim.providers.hooks import NO_HOOKS, Hooks
from tradesim.providers.keyless import KeylessProvider
from tradesim.providers.line import Policy

POLICY = Policy(says_per_s=CLIENT_MESSAGES_PER_SECOND, symbol_limit=SYMBOLS)


class Binance(KeylessProvider):
    """`contract.Provider`. Addresses can be set: binance.us has the same shapes where binance.com is refused."""

    id = PROVIDER
    title = "Binance"

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
        self._rest = rest.BinanceRest(clock, rest_url, budgets, hooks)
        errands = hooks.errands("binance-errands", self._run)
        self._dialect = BinanceDialect(rng, errands, stream_url)
        connection = Connection(self._dialect, clock, rng, policy, hooks.connect, None, hooks.tap, hooks.wait)
        super().__init__(self._rest, self._dialect, connection, clock)

    def _run(self, errand: Errand) -> Found:
        if errand.kind is ErrandKind.TRADES:
            return self._rest.trades(errand.symbol)
        if errand.kind is ErrandKind.PROBE:
            return self._rest.probe(errand.symbol)
        return self._rest.snapshot(errand.symbol)
