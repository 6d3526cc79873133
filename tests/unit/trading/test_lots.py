"""Which purchase a sale closes, and what comes of it."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import a_fill, an_account, an_order, dec
from tradesim.model.accounts import LotMethod, Position
from tradesim.model.events import AccountOpened, OrderAccepted, OrderFilled
from tradesim.model.market import Side
from tradesim.trading.lots import LotBook, is_long_term
from tradesim.trading.positions import apply_fill
from tradesim.trading.state import TradingState

BUY, SELL = Side.BUY, Side.SELL


def fill(n, side, qty, price, order_id=None):
    return a_fill(an_order(order_id or f"o{n}", side, qty, price), qty, price, id_=f"f{n}", ts_event=n)


def a_book(*purchases):
    """Lots f1, f2 … of (quantity, price)."""
    book = LotBook()
    for n, (qty, price) in enumerate(purchases, 1):
        assert book.take(fill(n, BUY, qty, price), LotMethod.FIFO) == []
    return book


def closed(book, qty, price, method=LotMethod.FIFO, named=()):
    return [(each.lot_id, each.qty, each.realized_pl) for each in book.take(fill(99, SELL, qty, price), method, named)]


THREE = ((10, 100), (10, 110), (10, 105))


@pytest.mark.parametrize(
    ("method", "named", "expected"),
    [
        (LotMethod.FIFO, (), [("f1", 10, 200), ("f2", 5, 50)]),
        (LotMethod.LIFO, (), [("f3", 10, 150), ("f2", 5, 50)]),
        (LotMethod.SPECIFIC, ("f2",), [("f2", 10, 100), ("f1", 5, 100)]),
        (LotMethod.SPECIFIC, ("f3", "f2"), [("f3", 10, 150), ("f2", 5, 50)]),
        (LotMethod.SPECIFIC, (), [("f1", 10, 200), ("f2", 5, 50)]),
        (LotMethod.FIFO, ("f2",), [("f2", 10, 100), ("f1", 5, 100)]),
        (LotMethod.LIFO, ("f1",), [("f1", 10, 200), ("f3", 5, 75)]),
    ],
)
def test_a_sale_closes_the_lots_of_its_method(method, named, expected):
    assert closed(a_book(*THREE), 15, 120, method, named) == expected


@pytest.mark.parametrize("method", LotMethod)
def test_what_is_left_keeps_its_order(method):
    book = a_book(*THREE)
    closed(book, 5, 120, method, ("f2",))
    assert [(lot.id, lot.qty) for lot in book.lots] == [("f1", 10), ("f2", 5), ("f3", 10)]


@pytest.mark.parametrize(
    ("qty", "opened", "until", "is_long"),
    [
        (10, (2025, 3, 10), (2026, 3, 10), False),
        (10, (2025, 3, 10), (2026, 3, 11), True),
        (10, (2024, 2, 29), (2025, 3, 1), False),
        (10, (2024, 2, 29), (2025, 3, 2), True),
        (-10, (2020, 1, 2), (2026, 1, 2), False),
    ],
)
def test_long_term_is_beyond_a_year_and_never_short(qty, opened, until, is_long):
    assert is_long_term(dec(qty), date(*opened), date(*until)) is is_long


def test_one_order_at_one_price_is_one_lot():
    book = LotBook()
    for n, price in enumerate((100, 100, 101), 1):
        book.take(fill(n, BUY, 5, price, "same"), LotMethod.FIFO)
    assert [(lot.id, lot.qty, lot.price) for lot in book.lots] == [("f1", 10, 100), ("f3", 5, 101)]


def test_a_flip_closes_everything_and_opens_the_other_side():
    book = a_book((10, 100))
    assert closed(book, 15, 90) == [("f1", 10, -100)]
    assert [(lot.id, lot.qty, lot.price) for lot in book.lots] == [("f99", -5, 90)]
    covered = book.take(fill(100, BUY, 5, 80), LotMethod.FIFO)
    assert [(each.qty, each.realized_pl) for each in covered] == [(-5, 50)]
    assert not book.lots


def test_a_split_grows_every_lot_and_the_latest_gives_up_the_fraction():
    book = a_book((3, 100), (4, 110))
    book.split(dec("1.5"), dec(10))
    assert book.qty == 10
    assert [lot.qty for lot in book.lots] == [dec("4.5"), dec("5.5")]
    book.split(dec("0.01"), dec(0))
    assert not book.lots


trades = st.lists(
    st.tuples(st.sampled_from([BUY, SELL]), st.integers(1, 50), st.integers(50, 150)), min_size=1, max_size=40
)


@given(trades, st.sampled_from(list(LotMethod)))
def test_lots_add_up_to_the_position_and_to_all_that_was_gained(moves, method):
    """Whatever the method: the lots are the position, and realised with unrealised is the same gain in the end."""
    book, held, realized, paid = LotBook(), Position("paper", "AAPL"), Decimal(0), Decimal(0)
    for n, (side, qty, price) in enumerate(moves, 1):
        each = fill(n, side, qty, price)
        realized += sum((lot.realized_pl for lot in book.take(each, method)), Decimal(0))
        held = apply_fill(held, each)
        paid += each.signed_qty * each.price
        assert book.qty == held.qty
        assert len({lot.qty > 0 for lot in book.lots}) <= 1
        open_cost = sum((lot.qty * lot.price for lot in book.lots), Decimal(0))
        assert realized - open_cost == -paid


def test_a_named_lot_of_an_order_is_closed_in_the_state():
    state = TradingState()
    state.apply(AccountOpened(an_account(lot_method=LotMethod.SPECIFIC), 0))
    for n, price in enumerate((100, 110), 1):
        order = an_order(f"o{n}", BUY, 10, price)
        state.apply(OrderAccepted(order, n))
        state.apply(OrderFilled(a_fill(order, 10, price, id_=f"f{n}", ts_event=n), n))
    sale = an_order("s", SELL, 10, 105, lots=("f2",))
    state.apply(OrderAccepted(sale, 3))
    state.apply(OrderFilled(a_fill(sale, 10, 105, id_="f3", ts_event=3), 3))
    portfolio = state.portfolio("paper")
    assert [lot.id for lot in portfolio.open_lots("AAPL")] == ["f1"]
    assert portfolio.closed_lots[0].realized_pl == -50
    assert portfolio.position("AAPL").realized_pl == 0, "the position goes by average cost"
    assert TradingState.load(state.dump()) == state
    state.check()
