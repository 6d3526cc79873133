"""Bars as they were answered, and as they are kept for a bad day."""

from collections.abc import Iterator

import pytest

from tests.live_house import NOON, SYMBOL, FakeProvider
from tradesim.kernel.clock import NS_PER_SECOND, ManualClock
from tradesim.kernel.errors import RetryLater
from tradesim.marketdata.failover import Served
from tradesim.model.feed import Capability, FeedBar
from tradesim.model.market import Timeframe
from tradesim.providers.budget import Forgetful
from tradesim.providers.live.answers import Answers
from tradesim.providers.live.shared import SharedFailover

MINUTE, DAY = 60 * NS_PER_SECOND, 86_400 * NS_PER_SECOND


class World:
    def __init__(self) -> None:
        self.clock = ManualClock(NOON)
        self.alpha, self.beta = (FakeProvider(name, self.clock) for name in ("alpha", "beta"))
        failover = SharedFailover({Capability.BARS_INTRADAY: ("alpha", "beta")})
        self.answers = Answers({"alpha": self.alpha, "beta": self.beta}, failover, self.clock, Forgetful())

    def bars(self) -> Served[list[FeedBar]]:
        return self.answers.bars(SYMBOL, Timeframe.M1, NOON - 30 * DAY, NOON + 30 * DAY, "UTC")


@pytest.fixture
def world() -> Iterator[World]:
    return World()


def test_what_one_gave_before_is_not_served_as_what_another_gives_now(world: World) -> None:
    world.alpha.answer_bars = lambda *_: [world.alpha.bar(NOON - n * MINUTE, 100 + n) for n in range(10, 0, -1)]
    assert world.bars().provider == "alpha"
    world.clock.advance(20 * DAY)
    world.alpha.answer_bars = RetryLater("down", 0.0)
    world.beta.answer_bars = lambda *_: [world.beta.bar(world.clock.now(), 50)]
    served = world.bars()
    assert (served.provider, [bar.close for bar in served.value]) == ("beta", [50])


def test_what_one_gave_before_completes_its_own_shorter_answer(world: World) -> None:
    world.alpha.answer_bars = lambda *_: [world.alpha.bar(NOON - 2 * MINUTE, 98), world.alpha.bar(NOON - MINUTE, 99)]
    world.bars()
    world.alpha.answer_bars = lambda *_: [world.alpha.bar(NOON - MINUTE, 99.5), world.alpha.bar(NOON, 100)]
    assert [float(bar.close) for bar in world.bars().value] == [98, 99.5, 100]


def test_when_nobody_answers_the_youngest_of_what_is_kept_is_served_with_its_own_stamp(world: World) -> None:
    world.alpha.answer_bars = lambda *_: [world.alpha.bar(NOON - MINUTE, 100)]
    world.bars()
    world.clock.advance(3_600 * NS_PER_SECOND)
    world.alpha.answer_bars = RetryLater("down", 0.0)
    world.beta.answer_bars = lambda *_: [world.beta.bar(NOON - MINUTE, 101)]
    world.bars()
    at = world.clock.now()
    world.clock.advance(3_600 * NS_PER_SECOND)
    world.beta.answer_bars = RetryLater("down too", 0.0)
    served = world.bars()
    assert (served.provider, served.at, [bar.close for bar in served.value]) == ("beta", at, [101])
    assert str(served.instead_of) == "down"
