"""What the page is told of an order and of an auction."""

from msgspec.structs import replace

from tests.fakes import AAPL, an_order, dec
from tradesim.desk.views import MarketView
from tradesim.model.market import Auction, Indicative, Side
from tradesim.model.orders import LegRole, OrderClass, OrderType, Revision
from tradesim.stream.shapes import market_fields, order_row


def test_a_plain_order_is_told_shortly():
    row = order_row(an_order(), AAPL)
    assert set(row) == {
        *("id", "cid", "symbol", "side", "type", "tif", "qty", "filled", "avg", "limit", "limit_ticks", "status"),
        *("post_only", "source", "created", "updated", "reason"),
    }


def test_what_an_order_has_besides_is_told_too():
    order = replace(
        an_order(limit=None, type=OrderType.TRAILING_STOP),
        stop_price=dec("99.50"),
        trail_percent=dec("1.5"),
        high_water=dec(101),
        order_class=OrderClass.BRACKET,
        role=LegRole.STOP_LOSS,
        parent_id="p",
        tag="gap",
        triggered_at=5_000_000,
        ended_at=7_000_000,
    )
    row = order_row(order, AAPL)
    assert (row["stop"], row["stop_ticks"], row["trail_percent"], row["hwm"]) == ("99.50", 9_950, "1.5", "101")
    assert (row["class"], row["role"], row["parent"], row["tag"]) == ("bracket", "stop_loss", "p", "gap")
    assert (row["triggered"], row["ended"]) == (5, 7)


def test_a_replaced_order_tells_what_it_was_before():
    former = [
        Revision(each, each, dec(5), dec(0), dec(99), None, None, at) for each, at in (("a", 1), ("b", 3_000_000))
    ]
    assert order_row(replace(an_order(), revisions=tuple(former)), AAPL)["was"] == [[3, "5", "99", None, None]]


def test_an_indicative_auction_is_five_figures():
    found = Indicative(Auction.OPEN, 10_000, 300, 20, Side.SELL, 1)
    assert market_fields(MarketView("AAPL", indicative=found))["ia"] == ["O", 10_000, 300, 20, -1]
    assert market_fields(MarketView("AAPL"))["ia"] is None
