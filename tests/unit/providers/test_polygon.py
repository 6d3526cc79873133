"""Polygon (Massive): every recorded answer, every documented frame."""

from datetime import date
from decimal import Decimal

import pytest

from tests.unit.providers.recorded import NOW, as_text, document, lines, names
from tradesim.kernel.errors import BadKey, BadPayload, NotEntitled, RateLimited, RetryLater, UnknownSymbol
from tradesim.model.feed import Feed, FeedBar, FeedBook, FeedQuote, FeedTrade, TradeFlag
from tradesim.model.market import Timeframe
from tradesim.providers.budget import Forgetful
from tradesim.providers.polygon import conditions, envelope, frames, prices, reference
from tradesim.providers.polygon.tickers import Tickers
from tradesim.providers.standing import NotThisTime

VENDOR = "polygon"
USUAL = conditions.Conditions()
PREFIX_READERS = {
    "rest_v1_conversion": lambda body: [prices.last_rate(body | {"symbol": "AUD/USD"}, NOW)],
    "rest_v1_last_crypto": lambda body: [prices.last_crypto_trade(body, NOW)],
    "rest_v1_last_quote": lambda body: [prices.last_rate(body, NOW)],
    "rest_v1_marketstatus_now": lambda body: [reference.market_status(body)],
    "rest_v1_marketstatus_upcoming": reference.holidays,
    "rest_v1_open-close": lambda body: [prices.open_close(body, NOW)],
    "rest_v2_aggs_grouped": lambda body: prices.grouped(body, NOW),
    "rest_v2_aggs_ticker_AAPL_prev": lambda body: prices.grouped(body, NOW),
    "rest_v2_aggs_ticker_AAPL_range": lambda body: prices.bars(body, "AAPL", Timeframe.D1, NOW),
    "rest_v2_last_nbbo": lambda body: [prices.last_quote(body, NOW)],
    "rest_v2_last_trade": lambda body: [prices.last_trade(body, NOW, USUAL)],
    "rest_v2_snapshot_locale_global": lambda body: [prices.crypto_book(body, NOW)],
    "rest_v2_snapshot_locale_us": lambda body: prices.snapshots(body, NOW),
    "rest_v3_quotes": lambda body: prices.quotes(body, "AAPL", NOW),
    "rest_v3_reference_conditions": lambda body: list(conditions.conditions(body).flags),
    "rest_v3_reference_splits": reference.splits,
    "rest_v3_reference_tickers_types": lambda body: envelope.results(body, "types"),
    "rest_v3_reference_tickers": reference.listings,
    "rest_v3_reference_exchanges": lambda body: envelope.results(body, "exchanges"),
    "rest_v3_snapshot_indices": reference.index_values,
    "rest_v3_trades": lambda body: prices.trades(body, "AAPL", NOW, USUAL),
    "rest_v2_reference_news": lambda body: envelope.results(body, "news"),
}
OPTIONS = "rest_v3_snapshot.json"


def rest_files() -> list[str]:
    return [name for name in names(VENDOR) if name.startswith("rest_") and name.endswith(".json") and name != OPTIONS]


@pytest.mark.parametrize("name", rest_files() or ["rest_v2_last_trade_AAPL.json"])
def test_every_recorded_answer_is_read_whole(name: str):
    body = document(VENDOR, name)
    prefix = max((each for each in PREFIX_READERS if name.startswith(each)), key=len)
    made = PREFIX_READERS[prefix](body)
    assert made
    counted = body.get("results", body.get("tickers")) if isinstance(body, dict) else body
    if isinstance(counted, list) and "conditions" not in name:
        assert len(made) == len(counted)


def test_daily_bars_begin_at_midnight_in_new_york_on_both_sides_of_the_clock_change():
    body = document(VENDOR, "rest_v2_aggs_ticker_AAPL_range_1_day_2005-04-01_2005-04-04.json")
    first, second = prices.bars(body, "AAPL", Timeframe.D1, NOW)
    assert (first.start, second.start) == (1112331600 * 10**9, 1112587200 * 10**9)
    assert second.start - first.start == (3 * 24 - 1) * 3600 * 10**9
    assert [prices.date_in_new_york(bar.start) for bar in (first, second)] == [date(2005, 4, 1), date(2005, 4, 4)]
    assert (first.open, first.vwap, first.volume) == (Decimal("1.5032"), Decimal("1.469"), Decimal(642646396))


