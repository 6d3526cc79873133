"""Finnhub: every recorded answer and frame."""

from decimal import Decimal

import pytest

from tests.unit.providers.recorded import NOW, as_text, lines
from tradesim.kernel.errors import BadKey, BadPayload, NotEntitled, RateLimited, RetryLater, UnknownSymbol
from tradesim.model.feed import FeedTrade, TradeFlag
from tradesim.model.instrument import AssetClass
from tradesim.model.market import Timeframe
from tradesim.providers.finnhub import parse
from tradesim.providers.finnhub.rest import is_american

VENDOR = "finnhub"
READERS = {
    "/quote": lambda body: [parse.quote(body, "AAPL", NOW)],
    "/search": parse.listings,
    "/stock/symbol": parse.listings,
    "/stock/market-status": lambda body: [parse.market_status(body)],
    "/stock/market-holiday": parse.holidays,
    "/stock/profile2": lambda body: [parse.company(body)],
    "/stock/candle": lambda body: parse.bars(body, "AAPL", Timeframe.D1, NOW),
    "/stock/bidask": lambda body: [parse.bid_ask(body, "AAPL", NOW)],
    "/stock/bbo": lambda body: parse.bid_asks(body, NOW),
    "/stock/tick": lambda body: parse.ticks(body, NOW),
    "/crypto/candle": lambda body: parse.bars(body, "BTC/USDT", Timeframe.D1, NOW),
    "/crypto/symbol": parse.listings,
    "/forex/candle": lambda body: parse.bars(body, "EUR/USD", Timeframe.D1, NOW),
    "/forex/symbol": parse.listings,
    "/stock/split": parse.splits,
    "/stock/dividend": parse.dividends,
}
NOT_OF_MARKETS = {"/stock/peers", "/crypto/exchange", "/forex/rates", "/company-news", "/news"}
COUNTS = {"/search": 4, "/stock/candle": 3, "/stock/bbo": 3, "/stock/tick": 3, "/crypto/candle": 4, "/stock/split": 1}


def test_every_recorded_answer_of_markets_is_read_whole():
    told = {line["endpoint"]: line["body"] for line in lines(VENDOR, "rest_official_sample_responses.jsonl")}
    assert set(told) == set(READERS) | NOT_OF_MARKETS
    made = {endpoint: READERS[endpoint](told[endpoint]) for endpoint in READERS}
    assert all(made.values())
    assert {endpoint: len(made[endpoint]) for endpoint in COUNTS} == COUNTS
    assert made["/stock/market-holiday"][1].hours == "09:30-13:00"
    assert made["/stock/market-holiday"][0].hours is None
    assert made["/stock/bidask"][0].bid_qty == Decimal(200)
    assert made["/quote"][0].prev_close == Decimal("259.45")
    assert [bar.start for bar in made["/stock/candle"]] == [at * 10**9 for at in (1569297600, 1569384000, 1569470400)]
    assert made["/forex/symbol"][0].asset_class is AssetClass.FOREX
    assert made["/stock/tick"][1].flags == {
        TradeFlag.NOT_LAST,
        TradeFlag.NOT_HIGH_LOW,
        TradeFlag.ODD_LOT,
        TradeFlag.EXTENDED,
    }


@pytest.mark.parametrize(
    ("case", "wanted"),
    [
        ("candle on free plan", NotEntitled),
        ("index/CFD symbol without licence", NotEntitled),
        ("rate limit, text from a user report (finnhubio/Finnhub-API #339)", RateLimited),
    ],
)
def test_every_recorded_refusal(case: str, wanted: type[Exception]):
    line = next(line for line in lines(VENDOR, "rest_error_and_odd_bodies.jsonl") if line["case"] == case)
    with pytest.raises(wanted):
        parse.judge(line["status"], as_text(line["body"]))


