"""A scripted hour in no time: five in a hundred answers fail, the person hardly ever sees one."""

import random
from collections.abc import Callable

import pytest

from tests.live_house import NOON, SYMBOL, FakeProvider
from tradesim.kernel.clock import NS_PER_SECOND, ManualClock
from tradesim.kernel.errors import BadPayload, ProviderError, RateLimited, RetryLater
from tradesim.model.feed import Capability
from tradesim.providers.live.answers import Answers
from tradesim.providers.live.shared import SharedFailover

FAULTS: list[Callable[[], ProviderError]] = [
    lambda: RetryLater("timed out", 0.0),
    lambda: BadPayload("an HTML page"),
    lambda: RateLimited("too many", 5.0),
]


def failures_of_an_hour(seed: int) -> tuple[float, float]:
    """The share of questions that fail, and the share that the preferred provider was asked."""
    rng, clock = random.Random(seed), ManualClock(NOON)
    providers = {name: FakeProvider(name, clock) for name in ("alpha", "beta", "gamma")}
    failover = SharedFailover({Capability.QUOTE: tuple(providers)})
    answers, failed, asked = Answers(providers, failover, clock), 0, 0
    for _ in range(3_600):
        clock.advance(NS_PER_SECOND)
        for provider in providers.values():
            is_faulty = rng.random() < 0.05
            provider.answer_quote = rng.choice(FAULTS)() if is_faulty else provider.quote_of(100, 101)
        asked += 1
        try:
            answers.quote(SYMBOL)
        except ProviderError:
            failed += 1
    return failed / asked, len(providers["alpha"].asked) / asked


@pytest.mark.parametrize("seed", range(5))
def test_under_one_percent_of_an_hours_answers_fail(seed: int) -> None:
    failed, preferred = failures_of_an_hour(seed)
    assert failed < 0.01
    assert preferred > 0.5, "the preferred one serves most of the time"
