"""The simulated exchange's day: a call before the open, one before the close, and the same day twice."""

from datetime import datetime
from zoneinfo import ZoneInfo

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.market import Auction, Side, Trade
from tradesim.model.orders import OrderType, TimeInForce
from tradesim.model.venue import Execution, VenueOrder
from tradesim.providers.simulated.source import SimulatedSource
from tradesim.simulator.universe import UNIVERSE

PROFILES = {symbol: UNIVERSE[symbol] for symbol in ("AAPL", "F")}


def at(hour, minute, second=0):
    moment = datetime(2026, 1, 5, hour, minute, second, tzinfo=ZoneInfo("America/New_York"))
    return int(moment.timestamp()) * NS_PER_SECOND


def source(hour, minute, seed=4):
    return SimulatedSource(seed, at(hour, minute), "exchange", profiles=PROFILES)


def prints(found, symbol="AAPL"):
    return [item for item in found.venue.drain().items if isinstance(item, Trade) and item.symbol == symbol]


def test_agents_meet_in_the_opening_auction_and_trade_on_from_its_price():
    market = source(9, 27)
    market.advance(at(9, 28, 30))
    told = market.venue.indicative("AAPL", at(9, 28, 30))
    assert told.auction is Auction.OPEN and told.paired > 1_000
    market.advance(at(9, 30) - 1)
    quiet = prints(market)
    market.advance(at(9, 30))
    (cross,) = [trade for trade in prints(market) if trade.aggressor is None]
    assert cross.qty > max((trade.qty for trade in quiet), default=0)
    assert market.venue.indicative("AAPL", at(9, 30)) is None
    market.advance(at(9, 31))
    after = prints(market)
    assert len(after) > len(quiet)
    assert abs(after[0].price - cross.price) < cross.price * 0.01
    market.venue.check()


def test_the_close_has_its_auction_too_and_ours_takes_part():
    market = source(15, 49)
    market.advance(at(15, 51))
    assert market.venue.indicative("F", at(15, 51)).auction is Auction.CLOSE
    order = VenueOrder("o", "paper", "F", Side.BUY, OrderType.MARKET, TimeInForce.CLS, 300, is_for_auction=True)
    market.venue.submit(order, at(15, 51))
    market.advance(at(16, 0))
    items = market.venue.drain().items
    (fill,) = [item for item in items if isinstance(item, Execution)]
    cross = [item for item in items if isinstance(item, Trade) and item.symbol == "F" and item.aggressor is None]
    assert (fill.qty, fill.price, fill.ts_event) == (300, cross[-1].price, at(16, 0))


def test_the_same_morning_twice_is_the_same_however_it_is_cut():
    whole, cut = source(9, 27), source(9, 27)
    whole.advance(at(9, 31))
    for second in range(241):
        cut.advance(at(9, 27) + second * NS_PER_SECOND)
    assert prints(whole) == prints(cut)
