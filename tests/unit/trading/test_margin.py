"""Alpaca's figures: what positions tie up, when it is too much, what is closed then."""

import random

import pytest
from msgspec.structs import replace

from tests.fakes import AAPL, BTC, INSTRUMENTS, a_fill, an_account, an_order, dec
from tradesim.model.accounts import AccountRules, DayTradeRule
from tradesim.model.events import AccountOpened, CashMoved, DayOpened, OrderAccepted, OrderFilled
from tradesim.model.instrument import Instrument
from tradesim.model.market import Side
from tradesim.trading.margin import Closing, liquidation, margins
from tradesim.trading.requirements import initial, leverage, maintenance, weight
from tradesim.trading.state import TradingState
from tradesim.trading.valuation import Touch, value_account

BUY, SELL = Side.BUY, Side.SELL
RULES = AccountRules()
WORLD = {**INSTRUMENTS, "PENNY": Instrument("PENNY", "Penny"), "PAPERS": Instrument("PAPERS", "x", marginable=False)}


def state_of(*fills, **account):
    state = TradingState()
    state.apply(AccountOpened(an_account(**account), 0))
    for n, (symbol, side, qty, price) in enumerate(fills):
        order = an_order(f"o{n}", side, qty, price, symbol=symbol)
        state.apply(OrderAccepted(order, 1))
        state.apply(OrderFilled(a_fill(order, qty, price, id_=f"f{n}"), 2))
    return state


def valued(state, **prices):
    touches = {symbol.replace("_", "/"): Touch(dec(price), dec(price), dec(price)) for symbol, price in prices.items()}
    portfolio = state.portfolio("paper")
    value = value_account(portfolio, touches, WORLD)
    return portfolio, value, margins(portfolio, value, WORLD)


@pytest.mark.parametrize(
    ("instrument", "qty", "price", "maintained", "opened"),
    [
        (AAPL, 1, 100, "0.30", "0.5"),
        (AAPL, 1, "2.50", "0.30", "0.5"),
        (AAPL, 1, "2.49", "1", "1"),
        (AAPL, -1, 100, "0.30", "0.5"),
        (AAPL, -1, 10, "0.5", "0.5"),
        (AAPL, -1, 8, "0.625", "0.625"),
        (AAPL, -1, 5, "1", "1"),
        (AAPL, -1, 4, "1", "1"),
        (AAPL, -1, 2, "1.25", "1.25"),
        (BTC, 1, 50_000, "1", "1"),
        (WORLD["PAPERS"], 1, 100, "1", "1"),
    ],
)
def test_what_a_position_needs(instrument, qty, price, maintained, opened):
    assert maintenance(instrument, RULES, qty > 0, dec(price)) == dec(maintained)
    assert initial(instrument, RULES, qty > 0, dec(price)) == dec(opened)
    assert initial(instrument, replace(RULES, multiplier=dec(1)), qty > 0, dec(price)) == 1


def test_the_house_may_ask_for_more():
    strict = AccountRules(maintenance=dec("0.60"))
    assert maintenance(AAPL, strict, True, dec(100)) == dec("0.60")
    assert weight(dec(2), AAPL, strict, True, dec(100)) == dec("1.2")
    assert maintenance(AAPL, AccountRules(multiplier=dec(4)), True, dec(100)) == dec("0.25")


def test_a_short_position_takes_the_buying_power_that_its_maintenance_asks_for():
    at_four = AccountRules(multiplier=dec(4))
    assert weight(dec(4), AAPL, at_four, True, dec(100)) == 1
    assert weight(dec(4), AAPL, at_four, False, dec(100)) == dec("1.2")
    assert weight(dec(2), AAPL, RULES, False, dec(100)) == 1
    assert weight(dec(1), AAPL, RULES, False, dec(1)) == dec("2.5")


def test_the_figures_of_a_margin_account():
    _, value, found = valued(state_of(("AAPL", BUY, 1_000, 100)), AAPL=100)
    assert (found.long_market_value, found.short_market_value) == (100_000, 0)
    assert (found.initial_margin, found.maintenance_margin) == (50_000, 30_000)
    assert (value.buying_power, found.regt_buying_power, found.sma) == (100_000, 100_000, 50_000)
    assert found.daytrading_buying_power == 0 and found.margin_call is None


def test_a_cash_account_spends_its_cash():
    _, value, found = valued(state_of(("AAPL", BUY, 400, 100), multiplier=dec(1)), AAPL=110)
    assert value.buying_power == 60_000
    assert (found.initial_margin, found.regt_buying_power) == (44_000, 60_000)


def test_below_two_thousand_nothing_is_lent():
    _, value, _ = valued(state_of(cash=1_999))
    assert value.buying_power == 1_999
    _, value, _ = valued(state_of(cash=2_000))
    assert value.buying_power == 4_000


def test_penny_shares_are_bought_with_cash():
    _, value, found = valued(state_of(("PENNY", BUY, 10_000, 2)), PENNY=2)
    assert value.buying_power == 2 * (100_000 - 20_000)
    assert found.maintenance_margin == 20_000


