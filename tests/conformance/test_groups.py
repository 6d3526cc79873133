"""Stops, trails, brackets and what hangs together, by alpaca-py: 25-27, 41-46 of the list."""

from alpaca.trading.enums import OrderClass, QueryOrderStatus
from alpaca.trading.requests import (
    GetOrderByIdRequest,
    GetOrdersRequest,
    ReplaceOrderRequest,
    StopLimitOrderRequest,
    StopLossRequest,
    StopOrderRequest,
    TakeProfitRequest,
    TrailingStopOrderRequest,
)

from tests.conformance.orders import DAY, GTC, SELL, limit, market, refused, status, with_exits
from tests.conformance.test_updates import following
from tests.waiting import eventually
from tradesim.model.market import Side


def found(client, order):
    return client.get_order_by_id(order.id)


def bracket(client, qty=10, price=230.01, profit=231, loss=229, **more):
    return client.submit_order(
        limit(
            qty,
            price,
            order_class=OrderClass.BRACKET,
            take_profit=TakeProfitRequest(limit_price=profit),
            stop_loss=StopLossRequest(stop_price=loss),
            **more,
        )
    )


def test_a_stop_is_reached_by_a_trade_and_not_by_a_quote(house, client):
    """25"""
    client.submit_order(market(10))
    stop = client.submit_order(StopOrderRequest(symbol="AAPL", qty=10, side=SELL, time_in_force=DAY, stop_price=229.7))
    assert (stop.status.value, stop.stop_price, stop.type.value) == ("new", "229.7", "stop")
    for step in range(30):
        house.agent(Side.BUY, 22_960 - step, 1)
    assert status(client, stop) == "new"
    house.agent(Side.SELL, 22_960, 1_001)
    eventually(lambda: status(client, stop) == "filled")


def test_a_stop_limit_rests_once_it_is_reached(house, client):
    """26"""
    client.submit_order(market(10))
    stop = client.submit_order(
        StopLimitOrderRequest(symbol="AAPL", qty=10, side=SELL, time_in_force=GTC, stop_price=229.5, limit_price=230.5)
    )
    assert (stop.status.value, stop.limit_price, stop.stop_price) == ("new", "230.5", "229.5")
    house.agent(Side.BUY, 22_950, 100)
    house.agent(Side.SELL, 22_950, 1_050)
    house.agent(Side.BUY, 23_050, 2_000)
    assert eventually(lambda: status(client, stop) == "filled")
    assert found(client, stop).filled_avg_price == "230.5"


def test_a_trailing_stop_follows_the_best_price(house, client):
    """27"""
    client.submit_order(market(10))
    trail = client.submit_order(
        TrailingStopOrderRequest(symbol="AAPL", qty=10, side=SELL, time_in_force=DAY, trail_price=2)
    )
    began = found(client, trail)
    assert (began.trail_price, began.type.value, began.status.value) == ("2", "trailing_stop", "new")
    assert float(began.hwm) - float(began.stop_price) == 2
    house.agent(Side.BUY, 23_010, 2_000)
    eventually(lambda: float(found(client, trail).hwm) == 230.1)
    moved = found(client, trail)
    assert float(moved.stop_price) == 228.1
    changed = client.replace_order_by_id(trail.id, ReplaceOrderRequest(trail=1))
    assert changed.id != trail.id
    now = found(client, changed)
    assert (now.trail_price, float(now.stop_price)) == ("1", 229.1)


def test_a_bracket_has_held_legs_that_wake_with_the_entry(house, client):
    """41"""
    entry = bracket(client, price=229.5, profit=231, loss=228)
    assert entry.order_class is OrderClass.BRACKET and entry.status.value == "new"
    assert sorted((leg.type.value, leg.status.value) for leg in entry.legs) == [("limit", "held"), ("stop", "held")]
    flat = client.get_orders()
    nested = client.get_orders(GetOrdersRequest(nested=True))
    assert len(flat) == 3 and len(nested) == 1 and len(nested[0].legs) == 2
    house.agent(Side.SELL, 22_950, 6_000)
    eventually(lambda: status(client, entry) == "filled")
    whole = client.get_order_by_id(entry.id, GetOrderByIdRequest(nested=True))
    by_type = {leg.type.value: leg for leg in whole.legs}
    assert by_type["limit"].status.value == "new"
    assert by_type["stop"].status.value in ("held", "new")
    assert by_type["limit"].side is SELL and by_type["limit"].qty == "10"


