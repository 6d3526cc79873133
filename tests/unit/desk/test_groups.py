"""Brackets, OCO and OTO: the exits wait for the entry, and never fill more than it did."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.stage import Stage, a_bracket
from tradesim.model.commands import CancelAllOrders, CancelOrder, Flatten, ReplaceOrder
from tradesim.model.market import Side
from tradesim.model.orders import ExitLeg, LegRole, OrderClass, OrderStatus, OrderType, Rejection, TimeInForce

S = OrderStatus
ENTRY = a_bracket("230.20", "229.90")
RESTING = replace(ENTRY, type=OrderType.LIMIT, limit_price=Decimal("229.99"))
OCO = replace(
    ENTRY,
    side=Side.SELL,
    type=OrderType.LIMIT,
    order_class=OrderClass.OCO,
    limit_price=Decimal("230.20"),
    take_profit=None,
)


def test_the_legs_are_orders_of_their_own_and_wait_for_the_entry() -> None:
    stage = Stage()
    order = stage.ask(RESTING)
    profit, loss = stage.legs(order)
    assert [profit.status, loss.status] == [S.HELD, S.HELD]
    assert [profit.role, loss.role] == [LegRole.TAKE_PROFIT, LegRole.STOP_LOSS]
    assert [profit.type, loss.type, profit.side] == [OrderType.LIMIT, OrderType.STOP, Side.SELL]
    assert {profit.parent_id, loss.parent_id} == {order.id}
    assert stage.desk.account().reserved == Decimal("22999.00")


def test_a_filled_entry_activates_both_exits() -> None:
    stage = Stage()
    order = stage.ask(ENTRY)
    profit, loss = stage.legs(order)
    assert [profit.status, loss.status] == [S.NEW, S.NEW]
    assert stage.desk.account().queue[profit.id].price == 23_020
    assert stage.desk.account().reserved == 0
    assert stage.kinds(profit.id) == ["OrderAccepted", "OrderHeld", "OrderActivated", "OrderOpened"]


def test_the_stop_cancels_the_take_profit() -> None:
    stage = Stage(latency_ms=5)
    order = stage.ask(ENTRY)
    stage.pass_ms(20)
    stage.print(22_990)
    stage.pass_ms(20)
    profit, loss = stage.legs(order)
    assert [profit.status, loss.status, stage.held()] == [S.CANCELED, S.FILLED, 0]
    assert profit.reason == "The stop of its group was triggered."


def test_the_take_profit_cancels_the_stop() -> None:
    stage = Stage()
    order = stage.ask(ENTRY)
    stage.lift(23_020, 100)
    profit, loss = stage.legs(order)
    assert [profit.status, loss.status, stage.held()] == [S.FILLED, S.CANCELED, 0]
    stage.print(22_980)
    assert stage.held() == 0


def test_a_partial_take_profit_shrinks_the_stop() -> None:
    stage = Stage()
    order = stage.ask(ENTRY)
    stage.lift(23_020, 40)
    profit, loss = stage.legs(order)
    assert (profit.filled_qty, loss.qty) == (40, 60)
    stage.print(22_990)
    assert (stage.legs(order)[1].filled_qty, stage.held()) == (60, 0)
    assert stage.legs(order)[0].status is S.CANCELED


def test_while_the_stop_is_on_its_way_a_fill_of_the_take_profit_is_taken_off_it() -> None:
    stage = Stage(latency_ms=5)
    order = stage.ask(ENTRY)
    stage.pass_ms(20)
    stage.print(22_990)
    stage.lift(23_020, 70)
    stage.pass_ms(20)
    profit, loss = stage.legs(order)
    assert (profit.filled_qty, loss.filled_qty, stage.held()) == (70, 30, 0)


def test_an_entry_that_ends_partly_filled_activates_its_exits_for_that() -> None:
    stage = Stage()
    order = stage.ask(replace(ENTRY, type=OrderType.LIMIT, limit_price=Decimal("230.01"), qty=Decimal(150)))
    assert (stage.book(order.id).filled_qty, stage.legs(order)[0].status) == (100, S.HELD)
    stage.ask(CancelOrder("paper", order.id))
    profit, loss = stage.legs(order)
    assert [profit.qty, loss.qty, profit.status, loss.status] == [100, 100, S.NEW, S.NEW]


def test_an_entry_cancelled_empty_takes_its_exits_with_it() -> None:
    stage = Stage()
    order = stage.ask(RESTING)
    stage.ask(CancelOrder("paper", order.id))
    assert [each.status for each in stage.legs(order)] == [S.CANCELED, S.CANCELED]
    assert stage.legs(order)[0].reason == "The entry ended without a fill."


@pytest.mark.parametrize("which", [0, 1])
def test_who_cancels_one_exit_cancels_the_group(which) -> None:
    stage = Stage()
    order = stage.ask(ENTRY)
    stage.ask(CancelOrder("paper", order.legs[which]))
    assert [each.status for each in stage.legs(order)] == [S.CANCELED, S.CANCELED]
    waiting = stage.ask(RESTING)
    stage.ask(CancelOrder("paper", waiting.legs[which]))
    assert stage.book(waiting.id).status is S.CANCELED


@pytest.mark.parametrize("latency_ms", [0, 5])
@pytest.mark.parametrize("which", [0, 1])
def test_an_exit_that_is_cancelled_alone_leaves_the_other_at_work(which, latency_ms) -> None:
    stage = Stage(latency_ms=latency_ms)
    order = stage.ask(ENTRY)
    stage.pass_ms(20)
    stage.ask(CancelOrder("paper", order.legs[which], alone=True))
    stage.pass_ms(20)
    gone, left = stage.book(order.legs[which]), stage.book(order.legs[1 - which])
    assert (gone.status, left.status) == (S.CANCELED, S.NEW)
    assert gone.reason == "Cancelled on request, without the others of its group."
    stage.ask(CancelOrder("paper", left.id))
    stage.pass_ms(20)
    assert stage.book(left.id).status is S.CANCELED


def test_an_exit_that_is_cancelled_alone_leaves_its_entry_with_the_other() -> None:
    stage = Stage()
    waiting = stage.ask(RESTING)
    stage.ask(CancelOrder("paper", waiting.legs[0], alone=True))
    assert stage.book(waiting.id).status is S.NEW
    assert [each.status for each in stage.legs(waiting)] == [S.CANCELED, S.HELD]


def test_the_take_profit_of_an_oco_goes_alone_too() -> None:
    stage = Stage()
    stage.ask(replace(ENTRY, order_class=OrderClass.SIMPLE, take_profit=None, stop_loss=None))
    order = stage.ask(OCO)
    stage.ask(CancelOrder("paper", order.id, alone=True))
    assert stage.book(order.id).status is S.CANCELED
    assert [each.status for each in stage.legs(order)] == [S.NEW]
    stage.print(22_990)
    assert stage.held() == 0


def test_an_oco_closes_a_position_once() -> None:
    stage = Stage()
    stage.ask(replace(ENTRY, order_class=OrderClass.SIMPLE, take_profit=None, stop_loss=None))
    order = stage.ask(OCO)
    assert (order.role, order.status) == (LegRole.TAKE_PROFIT, S.NEW)
    assert [each.status for each in stage.legs(order)] == [S.NEW]
    assert stage.desk.account().reserved == 0
    stage.print(22_990)
    assert (stage.book(order.id).status, stage.legs(order)[0].status, stage.held()) == (S.CANCELED, S.FILLED, 0)


def test_an_oco_may_name_its_limit_as_take_profit() -> None:
    stage = Stage()
    stage.ask(replace(ENTRY, order_class=OrderClass.SIMPLE, take_profit=None, stop_loss=None))
    order = stage.ask(replace(OCO, limit_price=None, take_profit=ExitLeg(limit_price=Decimal("230.20"))))
    assert order.limit_price == Decimal("230.20")


def test_an_oto_has_one_exit_which_may_trail() -> None:
    stage = Stage()
    wish = replace(ENTRY, order_class=OrderClass.OTO, take_profit=None, stop_loss=ExitLeg(trail_price=Decimal("0.50")))
    order = stage.ask(wish)
    (loss,) = stage.legs(order)
    assert (loss.type, loss.status, loss.stop_price) == (OrderType.TRAILING_STOP, S.NEW, Decimal("229.51"))


def test_each_exit_may_have_a_time_of_its_own() -> None:
    stage = Stage()
    wish = replace(ENTRY, take_profit=replace(ENTRY.take_profit, time_in_force=TimeInForce.DAY))
    order = stage.ask(wish)
    stage.pass_ms(14 * 3_600_000)
    profit, loss = stage.legs(order)
    assert [profit.status, loss.status] == [S.EXPIRED, S.NEW]


def test_flatten_and_cancel_all_leave_nothing_of_a_group() -> None:
    stage = Stage()
    order, waiting = stage.ask(ENTRY), stage.ask(RESTING)
    stage.ask(CancelAllOrders("paper"))
    assert not [each for each in (*stage.legs(order), *stage.legs(waiting)) if each.is_open]
    stage.ask(Flatten("paper"))
    assert stage.held() == 0


def test_a_group_outlives_the_desk() -> None:
    stage = Stage()
    order = stage.ask(ENTRY)
    waiting = stage.ask(replace(RESTING, limit_price=Decimal("229.95")))
    again = Stage(journal=stage.journal)
    assert [each.status for each in again.legs(order)] == [S.NEW, S.NEW]
    assert [each.status for each in again.legs(waiting)] == [S.HELD, S.HELD]
    again.print(22_990)
    assert again.legs(order)[1].status is S.FILLED
    assert again.legs(order)[0].status is S.CANCELED


def test_the_prices_of_an_exit_can_be_changed_and_its_quantity_cannot() -> None:
    stage = Stage()
    order = stage.ask(ENTRY)
    profit, loss = stage.legs(order)
    assert stage.ask(ReplaceOrder("paper", loss.id, stop_price=Decimal("229.80"))).stop_price == Decimal("229.80")
    assert stage.ask(ReplaceOrder("paper", profit.id, limit_price=Decimal("230.30"))).limit_price == Decimal("230.30")
    refused = stage.ask(ReplaceOrder("paper", loss.id, qty=Decimal(50)))
    assert (refused.code, refused.field) == ("qty", "qty")


@pytest.mark.parametrize(
    ("wrong", "said", "field"),
    [
        ({"stop_loss": None}, "a bracket needs a take-profit and a stop-loss, had a take-profit", "order_class"),
        ({"order_class": OrderClass.SIMPLE}, "a simple order has no exits, had both", "order_class"),
        ({"order_class": OrderClass.OTO}, "an OTO needs exactly one of take-profit and stop-loss, had both", None),
        (
            {"take_profit": ExitLeg(limit_price=Decimal(229))},
            "the take-profit must be above the stop-loss, was 229 against 229.9",
            "take_profit",
        ),
        (
            {"type": OrderType.LIMIT, "limit_price": Decimal("230.30")},
            "the take-profit must be above the entry, was 230.2 against 230.3",
            "take_profit",
        ),
        (
            {"type": OrderType.LIMIT, "limit_price": Decimal("229.80")},
            "the stop-loss must be below the entry, was 229.9 against 229.8",
            "stop_loss",
        ),
        (
            {"stop_loss": ExitLeg(stop_price=Decimal(229), trail_price=Decimal(1))},
            "a stop-loss needs either a stop price, with a limit price or without one, or a trail",
            "stop_loss",
        ),
        (
            {"take_profit": ExitLeg(limit_price=Decimal("230.205"))},
            "take-profit must be a multiple of 0.01, was 230.205",
            "take_profit",
        ),
        (
            {"take_profit": ExitLeg(limit_price=Decimal(300))},
            "the take-profit must be within 20 % of the entry's 230, was 300",
            "take_profit",
        ),
    ],
)
def test_exits_that_do_not_fit_are_refused(wrong, said, field) -> None:
    refused = Stage().ask(replace(ENTRY, **wrong))
    assert isinstance(refused, Rejection)
    assert said in refused.message
    assert field is None or refused.field == field


def test_an_oco_without_a_position_is_refused() -> None:
    refused = Stage().ask(OCO)
    assert refused.message == "an OCO closes a position: 0 AAPL is free to close, 100 was asked"


@pytest.mark.parametrize(
    ("entry", "profit", "loss", "field"),
    [
        ({}, "229.50", "229.00", "take_profit"),
        ({}, "232.00", "231.00", "stop_loss"),
        ({"type": OrderType.STOP, "stop_price": Decimal("231.00")}, "230.80", "230.00", "take_profit"),
        ({"type": OrderType.STOP, "stop_price": Decimal("231.00")}, "232.00", "231.00", "stop_loss"),
    ],
    ids=["market, profit", "market, loss", "stop, profit", "stop, loss"],
)
def test_exits_are_around_an_entry_without_a_limit_too(entry, profit, loss, field) -> None:
    stage = Stage()
    stage.print(23_000)
    no = stage.ask(a_bracket(profit, loss, **entry))
    assert isinstance(no, Rejection) and no.field == field
    assert "the entry, was" in no.message


def test_the_profit_of_a_stop_limit_entry_may_lie_between_its_stop_and_its_limit() -> None:
    stage = Stage()
    entry = {"type": OrderType.STOP_LIMIT, "stop_price": Decimal("231.00"), "limit_price": Decimal("236.00")}
    assert stage.ask(a_bracket("233.00", "230.00", **entry)).status is OrderStatus.NEW
    assert isinstance(stage.ask(a_bracket("233.00", "231.50", **entry)), Rejection)
