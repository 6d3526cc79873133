"""What an order costs, in calls: it must not depend on how many others are open."""

import sys
from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.stage import Stage
from tradesim.desk import shelf
from tradesim.model.commands import SetRiskLimits, SubmitOrder
from tradesim.model.market import Side
from tradesim.model.orders import ExitLeg, OrderClass, OrderType, Rejection, TimeInForce

FEW, MANY = 30, 300


def a_limit(n: int) -> SubmitOrder:
    return SubmitOrder(
        "paper",
        "AAPL",
        Side.BUY,
        OrderType.LIMIT,
        TimeInForce.GTC,
        qty=Decimal(1),
        limit_price=Decimal(22_500 + n % 90) / 100,
    )


def a_stop(n: int) -> SubmitOrder:
    stop = Decimal(23_500 + n % 90) / 100
    return replace(a_limit(n), type=OrderType.STOP, limit_price=None, stop_price=stop)


def a_bracket(n: int) -> SubmitOrder:
    exits = {"take_profit": ExitLeg(limit_price=Decimal(240)), "stop_loss": ExitLeg(stop_price=Decimal(215))}
    return replace(a_limit(n), order_class=OrderClass.BRACKET, **exits)


def calls(stage: Stage, command: SubmitOrder) -> int:
    """How many functions were called, of Python and of C, until the answer was there."""
    count = 0

    def see(_frame, event, _argument) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(see)
    try:
        answer = stage.ask(command)
    finally:
        sys.setprofile(before)
    assert not isinstance(answer, Rejection), answer
    return count


@pytest.mark.parametrize("make", [a_limit, a_stop, a_bracket])
def test_an_order_costs_as_much_among_many_open_ones_as_among_few(make, monkeypatch) -> None:
    monkeypatch.setattr(shelf, "REMARK_S", 1e9)
    stage = Stage()
    limits = replace(stage.desk.risk("paper").own_limits, usual_orders_per_second=0)
    stage.ask(SetRiskLimits("paper", limits, "person"))
    spent = [calls(stage, make(n)) for n in range(MANY)]
    few, many = sorted(spent[FEW - 10 : FEW]), sorted(spent[-10:])
    assert many[5] <= few[5] * 1.1


def test_where_an_order_stands_in_its_queue_follows_soon() -> None:
    stage = Stage()
    order = stage.ask(a_limit(0))
    assert order.id in stage.desk.account().queue
    stage.desk._shelf._marked_at = 0.0
    stage.desk.turn()
    assert stage.desk.accounts()["paper"].queue.keys() == {order.id}
