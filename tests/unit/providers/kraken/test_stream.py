import json
import random

import pytest

from tests.unit.providers.crypto_line import Bench
from tests.unit.providers.errands import AtOnce
from tradesim.kernel.errors import RetryLater
from tradesim.model.feed import FeedReset
from tradesim.providers.kraken.stream import KrakenDialect

HEARTBEAT = '{"channel":"heartbeat"}'


def a_bench(*symbols: str) -> Bench:
    return Bench(KrakenDialect(random.Random(3), AtOnce(lambda errand: [])), *symbols)


def a_book(kind: str, checksum: int | None, bid: str = "99.9") -> str:
    told = f',"checksum":{checksum}' if checksum is not None else ""
    levels = f'"bids":[{{"price":{bid},"qty":1.0}}],"asks":[{{"price":100.0,"qty":0.50}}]'
    return f'{{"channel":"book","type":"{kind}","data":[{{"symbol":"BTC/USD",{levels}{told}}}]}}'


def test_book_and_prints_of_each_symbol_are_asked_for_with_a_number_of_their_own():
    dialect = KrakenDialect(random.Random(3), AtOnce(lambda errand: []))
    bench = Bench(dialect)
    bench.line.symbols = ("BTC/USD", "ETH/USD")
    dialect.subscribe(bench.line, bench.line.symbols)
    said = bench.spoken()
    assert [(each["params"]["channel"], each["params"]["symbol"]) for each in said] == [
        ("book", ["BTC/USD"]),
        ("trade", ["BTC/USD"]),
        ("book", ["ETH/USD"]),
        ("trade", ["ETH/USD"]),
    ]
    assert said[0]["params"]["depth"] == 25
    assert len({each["req_id"] for each in said}) == 4


def test_what_was_halted_on_the_line_before_is_said_to_be_open_on_the_next_one():
    status = '{"channel":"status","type":"update","data":[{"system":"%s"}]}'
    bench = a_bench("BTC/USD")
    assert [event.is_halted for event in bench.hear(status % "maintenance")] == [True]
    bench.dialect.opened(bench.line)
    bench.line.symbols = ()
    assert bench.hear(status % "online") == []
    bench.line.symbols = ("BTC/USD",)
    assert [event.is_halted for event in bench.hear(HEARTBEAT)] == [False]
    assert bench.hear(HEARTBEAT) == []


def test_a_book_that_stays_wrong_is_asked_for_ever_more_seldom():
    """A thousand wrong snapshots, each at once after the question: minutes pass, not a storm."""
    bench, asked = a_bench("BTC/USD"), []
    for _ in range(2_000):
        (reset,) = bench.hear(a_book("snapshot", 1))
        assert isinstance(reset, FeedReset)
        while not (said := bench.spoken()):
            bench.hear(HEARTBEAT)
            bench.wait(0.25)
        asked.append(bench.clock.now())
        assert [each["method"] for each in said] == ["unsubscribe", "subscribe"]
        if asked[-1] - asked[0] > 3600 * 10**9:
            break
    assert len(asked) < 200


def test_updates_of_a_void_book_are_ignored_until_its_snapshot():
    bench = a_bench("BTC/USD")
    bench.hear(a_book("snapshot", None))
    assert isinstance(bench.hear(a_book("update", 1))[0], FeedReset)
    assert bench.hear(a_book("update", None)) == []
    assert bench.hear(a_book("snapshot", None))[0].is_snapshot


def test_a_line_without_heartbeats_is_left():
    bench = a_bench("BTC/USD")
    bench.hear(HEARTBEAT)
    assert bench.wait(9) == []
    with pytest.raises(RetryLater, match="heartbeat"):
        bench.wait(2)


def test_what_was_asked_must_be_answered():
    bench = a_bench("BTC/USD")
    bench.clock.advance(11 * 10**9)
    assert bench.line.overdue(bench.clock.now())


def test_news_of_a_symbol_that_is_wanted_no_more_is_not_passed_on():
    bench = a_bench("BTC/USD")
    bench.dialect.unsubscribe(bench.line, ["BTC/USD"])
    assert [each["method"] for each in bench.spoken()] == ["unsubscribe", "unsubscribe"]
    assert bench.hear(a_book("snapshot", None)) == []


def test_the_message_rate_refused_closes_and_waits():
    bench = a_bench("BTC/USD")
    with pytest.raises(RetryLater, match="rate"):
        bench.hear(json.dumps({"error": "Exceeded msg rate", "method": "subscribe", "success": False, "req_id": 1}))
