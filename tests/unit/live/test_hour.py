"""A scripted hour in no time: five in a hundred answers fail, the person hardly ever sees one."""

import random
from collections.abc import Callable

import pytest

from tests.live_house import SYMBOL, House
from tradesim.kernel.errors import BadPayload, ProviderError, RateLimited, RetryLater
from tradesim.marketdata.freshness import AgeLimits
from tradesim.providers.live.source import LiveRules

FAULTS: list[Callable[[], ProviderError]] = [
    lambda: RetryLater("timed out", 0.0),
    lambda: BadPayload("an HTML page"),
    lambda: RateLimited("too many", 5.0),
]
OLDEST_S = 0.5
"""So young that every second's quote must be asked for."""
POLLS = 2
"""Providers are polled each on a line of its own: who is before another in the order need not be asked before it."""


def failures_of_an_hour(seed: int) -> tuple[float, float]:
    """The share of seconds without a price to trade on, and of those in which the preferred one was asked."""
    rng = random.Random(seed)
    rules = LiveRules(ages=AgeLimits(by_symbol={SYMBOL: OLDEST_S}))
    house, stale = House("alpha", "beta", "gamma", rules=rules, streams=False).open(), 0
    for _ in range(3_600):
        house.wait(1)
        for provider in house.providers.values():
            is_faulty = rng.random() < 0.05
            provider.answer_quote = rng.choice(FAULTS)() if is_faulty else provider.quote_of(100, 101)
        for name in list(house.providers) * POLLS:
            if house.source.to_ask(name, house.clock.now()):
                house.source.ask_quote(name, SYMBOL)
                house.source.advance(house.clock.now())
        stale += house.source.order_fault(SYMBOL, house.clock.now()) is not None
    house.source.close()
    return stale / 3_600, len([each for each in house["alpha"].asked if each[0] == "quote"]) / 3_600


@pytest.mark.parametrize("seed", range(3))
def test_under_one_percent_of_an_hour_is_without_a_price(seed: int) -> None:
    failed, preferred = failures_of_an_hour(seed)
    assert failed < 0.01
    assert preferred > 0.5, "the preferred one serves most of the time"
