"""The past of a live market: from whoever answers first, completed by the better word that comes later."""

import threading

import pytest

from tests.fakes import BTC
from tests.live_house import NOON, SYMBOL, House
from tests.waiting import eventually
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import RetryLater
from tradesim.model.feed import Capability, FeedBar
from tradesim.model.market import Timeframe
from tradesim.model.series import Bars, History
from tradesim.providers.live import answers
from tradesim.providers.live.answers import Answers
from tradesim.providers.live.past import Past
from tradesim.providers.live.shared import SharedFailover

DAY, MINUTE = 86_400 * NS_PER_SECOND, 60 * NS_PER_SECOND


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next is asked almost at once."""
    monkeypatch.setattr(answers, "HEDGE_S", 0.01)


class Told:
    """Three days and three minutes that end now, each at `close`; those of a length in `late` once `go` is set."""

    def __init__(self, house: House, name: str, close: int, late: frozenset[Timeframe] = frozenset()) -> None:
        self.provider, self.close, self.late, self.go = house[name], close, late, threading.Event()
        self.provider.answer_bars = self.answer

    def answer(self, symbol: str, timeframe: Timeframe, start: int, end: int) -> list[FeedBar]:
        assert timeframe not in self.late or self.go.wait(30)
        length = DAY if timeframe is Timeframe.D1 else MINUTE
        return [self.provider.bar(NOON - n * length, self.close, timeframe) for n in (3, 2, 1)]


def closes(history: History) -> tuple[list[int], list[int]]:
    """Of the three days before today, and of the minutes."""
    return [int(each) for each in history.days.close[:3]], [int(each) for each in history.minutes.close]


def eventually_closes(house: House, wanted: tuple[list[int], list[int]]) -> None:
    def is_so() -> bool:
        house.wait(0)
        return closes(house.source.history(SYMBOL)) == wanted

    eventually(is_so)
    house.source.close()


BOTH = frozenset({Timeframe.M1, Timeframe.D1})


def test_one_that_hangs_delays_no_other_and_what_it_says_later_stands() -> None:
    house = House("alpha", "beta")
    alpha, _ = Told(house, "alpha", 70, BOTH), Told(house, "beta", 50)
    assert closes(house.open().source.history(SYMBOL)) == ([5_000] * 3, [5_000] * 3)
    alpha.go.set()
    eventually_closes(house, ([7_000] * 3, [7_000] * 3))


def test_minutes_that_come_after_the_days_come_with_them_again() -> None:
    """A day is made of minutes where nobody tells it."""
    house = House("alpha")
    alpha = Told(house, "alpha", 70, frozenset({Timeframe.M1}))
    shared = SharedFailover({Capability.BARS_INTRADAY: ("alpha",), Capability.BARS_DAILY: ("alpha",)})
    asked = Answers(house.providers, shared, house.clock)
    handed: list[tuple[int, int]] = []

    def found(_symbol: str, minutes: Bars, days: Bars) -> None:
        handed.append((len(minutes), len(days)))

    past = Past({SYMBOL: BTC}, lambda _: asked, house.clock, found, threading.Event(), lambda bars, *_: list(bars))
    past.fetch(SYMBOL, NOON - 10 * MINUTE, with_days=True)
    eventually(lambda: handed == [(0, 3)])
    alpha.go.set()
    eventually(lambda: handed == [(0, 3), (3, 3)])


def test_days_are_there_though_nobody_tells_of_minutes() -> None:
    house = House("alpha")
    house["alpha"].answer_bars = lambda symbol, timeframe, start, end: days_alone(house, timeframe)
    assert closes(house.open().source.history(SYMBOL))[0] == [7_000]
    house.source.close()


def days_alone(house: House, timeframe: Timeframe) -> list[FeedBar]:
    if timeframe is not Timeframe.D1:
        raise RetryLater("no minutes now", 0.0)
    return [house["alpha"].bar(NOON - DAY, 70, timeframe)]


def test_a_past_that_cannot_be_stored_is_told_and_asked_for_again(monkeypatch) -> None:
    def broken(*_: object) -> None:
        raise OverflowError("too large")

    monkeypatch.setattr("tradesim.providers.live.past.as_columns", broken)
    house = House("alpha")
    minute = NOON - NOON % (60 * NS_PER_SECOND) - 120 * NS_PER_SECOND
    house["alpha"].answer_bars = lambda _, timeframe, *__: [house["alpha"].bar(minute - 10**14, 100, timeframe)]
    house.open()
    said = [each for each in house.source.faults(house.clock.now()) if "cannot be stored" in each]
    house.source.close()
    assert (
        said[0] == ("the minute bars of BTC/USD cannot be stored (OverflowError): they are asked for again")
        or "daily bars" in said[0]
    )
    assert len(said) == 2


def test_bars_that_the_steps_cannot_carry_are_left_out_and_it_is_said() -> None:
    house = House("alpha")
    minute = NOON - NOON % (60 * NS_PER_SECOND) - 120 * NS_PER_SECOND
    house["alpha"].answer_bars = lambda _, timeframe, *__: (
        [house["alpha"].bar(minute, "0.00000504")] if timeframe is Timeframe.M1 else []
    )
    house.open()
    (said,) = [each for each in house.source.faults(house.clock.now()) if "left out" in each]
    house.source.close()
    assert said.startswith("1 minute bars of BTC/USD are left out, the last: wanted a bar in steps of")
