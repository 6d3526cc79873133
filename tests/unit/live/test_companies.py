"""Splits and dividends of live companies: asked once, of whoever answers."""

from datetime import date, timedelta
from decimal import Decimal
from threading import Event, Timer

import pytest
from msgspec.structs import replace

from tests.fakes import AAPL, BTC, ManualClock
from tests.live_house import NOON, FakeProvider
from tests.waiting import eventually
from tradesim.desk.ports import CorporateCalendar
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import NotEntitled, RateLimited
from tradesim.model.corporate import Dividend, Split
from tradesim.model.feed import Feed
from tradesim.model.market import Timeframe
from tradesim.providers.live.companies import Companies
from tradesim.providers.live.source import LiveRules, LiveSource

TODAY = date(2026, 1, 6)
PAID = Dividend("AAPL", TODAY + timedelta(days=1), 1)
SPLIT = Split("AAPL", TODAY + timedelta(days=1), 1, 4)


class Records(FakeProvider):
    def __init__(self, name, answer) -> None:
        super().__init__(name, ManualClock(NOON))
        self.answer, self.asked_for = answer, []

    def corporate_actions(self, symbol, first, last):
        self.asked_for.append((symbol, first, last))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_the_first_that_answers_is_believed() -> None:
    refusing, telling = Records("a", NotEntitled("not in the plan")), Records("b", [SPLIT, PAID])
    providers = {"a": refusing, "plain": FakeProvider("plain", ManualClock(NOON)), "b": telling}
    companies = Companies(providers, ["AAPL"], lambda: TODAY, 5)
    assert companies.between(TODAY, TODAY + timedelta(days=1)) == [PAID, SPLIT], "the dividend is of old shares"
    assert companies.between(TODAY + timedelta(days=1), TODAY + timedelta(days=5)) == []
    assert len(refusing.asked_for) == len(telling.asked_for) == 1


def test_one_whose_plan_refuses_is_asked_once() -> None:
    refusing, telling = Records("a", NotEntitled("not in the plan")), Records("b", [])
    Companies({"a": refusing, "b": telling}, ["AAPL", "MSFT"], lambda: TODAY, 5).between(TODAY, TODAY)
    assert [len(each.asked_for) for each in (refusing, telling)] == [1, 2]


def test_one_who_was_busy_is_asked_again() -> None:
    busy, told = Records("a", RateLimited("5 a minute are used up", 10)), Event()

    def answer(symbol, first, last):
        busy.asked_for.append(symbol)
        if len(busy.asked_for) < 4:
            raise busy.answer
        told.set()
        return [PAID]

    busy.corporate_actions = answer
    companies = Companies({"a": busy}, ["AAPL"], lambda: TODAY, 5, pauses_s=(0.001, 0.002))
    assert told.wait(10)
    assert eventually(lambda: companies.between(TODAY, TODAY + timedelta(days=1)) == [PAID])


def test_nobody_is_asked_again_once_the_market_was_left() -> None:
    busy, closed = Records("a", RateLimited("5 a minute are used up", 10)), Event()
    closed.set()
    Companies({"a": busy}, ["AAPL"], lambda: TODAY, 5, closed, pauses_s=(0.001,))
    Event().wait(0.05)
    assert len(busy.asked_for) == 1


def test_opening_does_not_wait_for_a_provider_that_hangs() -> None:
    hanging, let_go = Records("a", []), Event()
    hanging.corporate_actions = lambda *_: let_go.wait(10) and []
    assert Companies({"a": hanging}, ["AAPL"], lambda: TODAY, 0.05).between(TODAY, TODAY) == []
    let_go.set()


def raw_days(provider: FakeProvider) -> None:
    provider.raw_bars = frozenset({Timeframe.D1})
    provider.feed = Feed.END_OF_DAY

    def bars(symbol, timeframe, start, end):
        ago = [provider.bar(NOON - days * 86_400 * NS_PER_SECOND, 400, timeframe) for days in (5, 4)]
        after = [provider.bar(NOON - days * 86_400 * NS_PER_SECOND, 100, timeframe) for days in (3, 2)]
        return [replace(bar, symbol=symbol) for bar in ago + after]

    provider.answer_bars = bars


@pytest.mark.parametrize("is_raw", [True, False])
def test_days_that_come_without_their_splits_are_divided_on_arrival(is_raw) -> None:
    done = Split("AAPL", TODAY - timedelta(days=3), Decimal(1), Decimal(4))
    to_come = Split("AAPL", TODAY + timedelta(days=1), Decimal(1), Decimal(2))
    provider = Records("a", [done, to_come])
    raw_days(provider)
    if not is_raw:
        del provider.raw_bars
    source = LiveSource({"a": provider}, {"AAPL": AAPL}, provider.clock, rules=LiveRules(history_wait_s=5))
    try:
        source.advance(NOON)
        days = source.history("AAPL").days
        assert list(days.close) == ([10_000] * 4 if is_raw else [40_000, 40_000, 10_000, 10_000])
        assert list(days.volume / days.volume[-1]) == ([4, 4, 1, 1] if is_raw else [1] * 4)
    finally:
        source.close()


def test_days_without_splits_wait_for_those_that_are_being_asked_for() -> None:
    clock, let_go = ManualClock(NOON), Event()
    slow, raw = Records("slow", [Split("AAPL", TODAY, Decimal(1), Decimal(4))]), FakeProvider("raw", clock)
    raw_days(raw)
    told = slow.corporate_actions
    slow.corporate_actions = lambda *asked: (let_go.wait(10), told(*asked))[1]
    companies = Companies({"slow": slow, "raw": raw}, ["AAPL"], lambda: TODAY, 0.05)
    Timer(0.05, let_go.set).start()
    found = companies.uniform(raw.answer_bars("AAPL", Timeframe.D1, 0, NOON), "AAPL", "America/New_York")
    assert [bar.close for bar in found] == [100, 100, 25, 25]


def test_a_live_source_knows_of_its_shares_and_asks_nothing_of_coins() -> None:
    provider = Records("a", [PAID])
    source = LiveSource(
        {"a": provider}, {"AAPL": AAPL, "BTC/USD": BTC}, provider.clock, rules=LiveRules(history_wait_s=0.5)
    )
    try:
        assert isinstance(source, CorporateCalendar)
        assert source.corporate_actions(TODAY, TODAY + timedelta(days=2)) == [PAID]
        assert [each[0] for each in provider.asked_for] == ["AAPL"]
    finally:
        source.close()
