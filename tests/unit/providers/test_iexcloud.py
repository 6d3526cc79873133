"""IEX Cloud: every recorded answer of the discontinued service."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.unit.providers.recorded import NOW, as_text, document, lines
from tradesim.kernel.errors import BadKey, BadPayload, NotOffered, UnknownSymbol
from tradesim.model.feed import Capability, Feed, LinkState
from tradesim.model.market import Timeframe
from tradesim.providers.iex import parse
from tradesim.providers.iex.cloud import IexCloud

VENDOR = "iex"
RECORDED = "iexcloud_v1_http_recordings.jsonl"


def reader_of(url: str):
    """The reader of a recorded answer, by its address."""
    path = url.split("?")[0]
    if "/chart" in path:
        return lambda body: parse.bars(body, "MSFT", NOW)
    for part, reader in READERS:
        if part in path:
            return reader
    raise AssertionError(path)


READERS = [
    ("market/ohlc", lambda body: [parse.ohlc(row, symbol, NOW) for symbol, row in body.items()]),
    ("/ohlc", lambda body: [parse.ohlc(body, "MSFT", NOW)]),
    ("/list/", lambda body: parse.quotes(body, NOW)),
    ("/quote", lambda body: [parse.quote(body, NOW)]),
    ("/price", lambda body: [parse.price(body)]),
    ("/fx/latest", lambda body: parse.rates(body, NOW)),
    ("largest-trades", lambda body: parse.large_trades(body, "AAPL", NOW)),
    ("ref-data", parse.listings),
]


def test_every_recorded_answer_is_read():
    told = lines(VENDOR, RECORDED)
    assert len(told) == 42
    good = [line for line in told if line["status"] == 200]
    for line in good:
        body = line["body"]
        made = reader_of(line["url"])(body)
        rows = body if isinstance(body, list) else body.get("data", [body]) if isinstance(body, dict) else [body]
        wanted = len(body) if "market/ohlc" in line["url"] else len(rows)
        assert len(made) == wanted, line["cassette"]
    assert len(good) == 22


def test_every_recorded_refusal_is_plain_text_and_understood():
    wanted = {404: UnknownSymbol, 403: BadKey, 400: BadPayload}
    for line in (line for line in lines(VENDOR, RECORDED) if line["status"] != 200):
        said = line["body"] if line["body_kind"] == "text" else as_text(line["body"])
        with pytest.raises(wanted[line["status"]]):
            parse.judge(line["status"], said)


def test_a_whole_recorded_day_of_minutes():
    body = document(VENDOR, "chart_date_20201110_minutes_MSFT.json")
    iex = parse.bars(body, "MSFT", NOW)
    market = parse.bars(body, "MSFT", NOW, consolidated=True)
    assert len(market) == len(body) == 390
    assert len(iex) == sum(1 for row in body if row["volume"])
    opens = int(datetime(2020, 11, 10, 14, 30, tzinfo=UTC).timestamp()) * 10**9
    assert (iex[0].start, iex[0].timeframe, iex[0].origin.feed) == (opens, Timeframe.M1, Feed.IEX)
    assert market[0].origin.feed is Feed.SIP and market[0].volume > iex[0].volume


def test_zero_is_no_bid_and_no_ask():
    told = [parse.tops(line["frame"], NOW) for line in lines(VENDOR, "tops_real_messages.jsonl")]
    assert [(quote.symbol, quote.bid, quote.ask) for quote in told] == [
        ("MSFT", Decimal("74.8"), Decimal("74.83")),
        ("GOOG", Decimal(870), None),
        ("MSFT", Decimal("74.8"), Decimal("74.83")),
        ("SNAP", None, None),
        ("ATVI", None, None),
    ]
    assert told[1].ask_qty is None and told[3].last == Decimal("9.165")


def test_the_service_is_shown_as_gone_and_asks_nothing():
    cloud = IexCloud()
    assert cloud.is_discontinued and cloud.stream() is None
    assert set(cloud.capabilities()) == set(Capability)
    assert all("discontinued 2024-08-31" in why for why in cloud.capabilities().values())
    assert cloud.health().state is LinkState.OFF
    for ask in (lambda: cloud.quote("A"), lambda: cloud.book("A"), lambda: cloud.search("A")):
        with pytest.raises(NotOffered, match="2024-08-31"):
            ask()