def test_previous_close_is_told_at_the_closing_moment_and_kept_by_its_day():
    (bar,) = prices.grouped(document(VENDOR, "rest_v2_aggs_ticker_AAPL_prev.json"), NOW)
    assert (bar.symbol, prices.date_in_new_york(bar.start), bar.close) == ("AAPL", date(2022, 4, 26), Decimal("156.8"))
    assert bar.start == 1650945600 * 10**9


def test_lower_case_is_the_bid_and_sizes_are_round_lots():
    quote = prices.last_quote(document(VENDOR, "rest_v2_last_nbbo_AAPL.json"), NOW)
    assert (quote.bid, quote.bid_qty, quote.ask, quote.ask_qty) == (
        Decimal("155.65"),
        Decimal(100),
        Decimal("155.66"),
        Decimal(1400),
    )
    assert (quote.origin.ts_event, quote.origin.sequence) == (1652192754171838500, 26006043)


def test_a_snapshot_with_null_conditions_has_last_and_previous_close():
    (quote,) = prices.snapshots(document(VENDOR, "rest_v2_snapshot_locale_us_markets_stocks_tickers_AAPL.json"), NOW)
    assert (quote.last, quote.prev_close, quote.bid, quote.ask_qty) == (
        Decimal("159.99"),
        Decimal("163.64"),
        Decimal("159.98"),
        Decimal(500),
    )


def test_what_a_print_changes_follows_the_rules_of_its_conditions():
    known = conditions.conditions(document(VENDOR, "rest_v3_reference_conditions_asset_class=stocks.json"))
    assert known.of([2]) == known.of([7]) == {TradeFlag.NOT_LAST, TradeFlag.NOT_HIGH_LOW}
    assert known.of([5]) == known.of([10]) == {TradeFlag.NOT_LAST}
    assert known.of([1]) == known.of([]) == frozenset()
    trade = prices.last_trade(document(VENDOR, "rest_v2_last_trade_AAPL.json"), NOW, known)
    assert {TradeFlag.ODD_LOT, TradeFlag.EXTENDED, TradeFlag.NOT_LAST} <= trade.flags
    assert trade.trade_id == "237688"


def test_a_page_points_on_and_never_to_a_stranger():
    page = document(VENDOR, "rest_v3_quotes_AAPL.json")
    here = "http://127.0.0.1:8000"
    assert envelope.next_page(page, here).startswith(f"{here}/v3/quotes/AAPL?cursor=")
    assert "apiKey" not in envelope.next_page(page, "https://api.polygon.io")
    assert envelope.next_page({}, here) is None
    with pytest.raises(BadPayload, match="next_url must be on"):
        envelope.next_page({"next_url": "https://example.com/v3?cursor=1"}, here)


ERRORS = [NotEntitled, NotThisTime, NotThisTime, RateLimited, BadKey]


def test_every_recorded_refusal():
    told = lines(VENDOR, "rest_error_bodies.jsonl")
    for line, wanted in zip(told, ERRORS, strict=True):
        with pytest.raises(wanted) as raised:
            envelope.judge(line["status"], as_text(line["body"]))
        assert type(raised.value) is wanted


@pytest.mark.parametrize(
    ("status", "said", "wanted"),
    [
        (429, "", RateLimited),
        (401, "<html>", BadKey),
        (413, "", RetryLater),
        (503, "", RetryLater),
        (404, "", UnknownSymbol),
    ],
)
def test_refusals_with_little_or_no_text(status: int, said: str, wanted: type[Exception]):
    with pytest.raises(wanted):
        envelope.judge(status, said)


def test_one_answer_may_refuse_some_of_its_tickers():
    found = reference.index_values(document(VENDOR, "rest_v3_snapshot_indices_ticker.any_of=SPX_2CAPx_2CAPy.json"))
    assert [type(each.error) for each in found] == [type(None), UnknownSymbol, NotEntitled]


def test_the_recorded_session():
    script = [
        line["frame"] for line in lines(VENDOR, "ws_session_script.jsonl") if line["dir"] == "rx" and "frame" in line
    ]
    told = [each for frame in script for each in frames.frames(as_text(frame), NOW, USUAL)]
    statuses = [each for each in told if isinstance(each, frames.Status)]
    assert [each.status for each in statuses] == [
        "connected",
        "auth_success",
        "success",
        "success",
        "max_connections",
        "auth_failed",
        "auth_timeout",
    ]
    assert [each.topic for each in statuses[2:4]] == ["T.AAPL", "T.AMZN"]
    trades = [each for each in told if isinstance(each, FeedTrade)]
    assert [(each.symbol, each.qty) for each in trades] == [
        ("AAPL", Decimal(300)),
        ("AMZN", Decimal(1)),
        ("AMZN", Decimal(100)),
    ]
    assert TradeFlag.ODD_LOT in trades[1].flags and not trades[2].flags
    (quote,) = (each for each in told if isinstance(each, FeedQuote))
    assert (quote.bid, quote.bid_qty, quote.origin.ts_event) == (
        Decimal("114.125"),
        Decimal(10_000),
        1536036818784 * 10**6,
    )


