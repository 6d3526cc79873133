"""Which stops a print reaches, which trails it moves; beside the plainest way to find out."""

import random

import pytest
from msgspec.structs import replace

from tests.fakes import AAPL, an_order, dec
from tradesim.model.market import Side
from tradesim.model.orders import OrderType
from tradesim.trading.triggers import Triggers, trail_stop


def stop(id_, side, price, **more):
    return an_order(id_, side, limit=None, type=OrderType.STOP, stop_price=dec(price), **more)


def trail(id_, side, water, price):
    order = stop(id_, side, price, trail_price=dec(1), high_water=None if water is None else dec(water))
    return replace(order, type=OrderType.TRAILING_STOP)


def test_buys_are_reached_from_below_and_sales_from_above_nearest_first():
    triggers = Triggers()
    for order in (stop("b2", Side.BUY, 102), stop("b1", Side.BUY, 101), stop("s1", Side.SELL, 99)):
        triggers.keep(order, AAPL)
    assert triggers.reached("AAPL", 10_000) == []
    assert triggers.reached("AAPL", 10_250) == ["b1", "b2"]
    assert triggers.reached("AAPL", 9_900) == ["s1"]
    assert triggers.reached("MSFT", 1) == []


def test_the_older_of_two_at_one_price_comes_first():
    triggers = Triggers()
    for order in (stop("young", Side.BUY, 101, created_at=9), stop("old", Side.BUY, 101, created_at=3)):
        triggers.keep(order, AAPL)
    assert triggers.reached("AAPL", 10_100) == ["old", "young"]


def test_a_trail_without_water_is_moved_by_any_print_and_others_only_by_a_better_one():
    triggers = Triggers()
    triggers.keep(trail("new", Side.SELL, None, 98), AAPL)
    triggers.keep(trail("sale", Side.SELL, 100, 99), AAPL)
    triggers.keep(trail("purchase", Side.BUY, 100, 101), AAPL)
    assert triggers.moved("AAPL", 10_000) == ["new"]
    assert triggers.moved("AAPL", 10_001) == ["new", "sale"]
    assert triggers.moved("AAPL", 9_999) == ["purchase", "new"]


def test_what_is_dropped_is_watched_no_more():
    triggers = Triggers()
    order = stop("a", Side.BUY, 101)
    triggers.keep(order, AAPL)
    triggers.keep(replace(order, stop_price=dec(102)), AAPL)
    assert triggers.reached("AAPL", 10_150) == []
    triggers.drop("a")
    triggers.drop("a")
    assert not triggers.watched and "a" not in triggers


@pytest.mark.parametrize(
    ("side", "water", "change", "expected"),
    [
        (Side.SELL, "100", {"trail_price": dec(1)}, "99"),
        (Side.BUY, "100", {"trail_price": dec(1)}, "101"),
        (Side.SELL, "100.03", {"trail_percent": dec("1.5")}, "98.52"),
        (Side.BUY, "100.03", {"trail_percent": dec("1.5")}, "101.54"),
        (Side.SELL, "1", {"trail_price": dec(5)}, "0.01"),
    ],
)
def test_a_trailing_stop_stands_on_the_tick_away_from_the_market(side, water, change, expected):
    order = an_order(side=side, limit=None, type=OrderType.TRAILING_STOP, **change)
    assert trail_stop(order, dec(water), AAPL) == dec(expected)


@pytest.mark.parametrize("seed", range(20))
def test_it_finds_what_looking_at_every_order_finds(seed):
    rng, triggers, orders = random.Random(seed), Triggers(), {}
    for step in range(200):
        id_ = str(rng.randrange(40))
        if rng.random() < 0.6:
            side, price = rng.choice(list(Side)), rng.randint(9_950, 10_050)
            order = stop(id_, side, dec(price) / 100, created_at=step)
            if rng.random() < 0.4:
                order = replace(order, type=OrderType.TRAILING_STOP, high_water=dec(rng.randint(9_950, 10_050)) / 100)
            orders[id_] = order
            triggers.keep(order, AAPL)
        else:
            orders.pop(id_, None)
            triggers.drop(id_)
        at = dec(rng.randint(9_940, 10_060)) / 100
        reached = {i for i, o in orders.items() if (at - o.stop_price) * o.side.sign >= 0}
        moved = {i for i, o in orders.items() if o.high_water is not None and (at - o.high_water) * o.side.sign < 0}
        assert set(triggers.reached("AAPL", AAPL.ticks(at))) == reached
        assert set(triggers.moved("AAPL", AAPL.ticks(at))) == moved
