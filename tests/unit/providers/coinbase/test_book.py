# ruff: noqa: E501 - frames stand as they are on the wire
from decimal import Decimal

import pytest

from tradesim.model.feed import Feed, FeedQuote, FeedReset, Origin
from tradesim.model.market import Side
from tradesim.providers.coinbase.book import CoinbaseBook
from tradesim.providers.coinbase.parse import BookSnapshot, BookUpdate, message_of

S = 1_000_000_000


def level(price: str, qty: str = "1"):
    return Decimal(price), Decimal(qty)


def a_book() -> CoinbaseBook:
    book = CoinbaseBook("BTC/USD")
    book.snapshot(BookSnapshot("BTC/USD", (level("99"), level("98")), (level("100"), level("101"))), 1)
    return book


def an_update(*changes) -> BookUpdate:
    return BookUpdate("BTC/USD", tuple((side, Decimal(price), Decimal(qty)) for side, price, qty in changes), 5)


def a_ticker(bid: str, ask: str = "100") -> FeedQuote:
    return FeedQuote("BTC/USD", Decimal(bid), Decimal(ask), Origin("coinbase", Feed.CRYPTO, 1, 1))


@pytest.mark.parametrize("zero", ["0", "0.0", "0.00", "0.000000", "0.00000000"])
def test_a_level_is_removed_however_zero_is_written(zero):
    book = a_book()
    told, quote = book.update(an_update((Side.BUY, "99", zero)), 2)
    assert told.bids == ((Decimal(99), Decimal(0)),)
    assert quote.bid == Decimal(98)


def test_a_size_is_absolute_and_a_price_is_one_level_however_written():
    book = a_book()
    book.update(an_update((Side.SELL, "100.00", "3")), 2)
    assert book.best()[1] == (Decimal(100), Decimal(3))
    assert book.update(an_update((Side.SELL, "100", "0")), 3)[1].ask == Decimal(101)


def test_a_batch_is_judged_when_all_of_it_is_applied():
    events = a_book().update(an_update((Side.BUY, "100.5", "1"), (Side.SELL, "100", "0.0")), 2)
    assert not any(isinstance(event, FeedReset) for event in events)


def test_a_crossed_book_is_void_until_the_next_snapshot():
    book = a_book()
    (reset,) = book.update(an_update((Side.BUY, "100", "1")), 2)
    assert "crossed" in reset.reason
    assert book.update(an_update((Side.BUY, "97", "1")), 3) == ()


def test_a_tickers_moment_of_disagreement_is_a_race_and_a_lasting_one_a_fault():
    book = a_book()
    assert book.ticker(a_ticker("98.5"), 10 * S) is None
    assert book.ticker(a_ticker("99"), 11 * S) is None
    for at in (12, 13, 14):
        assert book.ticker(a_ticker("98.5"), at * S) is None
    reset = book.ticker(a_ticker("98.5"), 18 * S)
    assert isinstance(reset, FeedReset)
    assert "ticker" in reset.reason


def test_the_aggressor_is_the_other_side_of_the_resting_order():
    frame = '{"type":"match","trade_id":5,"side":"sell","size":"450","price":"0.791","product_id":"SKL-USD","time":"2021-04-17T16:43:37.121358Z"}'
    trade = message_of(frame, 1)
    assert (trade.symbol, trade.aggressor, trade.origin.sequence) == ("SKL/USD", Side.BUY, 5)
