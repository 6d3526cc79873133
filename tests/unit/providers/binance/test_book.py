from decimal import Decimal

from tradesim.model.feed import Feed, FeedBook, FeedQuote, FeedReset, Origin
from tradesim.providers.binance.book import BinanceBook
from tradesim.providers.binance.parse import DepthDiff, DepthSnapshot


def levels(*rows):
    return tuple((Decimal(price), Decimal(qty)) for price, qty in rows)


def a_diff(first: int, last: int, bids=(), asks=(), previous=None) -> DepthDiff:
    return DepthDiff("BTCUSDT", first, last, levels(*bids), levels(*asks), 5, previous)


def a_snapshot(last: int) -> DepthSnapshot:
    return DepthSnapshot(last, levels(("99", "1")), levels(("100", "1")))


def a_live_book(last: int = 10) -> BinanceBook:
    book = BinanceBook("BTC/USDT")
    book.change(a_diff(last, last), 1)
    assert book.snapshot(a_snapshot(last), 2)
    return book


def a_quote(number: int, bid="99", ask="100") -> FeedQuote:
    origin = Origin("binance", Feed.CRYPTO, 1, 1, number)
    return FeedQuote("BTC/USDT", Decimal(bid), Decimal(ask), origin, Decimal(1), Decimal(1))


def numbers(events) -> list[int]:
    return [event.origin.sequence for event in events]


def test_changes_wait_for_the_snapshot_and_those_it_holds_are_dropped():
    book = BinanceBook("BTC/USDT")
    for diff in (a_diff(8, 9), a_diff(10, 12), a_diff(13, 13)):
        assert book.change(diff, 1) == ()
    events = book.snapshot(a_snapshot(9), 2)
    assert numbers(events) == [9, 12, 13]
    assert [event.is_snapshot for event in events] == [True, False, False]


def test_the_first_change_may_begin_within_the_snapshot():
    book = BinanceBook("BTC/USDT")
    book.change(a_diff(8, 12), 1)
    assert numbers(book.snapshot(a_snapshot(10), 2)) == [10, 12]


def test_a_snapshot_older_than_the_buffer_is_fetched_again_and_the_buffer_is_kept():
    book = BinanceBook("BTC/USDT")
    book.change(a_diff(20, 21), 1)
    assert book.snapshot(a_snapshot(10), 2) == ()
    assert book.wants_snapshot
    book.change(a_diff(22, 23), 3)
    assert numbers(book.snapshot(a_snapshot(20), 4)) == [20, 21, 23]


def test_a_snapshot_newer_than_all_that_waits_begins_the_book():
    book = BinanceBook("BTC/USDT")
    book.change(a_diff(5, 6), 1)
    assert numbers(book.snapshot(a_snapshot(10), 2)) == [10]
    assert numbers(book.change(a_diff(11, 12), 3)) == [12]


def test_a_gap_voids_the_book_and_the_change_that_showed_it_is_kept():
    book = a_live_book(10)
    assert numbers(book.change(a_diff(11, 11), 3)) == [11]
    (reset,) = book.change(a_diff(13, 14), 4)
    assert isinstance(reset, FeedReset)
    assert "after 11" in reset.reason
    assert book.wants_snapshot
    assert numbers(book.snapshot(a_snapshot(12), 5)) == [12, 14]


def test_a_gap_among_those_that_waited_is_found():
    book = BinanceBook("BTC/USDT")
    for diff in (a_diff(10, 10), a_diff(12, 12), a_diff(13, 13)):
        book.change(diff, 1)
    events = book.snapshot(a_snapshot(9), 2)
    assert isinstance(events[-1], FeedReset)
    assert numbers(book.snapshot(a_snapshot(12), 3)) == [12, 13]


def test_a_change_that_comes_twice_changes_nothing():
    book = a_live_book(10)
    book.change(a_diff(11, 12, bids=[("98", "1")]), 3)
    assert book.change(a_diff(11, 12, bids=[("98", "1")]), 4) == ()
    assert book.is_live


def test_removing_what_is_not_there_is_normal():
    book = a_live_book(10)
    (told,) = book.change(a_diff(11, 11, bids=[("50", "0.00000000")]), 3)
    assert isinstance(told, FeedBook)


def test_the_best_prices_told_for_the_same_change_must_agree_whichever_comes_first():
    book = a_live_book(10)
    assert book.quote(a_quote(11), 3) is None
    assert len(book.change(a_diff(11, 11), 3)) == 1
    assert book.quote(a_quote(11), 4) is None
    assert book.compared == 2
    reset = book.quote(a_quote(11, bid="98"), 5)
    assert isinstance(reset, FeedReset)
    assert "disagrees" in reset.reason


def test_a_quote_told_before_its_change_voids_the_book_when_it_disagrees():
    book = a_live_book(10)
    book.quote(a_quote(11, ask="101"), 3)
    (reset,) = book.change(a_diff(11, 11), 4)
    assert isinstance(reset, FeedReset)


def test_a_crossed_book_is_void():
    (reset,) = a_live_book(10).change(a_diff(11, 11, bids=[("100", "1")]), 3)
    assert "crossed" in reset.reason


def test_futures_go_on_by_the_number_of_the_change_before():
    book = BinanceBook("BTC/USDT")
    book.change(a_diff(90, 110, previous=80), 1)
    book.snapshot(a_snapshot(100), 2)
    assert numbers(book.change(a_diff(150, 160, previous=110), 3)) == [160]
    assert isinstance(book.change(a_diff(161, 170, previous=161), 4)[0], FeedReset)
