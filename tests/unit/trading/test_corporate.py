"""Splits and dividends: shares stay whole, no cent is lost, who is short pays."""

from datetime import date

import pytest

from tests.fakes import a_fill, an_account, an_order, dec
from tradesim.model.accounts import Position
from tradesim.model.corporate import Dividend, Split
from tradesim.model.events import (
    AccountOpened,
    AccountReset,
    CashMoved,
    DayOpened,
    OrderAccepted,
    OrderFilled,
    PositionSplit,
)
from tradesim.model.market import Side
from tradesim.trading.corporate import conversion, dividend_memo, dividend_of
from tradesim.trading.state import TradingState

DAY = date(2026, 1, 5)


@pytest.mark.parametrize(
    ("qty", "to", "of", "mark", "after", "in_lieu"),
    [
        (10, 4, 1, 25, 40, 0),
        (7, 3, 2, 60, 10, "30.00"),
        (5, 1, 10, 30, 0, "15.00"),
        (-7, 3, 2, 60, -10, "-30.00"),
        (3, 1, 3, 30, 1, 0),
        ("2.5", 3, 1, 30, "7.5", 0),
        (7, 3, 2, None, 10, "33.33"),
    ],
)
def test_what_a_position_becomes(qty, to, of, mark, after, in_lieu):
    held = Position("paper", "AAPL", dec(qty), dec(100))
    found = conversion(held, Split("AAPL", DAY, dec(of), dec(to)), None if mark is None else dec(mark))
    assert (found.qty, found.cash_in_lieu) == (dec(after), dec(in_lieu))


def test_a_dividend_is_received_or_owed():
    paid = Dividend("AAPL", DAY, dec("0.245"))
    assert (dividend_of(dec(10), paid), dividend_of(dec(-10), paid)) == (dec("2.45"), dec("-2.45"))
    assert (dividend_of(dec("2.5"), paid), dividend_of(dec("0.000000001"), paid)) == (dec("0.61"), dec("0.00"))
    assert dividend_memo(dec(-10), paid) == "AAPL was owed 0.245 a share on 10"


def a_state():
    state = TradingState()
    state.apply(AccountOpened(an_account(), 0))
    order = an_order("o", Side.BUY, 7, 100)
    state.apply(OrderAccepted(order, 1))
    state.apply(OrderFilled(a_fill(order, 7, 100, "0.07"), 1))
    state.apply(DayOpened("paper", dec(100_000), (("AAPL", dec(102)),), 2))
    return state


def test_a_split_moves_shares_cost_and_lots_and_the_books_hold():
    state = a_state()
    entry = state.apply(PositionSplit("s1", "paper", "AAPL", dec("1.5"), dec(10), dec("34.00"), 3))
    assert entry.memo == "AAPL split, 1.5 for 1: 7 became 10, 34.00 in cash"
    portfolio = state.portfolio("paper")
    held = portfolio.position("AAPL")
    assert held.qty == 10 and portfolio.lots["AAPL"].qty == 10
    assert abs(held.avg_entry_price - dec(200) / 3) < dec("1e-20")
    assert abs(held.realized_pl - (34 - dec(100) / 3)) < dec("1e-20"), "half a share was sold for 34"
    assert portfolio.account.cash == dec(100_000) - 700 - dec("0.07") + 34
    assert portfolio.day.marks["AAPL"] == 68 and portfolio.day.qtys["AAPL"] == dec("10.5")
    state.check()
    assert TradingState.load(state.dump()) == state


def test_moved_cash_has_a_book_of_its_own():
    state = a_state()
    moves = {"dividend": "2.45", "interest": "-1.10", "borrow": "-0.30", "fee": "-2.00", "deposit": "50.00"}
    for n, (kind, amount) in enumerate(moves.items()):
        state.apply(CashMoved(f"m{n}", "paper", kind, dec(amount), kind, 3 + n))
    state.check()
    portfolio = state.portfolio("paper")
    assert portfolio.account.cash == dec(100_000) - 700 - dec("0.07") + sum(map(dec, moves.values()))
    assert (portfolio.fees, portfolio.deposited) == (dec("2.07"), 50)
    assert state.ledger.balance("paper", "dividends", "USD") == dec("-2.45")
    assert state.ledger.balance("paper", "interest", "USD") == dec("1.10")


def test_a_reset_gives_everything_back_and_begins_again():
    state = a_state()
    state.apply(CashMoved("m", "paper", "dividend", dec("2.45"), "", 3))
    entry = state.apply(AccountReset("paper", dec(50_000), 4))
    assert (entry.kind, entry.memo) == ("reset", "Begun again with 50,000.00 USD")
    portfolio = state.portfolio("paper")
    assert (portfolio.account.cash, portfolio.account.starting_cash, portfolio.fees) == (50_000, 50_000, 0)
    assert not portfolio.positions and not portfolio.fills and not portfolio.lots and not portfolio.income
    assert state.ledger.balance("paper", "position", "AAPL") == 0
    assert state.ledger.balance("paper", "fees", "USD") == 0
    state.check()
