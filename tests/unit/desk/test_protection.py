"""An exit that the market cannot take now is not lost: it is sent again, and nobody is left without his stop."""

from decimal import Decimal

from msgspec.structs import replace

from tests.fakes import ManualClock, MemoryJournal
from tests.stage import START, Stage, a_bracket
from tradesim.model.commands import CancelOrder, HaltTrading, ResumeTrading
from tradesim.model.market import Side
from tradesim.model.orders import OrderStatus

BRACKET = a_bracket("235.00", "229.00")


def statuses(stage: Stage, group) -> list[OrderStatus]:
    return [leg.status for leg in stage.legs(group)]


def test_a_stop_on_its_way_into_a_halt_is_sent_when_trading_goes_on() -> None:
    stage = Stage(latency_ms=50)
    group = stage.ask(BRACKET)
    stage.pass_ms(200)
    stage.print(22_890)
    stage.ask(HaltTrading("AAPL"))
    stage.pass_ms(200)
    assert statuses(stage, group) == [OrderStatus.CANCELED, OrderStatus.ACCEPTED]
    assert stage.held() == 100
    stage.ask(ResumeTrading("AAPL"))
    stage.pass_ms(200)
    assert statuses(stage, group) == [OrderStatus.CANCELED, OrderStatus.FILLED]
    assert stage.held() == 0


def test_a_stop_in_a_halt_outlives_a_restart_and_can_be_cancelled() -> None:
    journal, clock = MemoryJournal(), ManualClock(START)
    stage = Stage(journal=journal, clock=clock, latency_ms=50)
    group = stage.ask(BRACKET)
    stage.pass_ms(200)
    stage.print(22_890)
    stage.ask(HaltTrading("AAPL"))
    stage.pass_ms(200)
    again = Stage(journal=journal, clock=clock, latency_ms=50)
    again.pass_ms(200)
    assert statuses(again, group)[1] is OrderStatus.FILLED
    assert stage.ask(CancelOrder("paper", group.legs[1])).status is OrderStatus.CANCELED


def test_a_take_profit_on_its_way_into_a_halt_comes_back() -> None:
    stage = Stage(latency_ms=50)
    group = stage.ask(BRACKET)
    stage.pass_ms(55)
    stage.ask(HaltTrading("AAPL"))
    stage.pass_ms(200)
    assert statuses(stage, group) == [OrderStatus.ACCEPTED, OrderStatus.NEW]
    stage.ask(ResumeTrading("AAPL"))
    stage.pass_ms(200)
    assert statuses(stage, group) == [OrderStatus.NEW, OrderStatus.NEW]


def test_a_stop_that_is_larger_than_the_book_goes_on_when_somebody_comes() -> None:
    stage = Stage()
    group = stage.ask(replace(BRACKET, qty=Decimal(800)))
    stage.agent(Side.SELL, 22_991, 900)
    stage.print(22_890)
    stage.pass_ms(10)
    left = stage.held()
    assert left > 0
    assert stage.book(group.legs[1]).status is OrderStatus.PARTIALLY_FILLED
    stage.agent(Side.BUY, 22_880, 5_000)
    stage.pass_ms(10)
    assert stage.held() == 0
    assert stage.book(group.legs[1]).status is OrderStatus.FILLED
