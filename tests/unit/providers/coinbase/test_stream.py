import random

import pytest

from tests.unit.providers.crypto_line import Bench
from tests.unit.providers.errands import AtOnce
from tradesim.kernel.errors import BadPayload, RetryLater
from tradesim.model.feed import FeedReset
from tradesim.providers.coinbase.stream import CHANNELS, CoinbaseDialect


def a_bench(*symbols: str) -> Bench:
    return Bench(CoinbaseDialect(random.Random(3), AtOnce(lambda errand: [])), *symbols)


def a_snapshot(bid: str) -> dict:
    return {"type": "snapshot", "product_id": "BTC-USD", "bids": [[bid, "1"]], "asks": [["100", "1"]]}


def test_each_product_is_asked_for_by_itself_so_that_a_bad_one_spoils_no_other():
    bench = a_bench()
    bench.dialect.subscribe(bench.line, ["BTC/USD", "ETH/USD"])
    said = bench.spoken()
    assert [each["product_ids"] for each in said] == [["BTC-USD"], ["ETH-USD"]]
    assert said[0]["channels"] == list(CHANNELS)


def test_a_subscription_is_answered_when_all_its_channels_are_there():
    bench = a_bench("BTC/USD")
    bench.hear(a_snapshot("99"))
    channels = [{"name": name, "product_ids": ["BTC-USD"]} for name in CHANNELS]
    bench.hear({"type": "subscriptions", "channels": channels[:2]})
    assert not bench.line.overdue(bench.clock.now())
    assert bench.line.overdue(bench.clock.now() + 11 * 10**9)
    bench.hear({"type": "subscriptions", "channels": channels})
    assert not bench.line.overdue(bench.clock.now() + 11 * 10**9)


def test_a_book_that_stays_crossed_is_asked_for_ever_more_seldom():
    bench, asked = a_bench("BTC/USD"), []
    for _ in range(2_000):
        (reset,) = bench.hear(a_snapshot("101"))
        assert isinstance(reset, FeedReset)
        while not bench.spoken():
            bench.hear({"type": "heartbeat", "product_id": "BTC-USD", "last_trade_id": 1})
            bench.wait(0.25)
        asked.append(bench.clock.now())
        if asked[-1] - asked[0] > 3600 * 10**9:
            break
    assert len(asked) < 200


def test_a_line_without_heartbeats_is_left():
    bench = a_bench("BTC/USD")
    bench.hear(a_snapshot("99"))
    with pytest.raises(RetryLater, match="heartbeat"):
        bench.wait(11)


def test_an_error_that_names_nothing_closes_and_waits():
    with pytest.raises(RetryLater, match="too busy"):
        a_bench("BTC/USD").hear({"type": "error", "message": "too busy", "reason": ""})


def test_a_message_that_cannot_be_read_puts_every_book_in_doubt():
    """There is no number and no checksum that would tell of the change that was lost."""
    bench = a_bench("BTC/USD")
    bench.hear(a_snapshot("99"))
    with pytest.raises(BadPayload):
        bench.hear('{"type":"l2update","product_id":"BTC-USD","changes":[["buy","98.5"')
    (reset,) = bench.wait(0.25)
    assert isinstance(reset, FeedReset)
    bench.wait(1)
    assert [each["type"] for each in bench.spoken()] == ["unsubscribe", "subscribe"]
    assert bench.hear(a_snapshot("99"))[0].is_snapshot
