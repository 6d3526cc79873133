"""Adjusted days where a provider adjusts them itself and nobody keeps records: Alpaca alone, or IEX by it."""

import threading
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from tests.fakes import AAPL, ManualClock
from tests.live_house import NOON, FakeProvider
from tests.waiting import eventually
from tradesim.desk.ports import AdjustedDays
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import RetryLater
from tradesim.model.corporate import Basis
from tradesim.model.feed import Feed, FeedBar
from tradesim.model.market import Timeframe
from tradesim.providers.budget import Forgetful
from tradesim.providers.live import adjusted
from tradesim.providers.live.source import LiveRules, LiveSource

DAY = 86_400 * NS_PER_SECOND
CLOSES = {
    Basis.SPLIT: (100, 100, 50),
    Basis.RAW: (200, 100, 50),
    Basis.DIVIDEND: (190, 95, 50),
    Basis.ALL: (95, 95, 50),
}
"""Of the days two and one before today, and of today: two for one on the second, five per cent paid today."""


class Adjusting(FakeProvider):
    """A share became two on the day before: until then twice the price and half the volume."""

    def __init__(self, name: str, clock: ManualClock) -> None:
        super().__init__(name, clock, feed=Feed.IEX)
        self.answer_bars = lambda symbol, timeframe, *_: self.days(Basis.SPLIT) if timeframe is Timeframe.D1 else []
        self.asked_for: list[Basis] = []
        self.is_down = False

    def days(self, basis: Basis) -> list[FeedBar]:
        volumes = (100 if basis in (Basis.RAW, Basis.DIVIDEND) else 200, 200, 200)
        told = zip((2, 1, 0), CLOSES[basis], volumes, strict=True)
        bars = [self.bar(NOON - ago * DAY, close, Timeframe.D1, volume=volume) for ago, close, volume in told]
        return [replace(bar, symbol="AAPL", volume=bar.close * 0 + bar.volume) for bar in bars]

    def adjusted_days(self, symbol: str, basis: Basis, start: int, end: int) -> list[FeedBar]:
        self.asked_for.append(basis)
        if self.is_down:
            raise RetryLater("down", 0.0)
        return self.days(basis)


class World:
    def __init__(self, *others: FakeProvider) -> None:
        self.clock, self.store = ManualClock(NOON), Forgetful()
        self.alpaca = Adjusting("alpaca", self.clock)
        self.others = others

    def open(self) -> LiveSource:
        providers = {each.id: each for each in (self.alpaca, *self.others)}
        rules = LiveRules(history_wait_s=5)
        return LiveSource(providers, {"AAPL": AAPL}, self.clock, rules=rules, store=self.store)


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(
    ("basis", "prices", "shares"),
    [
        (Basis.SPLIT, [1, 1], [1, 1]),
        (Basis.RAW, [2, 1], [2, 1]),
        (Basis.DIVIDEND, [1.9, 0.95], [2, 1]),
        (Basis.ALL, [0.95, 0.95], [1, 1]),
    ],
)
def test_days_on_any_basis_are_told_by_what_the_provider_makes_of_them(world, basis, prices, shares) -> None:
    source = world.open()
    found = source.day_factors("AAPL", basis)
    assert isinstance(source, AdjustedDays) and found is not None
    assert (list(found.prices), list(found.shares)) == (prices, shares)
    source.close()


def test_each_basis_is_asked_for_once_a_day_and_kept_under_its_own_name(world) -> None:
    source = world.open()
    for _ in range(3):
        source.day_factors("AAPL", Basis.RAW)
        source.day_factors("AAPL", Basis.ALL)
    assert world.alpaca.asked_for == [Basis.RAW, Basis.ALL], "those with their splits are there since the opening"
    days = {key: [row[4] for row in rows] for key, (_, rows) in world.store.values.items() if "/1D/" in key}
    assert {key.split("/")[4]: closes[:2] for key, closes in days.items()} == {
        "split": ["100", "100"],
        "raw": ["200", "100"],
        "all": ["95", "95"],
    }
    again = world.open()
    again.day_factors("AAPL", Basis.RAW)
    assert world.alpaca.asked_for == [Basis.RAW, Basis.ALL]
    world.clock.advance(DAY)
    again.day_factors("AAPL", Basis.RAW)
    assert world.alpaca.asked_for[2:] == [Basis.SPLIT, Basis.RAW]
    source.close()
    again.close()


def test_one_that_is_down_is_asked_again_after_a_minute(world) -> None:
    source = world.open()
    world.alpaca.is_down = True
    assert source.day_factors("AAPL", Basis.RAW) is None and source.day_factors("AAPL", Basis.RAW) is None
    assert world.alpaca.asked_for == [Basis.RAW]
    world.alpaca.is_down = False
    world.clock.advance(61 * NS_PER_SECOND)
    assert source.day_factors("AAPL", Basis.RAW) is not None
    source.close()


def test_one_that_hangs_is_not_waited_for_and_what_it_says_later_is_known(world, monkeypatch) -> None:
    monkeypatch.setattr(adjusted, "PATIENCE_S", 0.01)
    source, told, days = world.open(), threading.Event(), world.alpaca.adjusted_days
    world.alpaca.adjusted_days = lambda *asked: told.wait(30) and days(*asked)
    assert source.day_factors("AAPL", Basis.RAW) is None and source.day_factors("AAPL", Basis.RAW) is None
    told.set()
    eventually(lambda: source.day_factors("AAPL", Basis.RAW) is not None)
    assert world.alpaca.asked_for == [Basis.RAW], "it was asked once"
    source.close()


def test_where_somebody_keeps_records_they_count() -> None:
    class Records(FakeProvider):
        def corporate_actions(self, symbol: str, first: date, last: date) -> list[Any]:
            return []

    world = World(Records("polygon", ManualClock(NOON), feed=Feed.IEX))
    source = world.open()
    assert source.day_factors("AAPL", Basis.RAW) is None and world.alpaca.asked_for == []
    source.close()