def test_what_a_short_sale_brought_cannot_be_spent_or_taken_out():
    _, value, found = valued(state_of(("AAPL", SELL, 500, 100)), AAPL=100)
    assert (value.equity, value.cash_power) == (100_000, 75_000)
    assert (found.short_market_value, found.initial_margin) == (-50_000, 25_000)
    assert value.buying_power == 150_000


def test_the_day_traders_power_is_measured_from_the_morning():
    state = state_of(("AAPL", BUY, 1_000, 100), multiplier=dec(4))
    _, value, found = valued(state, AAPL=100)
    assert value.buying_power == found.daytrading_buying_power == 400_000 - 100_000
    state.apply(DayOpened("paper", dec(100_000), (("AAPL", dec(100)),), 5, dec(25_000)))
    _, value, found = valued(state, AAPL=100)
    assert found.daytrading_buying_power == 4 * (100_000 - 25_000)
    assert value.buying_power == 300_000
    _, value, _ = valued(state, AAPL=200)
    assert value.equity == 200_000
    assert value.buying_power == 300_000, "what was gained since the morning is not lent on"
    by_the_minute = state_of(("AAPL", BUY, 1_000, 100), multiplier=dec(4), day_trade_rule=DayTradeRule.INTRADAY_MARGIN)
    assert valued(by_the_minute, AAPL=200)[1].buying_power == 4 * 200_000 - 200_000


@pytest.mark.parametrize("seed", range(60))
def test_buying_power_never_lends_what_the_intraday_margin_would_refuse(seed):
    rng = random.Random(seed)
    rules = {"maintenance": dec(rng.choice(["0.25", "0.30", "0.60", "1"])), "multiplier": dec(rng.choice([1, 2, 4]))}
    fills = [
        (rng.choice(["AAPL", "PENNY", "PAPERS"]), rng.choice([BUY, SELL]), rng.randint(1, 900), rng.choice([2, 4, 20]))
        for _ in range(rng.randint(0, 3))
    ]
    state = state_of(*fills, day_trade_rule=DayTradeRule.INTRADAY_MARGIN, **rules)
    prices = {symbol: rng.choice([1, 3, 5, 30]) for symbol in ("AAPL", "PENNY", "PAPERS")}
    portfolio, value, found = valued(state, **prices)
    rules = portfolio.account.rules
    for symbol, price in prices.items():
        for is_long in (True, False):
            factor = weight(leverage(rules, value.equity), WORLD[symbol], rules, is_long, dec(price))
            opened = value.buying_power / factor * maintenance(WORLD[symbol], rules, is_long, dec(price))
            if value.buying_power:
                assert found.maintenance_margin + opened <= value.equity + dec("0.000001")


def test_money_paid_in_is_no_profit():
    state = state_of()
    state.apply(CashMoved("m", "paper", "deposit", dec(5_000), "", 3))
    _, value, _ = valued(state)
    assert (value.equity, value.day_pl) == (105_000, 0)


def test_nothing_is_closed_while_the_margin_is_there():
    state = state_of(("AAPL", BUY, 1_900, 100))
    portfolio, value, found = valued(state, AAPL=70)
    assert value.equity == 43_000 and found.maintenance_margin == 39_900
    assert liquidation(portfolio, value, WORLD, lambda symbol: True) == []


def test_a_margin_call_closes_as_much_as_restores_it():
    state = state_of(("AAPL", BUY, 1_900, 100))
    portfolio, value, found = valued(state, AAPL=64)
    assert value.equity == 31_600 and found.maintenance_margin == 36_480
    assert found.margin_call.startswith("margin call: equity 31,600.00 is below the maintenance margin 36,480.00")
    closings = liquidation(portfolio, value, WORLD, lambda symbol: True)
    assert closings == [Closing("AAPL", dec(404))]
    left = (1_900 - 404) * dec(64) * dec("0.30")
    assert left * dec("1.1") <= value.equity < (left + 64) * dec("1.1")


def test_the_position_that_frees_most_goes_first_and_what_is_closed_is_passed_over():
    state = state_of(("AAPL", BUY, 1_000, 100), ("PENNY", BUY, 20_000, 4))
    portfolio, value, _ = valued(state, AAPL=40, PENNY=1)
    assert value.equity == -20_000
    everything = liquidation(portfolio, value, WORLD, lambda symbol: True)
    assert everything == [Closing("PENNY", dec(20_000)), Closing("AAPL", dec(1_000))]
    assert liquidation(portfolio, value, WORLD, lambda symbol: symbol == "AAPL") == [Closing("AAPL", dec(1_000))]


def test_a_short_is_bought_back():
    state = state_of(("AAPL", SELL, 1_900, 100))
    portfolio, value, _ = valued(state, AAPL=140)
    closings = liquidation(portfolio, value, WORLD, lambda symbol: True)
    assert [(each.symbol, each.qty < 0) for each in closings] == [("AAPL", True)]
