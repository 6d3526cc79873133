from zlib import crc32

from tests.fake_desk import book
from tradesim.model.market import EMPTY_BOOK, BookTop, Level
from tradesim.stream.checksum import book_checksum


def test_it_is_the_crc_of_ten_bids_then_ten_asks():
    top = book(100, 30, 5)
    text = "|".join(f"{price}:{qty}" for price, qty, _ in (*top.bids[:10], *top.asks[:10]))
    assert book_checksum(top) == crc32(text.encode())


def test_a_thin_book_has_one_too():
    assert book_checksum(EMPTY_BOOK) == 0
    assert book_checksum(BookTop((Level(10, 5),), ())) == crc32(b"10:5")


def test_only_the_number_of_orders_may_differ():
    assert book_checksum(BookTop((Level(10, 5, 1),), ())) == book_checksum(BookTop((Level(10, 5, 9),), ()))
