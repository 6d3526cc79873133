import pytest

from tests.unit.venue.orders import BUY, SELL, limit
from tradesim.model.market import Level
from tradesim.venue.book import OrderBook
from tradesim.venue.queue import Place


@pytest.fixture
def book():
    book = OrderBook()
    for side, price, qty in ((BUY, 99, 10), (BUY, 98, 5), (BUY, 99, 7), (SELL, 101, 4), (SELL, 103, 6)):
        book.add("~m", side, price, qty)
    return book


def whole(order):
    return order.qty


def test_top_shows_levels_best_first_with_totals_and_order_counts(book):
    top = book.top(2)
    assert top.bids == (Level(99, 17, 2), Level(98, 5, 1))
    assert top.asks == (Level(101, 4, 1), Level(103, 6, 1))


def test_top_is_no_longer_than_asked_nor_than_the_book(book):
    assert len(book.top(1).bids) == 1
    assert len(book.top(50).asks) == 2


def test_head_is_the_oldest_order_at_the_best_price(book):
    assert book.head(SELL, 1).id == 1
    assert book.head(BUY, 200).id == 4


def test_head_is_nobody_beyond_the_limit(book):
    assert book.head(BUY, 100) is None
    assert book.head(SELL, 100) is None


def test_fill_of_the_whole_head_brings_the_next_order_forward(book):
    book.fill(book.head(SELL, 99), 10)
    assert book.head(SELL, 99).id == 3
    book.check()


def test_partial_fill_keeps_the_head_in_front(book):
    book.fill(book.head(SELL, 99), 4)
    assert (book.head(SELL, 99).id, book.touch(BUY)) == (1, (99, 13))
    book.check()


def test_cancel_takes_out_the_level_with_its_last_order(book):
    assert book.cancel(4).qty == 4
    assert book.touch(SELL) == (103, 6)
    assert book.cancel(4) is None
    book.check()


def test_a_level_in_the_middle_can_go(book):
    book.add("~m", SELL, 102, 1)
    book.cancel(6)
    assert [level.price for level in book.top(9).asks] == [101, 103]
    book.check()


def test_reduce_keeps_the_place(book):
    assert book.reduce(1, 8) == 2
    assert book.head(SELL, 99).id == 1
    book.check()


def test_an_empty_side_has_no_touch():
    book = OrderBook()
    assert book.touch(BUY) is None
    assert book.top(5) == ((), ())


def test_available_counts_up_to_what_is_asked_and_inside_the_limit(book):
    assert book.available(BUY, 100, 103, "x", True, whole) == 10
    assert book.available(BUY, 100, 102, "x", True, whole) == 4
    assert book.available(BUY, 3, 103, "x", True, whole) == 3


def test_available_ends_at_an_own_order_or_skips_it(book):
    book.add("x", SELL, 102, 50)
    assert book.available(BUY, 100, 103, "x", stops_at_own=True, may_trade=whole) == 4
    assert book.available(BUY, 100, 103, "x", stops_at_own=False, may_trade=whole) == 10


def test_a_watched_place_follows_trades_and_cancels_before_it(book):
    place = Place(book.last_id + 1, 17)
    order = book.add_watched(limit("a", BUY, 99, 3), 99, 3, place)
    book.add("~late", BUY, 99, 9)
    book.fill(book.head(SELL, 99), 6)
    book.reduce(3, 2)
    book.cancel(1)
    assert (place.ahead, place.ahead_traded, place.ahead_canceled) == (5, 6, 6)
    assert book.ahead(order.id) == 5
    book.check()


def test_what_happens_behind_a_watched_order_does_not_move_it(book):
    place = Place(book.last_id + 1, 17)
    book.add_watched(limit("a", BUY, 99, 3), 99, 3, place)
    late = book.add("~late", BUY, 99, 9)
    book.reduce(late.id, 4)
    book.cancel(late.id)
    assert (place.ahead, place.ahead_traded, place.ahead_canceled) == (17, 0, 0)


def test_a_level_forgets_its_watched_orders_when_they_leave(book):
    order = book.add_watched(limit("a", BUY, 99, 3), 99, 3, Place(book.last_id + 1, 17))
    book.cancel(order.id)
    assert book.bids.levels[99].places is None


def test_check_finds_a_wrong_total(book):
    book.bids.levels[99].qty += 1
    with pytest.raises(AssertionError, match="level 99 says 18 lots, its orders have 17"):
        book.check()


def test_check_finds_a_crossed_book(book):
    book.add("~m", BUY, 101, 1)
    with pytest.raises(AssertionError, match="crossed"):
        book.check()
