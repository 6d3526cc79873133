"""Orders as alpaca-py's users write them, in one line each."""

from alpaca.trading.enums import OrderSide, TimeInForce
from alpaca.trading.requests import LimitOrderRequest, MarketOrderRequest

BUY, SELL = OrderSide.BUY, OrderSide.SELL
DAY, GTC, IOC, FOK = TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK


def market(qty=None, side=BUY, symbol="AAPL", time_in_force=DAY, **more):
    return MarketOrderRequest(symbol=symbol, qty=qty, side=side, time_in_force=time_in_force, **more)


def limit(qty, price, side=BUY, symbol="AAPL", time_in_force=DAY, **more):
    return LimitOrderRequest(symbol=symbol, qty=qty, side=side, time_in_force=time_in_force, limit_price=price, **more)


def refused(act):
    """Status, code, message and the body of what `act` is refused with."""
    import json

    import pytest
    from alpaca.common.exceptions import APIError

    with pytest.raises(APIError) as caught:
        act()
    error = caught.value
    return error.status_code, error.code, error.message, json.loads(error._error)
