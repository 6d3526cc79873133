"""Orders as alpaca-py's users write them, in one line each."""

from alpaca.trading.enums import OrderClass, OrderSide, TimeInForce
from alpaca.trading.requests import LimitOrderRequest, MarketOrderRequest, StopLossRequest, TakeProfitRequest

BUY, SELL = OrderSide.BUY, OrderSide.SELL
DAY, GTC, IOC, FOK = TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK


def market(qty=None, side=BUY, symbol="AAPL", time_in_force=DAY, **more):
    return MarketOrderRequest(symbol=symbol, qty=qty, side=side, time_in_force=time_in_force, **more)


def limit(qty, price, side=BUY, symbol="AAPL", time_in_force=DAY, **more):
    return LimitOrderRequest(symbol=symbol, qty=qty, side=side, time_in_force=time_in_force, limit_price=price, **more)


def with_exits(qty, price, take_profit, stop_loss, side=BUY, order_class=OrderClass.BRACKET, time_in_force=GTC):
    """A limit order with both its exits."""
    profit, loss = TakeProfitRequest(limit_price=take_profit), StopLossRequest(stop_price=stop_loss)
    exits = {"order_class": order_class, "take_profit": profit, "stop_loss": loss}
    return limit(qty, price, side, time_in_force=time_in_force, **exits)


def status(client, order):
    """As it is now."""
    return client.get_order_by_id(order.id).status.value


def refused(act):
    """Status, code, message and the body of what `act` is refused with."""
    import json

    import pytest
    from alpaca.common.exceptions import APIError

    with pytest.raises(APIError) as caught:
        act()
    error = caught.value
    return error.status_code, error.code, error.message, json.loads(error._error)
