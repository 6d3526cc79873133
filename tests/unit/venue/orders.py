"""Short ways to say an order, for the venue's tests."""

from tradesim.model.instrument import Instrument
from tradesim.model.market import Side, Trade
from tradesim.model.orders import OrderType, TimeInForce
from tradesim.model.venue import Canceled, Execution, Replaced, Rested, VenueOrder, VenueRefusal

BUY, SELL = Side.BUY, Side.SELL
AAPL = Instrument("AAPL", "Apple Inc.")


def limit(order_id, side, price, qty, tif=TimeInForce.DAY, owner="paper", **more):
    return VenueOrder(order_id, owner, "AAPL", side, OrderType.LIMIT, tif, qty, price, **more)


def market(order_id, side, qty, tif=TimeInForce.DAY, owner="paper"):
    return VenueOrder(order_id, owner, "AAPL", side, OrderType.MARKET, tif, qty)


def told(venue):
    """What the venue said since last asked, shortened to one tuple each."""
    return [short(item) for item in venue.drain().items]


def short(item):
    match item:
        case Trade():
            return "trade", item.price, item.qty
        case Rested():
            return "rested", item.order_id, item.price, item.qty, item.ahead
        case Execution():
            return "filled", item.order_id, item.price, item.qty, str(item.liquidity)
        case Canceled():
            return "canceled", item.order_id, item.qty, str(item.cause)
        case Replaced():
            return "replaced", item.order_id, item.price, item.qty, item.kept_place, item.ahead
        case VenueRefusal():
            return "refused", item.order_id, item.code
    raise AssertionError(item)


def executions(venue):
    return [item for item in venue.drain().items if isinstance(item, Execution)]
