"""Splits and dividends of live companies: asked once, of whoever answers."""

from datetime import date, timedelta
from threading import Event

from tests.fakes import AAPL, BTC, ManualClock
from tests.live_house import NOON, FakeProvider
from tradesim.desk.ports import CorporateCalendar
from tradesim.kernel.errors import NotEntitled
from tradesim.model.corporate import Dividend, Split
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


def test_opening_does_not_wait_for_a_provider_that_hangs() -> None:
    hanging, let_go = Records("a", []), Event()
    hanging.corporate_actions = lambda *_: let_go.wait(10) and []
    assert Companies({"a": hanging}, ["AAPL"], lambda: TODAY, 0.05).between(TODAY, TODAY) == []
    let_go.set()


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
