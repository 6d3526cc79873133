from decimal import Decimal

import pytest

from tests.fakes import a_fill, an_account, an_order, dec
from tradesim.kernel.errors import Unbalanced
from tradesim.model.accounts import LedgerEntry, Posting
from tradesim.model.events import AccountOpened, OrderFilled
from tradesim.model.market import Side
from tradesim.trading.ledger import Ledger
from tradesim.trading.postings import entry_for, postings_for


def legs(fill):
    return {(leg.book, leg.unit): leg.amount for leg in postings_for(fill) if leg.book in ("cash", "position", "fees")}


def entry(seq, *postings):
    return LedgerEntry(seq, 0, "test", "cause", "memo", postings)


def moving(amount, unit="USD"):
    return (Posting("paper", "cash", unit, -dec(amount)), Posting("paper", "market", unit, dec(amount)))


def test_a_purchase_pays_the_market_and_the_fees():
    fill = a_fill(an_order(), 10, "100.01", fee="0.05")
    assert [(leg.book, leg.unit, str(leg.amount)) for leg in postings_for(fill)] == [
        ("cash", "USD", "-1000.10"),
        ("market", "USD", "1000.10"),
        ("market", "AAPL", "-10"),
        ("position", "AAPL", "10"),
        ("cash", "USD", "-0.05"),
        ("fees", "USD", "0.05"),
    ]


def test_a_sale_with_a_rebate_is_paid_twice():
    cash = sum(
        leg.amount
        for leg in postings_for(a_fill(an_order(side=Side.SELL), 10, 100, fee="-0.02"))
        if (leg.book, leg.unit) == ("cash", "USD")
    )
    assert cash == dec("1000.02")


def test_an_entry_says_what_happened():
    filled = OrderFilled(a_fill(an_order(side=Side.SELL), "0.5", "100.10"), 2)
    assert entry_for(filled, 1).memo == "Sold 0.5 AAPL at 100.10"
    assert entry_for(AccountOpened(an_account(), 0), 1).memo == "Opened with 100,000.00 USD"


def test_an_unbalanced_entry_is_a_bug():
    with pytest.raises(Unbalanced, match="must sum to zero in every unit"):
        Ledger().post(entry(1, Posting("paper", "cash", "USD", dec(1))))


def test_units_do_not_balance_each_other():
    with pytest.raises(Unbalanced):
        Ledger().post(entry(1, Posting("paper", "cash", "USD", dec(-1)), Posting("paper", "position", "AAPL", dec(1))))


def test_a_price_that_is_no_number_is_a_bug():
    with pytest.raises(Unbalanced):
        Ledger().post(entry(1, *moving("NaN")))


def test_entries_follow_each_other():
    ledger = Ledger()
    ledger.post(entry(1, *moving(5)))
    with pytest.raises(Unbalanced, match="entry 3 does not follow entry 1"):
        ledger.post(entry(3, *moving(5)))


def test_old_entries_leave_memory_and_balances_stay_exact():
    ledger = Ledger(keep=3)
    for seq in range(1, 11):
        ledger.post(entry(seq, *moving("0.1")))
        ledger.check()
    assert [each.seq for each in ledger.entries] == [8, 9, 10]
    assert ledger.balance("paper", "market", "USD") == Decimal("1.0")


def test_check_finds_a_changed_balance():
    ledger = Ledger()
    ledger.post(entry(1, *moving(5)))
    ledger._balances[("paper", "cash", "USD")] += 1
    with pytest.raises(Unbalanced, match="differ from a replay"):
        ledger.check()