def test_zeros_are_an_unknown_symbol_and_no_data_is_no_failure():
    bodies = {line["case"]: line["body"] for line in lines(VENDOR, "rest_error_and_odd_bodies.jsonl")}
    assert len(bodies) == 6
    zeros = next(body for case, body in bodies.items() if "unknown symbol" in case)
    with pytest.raises(UnknownSymbol):
        parse.quote(zeros, "NOPE", NOW)
    empty = next(body for case, body in bodies.items() if "no bars" in case)
    assert parse.bars(empty, "AAPL", Timeframe.M1, NOW) == []
    assert parse.quote(bodies["quote ok"], "AAPL", NOW).origin.ts_event == 1672261200 * 10**9


def test_every_recorded_frame():
    frames = [line for line in lines(VENDOR, "ws_frames_observed.jsonl") if line["dir"] == "rx"]
    told = [parse.frame(as_text(line["frame"]), NOW) for line in frames]
    trades = [trade for each in told if isinstance(each, list) for trade in each]
    assert len(trades) == sum(len(line["frame"].get("data", ())) for line in frames) == 9
    assert all(isinstance(trade, FeedTrade) and trade.price > 0 for trade in trades)
    assert next(each for each in told if isinstance(each, parse.Complaint)).is_symbol_limit
    assert {trade.symbol for trade in trades} == {"BTC/USDT", "AAPL"}
    shares = next(trade for trade in trades if trade.symbol == "AAPL")
    assert (shares.price, shares.qty, shares.origin.ts_event) == (Decimal("235.1"), Decimal(2), 1721037599412 * 10**6)
    assert TradeFlag.ODD_LOT in shares.flags


def test_a_volume_of_zero_is_a_price_and_no_trade():
    (told,) = parse.frame('{"type":"trade","data":[{"s":"AAPL","p":1.5,"t":1721037599412,"v":0}]}', NOW)
    assert (told.qty, told.flags) == (Decimal(0), frozenset())


@pytest.mark.parametrize(
    ("status", "said", "wanted"),
    [
        (401, "Invalid API key", BadKey),
        (401, '{"error":"You don\'t have access to this resource."}', NotEntitled),
        (502, "<html>Bad gateway</html>", RetryLater),
        (422, "", BadPayload),
    ],
)
def test_refusals_in_plain_text(status: int, said: str, wanted: type[Exception]):
    with pytest.raises(wanted):
        parse.judge(status, said)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("AAPL", "AAPL"), ("BTC/USDT", "BINANCE:BTCUSDT"), ("BTC/USD", "COINBASE:BTC-USD"), ("EUR/USD", "OANDA:EUR_USD")],
)
def test_symbols_go_there_and_back(ours: str, theirs: str):
    assert parse.spelled(ours) == theirs
    assert parse.our_symbol(theirs) == ours


@pytest.mark.parametrize(
    "body",
    [
        '{"type":"trade","data":[{"s":"A","p":null,"t":1,"v":1}]}',
        '{"type":"trade","data":[{"s":"A","p":[],"t":1,"v":1}]}',
        '{"type":"trade","data":[{"s":"A","p":1,"t":"soon","v":1}]}',
        '{"type":"trade","data":{}}',
        '{"type":"other"}',
        "[]",
        '{"type":"trade"',
        "<html></html>",
        '{"type":"trade","data":[{"s":"A","p":NaN,"t":1,"v":1}]}',
    ],
)
def test_a_frame_that_is_not_as_promised_is_a_bad_payload(body: str):
    with pytest.raises(BadPayload):
        parse.frame(body, NOW)


def test_columns_of_several_lengths_are_a_bad_payload():
    with pytest.raises(BadPayload, match="one length"):
        parse.bars({"s": "ok", "o": [1], "h": [1], "l": [1], "c": [1, 2], "v": [1], "t": [1]}, "A", Timeframe.D1, NOW)


def test_a_search_keeps_american_listings():
    found = parse.listings(
        next(x["body"] for x in lines(VENDOR, "rest_official_sample_responses.jsonl") if x["endpoint"] == "/search")
    )
    assert [each.symbol for each in found if is_american(each)] == ["AAPL"]
