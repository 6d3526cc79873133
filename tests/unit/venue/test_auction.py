"""The call auction: its price, who trades in it, and what becomes of the rest."""

import random

import pytest
from msgspec.structs import replace

from tests.unit.venue.orders import AAPL, BUY, SELL, limit, market, told
from tradesim.model.market import Auction, Trade
from tradesim.model.orders import TimeInForce
from tradesim.model.venue import Execution
from tradesim.venue.auction import Cross, cross
from tradesim.venue.matching import MatchingVenue

OPG, CLS = TimeInForce.OPG, TimeInForce.CLS
FAR = 1 << 40


def venue(reference=10_000):
    return MatchingVenue({"AAPL": AAPL}, {"AAPL": reference})


def for_open(order):
    return replace(order, is_for_auction=True)


def lots_at(wishes, price, sign):
    return sum(qty for limit_, qty in wishes if limit_ is None or (limit_ - price) * sign >= 0)


@pytest.mark.parametrize(
    ("bids", "asks", "reference", "expected"),
    [
        ([(101, 10)], [(99, 10)], 100, Cross(100, 10, 0)),
        ([(101, 10)], [(99, 10)], 105, Cross(101, 10, 0)),
        ([(101, 10), (100, 20)], [(99, 15)], 100, Cross(100, 15, 15)),
        ([(None, 10)], [(None, 4)], 100, Cross(100, 4, 6)),
        ([(99, 10)], [(101, 10)], 100, None),
        ([(None, 10)], [(None, 4)], None, None),
        ([], [], 100, None),
    ],
)
def test_the_price_is_where_most_is_executed_then_least_left_then_nearest(bids, asks, reference, expected):
    assert cross(bids, asks, reference, 1, FAR) == expected


@pytest.mark.parametrize("seed", range(40))
def test_no_other_price_would_have_done_better(seed):
    rng = random.Random(seed)

    def crowd():
        return [
            (None if rng.random() < 0.2 else rng.randint(90, 110), rng.randint(1, 50))
            for _ in range(rng.randint(1, 12))
        ]

    bids, asks, reference = crowd(), crowd(), rng.randint(95, 105)
    found = cross(bids, asks, reference, 85, 115)
    best = max(min(lots_at(bids, price, 1), lots_at(asks, price, -1)) for price in range(85, 116))
    if found is None:
        assert best == 0 or not any(p is not None for p, _ in (*bids, *asks))
        return
    bought, sold = lots_at(bids, found.price, 1), lots_at(asks, found.price, -1)
    assert found.volume == min(bought, sold) == best
    assert found.surplus == bought - sold


def test_orders_for_the_opening_are_collected_told_and_uncrossed_at_one_price():
    house = venue()
    house.submit(for_open(limit("b", BUY, 10_010, 30, OPG)), 1)
    house.submit(for_open(limit("s", SELL, 9_990, 20, OPG, owner="other")), 2)
    assert told(house) == [("rested", "b", 10_010, 30, 0), ("rested", "s", 9_990, 20, 0)]
    found = house.indicative("AAPL", 3)
    assert (found.auction, found.price, found.paired, found.imbalance, found.side) == (
        Auction.OPEN,
        10_000,
        20,
        10,
        BUY,
    )
    house.uncross("AAPL", 4)
    assert told(house) == [
        ("trade", 10_000, 20),
        ("filled", "b", 10_000, 20, "taker"),
        ("filled", "s", 10_000, 20, "taker"),
        ("canceled", "b", 10, "auction"),
    ]
    assert house.indicative("AAPL", 5) is None
    assert not house.holds("b")


def test_the_book_takes_part_at_the_auctions_price_and_keeps_its_rank():
    house = venue()
    house.agent_limit("AAPL", "~m", SELL, 10_005, 10, 1)
    house.submit(limit("mine", SELL, 10_005, 10), 2)
    house.agent_limit("AAPL", "~m", BUY, 9_995, 10, 3)
    told(house)
    filled = []
    house.on_agent_fill = lambda *told_: filled.append(told_)
    house.submit(for_open(market("m", BUY, 15, OPG, owner="other")), 4)
    house.uncross("AAPL", 5)
    assert told(house) == [
        ("rested", "m", 0, 15, 0),
        ("trade", 10_005, 15),
        ("filled", "m", 10_005, 15, "taker"),
        ("filled", "mine", 10_005, 5, "maker"),
    ]
    assert filled == [("AAPL", "~m", 1, SELL, 10_005, 10)]
    house.check()


