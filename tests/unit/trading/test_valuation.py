import pytest
from msgspec.structs import replace

from tests.fakes import AAPL, INSTRUMENTS, a_fill, an_account, an_order, dec
from tradesim.model.events import AccountOpened, DayOpened, OrderAccepted, OrderFilled
from tradesim.model.market import BookTop, Level, Side
from tradesim.trading.state import TradingState
from tradesim.trading.valuation import Touch, closable, touch_of, value_account

TOUCHES = {
    "AAPL": Touch(dec("99.90"), dec("100.10"), dec(100)),
    "BTC/USD": Touch(dec(50_000), dec(50_010), dec(50_005)),
}


def desk(*fills, **account):
    """A state after one filled order for each (symbol, side, qty, price, fee)."""
    state = TradingState()
    state.apply(AccountOpened(an_account(**account), 0))
    for n, (symbol, side, qty, price, fee) in enumerate(fills):
        order = an_order(f"filled-{n}", side, qty, price, symbol=symbol)
        state.apply(OrderAccepted(order, 1))
        state.apply(OrderFilled(a_fill(order, qty, price, fee), 2))
    return state


def rest(state, id_, side, qty, limit, symbol="AAPL"):
    state.apply(OrderAccepted(an_order(id_, side, qty, limit, symbol=symbol), 3))


def value(state, touches=TOUCHES):
    return value_account(state.portfolio("paper"), touches, INSTRUMENTS)


def test_cash_alone_has_twice_its_buying_power_on_margin():
    assert value(desk()).buying_power == 200_000
    assert value(desk(multiplier=dec(1))).buying_power == 100_000


def test_a_long_is_marked_at_the_bid_and_a_short_at_the_ask():
    long, short = value(desk(("AAPL", Side.BUY, 10, 100, "1"))), value(desk(("AAPL", Side.SELL, 10, 100, "1")))
    assert (long.unrealized_pl, long.equity, long.day_pl, long.fees) == (dec("-1.00"), dec(99_998), dec(-2), 1)
    assert (short.unrealized_pl, short.equity, short.positions[0].market_value) == (-1, dec(99_998), dec(-1001))


@pytest.mark.parametrize(
    ("bid", "ask", "last", "entry"),
    [
        ("99.95", "100.05", "105", "100.05"),
        ("99.95", "100.05", "90", "99.95"),
        ("99.95", "100.05", "100", "100"),
        (None, "100.05", "105", "105"),
        ("99.95", "100.05", None, "100"),
    ],
)
def test_an_order_at_the_market_enters_within_the_quote_wherever_the_last_trade_was(bid, ask, last, entry):
    assert Touch(*(each and dec(each) for each in (bid, ask, last))).entry == dec(entry)


def test_without_a_quote_the_last_trade_marks_and_without_that_the_cost():
    state = desk(("AAPL", Side.BUY, 10, 100, 0))
    assert value(state, {"AAPL": Touch(last=dec(101))}).unrealized_pl == 10
    assert value(state, {}).equity == 100_000
    assert value(state, {}).positions[0].mark is None


def test_buying_power_falls_by_what_is_held_and_by_what_is_reserved():
    state = desk(("AAPL", Side.BUY, 100, "99.90", 0))
    rest(state, "b", Side.BUY, 50, 99)
    assert value(state).reserved == 4_950
    assert value(state).buying_power == 200_000 - 9_990 - 4_950


def test_closing_orders_reserve_nothing_and_share_what_there_is_to_close():
    state = desk(("AAPL", Side.BUY, 100, "99.90", 0))
    rest(state, "s1", Side.SELL, 60, 101)
    assert closable(state.portfolio("paper"), "AAPL", Side.SELL) == 40
    rest(state, "s2", Side.SELL, 60, 102)
    assert value(state).reserved == 20 * dec("103.103")
    assert closable(state.portfolio("paper"), "AAPL", Side.SELL) == 0
    assert closable(state.portfolio("paper"), "AAPL", Side.SELL, without="s1") == 40
    assert closable(state.portfolio("paper"), "AAPL", Side.BUY) == 0


def test_a_short_sale_reserves_three_percent_more_than_the_ask_or_its_own_limit():
    state = desk()
    rest(state, "s", Side.SELL, 10, 90)
    assert value(state).reserved == 10 * dec("100.10") * dec("1.03")
    rest(state, "t", Side.SELL, 10, 110)
    assert value(state).reserved == 10 * dec("103.103") + 10 * 110


def test_crypto_has_no_leverage():
    state = desk(("BTC/USD", Side.BUY, 1, 50_000, 0))
    assert value(state).buying_power == 200_000 - 2 * 50_000
    assert value(state).cash_power == 50_000
    rest(state, "b", Side.BUY, "0.5", 40_000, "BTC/USD")
    assert (value(state).buying_power, value(state).cash_power) == (60_000, 30_000)


def test_borrowed_money_buys_no_crypto():
    state = desk(("AAPL", Side.BUY, 950, "99.90", 0))
    assert value(state).buying_power > 100_000
    assert value(state).cash_power == dec(100_000) - 950 * dec("99.90")


def test_powers_are_never_below_zero():
    lost = value(desk(("AAPL", Side.BUY, 2_000, 100, 0)), {"AAPL": Touch(dec(40), dec(41), dec(40))})
    assert (lost.buying_power, lost.cash_power) == (0, 0)


def test_the_days_profit_begins_again_with_the_day():
    state = desk(("AAPL", Side.BUY, 100, 100, "1"))
    before = value(state, {"AAPL": Touch(dec(110), dec(111), dec(110))})
    assert (before.day_pl, before.positions[0].day_pl) == (999, 1_000)
    state.apply(DayOpened("paper", before.equity, (("AAPL", dec(110)),), 10))
    order = an_order("more", Side.SELL, 40, 112)
    state.apply(OrderAccepted(order, 11))
    state.apply(OrderFilled(a_fill(order, 40, 112, "0.50"), 11))
    now = value(state, {"AAPL": Touch(dec(115), dec(116), dec(115))})
    assert now.positions[0].day_pl == 40 * 2 + 60 * 5
    assert now.day_pl == now.positions[0].day_pl - dec("0.50")
    portfolio = state.portfolio("paper")
    today = portfolio.realized_pl - portfolio.day.realized_pl, portfolio.fees - portfolio.day.fees
    assert (*today, now.realized_pl) == (480, dec("0.50"), 480)


def test_a_touch_is_money():
    top = BookTop((Level(9990, 5),), (Level(10010, 7),))
    assert touch_of(AAPL, top, 10_000) == TOUCHES["AAPL"]
    assert touch_of(AAPL, BookTop((), ()), None) == Touch()


@pytest.mark.parametrize(
    ("touch", "reference"),
    [
        (Touch(dec(1), dec(3), dec("2.5")), "2.5"),
        (Touch(dec(1), dec(3)), "2"),
        (Touch(bid=dec(1)), "1"),
        (Touch(ask=dec(3)), "3"),
    ],
)
def test_the_reference_is_the_last_trade_or_what_comes_nearest(touch, reference):
    assert touch.reference == dec(reference)
    assert replace(touch, bid=None, ask=None, last=None).reference is None
