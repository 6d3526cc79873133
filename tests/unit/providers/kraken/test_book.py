from decimal import Decimal
from zlib import crc32

from tradesim.model.feed import FeedBook, FeedQuote, FeedReset
from tradesim.providers.kraken.book import KrakenBook
from tradesim.providers.kraken.parse import BookChange


def a_change(bids=(), asks=(), checksum=None, is_snapshot=False) -> BookChange:
    return BookChange("BTC/USD", tuple(bids), tuple(asks), is_snapshot, checksum, 5)


def a_live_book(depth: int = 10, bids=(("99.9", "1.0"),), asks=(("100.0", "0.50"),)) -> KrakenBook:
    book = KrakenBook("BTC/USD", depth)
    book.apply(a_change(bids, asks, is_snapshot=True), 7)
    return book


def test_the_checksum_is_over_digits_without_point_and_leading_zeros_asks_first():
    book = a_live_book(bids=[("0.0450", "1.0")], asks=[("0.0500", "0.00100000")])
    assert book.checksum() == crc32(b"500" + b"100000" + b"450" + b"10")


def test_a_snapshot_is_told_whole_with_the_best_prices():
    book = KrakenBook("BTC/USD")
    told, quote = book.apply(a_change([("99.9", "1.0")], [("100.0", "0.50")], is_snapshot=True), 7)
    assert isinstance(told, FeedBook)
    assert told.is_snapshot
    assert told.bids == ((Decimal("99.9"), Decimal("1.0")),)
    assert isinstance(quote, FeedQuote)
    assert (quote.bid, quote.ask, quote.ask_qty) == (Decimal("99.9"), Decimal("100.0"), Decimal("0.50"))
    assert (told.origin.ts_event, told.origin.ts_received) == (5, 7)


def test_changes_before_a_snapshot_are_not_believed():
    assert KrakenBook("BTC/USD").apply(a_change([("99.9", "1.0")]), 7) == ()


def test_what_falls_beyond_the_depth_is_told_as_removed():
    book = a_live_book(depth=2, asks=[("100", "1"), ("101", "1")])
    (told,) = book.apply(a_change(asks=[("100.5", "1")]), 8)
    assert told.asks == ((Decimal("100.5"), Decimal(1)), (Decimal(101), Decimal(0)))


def test_the_same_price_twice_in_a_message_is_applied_in_order():
    book = a_live_book()
    (told,) = book.apply(a_change(bids=[("99.5", "0.00000000"), ("99.5", "2.0")]), 8)
    assert told.bids == ((Decimal("99.5"), Decimal(0)), (Decimal("99.5"), Decimal("2.0")))
    assert book.best()[0] == (Decimal("99.9"), Decimal("1.0"))


def test_a_wrong_checksum_voids_the_book_until_the_next_snapshot():
    book = a_live_book()
    (reset,) = book.apply(a_change(bids=[("99.8", "1.0")], checksum=1), 8)
    assert isinstance(reset, FeedReset)
    assert "checksum" in reset.reason
    assert book.apply(a_change(bids=[("99.8", "1.0")]), 9) == ()
    assert book.apply(a_change([("99.9", "1.0")], [("100.0", "0.50")], is_snapshot=True), 10)


def test_a_crossed_book_is_not_shown_even_when_its_checksum_is_right():
    book = a_live_book()
    (reset,) = book.apply(a_change(bids=[("100.0", "1.0")]), 8)
    assert isinstance(reset, FeedReset)
    assert "crossed" in reset.reason


def test_a_price_that_cannot_be_voids_the_book():
    (reset,) = a_live_book().apply(a_change(bids=[("-1", "1.0")]), 8)
    assert "above zero" in reset.reason


def test_fewer_than_ten_levels_are_checked_as_they_are():
    book = KrakenBook("BTC/USD")
    checksum = crc32(b"1000" + b"50" + b"999" + b"10")
    assert book.apply(a_change([("99.9", "1.0")], [("100.0", "0.50")], checksum, True), 7)
    assert book.proven == 1
