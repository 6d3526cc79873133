"""One recorded symbol as the shadow venue is shown it."""

from decimal import Decimal

from tradesim.model.feed import Feed, FeedQuote, Listing, Origin
from tradesim.model.instrument import AssetClass
from tradesim.model.market import Side
from tradesim.model.orders import OrderType, TimeInForce
from tradesim.model.venue import VenueOrder
from tradesim.providers.traffic.feed import TrafficFeed
from tradesim.providers.traffic.player import Played
from tradesim.providers.vendors import ROWS
from tradesim.venue.shadow import ShadowVenue

AT = 1_767_711_600_000_000_000


def quote(bid: str, ask: str, *sizes: str) -> FeedQuote:
    origin = Origin("alphavantage", Feed.DELAYED, AT, AT)
    return FeedQuote("AAPL", Decimal(bid), Decimal(ask), origin, *map(Decimal, sizes))


def filled(*quotes: FeedQuote) -> int:
    """Lots of a market order for 500 that meets what was quoted."""
    row = next(row for row in ROWS if row.id == "alphavantage")
    recording = Played(row, ("AAPL",), answers={"AAPL": [Listing("AAPL", "Apple", AssetClass.US_EQUITY, row.id)]})
    feed = TrafficFeed("AAPL", recording, list(quotes))
    venue = ShadowVenue({"AAPL": feed.instrument})
    feed.play(AT + 1, venue)
    venue.submit(VenueOrder("a", "me", "AAPL", Side.BUY, OrderType.LIMIT, TimeInForce.DAY, 500, 23004), AT + 2)
    return sum(getattr(report, "qty", 0) for report in venue.drain().items if hasattr(report, "reason"))


def test_a_quote_without_sizes_has_no_depth_and_trades_wholly_at_its_price() -> None:
    assert filled(quote("230.00", "230.04")) == 500


def test_a_quote_with_sizes_gives_what_it_shows_at_its_price() -> None:
    assert filled(quote("230.00", "230.04", "100", "200")) == 200