def test_every_documented_channel():
    made = {}
    for line in lines(VENDOR, "ws_stocks_doc_examples.jsonl"):
        made[line["channel"]] = frames.frames(as_text(line["frame"]), NOW, USUAL)
    assert len(made) == 11
    kinds = {channel: [type(each) for each in told] for channel, told in made.items()}
    assert kinds == {
        "/stocks/T": [FeedTrade],
        "/stocks/Q": [FeedQuote],
        "/stocks/A": [FeedBar],
        "/stocks/AM": [FeedBar],
        "/stocks/LULD": [],
        "/stocks/NOI": [],
        "/crypto/XT": [FeedTrade],
        "/crypto/XQ": [FeedQuote],
        "/crypto/XL2": [FeedBook],
        "/crypto/XA": [FeedBar],
        "/crypto/XAS": [FeedBar],
    }
    (book,) = made["/crypto/XL2"]
    assert (book.symbol, book.is_snapshot, book.bids[0]) == ("BTC/USD", True, (Decimal("33712.71"), Decimal("0.18635")))


def test_every_example_of_the_specification_is_read():
    spec = document(VENDOR, "massive_ws_openapi.json")
    read = 0
    for path, item in spec["paths"].items():
        if not path.startswith(("/stocks", "/crypto")):
            continue
        content = item["get"]["responses"]["200"]["content"]["application/json"]
        frames.frames(as_text([content["example"]]) if "example" in content else "[]", NOW, USUAL)
        read += 1
    assert read == 11


@pytest.mark.parametrize(("t", "unit"), [(1601316752683746, 10**3), (1601316752683, 10**6)], ids=["µs", "ms"])
def test_a_pause_of_trading_is_told_in_either_unit(t: int, unit: int):
    frame = f'[{{"ev":"LULD","T":"MSFT","h":218.96,"l":198.11,"i":[17],"z":3,"t":{t},"q":290317}}]'
    (halt,) = frames.frames(frame, NOW, USUAL)
    assert (halt.symbol, halt.is_halted, halt.origin.ts_event) == ("MSFT", True, t * unit)


def test_cancelled_prints_change_nothing():
    row = {"price": 1, "size": 100, "sip_timestamp": 1651181822461979400, "correction": 8, "id": "1"}
    (trade,) = prices.trades({"results": [row]}, "A", NOW, USUAL)
    assert {TradeFlag.NOT_LAST, TradeFlag.NOT_HIGH_LOW, TradeFlag.NOT_VOLUME} <= trade.flags


def test_delayed_answers_say_so():
    row = {"o": 1, "h": 2, "l": 1, "c": 2, "v": 5, "t": 1112331600000}
    (bar,) = prices.bars({"status": "DELAYED", "results": [row]}, "A", Timeframe.M1, NOW)
    assert bar.origin.feed is Feed.DELAYED
    assert prices.bars({"status": "OK", "resultsCount": 0}, "A", Timeframe.M1, NOW) == []


@pytest.mark.parametrize("body", ['{"ev":"T"}', '[{"ev":"T","sym":"A"}]', "[1]", '[{"ev":"?"}]', "[", "null"])
def test_a_frame_that_is_not_as_promised_is_a_bad_payload(body: str):
    with pytest.raises(BadPayload):
        frames.frames(body, NOW, USUAL)


def test_what_a_search_led_to_keeps_its_name_over_a_restart_and_costs_no_question():
    ticker = {"ticker": "AAPL", "name": "Apple Inc.", "market": "stocks", "primary_exchange": "XNAS", "type": "CS"}
    store = Forgetful()
    tickers = Tickers(store)
    assert tickers.of("AAPL") is None
    (apple,) = reference.listings({"status": "OK", "results": [ticker]})
    tickers.found([apple])
    assert tickers.of("AAPL") == Tickers(store).of("AAPL") == apple
    assert (apple.name, apple.exchange) == ("Apple Inc.", "XNAS") and Tickers(store).of("MSFT") is None
