from decimal import Decimal

import pytest

from tests.fakes import AAPL, BTC, dec
from tradesim.model.commands import SubmitOrder
from tradesim.model.market import EMPTY_BOOK, BookTop, Level, Side
from tradesim.model.orders import Liquidity, OrderType, TimeInForce
from tradesim.model.venue import Beyond
from tradesim.trading.estimates import estimate

TOP = BookTop(
    (Level(9990, 200), Level(9989, 300), Level(9985, 400)),
    (Level(10000, 100), Level(10001, 100), Level(10005, 500)),
)


def fee(_side, qty, _price, liquidity):
    return qty * (dec("0.01") if liquidity is Liquidity.TAKER else dec("-0.002"))


def asked(side=Side.BUY, limit=None, **fields):
    type_ = OrderType.MARKET if limit is None else OrderType.LIMIT
    price = None if limit is None else dec(limit)
    return SubmitOrder("paper", "AAPL", side, type_, limit_price=price, **fields)


def made(order, closable=0, instrument=AAPL, top=TOP):
    return estimate(order, instrument, top, fee, dec(100_000), dec(closable))


def test_a_market_order_walks_the_book():
    found = made(asked(qty=dec(250)))
    assert found.fills_now == 250
    assert found.value == 100 * dec("100.00") + 100 * dec("100.01") + 50 * dec("100.05")
    assert found.avg_price == found.value / 250
    assert found.slippage_ticks == (Decimal(100 * 1 + 50 * 5) / 250).quantize(dec("0.01"))
    assert (found.fee, found.rests, found.queue_ahead) == (dec("2.50"), 0, None)
    assert found.buying_power_after == 100_000 - found.value - dec("2.50")


def test_a_marketable_limit_fills_up_to_its_price_and_rests():
    found = made(asked(limit="100.01", qty=dec(250)))
    assert (found.fills_now, found.rests, found.queue_ahead) == (200, 50, 0)
    assert found.fee == dec("2.00") - dec("0.10")


@pytest.mark.parametrize(
    ("side", "limit", "ahead"),
    [
        (Side.BUY, "99.90", 200),
        (Side.BUY, "99.89", 300),
        (Side.BUY, "99.95", 0),
        (Side.BUY, "99.87", 0),
        (Side.BUY, "99.00", None),
        (Side.SELL, "100.00", 100),
        (Side.SELL, "100.03", 0),
    ],
)
def test_who_stands_ahead_at_a_price(side, limit, ahead):
    assert made(asked(side, limit, qty=dec(10))).queue_ahead == ahead


@pytest.mark.parametrize(
    ("fields", "fills", "rests"),
    [
        ({"time_in_force": TimeInForce.IOC}, 100, 0),
        ({"time_in_force": TimeInForce.FOK}, 0, 0),
        ({"post_only": True}, 0, 150),
        ({"time_in_force": TimeInForce.GTC}, 100, 50),
    ],
    ids=["ioc", "fok", "post-only", "gtc"],
)
def test_what_becomes_of_the_remainder(fields, fills, rests):
    found = made(asked(limit="100.00", qty=dec(150), **fields))
    assert (found.fills_now, found.rests) == (fills, rests)


def test_a_notional_is_whole_lots_at_the_touch():
    assert made(asked(notional=dec(1_050))).fills_now == 10
    assert (
        made(asked(notional=dec(1_000)), instrument=BTC, top=BookTop((), (Level(5_000_000, 10**6),))).fills_now == 200
    )
    assert made(asked(notional=dec(1_000), limit="50")).rests == 20


def test_closing_takes_no_buying_power():
    found = made(asked(Side.SELL, qty=dec(100)), closable=100)
    assert found.buying_power_after == 100_000 - dec(1)
    half = made(asked(Side.SELL, qty=dec(100)), closable=50)
    assert half.buying_power_after == 100_000 - dec(1) - half.value / 2


def test_without_a_book_a_market_order_is_unknown():
    found = made(asked(qty=dec(10)), top=EMPTY_BOOK)
    assert (found.fills_now, found.value, found.fee, found.buying_power_after) == (0, None, None, None)
    assert made(asked(notional=dec(10)), top=EMPTY_BOOK).value is None


def next_print(last):
    def beyond_of(lots, limit):
        is_reached = limit is None or limit >= last
        return Beyond(last, (Level(last, lots),), "at the next print", is_to_come=True) if is_reached else None

    return beyond_of


def made_at_prints(order, last=10000):
    return estimate(order, AAPL, EMPTY_BOOK, fee, dec(100_000), beyond_of=next_print(last))


def test_where_prints_are_all_there_is_an_order_waits_and_is_reckoned_at_the_last_one():
    found = made_at_prints(asked(qty=dec(250)))
    assert (found.fills_now, found.waits, found.rests, found.slippage_ticks) == (0, 250, 0, None)
    assert (found.value, found.avg_price, found.fee) == (dec(25_000), dec(100), dec("2.50"))
    assert found.buying_power_after == 100_000 - 25_000 - dec("2.50")


def test_a_limit_short_of_the_last_print_rests():
    found = made_at_prints(asked(limit="99.00", qty=dec(10)))
    assert (found.waits, found.rests, found.fee) == (0, 10, dec("-0.02"))


def test_money_buys_lots_at_the_last_print():
    assert made_at_prints(asked(notional=dec(1_050))).waits == 10
