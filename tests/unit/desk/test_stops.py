"""Stops wait at the desk for a trade, trails follow it; both outlive the desk."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.stage import Stage
from tradesim.model.commands import CancelOrder, ReplaceOrder, SubmitOrder
from tradesim.model.events import OrderTrailed, OrderTriggered
from tradesim.model.market import Side
from tradesim.model.orders import OrderStatus, OrderType, Rejection, TimeInForce
from tradesim.trading.state import TradingState

BUY = SubmitOrder("paper", "AAPL", Side.BUY, qty=Decimal(10))
SELL_STOP = replace(
    BUY, side=Side.SELL, type=OrderType.STOP, stop_price=Decimal("229.90"), time_in_force=TimeInForce.GTC
)
BUY_STOP = replace(SELL_STOP, side=Side.BUY, stop_price=Decimal("230.10"))
TRAIL = replace(SELL_STOP, type=OrderType.TRAILING_STOP, stop_price=None, trail_price=Decimal("0.10"))


def test_a_stop_waits_as_new_and_is_not_in_the_book() -> None:
    stage = Stage()
    order = stage.ask(SELL_STOP)
    assert (order.status, order.triggered_at) == (OrderStatus.NEW, None)
    assert stage.desk.account().queue == {}


@pytest.mark.parametrize(("stop", "price"), [(SELL_STOP, 22_990), (SELL_STOP, 22_985), (BUY_STOP, 23_010)])
def test_a_trade_at_or_through_the_stop_triggers_it(stop, price) -> None:
    stage = Stage()
    order = stage.ask(stop)
    stage.print(price)
    assert stage.book(order.id).status is OrderStatus.FILLED
    assert stage.book(order.id).triggered_at == stage.clock.now()
    assert stage.kinds(order.id) == ["OrderAccepted", "OrderHeld", "OrderTriggered", "OrderFilled"]
    told = next(event for event in stage.events if isinstance(event, OrderTriggered))
    assert told.price == Decimal(price) / 100


def test_a_quote_beyond_the_stop_triggers_nothing() -> None:
    stage = Stage()
    order = stage.ask(BUY_STOP)
    venue = stage.desk._opening.market.source.venue
    for each in list(venue.book("AAPL").orders):
        venue.agent_cancel("AAPL", each, stage.clock.now())
    venue.agent_limit("AAPL", "~maker", Side.SELL, 23_050, 100, stage.clock.now())
    stage.desk.turn()
    assert stage.book(order.id).triggered_at is None
    stage.agent(Side.BUY, 23_050, 1)
    assert stage.book(order.id).filled_avg_price == Decimal("230.50")


def test_a_stop_limit_rests_at_its_limit_once_triggered() -> None:
    stage = Stage()
    order = stage.ask(replace(SELL_STOP, type=OrderType.STOP_LIMIT, limit_price=Decimal("230.05")))
    stage.print(22_990)
    found = stage.book(order.id)
    assert (found.status, found.triggered_at is not None) == (OrderStatus.NEW, True)
    assert stage.desk.account().queue[order.id].price == 23_005


def test_a_stop_is_sent_with_the_latency_of_an_order() -> None:
    stage = Stage(latency_ms=5)
    order = stage.ask(SELL_STOP)
    stage.print(22_990)
    assert (stage.book(order.id).status, stage.held()) == (OrderStatus.NEW, 0)
    stage.pass_ms(6)
    assert stage.held() == -10


def test_a_trail_begins_at_the_last_trade_and_follows_only_in_its_favour() -> None:
    stage = Stage()
    stage.print(23_000)
    order = stage.ask(TRAIL)
    assert (order.high_water, order.stop_price) == (Decimal("230.00"), Decimal("229.90"))
    stage.print(23_020)
    assert stage.book(order.id).stop_price == Decimal("230.10")
    stage.print(23_012)
    assert (stage.book(order.id).high_water, stage.book(order.id).status) == (Decimal("230.20"), OrderStatus.NEW)
    stage.print(23_010)
    assert stage.book(order.id).status is OrderStatus.FILLED
    assert len([event for event in stage.events if isinstance(event, OrderTrailed)]) == 2


def test_a_buying_trail_follows_down_and_rounds_away_from_the_market() -> None:
    stage = Stage()
    stage.print(23_000)
    order = stage.ask(replace(TRAIL, side=Side.BUY, trail_price=None, trail_percent=Decimal("0.05")))
    assert order.stop_price == Decimal("230.12")
    stage.print(22_980)
    assert stage.book(order.id).stop_price == Decimal("229.92")


def test_a_new_trail_moves_the_stop_at_once() -> None:
    stage = Stage()
    stage.print(23_000)
    order = stage.ask(TRAIL)
    changed = stage.ask(ReplaceOrder("paper", order.id, trail=Decimal("0.30")))
    assert (changed.trail_price, changed.stop_price) == (Decimal("0.30"), Decimal("229.70"))
    stage.print(22_980)
    assert stage.book(order.id).triggered_at is None


def test_a_stop_that_waits_is_changed_and_cancelled_at_once() -> None:
    stage = Stage(latency_ms=5)
    order = stage.ask(SELL_STOP)
    moved = stage.ask(ReplaceOrder("paper", order.id, stop_price=Decimal("229.80"), time_in_force=TimeInForce.DAY))
    assert (moved.stop_price, moved.time_in_force, moved.requested) == (Decimal("229.80"), TimeInForce.DAY, None)
    stage.print(22_990)
    assert stage.book(order.id).triggered_at is None
    assert stage.ask(CancelOrder("paper", order.id)).status is OrderStatus.CANCELED
    stage.print(22_980)
    assert stage.held() == 0


def test_stops_and_trails_outlive_the_desk() -> None:
    stage = Stage()
    stage.print(23_000)
    stop, trail = stage.ask(SELL_STOP), stage.ask(TRAIL)
    stage.print(23_020)
    again = Stage(journal=stage.journal)
    assert again.desk._orders.state == stage.desk._orders.state
    assert again.book(trail.id).high_water == Decimal("230.20")
    again.print(22_985)
    assert [again.book(each.id).status for each in (stop, trail)] == [OrderStatus.FILLED] * 2
    assert TradingState.load(again.desk._orders.state.dump()) == again.desk._orders.state


def test_a_stop_on_its_way_when_the_desk_stopped_is_sent_again() -> None:
    stage = Stage(latency_ms=5)
    order = stage.ask(SELL_STOP)
    stage.print(22_990)
    again = Stage(journal=stage.journal)
    again.desk.turn()
    assert again.book(order.id).status is OrderStatus.FILLED


@pytest.mark.parametrize(
    ("wrong", "said", "field"),
    [
        ({"stop_price": None}, "a stop order needs a stop price, none was given", "stop_price"),
        ({"stop_price": Decimal("229.905")}, "stop price must be a multiple of 0.01, was 229.905", "stop_price"),
        ({"limit_price": Decimal(229)}, "a stop order has no limit price, was 229", "limit_price"),
        ({"type": OrderType.STOP_LIMIT}, "a stop-limit order needs a limit price, none was given", "limit_price"),
        ({"type": OrderType.MARKET}, "a market order has no stop price, was 229.9", "stop_price"),
        ({"time_in_force": TimeInForce.IOC}, "a stop order must be day or gtc, was ioc", "time_in_force"),
        ({"trail_price": Decimal(1)}, "only a trailing stop has a trail: the order was stop", "trail_price"),
        (
            {"type": OrderType.TRAILING_STOP, "stop_price": None},
            "give either a trail in money or in percent: neither was given",
            "trail_price",
        ),
        (
            {"type": OrderType.TRAILING_STOP, "stop_price": None, "trail_percent": Decimal(100)},
            "a trail must be above 0 and below 100 percent, was 100",
            "trail_percent",
        ),
    ],
)
def test_what_is_no_stop_is_refused_with_its_field(wrong, said, field) -> None:
    refused = Stage().ask(replace(SELL_STOP, **wrong))
    assert isinstance(refused, Rejection)
    assert (refused.message, refused.field) == (said, field)


def test_a_stop_limit_of_coins_may_take_what_is_there_when_it_is_reached_and_no_more() -> None:
    stage = Stage(starting_cash=Decimal(1_000_000))
    order = stage.ask(
        SubmitOrder(
            "paper",
            "BTC/USD",
            Side.BUY,
            qty=Decimal(2),
            type=OrderType.STOP_LIMIT,
            time_in_force=TimeInForce.IOC,
            stop_price=Decimal(97_010),
            limit_price=Decimal(97_001),
        )
    )
    assert (order.status, order.expires_at is not None) == (OrderStatus.NEW, True)
    stage.print(9_701_000, symbol="BTC/USD")
    ended = stage.book(order.id)
    assert (ended.status, ended.filled_avg_price) == (OrderStatus.CANCELED, 97_001)
    assert 0 < ended.filled_qty < 2
