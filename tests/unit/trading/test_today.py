from tests.fakes import INSTRUMENTS, a_fill, an_order, dec
from tests.unit.trading.test_valuation import TOUCHES, desk
from tradesim.model.events import CashMoved, DayOpened, OrderAccepted, OrderFilled
from tradesim.model.market import Side
from tradesim.trading.today import Outcome, realized_today, today
from tradesim.trading.valuation import Touch, value_account


def trade(state, id_, side, qty, price, fee="0"):
    order = an_order(id_, side, qty, price)
    state.apply(OrderAccepted(order, 11))
    state.apply(OrderFilled(a_fill(order, qty, price, fee), 11))


def found(state, touches=TOUCHES):
    portfolio = state.portfolio("paper")
    value = value_account(portfolio, touches, INSTRUMENTS)
    return today(portfolio, value), value.day_pl


def test_what_was_closed_today_is_kept_with_what_it_brought() -> None:
    state = desk(("AAPL", Side.BUY, 100, 100, "1"))
    trade(state, "out", Side.SELL, 100, "99.72", "1")
    told, day_pl = found(state)
    assert told.closed == (Outcome("AAPL", dec(-28), dec(-28)),)
    assert (told.realized_pl, told.fees, told.income, day_pl) == (-28, 2, 0, -30)


def test_what_was_held_over_night_counts_from_the_mark_of_the_morning() -> None:
    state = desk(("AAPL", Side.BUY, 100, 100, "0"), ("BTC/USD", Side.BUY, 1, 50_000, "0"))
    trade(state, "part", Side.SELL, 50, 101)
    marks = (("AAPL", dec(110)), ("BTC/USD", dec(50_000)))
    state.apply(DayOpened("paper", dec(100_550), marks, 10))
    trade(state, "rest", Side.SELL, 50, 112)
    told, day_pl = found(state)
    assert told.closed == (Outcome("AAPL", dec(100), dec(600)),)
    assert realized_today(state.portfolio("paper"), "AAPL") == 600
    assert told.realized_pl == 600
    assert day_pl == 100


def test_a_day_after_everything_was_closed_has_nothing_closed() -> None:
    state = desk(("AAPL", Side.BUY, 100, 100, "0"), ("AAPL", Side.SELL, 100, 101, "0"))
    state.apply(DayOpened("paper", dec(100_100), (), 10))
    assert found(state)[0].closed == ()


def test_the_parts_are_the_days_profit_to_the_cent() -> None:
    state = desk(("AAPL", Side.BUY, 100, 100, "1.37"))
    state.apply(CashMoved("m", "paper", "dividend", dec("24.50"), "", 3))
    told, day_pl = found(state, {"AAPL": Touch(dec("101.01"), dec("101.02"), dec("101.02"))})
    assert (told.fees, told.income) == (dec("1.37"), dec("24.50"))
    assert day_pl == 101 - told.fees + told.income
