"""Changes, cancels and fills that pass each other: who arrives first decides, and everybody is told."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.stage import Stage
from tradesim.model.commands import CancelOrder, ClosePosition, ReplaceOrder, SubmitOrder
from tradesim.model.events import OrderReplaced, OrderReplaceRejected, OrderReplaceRequested
from tradesim.model.market import Side
from tradesim.model.orders import OrderStatus, OrderType, Rejection, TimeInForce

S = OrderStatus
BUY = SubmitOrder("paper", "AAPL", Side.BUY, qty=Decimal(100))
LIMIT = replace(BUY, type=OrderType.LIMIT, limit_price=Decimal("229.95"), time_in_force=TimeInForce.GTC)
STOP = replace(BUY, type=OrderType.STOP, stop_price=Decimal(231), time_in_force=TimeInForce.GTC)


def test_a_revision_has_its_id_at_once_and_takes_hold_at_the_venue() -> None:
    stage = Stage(latency_ms=5)
    order = stage.ask(replace(LIMIT, client_order_id="first"))
    stage.pass_ms(6)
    asked = stage.ask(ReplaceOrder("paper", order.id, limit_price=Decimal("229.96"), is_revision=True))
    revision = asked.requested.revision_id
    assert (asked.revision_id, asked.limit_price, asked.revisions) == (order.id, Decimal("229.95"), ())
    stage.pass_ms(6)
    found = stage.book(order.id)
    assert (found.id, found.revision_id, found.client_order_id) == (order.id, revision, revision)
    assert [(each.id, each.client_order_id, each.limit_price) for each in found.revisions] == [
        (order.id, "first", Decimal("229.95"))
    ]
    assert stage.desk._orders.state.by_client_order_id("paper", "first").id == order.id
    assert Stage(journal=stage.journal).book(order.id).revisions == found.revisions


def test_a_revision_may_have_a_name_of_its_own_which_is_new() -> None:
    stage = Stage()
    stage.ask(replace(LIMIT, client_order_id="taken"))
    order = stage.ask(LIMIT)
    wish = ReplaceOrder("paper", order.id, qty=Decimal(50), client_order_id="taken", is_revision=True)
    assert stage.ask(wish).code == "client_order_id"
    assert stage.ask(replace(wish, client_order_id="mine")).client_order_id == "mine"


def test_a_waiting_order_is_revised_at_once() -> None:
    stage = Stage(latency_ms=5)
    order = stage.ask(STOP)
    found = stage.ask(ReplaceOrder("paper", order.id, stop_price=Decimal(232), is_revision=True))
    assert (found.stop_price, len(found.revisions), found.revision_id != order.id) == (232, 1, True)
    assert not [event for event in stage.events if isinstance(event, OrderReplaceRequested)]


def test_a_change_that_comes_after_the_last_fill_is_told_to_be_too_late() -> None:
    stage = Stage(latency_ms=5)
    order = stage.ask(LIMIT)
    stage.pass_ms(6)
    stage.ask(ReplaceOrder("paper", order.id, limit_price=Decimal("229.90"), is_revision=True))
    stage.agent(Side.SELL, 22_995, 1_000)
    stage.pass_ms(6)
    assert stage.book(order.id).status is S.FILLED
    told = [event for event in stage.events if isinstance(event, OrderReplaceRejected)]
    assert [(event.order_id, event.rejection.code) for event in told] == [(order.id, "replace_too_late")]
    assert stage.book(order.id).requested is None


def test_a_cancel_that_comes_after_the_last_fill_is_told_to_be_too_late() -> None:
    stage = Stage(latency_ms=5)
    order = stage.ask(BUY)
    stage.ask(CancelOrder("paper", order.id))
    stage.pass_ms(12)
    assert stage.book(order.id).status is S.FILLED
    told = [event for event in stage.events if isinstance(event, OrderReplaceRejected)]
    assert [event.rejection.code for event in told] == ["cancel_too_late"]


def test_time_in_force_is_changed_without_losing_the_place() -> None:
    stage = Stage()
    order = stage.ask(LIMIT)
    stage.agent(Side.BUY, 22_995, 30)
    found = stage.ask(ReplaceOrder("paper", order.id, time_in_force=TimeInForce.DAY))
    assert found.time_in_force is TimeInForce.DAY
    assert stage.desk.account().queue[order.id].ahead == 100
    told = [event for event in stage.events if isinstance(event, OrderReplaced)]
    assert [event.kept_place for event in told] == [True]
    refused = stage.ask(ReplaceOrder("paper", order.id, time_in_force=TimeInForce.IOC))
    assert refused.message == "time in force can be changed between day and gtc only, was day to ioc"


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (ReplaceOrder("paper", "", trail=Decimal(1)), "trail"),
        (ReplaceOrder("paper", "", stop_price=Decimal(230)), "stop_price"),
        (ReplaceOrder("paper", "", limit_price=Decimal("229.951")), "limit_price"),
        (ReplaceOrder("paper", ""), "qty"),
    ],
)
def test_what_an_order_cannot_become_is_refused(wish, field) -> None:
    stage = Stage()
    order = stage.ask(LIMIT)
    refused = stage.ask(replace(wish, order_id=order.id))
    assert isinstance(refused, Rejection)
    assert refused.field == field


def test_a_triggered_stop_cannot_be_moved() -> None:
    stage = Stage()
    order = stage.ask(replace(STOP, type=OrderType.STOP_LIMIT, limit_price=Decimal(229), side=Side.BUY))
    stage.print(23_100)
    refused = stage.ask(ReplaceOrder("paper", order.id, stop_price=Decimal(232)))
    assert refused.message == "the stop was reached already and cannot be moved"


def test_a_resting_reduce_only_order_shrinks_with_its_position() -> None:
    stage = Stage()
    stage.ask(BUY)
    exit_ = stage.ask(
        replace(LIMIT, side=Side.SELL, limit_price=Decimal("230.09"), reduce_only=True, time_in_force=TimeInForce.GTC)
    )
    stage.ask(replace(BUY, side=Side.SELL, qty=Decimal(60)))
    assert stage.book(exit_.id).qty == 40
    stage.ask(ClosePosition("paper", "AAPL"))
    assert stage.book(exit_.id).status is S.CANCELED
    assert stage.book(exit_.id).reason == "The position that it was to reduce was closed."
    assert stage.held() == 0


def test_part_of_a_position_can_be_closed() -> None:
    stage = Stage()
    stage.ask(BUY)
    assert stage.ask(ClosePosition("paper", "AAPL", qty=Decimal(30))).filled_qty == 30
    assert stage.ask(ClosePosition("paper", "AAPL", qty=Decimal(71))).code == "reduce_only"
    assert stage.held() == 70


def test_an_iceberg_shows_its_slice_and_is_changed_like_any_other() -> None:
    stage = Stage()
    order = stage.ask(replace(LIMIT, limit_price=Decimal("230.00"), display_qty=Decimal(20)))
    assert stage.desk.market("AAPL").top.bids[0].qty == 20
    assert stage.ask(ReplaceOrder("paper", order.id, qty=Decimal(10))).display_qty == 10
    assert stage.desk.market("AAPL").top.bids[0].qty == 10
    refused = stage.ask(replace(LIMIT, display_qty=Decimal(200)))
    assert refused.message == "display quantity must be at most the quantity 100, was 200"


def test_an_order_carries_its_tag() -> None:
    stage = Stage()
    assert stage.ask(replace(LIMIT, tag="gap fill")).tag == "gap fill"
    assert stage.ask(replace(LIMIT, tag="x" * 65)).field == "tag"


def test_two_changes_on_their_way_arrive_each_at_its_own_time_and_neither_is_lost() -> None:
    stage = Stage(latency_ms=5)
    order = stage.ask(LIMIT)
    stage.pass_ms(6)
    stage.ask(ReplaceOrder("paper", order.id, limit_price=Decimal("229.96")))
    stage.pass_ms(3)
    asked = stage.ask(ReplaceOrder("paper", order.id, qty=Decimal(60))).requested
    assert (asked.qty, asked.limit_price) == (60, Decimal("229.96"))
    stage.pass_ms(3)
    found = stage.book(order.id)
    assert (found.qty, found.limit_price, found.requested) == (100, Decimal("229.96"), asked)
    stage.pass_ms(3)
    found = stage.book(order.id)
    assert (found.qty, found.limit_price, found.requested) == (60, Decimal("229.96"), None)


def test_a_change_back_while_the_first_is_on_its_way_is_a_change() -> None:
    stage = Stage(latency_ms=5)
    order = stage.ask(LIMIT)
    stage.pass_ms(6)
    for price in ("229.90", "229.95"):
        stage.ask(ReplaceOrder("paper", order.id, limit_price=Decimal(price)))
    stage.pass_ms(6)
    assert (stage.book(order.id).limit_price, stage.book(order.id).requested) == (LIMIT.limit_price, None)
    done = [event.limit_price for event in stage.events if isinstance(event, OrderReplaced)]
    assert done == [Decimal("229.90"), Decimal("229.95")]


def test_what_two_changes_asked_for_outlives_the_desk() -> None:
    stage = Stage(latency_ms=5)
    order = stage.ask(LIMIT)
    stage.pass_ms(6)
    stage.ask(ReplaceOrder("paper", order.id, limit_price=Decimal("229.90")))
    stage.ask(ReplaceOrder("paper", order.id, qty=Decimal(60)))
    again = Stage(journal=stage.journal)
    again.desk.turn()
    found = again.book(order.id)
    assert (found.qty, found.limit_price, found.requested) == (60, Decimal("229.90"), None)


def test_another_time_in_force_has_another_end() -> None:
    stage = Stage()
    order = stage.ask(replace(LIMIT, time_in_force=TimeInForce.DAY))
    lasting = stage.ask(ReplaceOrder("paper", order.id, time_in_force=TimeInForce.GTC, is_revision=True))
    assert (order.expires_at, lasting.expires_at) == (None, stage.ask(LIMIT).expires_at)
    today = stage.ask(ReplaceOrder("paper", order.id, time_in_force=TimeInForce.DAY, is_revision=True))
    assert today.expires_at is None
    told = [(each.time_in_force, each.expires_at) for each in today.revisions]
    assert told == [(TimeInForce.DAY, None), (TimeInForce.GTC, lasting.expires_at)]
