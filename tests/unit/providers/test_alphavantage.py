"""Alpha Vantage: every recorded body, and every notice as the error that it stands for."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.unit.providers.recorded import NOW, PROVIDERS, as_text, document, lines, needs
from tradesim.kernel.errors import (
    BadKey,
    BadPayload,
    NotEntitled,
    NotOffered,
    RateLimited,
    RetryLater,
    UnknownSymbol,
)
from tradesim.model.feed import Feed
from tradesim.model.instrument import AssetClass
from tradesim.model.market import Timeframe
from tradesim.providers.alphavantage import parse
from tradesim.providers.alphavantage.rest import months_of
from tradesim.providers.standing import NotThisTime

VENDOR = "alphavantage"
ERRORS = {
    "daily_limit": (RateLimited, 86_400.0),
    "burst_limit": (RateLimited, 2.0),
    "old_limit": (RateLimited, 60.0),
    "premium_parameter": (NotThisTime, None),
    "premium_endpoint": (NotEntitled, None),
    "bad_call": (NotOffered, None),
    "upstream_outage": (RetryLater, 60.0),
}


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


def test_every_notice_is_the_error_it_stands_for():
    told = lines(VENDOR, "http200_notice_bodies.jsonl")
    seen = set()
    for line in (line for line in told if line["kind"] in ERRORS):
        wanted, after_s = ERRORS[line["kind"]]
        with pytest.raises(wanted) as raised:
            parse.judge(line["status"], as_text(line["body"]))
        assert type(raised.value) is wanted
        assert after_s is None or raised.value.after_s == after_s
        assert "XXXXXXXXXXXXXXXX" not in str(raised.value)
        seen.add(line["kind"])
    assert seen == set(ERRORS)
    assert {line["kind"] for line in told} - seen == {"unknown_symbol_quote", "missing_volume"}


def test_an_empty_quote_is_an_unknown_symbol():
    body = next(x["body"] for x in lines(VENDOR, "http200_notice_bodies.jsonl") if x["kind"] == "unknown_symbol_quote")
    parse.judge(200, as_text(body))
    for empty in (body, {}):
        with pytest.raises(UnknownSymbol):
            parse.quote(empty, NOW)


def test_a_volume_left_out_is_zero():
    body = next(x["body"] for x in lines(VENDOR, "http200_notice_bodies.jsonl") if x["kind"] == "missing_volume")
    (bar,) = parse.bars(body, "MSFT", Timeframe.M1, NOW)
    assert (bar.volume, bar.close, bar.start) == (Decimal(0), Decimal("108.0000"), utc("2018-08-03 19:59:00"))


def test_the_recorded_quote_has_a_day_and_no_time():
    quote = parse.quote(document(VENDOR, "global_quote.json"), NOW)
    assert (quote.symbol, quote.last, quote.prev_close) == ("MSFT", Decimal("112.1300"), Decimal("112.7900"))
    assert (quote.bid, quote.ask, quote.origin.feed) == (None, None, Feed.END_OF_DAY)
    assert quote.origin.ts_event == utc("2018-10-05 20:00:00")


def test_a_quote_of_today_is_never_from_the_future():
    now = utc("2018-10-05 15:00:00")
    quote = parse.quote(document(VENDOR, "global_quote.json"), now)
    assert quote.origin.ts_event == utc("2018-10-05 04:00:00") < now


def test_the_recorded_series_is_turned_oldest_first_in_utc():
    body = document(VENDOR, "mock_time_series.json")
    bars = parse.bars(body, "MSFT", Timeframe.M1, NOW)
    assert len(bars) == len(body["Time Series (1min)"])
    assert [bar.start for bar in bars] == sorted({bar.start for bar in bars})
    last = bars[-1]
    assert last.start == utc("2017-12-18 19:56:00")
    assert (last.open, last.high, last.low, last.close, last.volume) == tuple(
        map(Decimal, ("86.4900", "86.5000", "86.4750", "86.5000", "10494"))
    )
    assert all(bar.is_final for bar in bars)


@pytest.mark.parametrize(
    ("name", "first"),
    [("intraday_extended_1min_head.csv", None), ("intraday_gaps_20200701_WLTW.csv", "2020-07-01 18:57:00")],
)
def test_the_recorded_tables_are_read_in_either_order(name: str, first: str | None):
    body = needs(PROVIDERS / VENDOR / name).read_bytes()
    bars = parse.bars_of_csv(body, "X", Timeframe.M1, NOW)
    rows = [line for line in body.decode().splitlines()[1:] if line.strip() and line[0].isdigit()]
    assert len(bars) == len(rows) > 5
    assert [bar.start for bar in bars] == sorted(bar.start for bar in bars)
    assert first is None or bars[0].start == utc(first)


def test_a_notice_in_place_of_a_table_is_still_a_notice():
    with pytest.raises(RateLimited):
        parse.bars_of_csv(b'{"Information": "... 25 requests per day ..."}', "X", Timeframe.M1, NOW)


def test_the_recorded_search_and_rate():
    found = parse.listings(document(VENDOR, "symbol_search.json"))
    assert (len(found), found[0].symbol, found[0].exchange) == (10, "BA", "United States")
    assert all(each.asset_class is AssetClass.US_EQUITY for each in found)
    rate = parse.rate(document(VENDOR, "mock_foreign_exchange.json"), NOW)
    assert (rate.symbol, rate.last, rate.origin.ts_event) == (
        "BTC/CNY",
        Decimal("109631.43060700"),
        utc("2017-12-20 19:23:21"),
    )


def test_the_clocks_of_new_york_change_and_the_bars_do_not_notice():
    series = {"2024-03-08": ROW, "2024-03-11": ROW}
    before, after = parse.bars({"Time Series (Daily)": series}, "X", Timeframe.D1, NOW)
    assert (before.start, after.start) == (utc("2024-03-08 05:00:00"), utc("2024-03-11 04:00:00"))


ROW = {"1. open": "1", "2. high": "2", "3. low": "1", "4. close": "2", "5. volume": "9"}


@pytest.mark.parametrize(
    "body",
    [
        {"Time Series (1min)": {"soon": ROW}},
        {"Time Series (1min)": {"2024-03-08 10:00:00": {**ROW, "4. close": "NaN"}}},
        {"Time Series (1min)": {"2024-03-08 10:00:00": {**ROW, "4. close": None}}},
        {"Time Series (1min)": ["2024"]},
        {"Meta Data": {"6. Time Zone": "Mars/Olympus"}, "Time Series (1min)": {"2024-03-08 10:00:00": ROW}},
    ],
    ids=["time", "NaN", "null", "list", "zone"],
)
def test_what_is_not_as_promised_is_a_bad_payload(body: dict[str, object]):
    with pytest.raises(BadPayload):
        parse.bars(body, "X", Timeframe.M1, NOW)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("the parameter apikey is invalid or missing. Please claim your free API key on (https://x/support)", BadKey),
        ("The **demo** API key is for demo purposes only.", BadKey),
        ("something nobody has seen", BadPayload),
    ],
)
def test_other_notices(words: str, wanted: type[Exception]):
    assert type(parse.notice(words)) is wanted


def test_months_are_those_of_new_york():
    assert months_of(utc("2024-02-01 03:00:00"), utc("2024-03-01 06:00:00")) == ["2024-01", "2024-02", "2024-03"]
    assert months_of(utc("2023-12-05 00:00:00"), utc("2024-01-05 00:00:00")) == ["2023-12", "2024-01"]
