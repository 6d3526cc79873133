"""Bars as they were answered, and as they are kept for a bad day."""

import threading
from collections.abc import Iterator

import pytest

from tests.live_house import NOON, SYMBOL, FakeProvider
from tradesim.kernel.clock import NS_PER_SECOND, ManualClock
from tradesim.kernel.errors import ProviderError, RetryLater, UnknownSymbol
from tradesim.marketdata.failover import Served
from tradesim.model.feed import Capability, FeedBar
from tradesim.model.market import Timeframe
from tradesim.providers.budget import Forgetful
from tradesim.providers.live import answers
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
        return next(self.all_bars())

    def all_bars(self) -> Iterator[Served[list[FeedBar]]]:
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


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next is asked almost at once."""
    monkeypatch.setattr(answers, "HEDGE_S", 0.01)


def hung_until(told: threading.Event, world: World, outcome: int | ProviderError) -> None:
    """Alpha says nothing until then."""

    def answer(*_: object) -> list[FeedBar]:
        assert told.wait(30)
        if isinstance(outcome, ProviderError):
            raise outcome
        return [world.alpha.bar(NOON, outcome)]

    world.alpha.answer_bars = answer


def test_while_one_hangs_the_next_answers_and_the_better_word_follows(world: World, hurried: None) -> None:
    told = threading.Event()
    hung_until(told, world, 100)
    world.beta.answer_bars = lambda *_: [world.beta.bar(NOON, 50)]
    served = world.all_bars()
    assert next(served).provider == "beta"
    told.set()
    assert [(each.provider, float(each.value[0].close)) for each in served] == [("alpha", 100.0)]


def test_one_that_hangs_and_then_fails_takes_nothing_back(world: World, hurried: None) -> None:
    told = threading.Event()
    hung_until(told, world, RetryLater("no whole answer within 20 s", 0.0))
    world.beta.answer_bars = lambda *_: [world.beta.bar(NOON, 50)]
    served = world.all_bars()
    next(served)
    told.set()
    assert list(served) == []


def test_what_a_stand_in_does_not_know_the_one_that_hangs_may_know(world: World, hurried: None) -> None:
    told = threading.Event()
    hung_until(told, world, 100)

    def unknown(*_: object) -> list[FeedBar]:
        told.set()
        raise UnknownSymbol("beta knows no such thing")

    world.beta.answer_bars = unknown
    assert [each.provider for each in world.all_bars()] == ["alpha"]


def test_nobody_else_is_asked_when_the_first_answers(world: World) -> None:
    world.alpha.answer_bars = lambda *_: [world.alpha.bar(NOON, 100)]
    assert [each.provider for each in world.all_bars()] == ["alpha"]
    assert world.beta.asked == []
