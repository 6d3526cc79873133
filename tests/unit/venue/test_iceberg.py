"""An iceberg shows a slice at a time; the next one goes to the back of the queue."""

from tests.unit.venue.orders import AAPL, BUY, SELL, limit, told
from tradesim.model.market import Trade
from tradesim.model.orders import TimeInForce
from tradesim.venue.matching import MatchingVenue
from tradesim.venue.shadow import ShadowVenue


def iceberg(id_="ice", qty=100, shown=30, price=10_000):
    return limit(id_, SELL, price, qty, display=shown)


def venue():
    return MatchingVenue({"AAPL": AAPL}, {"AAPL": 10_000})


def test_only_the_slice_is_in_the_book():
    house = venue()
    house.submit(iceberg(), 1)
    assert told(house) == [("rested", "ice", 10_000, 100, 0)]
    assert house.top("AAPL", 1).asks[0].qty == 30
    house.check()


def test_the_next_slice_stands_behind_who_came_meanwhile():
    house = venue()
    house.submit(iceberg(), 1)
    house.submit(limit("later", SELL, 10_000, 20, owner="other"), 2)
    told(house)
    house.agent_limit("AAPL", "~b", BUY, 10_000, 40, 3)
    assert told(house) == [
        ("trade", 10_000, 30),
        ("filled", "ice", 10_000, 30, "maker"),
        ("trade", 10_000, 10),
        ("filled", "later", 10_000, 10, "maker"),
    ]
    assert (house.queue_position("ice").ahead, house.top("AAPL", 1).asks[0].qty) == (10, 40)
    house.check()


def test_one_order_may_eat_slice_after_slice():
    house = venue()
    house.submit(iceberg(), 1)
    house.agent_limit("AAPL", "~b", BUY, 10_000, 100, 3)
    assert sum(item.qty for item in house.drain().items if isinstance(item, Trade)) == 100
    assert not house.holds("ice")
    house.check()


def test_a_fill_or_kill_counts_what_is_hidden():
    house = venue()
    house.submit(iceberg(), 1)
    house.submit(limit("fok", BUY, 10_000, 90, TimeInForce.FOK, owner="other"), 2)
    assert sum(each[3] for each in told(house) if each[:2] == ("filled", "fok")) == 90


def test_less_is_taken_from_what_is_hidden_first_and_a_cancel_tells_all_of_it():
    house = venue()
    house.submit(iceberg(), 1)
    house.submit(limit("later", SELL, 10_000, 20, owner="other"), 2)
    told(house)
    house.replace("ice", 40, 10_000, 3)
    assert told(house) == [("replaced", "ice", 10_000, 40, True, 0)]
    assert house.top("AAPL", 1).asks[0].qty == 50
    house.replace("ice", 20, 10_000, 4)
    assert house.top("AAPL", 1).asks[0].qty == 40
    house.cancel("ice", 5)
    assert told(house)[-1] == ("canceled", "ice", 20, "client")
    house.check()


def test_in_another_market_the_next_slice_stands_behind_all_that_is_displayed():
    house = ShadowVenue({"AAPL": AAPL}, {"AAPL": 10_000})
    house.on_book_snapshot("AAPL", [(9_990, 50)], [(10_000, 5)], 1)
    house.submit(iceberg(), 2)
    house.on_trade(Trade("AAPL", 1, 10_000, 5, BUY, 3), SELL)
    house.on_level("AAPL", SELL, 10_000, 7, 4, traded=0)
    house.on_trade(Trade("AAPL", 2, 10_000, 37, BUY, 5), SELL)
    assert sum(each[3] for each in told(house) if each[0] == "filled") == 30
    assert house.queue_position("ice").ahead == 7
    house.check()
