import random
from decimal import Decimal

import pytest

from tests.unit.providers.crypto_line import Bench
from tests.unit.providers.errands import AtOnce
from tradesim.kernel.errors import RetryLater
from tradesim.model.feed import FeedBook
from tradesim.providers.binance.parse import DepthSnapshot
from tradesim.providers.binance.stream import BinanceDialect, Errand, ErrandKind


class Exchange:
    """REST as the errands see it."""

    def __init__(self, last_id: int = 10) -> None:
        self.last_id, self.asked = last_id, []
        self.error: Exception | None = None

    def __call__(self, errand: Errand):
        self.asked.append(errand.kind)
        if self.error:
            raise self.error
        return DepthSnapshot(self.last_id, ((Decimal(99), Decimal(1)),), ((Decimal(100), Decimal(1)),))


def a_bench(exchange: Exchange) -> Bench:
    return Bench(BinanceDialect(random.Random(3), AtOnce(exchange)), "BTC/USDT")


def a_diff(first: int, last: int) -> dict:
    return {
        "stream": "s",
        "data": {"e": "depthUpdate", "E": 1, "s": "BTCUSDT", "U": first, "u": last, "b": [], "a": []},
    }


def test_the_three_streams_of_a_symbol_are_asked_for_in_small_letters():
    bench = Bench(BinanceDialect(random.Random(3), AtOnce(Exchange())))
    bench.dialect.subscribe(bench.line, ["BTC/USDT"])
    (said,) = bench.spoken()
    assert said["params"] == ["btcusdt@depth@100ms", "btcusdt@trade", "btcusdt@bookTicker"]


def test_a_quiet_pair_gets_its_book_without_waiting_for_a_change():
    bench = a_bench(Exchange())
    assert bench.wait(0.1) == []
    (book,) = bench.wait(3.5) or bench.wait(0.1)
    assert isinstance(book, FeedBook)
    assert (book.symbol, book.is_snapshot) == ("BTC/USDT", True)


def test_a_book_that_did_not_move_is_quiet_and_one_that_did_is_mute():
    exchange = Exchange(10)
    bench = a_bench(exchange)
    bench.hear(a_diff(10, 10))
    bench.wait(0.1)
    bench.wait(31)
    bench.wait(0.1)
    assert exchange.asked == [ErrandKind.BOOK, ErrandKind.PROBE]
    exchange.last_id = 25
    with pytest.raises(RetryLater, match="15 changes that did not come"):
        for _ in range(400):
            bench.wait(0.25)


def test_a_snapshot_that_cannot_be_had_is_asked_for_ever_more_seldom():
    exchange = Exchange()
    exchange.error = RetryLater("busy", 0.0)
    bench = a_bench(exchange)
    for number in range(3_600):
        bench.hear(a_diff(number, number))
        bench.wait(1)
    assert 60 < len(exchange.asked) < 250


def test_the_line_is_replaced_before_binance_cuts_it():
    bench = a_bench(Exchange())
    bench.wait(0)
    bench.hear(a_diff(10, 10))
    bench.wait(23 * 3600)
    with pytest.raises(RetryLater, match="24 hours"):
        bench.wait(1801)


def test_a_snapshot_for_an_earlier_line_is_void():
    bench = a_bench(Exchange())
    bench.hear(a_diff(10, 10))
    bench.dialect.opened(bench.line)
    bench.dialect.subscribe(bench.line, ["BTC/USDT"])
    assert bench.wait(0.1) == []
