"""Exits are moved where the account could not open what they sell, and never to where they make no sense."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.stage import Stage, a_bracket
from tradesim.model.commands import ClosePosition, ReplaceOrder, SetRiskLimits, SubmitOrder
from tradesim.model.market import Side
from tradesim.model.orders import ExitLeg, OrderClass, OrderStatus, OrderType, Rejection, TimeInForce

BRACKET = a_bracket("235.00", "225.00")
RESTING = replace(BRACKET, type=OrderType.LIMIT, limit_price=Decimal("229.50"))


def configured(**rules) -> Stage:
    stage = Stage()
    stage.configure(**rules)
    return stage


def moved(stage: Stage, order_id: str, **wish) -> str | Decimal:
    """The refusal's code, or the new price."""
    answer = stage.ask(ReplaceOrder("paper", order_id, **{name: Decimal(text) for name, text in wish.items()}))
    return answer.code if isinstance(answer, Rejection) else answer.stop_price or answer.limit_price


@pytest.mark.parametrize("rules", [{"multiplier": Decimal(1)}, {"shorting_enabled": False}, {}])
@pytest.mark.parametrize("entry", [BRACKET, RESTING])
def test_the_exits_of_a_bracket_can_be_moved(rules, entry) -> None:
    stage = configured(**rules)
    profit, loss = stage.ask(entry).legs
    assert moved(stage, loss, stop_price="226") == Decimal(226)
    assert moved(stage, loss, stop_price="227") == Decimal(227)
    assert moved(stage, profit, limit_price="236") == Decimal(236)


def test_they_can_be_moved_when_the_money_is_spent_or_part_was_closed() -> None:
    stage = configured(multiplier=Decimal(2))
    profit, loss = stage.ask(replace(BRACKET, qty=Decimal(800))).legs
    stage.ask(ClosePosition("paper", "AAPL", qty=Decimal(100)))
    assert moved(stage, loss, stop_price="226") == Decimal(226)
    assert moved(stage, profit, limit_price="236") == Decimal(236)


def test_a_stop_is_not_moved_beyond_its_take_profit() -> None:
    stage = Stage()
    profit, loss = stage.ask(BRACKET).legs
    assert moved(stage, loss, stop_price="236") == "take_profit"
    assert moved(stage, profit, limit_price="224") == "take_profit"
    assert moved(stage, loss, stop_price="231") == Decimal(231)


def test_exits_that_wait_stay_around_their_entry() -> None:
    stage = Stage()
    order = stage.ask(RESTING)
    profit, loss = order.legs
    assert moved(stage, loss, stop_price="231") == "stop_loss"
    assert moved(stage, profit, limit_price="400") == "price_band"
    assert moved(stage, order.id, limit_price="224") == "stop_loss"


def test_an_entry_that_closes_has_no_exits() -> None:
    stage = Stage()
    stage.ask(replace(BRACKET, order_class=OrderClass.SIMPLE, take_profit=None, stop_loss=None))
    other = replace(BRACKET, side=Side.SELL, take_profit=BRACKET.stop_loss, stop_loss=BRACKET.take_profit)
    exits = {
        "take_profit": ExitLeg(limit_price=Decimal("225.00")),
        "stop_loss": ExitLeg(stop_price=Decimal("235.00")),
    }
    answer = stage.ask(replace(other, **exits))
    assert isinstance(answer, Rejection)
    assert answer.message == "the entry of a bracket must open a position or add to one: 100 AAPL is held"
    answer = stage.ask(replace(other, **{**exits, "take_profit": None}, order_class=OrderClass.OTO))
    assert isinstance(answer, Rejection)


@pytest.mark.parametrize("time_in_force", [TimeInForce.OPG, TimeInForce.FOK])
def test_a_trailing_exit_lasts(time_in_force) -> None:
    leg = ExitLeg(trail_price=Decimal(1), time_in_force=time_in_force)
    answer = Stage().ask(replace(BRACKET, stop_loss=leg))
    assert isinstance(answer, Rejection)
    assert "an exit must be day or gtc" in answer.message


def test_a_replacement_does_not_trade_with_an_own_order() -> None:
    stage = Stage()
    limits = stage.desk.risk("paper").own_limits
    stage.ask(SetRiskLimits("paper", replace(limits, wash_trades_allowed=False), "person"))
    simple = SubmitOrder("paper", "AAPL", Side.BUY, OrderType.LIMIT, TimeInForce.GTC, qty=Decimal(10))
    stage.ask(replace(simple, side=Side.SELL, limit_price=Decimal("230.00")))
    order = stage.ask(replace(simple, limit_price=Decimal("229.50")))
    assert moved(stage, order.id, limit_price="230.00") == "wash_trade"
    assert stage.book(order.id).status is OrderStatus.NEW
