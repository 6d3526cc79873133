"""Whom to ask, told by what happened and when."""

import random
from itertools import pairwise

import pytest

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import BadKey, BadPayload, NotEntitled, ProviderError, RateLimited, RetryLater
from tradesim.marketdata.failover import Circuit, Failover
from tradesim.model.feed import Capability

QUOTE = Capability.QUOTE
S = NS_PER_SECOND


def failover(*names: str) -> Failover:
    return Failover({QUOTE: names or ("a", "b", "c")})


@pytest.mark.parametrize("error", [RetryLater("down", 0), BadPayload("<html>")])
def test_two_failures_in_a_row_move_on_one_does_not(error: ProviderError) -> None:
    chosen = failover()
    chosen.failed(QUOTE, "a", error, S)
    assert chosen.active(QUOTE, S) == "a"
    chosen.succeeded(QUOTE, "a", S)
    chosen.failed(QUOTE, "a", error, S)
    assert chosen.active(QUOTE, S) == "a"
    chosen.failed(QUOTE, "a", error, S)
    assert chosen.active(QUOTE, S) == "b" and chosen.candidates(QUOTE, S) == ("b", "c")
    assert [(each.former, each.chosen, each.at) for each in chosen.timeline] == [("a", "b", S)]


def test_a_rate_limit_moves_on_at_once_for_as_long_as_it_lasts() -> None:
    chosen = failover()
    chosen.failed(QUOTE, "a", RateLimited("25 per day", 3_600), 0)
    assert chosen.active(QUOTE, 0) == "b"
    assert chosen.circuit(QUOTE, "a", 3_599 * S) is Circuit.OPEN
    assert chosen.circuit(QUOTE, "a", 3_600 * S) is Circuit.HALF_OPEN


def test_staleness_moves_on_at_once() -> None:
    chosen = failover()
    chosen.stale(QUOTE, "a", "mute", 0)
    assert chosen.active(QUOTE, 0) == "b" and chosen.timeline[0].why == "mute"


@pytest.mark.parametrize("error", [NotEntitled("plan"), BadKey("key")])
def test_a_plan_or_key_that_refuses_takes_it_out_until_it_is_mended_and_both_are_told(error: ProviderError) -> None:
    chosen = failover()
    chosen.failed(QUOTE, "a", error, 0)
    assert chosen.active(QUOTE, 3_600 * S) == "b"
    assert chosen.order(QUOTE) == ("b", "c") and chosen.excluded()
    chosen.readmit("a", "it passed its test", 3_600 * S)
    assert chosen.active(QUOTE, 3_600 * S) == "a"
    told = [(each.former, each.chosen, each.why) for each in chosen.timeline]
    assert told == [("a", "b", str(error)), ("b", "a", "it passed its test")]


def test_the_last_one_to_be_refused_leaves_nobody_and_that_is_told() -> None:
    chosen = failover("a")
    chosen.failed(QUOTE, "a", NotEntitled("not in the plan"), 0)
    assert [(each.former, each.chosen, each.why) for each in chosen.timeline] == [("a", None, "not in the plan")]
    chosen.readmit("a", "it has a new key", S)
    assert chosen.active(QUOTE, S) == "a" and chosen.timeline[-1].why == "it has a new key"


def test_a_stand_in_that_is_refused_changes_nobody() -> None:
    chosen = failover()
    chosen.failed(QUOTE, "b", NotEntitled("not in the plan"), 0)
    assert chosen.active(QUOTE, 0) == "a" and not chosen.timeline


def test_the_preferred_one_is_tried_again_and_serves_again_only_when_stable() -> None:
    chosen = failover()
    chosen.stale(QUOTE, "a", "mute", 0)
    assert chosen.candidates(QUOTE, 14 * S)[0] == "b"
    assert chosen.candidates(QUOTE, 15 * S)[0] == "a"
    chosen.trying(QUOTE, "a", 15 * S)
    assert "a" not in chosen.candidates(QUOTE, 15 * S), "one request at a time through a half-open circuit"
    chosen.succeeded(QUOTE, "a", 15 * S)
    assert chosen.active(QUOTE, 44 * S) == "b"
    assert chosen.active(QUOTE, 45 * S) == "a"


def test_a_trial_that_fails_keeps_it_out_for_twice_as_long() -> None:
    chosen = failover()
    chosen.stale(QUOTE, "a", "mute", 0)
    chosen.trying(QUOTE, "a", 15 * S)
    chosen.failed(QUOTE, "a", RetryLater("down", 0), 15 * S)
    assert chosen.circuit(QUOTE, "a", 44 * S) is Circuit.OPEN
    assert chosen.circuit(QUOTE, "a", 45 * S) is Circuit.HALF_OPEN


def test_one_that_breaks_again_before_it_was_well_stays_out_longer() -> None:
    chosen = failover()
    chosen.stale(QUOTE, "a", "mute", 0)
    chosen.succeeded(QUOTE, "a", 20 * S)
    for _ in range(2):
        chosen.failed(QUOTE, "a", RetryLater("down", 0), 21 * S)
    assert chosen.circuit(QUOTE, "a", (21 + 29) * S) is Circuit.OPEN and chosen.active(QUOTE, 22 * S) == "b"
    assert chosen.circuit(QUOTE, "a", (21 + 30) * S) is Circuit.HALF_OPEN


def test_when_all_are_out_it_says_when_one_may_be_asked() -> None:
    chosen = failover()
    for name in "abc":
        chosen.failed(QUOTE, name, RateLimited("limit", 60), 0)
    assert chosen.candidates(QUOTE, S) == ()
    error = chosen.nobody(QUOTE, S)
    assert isinstance(error, RetryLater) and error.after_s == 59


@pytest.mark.parametrize("seed", range(20))
def test_walk_the_active_one_is_always_of_the_order_and_switches_are_chained(seed: int) -> None:
    rng, chosen, now = random.Random(seed), failover(), 0
    for _ in range(400):
        now += int(rng.expovariate(1 / 5) * S)
        name, act = rng.choice("abc"), rng.randrange(5)
        if act == 0:
            chosen.failed(QUOTE, name, RetryLater("down", rng.random()), now)
        elif act == 1:
            chosen.failed(QUOTE, name, RateLimited("limit", rng.random() * 60), now)
        elif act == 2:
            chosen.stale(QUOTE, name, "mute", now)
        elif chosen.circuit(QUOTE, name, now) is not Circuit.OPEN:
            chosen.trying(QUOTE, name, now)
            chosen.succeeded(QUOTE, name, now)
        assert chosen.active(QUOTE, now) in ("a", "b", "c")
        assert all(chosen.circuit(QUOTE, each, now) is not Circuit.OPEN for each in chosen.candidates(QUOTE, now))
    line = list(chosen.timeline)
    assert all(former.chosen == later.former for former, later in pairwise(line))