def test_a_market_order_trades_before_a_limit_and_a_better_limit_before_a_worse():
    house = venue()
    house.submit(for_open(limit("low", BUY, 10_001, 10, OPG)), 1)
    house.submit(for_open(limit("high", BUY, 10_020, 10, OPG)), 2)
    house.submit(for_open(market("any", BUY, 10, OPG)), 3)
    house.submit(for_open(limit("s", SELL, 9_990, 15, OPG, owner="other")), 4)
    house.uncross("AAPL", 5)
    fills = [(each[1], each[3]) for each in told(house) if each[0] == "filled"]
    assert fills == [("any", 10), ("high", 5), ("s", 15)]


def test_what_is_not_for_the_auction_alone_goes_on_to_the_book():
    house = venue()
    house.submit(for_open(limit("b", BUY, 10_000, 30)), 1)
    house.submit(for_open(limit("s", SELL, 10_000, 10, owner="other")), 1)
    told(house)
    house.uncross("AAPL", 2)
    assert told(house)[-1] == ("rested", "b", 10_000, 20, 0)
    assert house.queue_position("b").price == 10_000


def test_a_collected_order_is_cancelled_and_changed_before_the_auction():
    house = venue()
    for id_ in ("a", "b"):
        house.submit(for_open(limit(id_, BUY, 10_000, 30, CLS)), 1)
    told(house)
    house.cancel("a", 2)
    house.replace("b", 20, 10_010, 3)
    house.submit(for_open(limit("b", BUY, 10_000, 30, CLS)), 4)
    assert told(house) == [
        ("canceled", "a", 30, "client"),
        ("replaced", "b", 10_010, 20, False, 0),
        ("refused", "b", "duplicate_order"),
    ]
    assert house.indicative("AAPL", 5).auction is Auction.CLOSE


def test_an_auction_that_falls_into_a_halt_is_held_when_it_ends():
    house = venue()
    house.submit(for_open(limit("b", BUY, 10_010, 30, OPG)), 1)
    house.submit(for_open(limit("s", SELL, 9_990, 30, OPG, owner="other")), 2)
    house.halt("AAPL", 3)
    house.uncross("AAPL", 4)
    told(house)
    house.resume("AAPL", 5)
    assert ("trade", 10_000, 30) in told(house)


@pytest.mark.parametrize("seed", range(30))
def test_an_auction_creates_no_lots_and_leaves_no_crossed_book(seed):
    rng, house = random.Random(seed), venue()
    for n in range(20):
        house.agent_limit("AAPL", f"~{n}", rng.choice((BUY, SELL)), rng.randint(9_980, 10_020), rng.randint(1, 50), n)
    wishes = {}
    for n in range(25):
        price = None if rng.random() < 0.2 else rng.randint(9_970, 10_030)
        side, qty = rng.choice((BUY, SELL)), rng.randint(1, 60)
        tif = rng.choice((OPG, TimeInForce.DAY))
        order = market(str(n), side, qty, tif) if price is None else limit(str(n), side, price, qty, tif)
        wishes[order.id] = (side, price, qty)
        house.submit(for_open(order), 100 + n)
    house.drain()
    house.uncross("AAPL", 200)
    house.check()
    items = house.drain().items
    prints = [item for item in items if isinstance(item, Trade) and item.aggressor is None]
    assert len(prints) <= 1
    for each in items:
        if isinstance(each, Execution) and each.reason.model == "call auction":
            side, price, qty = wishes[each.order_id]
            assert each.price == prints[0].price and each.qty <= qty
            assert price is None or (price - each.price) * side.sign >= 0


def test_nobody_trades_with_himself_in_an_auction():
    house = venue()
    house.submit(for_open(limit("b", BUY, 10_010, 30, OPG)), 1)
    house.submit(for_open(limit("s", SELL, 9_990, 20, OPG)), 2)
    told(house)
    house.uncross("AAPL", 4)
    assert told(house) == [("canceled", "s", 20, "self_trade"), ("canceled", "b", 30, "auction")]
    house.check()


def test_an_own_order_in_the_book_and_one_for_the_auction_do_not_meet():
    house = venue()
    house.submit(limit("s", SELL, 10_005, 20), 1)
    house.submit(for_open(market("b", BUY, 30, OPG)), 2)
    house.submit(for_open(market("o", BUY, 5, OPG, owner="other")), 3)
    told(house)
    house.uncross("AAPL", 4)
    assert told(house) == [
        ("canceled", "b", 30, "self_trade"),
        ("trade", 10_005, 5),
        ("filled", "o", 10_005, 5, "taker"),
        ("filled", "s", 10_005, 5, "maker"),
    ]


def test_two_orders_that_only_close_close_once_in_an_auction():
    house = venue()
    house.held = lambda owner, symbol: 20
    for name in ("s", "t"):
        house.submit(for_open(limit(name, SELL, 9_990, 20, OPG, only_closes=True)), 1)
    house.submit(for_open(limit("b", BUY, 10_010, 40, OPG, owner="other")), 2)
    told(house)
    house.uncross("AAPL", 4)
    assert ("canceled", "t", 20, "reduce_only") in told(house)