def test_open_orders_shown_nested_have_a_bracket_as_long_as_an_exit_works(house, client):
    """37, 41"""

    def nested(status):
        return client.get_orders(GetOrdersRequest(status=status, nested=True))

    entry = bracket(client)
    eventually(lambda: status(client, entry) == "filled")
    assert sorted(leg.type.value for leg in client.get_orders()) == ["limit", "stop"]
    (open_one,) = nested(QueryOrderStatus.OPEN)
    assert (open_one.id, open_one.status.value) == (entry.id, "filled")
    assert sorted((leg.type.value, leg.side) for leg in open_one.legs) == [("limit", SELL), ("stop", SELL)]
    assert [order.id for order in nested(QueryOrderStatus.CLOSED)] == [entry.id]
    profit = next(leg for leg in open_one.legs if leg.type.value == "limit")
    moved = client.replace_order_by_id(profit.id, ReplaceOrderRequest(limit_price=232))
    eventually(lambda: status(client, moved) == "new")
    assert [order.id for order in nested(QueryOrderStatus.OPEN)] == [entry.id]
    client.cancel_order_by_id(moved.id)
    eventually(lambda: not nested(QueryOrderStatus.OPEN))


def test_when_one_exit_fills_the_other_is_cancelled_and_that_is_told(house, client):
    """41: the event that the real server is known to forget."""
    with following(house, raw=True) as updates:
        entry = bracket(client)
        eventually(lambda: status(client, entry) == "filled")
        legs = client.get_order_by_id(entry.id, GetOrderByIdRequest(nested=True)).legs
        profit = next(leg for leg in legs if leg.type.value == "limit")
        loss = next(leg for leg in legs if leg.type.value == "stop")
        house.agent(Side.BUY, 23_100, 10_000)
        eventually(lambda: status(client, profit) == "filled")
        eventually(lambda: status(client, loss) == "canceled")
        eventually(lambda: ("canceled", str(loss.id)) in [(each["event"], each["order"]["id"]) for each in updates])
    assert client.get_all_positions() == []


def test_prices_of_a_bracket_are_in_order(client):
    """42"""
    assert refused(lambda: bracket(client, profit=229, loss=231))[:3] == (
        422,
        42210000,
        "take_profit.limit_price must be > stop_loss.stop_price",
    )
    status_, code, message, body = refused(lambda: bracket(client, price=230, profit=230, loss=229))
    assert (status_, code, message) == (422, 42210000, "take_profit.limit_price must be >= base_price + 0.01")
    assert body["base_price"] == "230"
    assert (
        "stop_loss.stop_price must be <= base_price - 0.01" in refused(lambda: bracket(client, price=230, loss=230))[2]
    )


def test_an_oco_leaves_by_one_door_only(house, client):
    """43"""
    client.submit_order(market(10))
    oco = client.submit_order(with_exits(10, 231, 231, 229, SELL, OrderClass.OCO, time_in_force=DAY))
    assert oco.order_class is OrderClass.OCO and len(oco.legs) == 1
    house.agent(Side.BUY, 23_100, 10_000)
    eventually(lambda: status(client, oco) == "filled")
    eventually(lambda: client.get_orders() == [])
    assert client.get_all_positions() == []


def test_an_oto_has_one_exit(house, client):
    """44"""
    entry = client.submit_order(market(10, order_class=OrderClass.OTO, stop_loss=StopLossRequest(stop_price=229)))
    assert len(entry.legs) == 1
    eventually(lambda: [order.type.value for order in client.get_orders()] == ["stop"])
    house.agent(Side.BUY, 22_900, 100)
    house.agent(Side.SELL, 22_900, 1_001)
    eventually(lambda: client.get_all_positions() == [])


def test_cancelling_one_exit_cancels_the_group(house, client):
    """45"""
    entry = bracket(client)
    eventually(lambda: status(client, entry) == "filled")
    leg = client.get_orders()[0]
    client.cancel_order_by_id(leg.id)
    eventually(lambda: client.get_orders() == [])
    rows = client.get_orders(GetOrdersRequest(status=QueryOrderStatus.ALL))
    assert sorted(row.status.value for row in rows) == ["canceled", "canceled", "filled"]
    assert client.get_open_position("AAPL").qty == "10"


def test_a_part_of_the_profit_shrinks_the_loss(house, client):
    """46"""
    entry = bracket(client, qty=10)
    eventually(lambda: status(client, entry) == "filled")
    taken = 1_000 - 10
    house.agent(Side.BUY, 23_010, taken)
    house.agent(Side.BUY, 23_100, 4)
    by_type = {order.type.value: order for order in client.get_orders()}
    eventually(lambda: found(client, by_type["limit"]).filled_qty == "4")
    loss = eventually(lambda: next((o for o in client.get_orders() if o.type.value == "stop" and o.qty == "6"), None))
    assert loss.side is SELL
