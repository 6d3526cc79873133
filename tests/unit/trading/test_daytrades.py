"""What counts as a day trade, and for how long."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from tradesim.trading.daytrades import DayTrades

NEW_YORK = ZoneInfo("America/New_York")


def at(day, hour=10):
    """A moment of January 2026; the 5th is a Monday."""
    return int(datetime(2026, 1, day, hour, tzinfo=NEW_YORK).timestamp()) * 10**9


class Trader:
    def __init__(self):
        self.trades, self.held = DayTrades(), Decimal(0)

    def trade(self, qty, now):
        self.trades.take("AAPL", self.held, Decimal(qty), now)
        self.held += qty
        return self.trades.count(now)


def test_every_change_of_direction_counts_once():
    trader = Trader()
    assert trader.trade(10, at(5)) == 0
    assert trader.trade(10, at(5)) == 0
    assert trader.trade(-5, at(5)) == 1
    assert trader.trade(-15, at(5)) == 1, "the same direction, once"
    assert trader.trade(10, at(5)) == 1
    assert trader.trade(-10, at(5)) == 2


def test_what_was_held_overnight_is_no_day_trade():
    trader = Trader()
    trader.trade(10, at(5))
    assert trader.trade(-10, at(6)) == 0
    assert not trader.trades.was_opened_today("AAPL", at(6))


def test_a_flip_closes_and_opens():
    trader = Trader()
    trader.trade(10, at(5))
    assert trader.trade(-20, at(5)) == 1
    assert trader.trades.was_opened_today("AAPL", at(5))
    assert trader.trade(10, at(5)) == 2


def test_a_day_trade_counts_for_five_business_days():
    trader = Trader()
    trader.trade(10, at(5))
    trader.trade(-10, at(5))
    assert [trader.trades.count(at(day)) for day in (5, 8, 9, 10, 11, 12)] == [1, 1, 1, 1, 1, 0]
