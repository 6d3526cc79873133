"""Alpaca: every recorded answer and the whole recorded session of the socket."""

from decimal import Decimal

import pytest

from tests.unit.providers.crypto_line import Bench
from tests.unit.providers.recorded import NOW, as_text, lines
from tradesim.kernel.errors import BadKey, BadPayload, NoData, NotEntitled, RateLimited, RetryLater, UnknownSymbol
from tradesim.model.feed import Feed, FeedBar, FeedBook, FeedCorrection, FeedHalt, FeedQuote, FeedTrade, TradeFlag
from tradesim.model.market import Side, Timeframe
from tradesim.providers.alpaca import parse
from tradesim.providers.alpaca.rest import stamp
from tradesim.providers.alpaca.stream import AlpacaCoinTalk
from tradesim.providers.standing import NotThisTime

VENDOR = "alpaca"
IEX = parse.Source("alpaca", Feed.IEX)
FILES = ["rest_v2_responses.jsonl", "rest_v2_responses_py.jsonl", "rest_crypto_v1beta3_responses_py.jsonl"]
LINES_BY_FILE = dict(zip(FILES, (49, 21, 7), strict=True))


def made_of(body):
    """Everything that an answer holds, in normal form."""
    made = [*parse.quotes(body, IEX, NOW), *parse.trades(body, IEX, NOW), *parse.books(body, IEX, NOW)]
    made += [*parse.bars(body, Timeframe.M1, IEX, NOW), *parse.auctions(body, IEX, NOW)]
    if is_snapshots(body):
        made += parse.snapshots(body, IEX, NOW)
    parse.next_page(body)
    return made


def is_snapshots(body) -> bool:
    table = body.get("snapshots", body)
    return any("latestQuote" in row for row in table.values() if isinstance(row, dict))


def rows_of(body) -> int:
    """How many rows the answer has, counted without the parser."""
    if is_snapshots(body):
        return sum(row is not None for row in body.get("snapshots", body).values())
    count = 0
    for what in ("quotes", "trades", "bars", "orderbooks"):
        count += sum(len(told) if isinstance(told, list) else 1 for told in body.get(what, {}).values())
    days = [day for told in body.get("auctions", {}).values() for day in told]
    return count + sum(len(day["o"]) + len(day["c"]) for day in days)


@pytest.mark.parametrize("name", FILES)
def test_every_recorded_answer_is_read_whole(name: str):
    told = lines(VENDOR, name)
    assert len(told) == LINES_BY_FILE[name]
    for line in told:
        assert len(made_of(line["body"])) == rows_of(line["body"]), line["test"]


def body_of(test: str, n: int = 1, name: str = FILES[0]):
    return next(line["body"] for line in lines(VENDOR, name) if line["test"] == test and line.get("n", 1) == n)


def test_nanoseconds_are_kept_and_trailing_zeros_are_not_needed():
    (trade,) = parse.trades(body_of("TestGetTrades"), IEX, NOW)
    assert trade.origin.ts_event == 1634112000_089607680
    quotes = parse.quotes(body_of("TestGetQuotes"), IEX, NOW)
    assert quotes[0].origin.ts_event == 1633370414_012577217
    assert (quotes[0].bid_qty, quotes[0].ask_qty) == (Decimal(100), Decimal(200))


def test_daily_bars_show_the_clock_change_in_utc():
    summer = parse.bars(body_of("TestGetBars_Asof"), Timeframe.D1, IEX, NOW)
    winter = parse.bars(body_of("test_get_bars", name=FILES[1]), Timeframe.D1, IEX, NOW)
    assert {bar.start // 10**9 % 86_400 for bar in summer} == {4 * 3600}
    assert {bar.start // 10**9 % 86_400 for bar in winter} == {5 * 3600}


def test_cancelled_prints_change_nothing():
    for trade in parse.trades(body_of("TestGetTrades_Update"), IEX, NOW):
        assert {TradeFlag.NOT_LAST, TradeFlag.NOT_HIGH_LOW, TradeFlag.NOT_VOLUME} <= trade.flags


def test_crypto_tells_units_and_the_taker():
    trades = parse.trades(body_of("TestGetCryptoMultiTrades"), IEX, NOW)
    assert [trade.aggressor for trade in trades] == [Side.SELL, Side.SELL, Side.BUY, Side.BUY]
    (quote,) = parse.quotes(body_of("TestLatestCryptoQuote"), IEX, NOW)
    assert quote.bid_qty == Decimal("44.2403")


def test_a_snapshot_has_the_last_price_and_the_close_before():
    (quote,) = parse.snapshots(body_of("TestSnapshot"), IEX, NOW)
    assert (quote.last, quote.prev_close, quote.bid) == (Decimal("133.55"), Decimal("131.46"), Decimal("133.54"))
    assert parse.snapshots({"AAPL": None}, IEX, NOW) == []


@pytest.mark.parametrize(
    ("codes", "tape", "flags"),
    [
        (["@"], "C", set()),
        (["@", "T", "I"], "C", {"not_last", "not_high_low", "odd_lot", "extended"}),
        ([" ", "4", "B"], "A", {"not_last", "not_high_low"}),
        (["B"], "C", set()),
        (["W"], "C", {"not_last", "not_high_low"}),
        (["Q"], "A", {"not_last", "not_high_low", "not_volume"}),
        (None, "", set()),
    ],
)
def test_sale_conditions_mean_what_their_tape_says(codes, tape: str, flags: set[str]):
    assert parse.flags_of(codes or (), tape) == flags


def test_the_recorded_session():
    told = lines(VENDOR, "ws_v2_session_script.jsonl")
    frames = [line["frame"] for line in told if line["dir"] == "rx"]
    made = [each for frame in frames for each in parse.frames(as_text(frame), IEX, NOW)]
    assert len(made) == sum(len(frame) for frame in frames) == 15
    kinds = [type(each) for each in made]
    assert kinds[:9] == [
        parse.Success,
        parse.Success,
        parse.Subscribed,
        FeedTrade,
        FeedQuote,
        FeedBar,
        FeedHalt,
        FeedCorrection,
        FeedBook,
    ]
    trade, quote, bar, halt, cancel, book = made[3:9]
    assert (trade.trade_id, trade.flags) == ("6142", {"not_last", "not_high_low", "odd_lot"})
    assert quote.bid_qty == Decimal(3500) and bar.vwap == Decimal("177.987562")
    assert (halt.is_halted, halt.reason) == (False, "Trading Resumption")
    assert (cancel.trade_id, cancel.replaced_by) == ("4868", None)
    assert book.is_snapshot and book.bids == ((Decimal("65128.1"), Decimal("1.6542")),)
    assert trade.origin.ts_event == 1718633460_000000010


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        (401, RetryLater),
        (402, BadKey),
        (403, None),
        (404, RetryLater),
        (405, None),
        (406, RetryLater),
        (407, RetryLater),
        (409, NotEntitled),
        (410, BadPayload),
        (500, RetryLater),
    ],
)
def test_every_error_code_says_what_to_do(code: int, wanted: type[Exception] | None):
    (complaint,) = parse.frames(f'[{{"T":"error","code":{code},"msg":"m"}}]', IEX, NOW)
    error = parse.complaint_error(complaint)
    assert error is None if wanted is None else type(error) is wanted


def test_a_correction_undoes_a_print_and_gives_the_right_one():
    frame = (
        '[{"T":"c","S":"EEM","x":"M","oi":52983525033527,"op":39.1582,"os":440000,"oc":[" ","7"],'
        '"ci":52983525034326,"cp":39.1809,"cs":440000,"cc":[" ","7"],"z":"B","t":"2023-04-06T14:25:06.542305024Z"}]'
    )
    (correction,) = parse.frames(frame, IEX, NOW)
    right = correction.replaced_by
    assert (correction.trade_id, right.trade_id, right.price) == (
        "52983525033527",
        "52983525034326",
        Decimal("39.1809"),
    )


def test_updated_bars_and_halts():
    body = '{"S":"A","o":1,"h":2,"l":1,"c":2,"v":3,"t":"2024-06-17T14:11:00Z"'
    (updated,), (day,) = (parse.frames(f'[{body},"T":"{kind}"}}]', IEX, NOW) for kind in "ud")
    assert (updated.timeframe, updated.is_final, day.timeframe) == (Timeframe.M1, True, Timeframe.D1)
    frame = '[{"T":"s","S":"A","sc":"H","sm":"Trading Halt","rc":"T12","rm":"","t":"2024-06-17T14:11:00Z"}]'
    assert parse.frames(frame, IEX, NOW)[0].is_halted


def test_the_recorded_refusal_and_the_others():
    (line,) = lines(VENDOR, "rest_error_bodies.jsonl")
    with pytest.raises(NotThisTime):
        parse.judge(line["status"], as_text(line["body"]))


@pytest.mark.parametrize(
    ("status", "said", "wanted"),
    [
        (403, '{"message":"forbidden."}', BadKey),
        (401, "", BadKey),
        (429, '{"message":"too many requests."}', RateLimited),
        (422, '{"message":"invalid symbol: $$"}', UnknownSymbol),
        (400, '{"message":"invalid start"}', BadPayload),
        (500, "<html>", RetryLater),
        (403, '{"code":42210000,"message":"x"}', NotThisTime),
        (403, '{"message":"subscription does not permit this"}', NotEntitled),
    ],
)
def test_refusals(status: int, said: str, wanted: type[Exception]):
    with pytest.raises(wanted) as raised:
        parse.judge(status, said)
    assert type(raised.value) is wanted


def test_no_bid_is_none():
    row = {"t": "2024-06-17T14:11:00Z", "bp": 0, "bs": 0, "ap": Decimal("1.5"), "as": 2}
    quote = parse.quote(row, "A", IEX, NOW)
    assert (quote.bid, quote.bid_qty, quote.ask_qty) == (None, None, Decimal(200))


@pytest.mark.parametrize("body", ["{}", "[[]]", '[{"T":"?"}]', '[{"T":"t","S":"A"}]', '[{"T":"q","S":1}]', "[{"])
def test_a_frame_that_is_not_as_promised_is_a_bad_payload(body: str):
    with pytest.raises(BadPayload):
        parse.frames(body, IEX, NOW)


def test_stamps_keep_nanoseconds():
    assert stamp(1718633460_000000010) == "2024-06-17T14:11:00.000000010Z"


def test_a_symbol_that_is_asked_for_again_is_not_refused_by_the_echo_that_lacks_it_between():
    talk = AlpacaCoinTalk("ws://nowhere", "key", "secret", parse.Source("alpaca_crypto", Feed.CRYPTO))
    bench = Bench(talk, "BTC/USD")
    whole, none = ([{"T": "subscription", "trades": names}] for names in (["BTC/USD"], []))
    for each in (whole, "unsubscribe", "subscribe", none, whole):
        if isinstance(each, str):
            getattr(talk, each)(bench.line, ["BTC/USD"])
        else:
            bench.hear(as_text(each))
    assert not bench.line.refusals
    talk.subscribe(bench.line, ["ETH/USD"])
    bench.hear(as_text(whole))
    assert bench.line.refusals == {"ETH/USD"}


QUOTE_TOLD = {"t": "2026-03-02T19:00:00Z", "bp": 99, "bs": 1, "ap": 101, "as": 1, "bx": "V", "ax": "V", "c": ["R"]}
ODD_LOT = {"t": "2026-03-02T19:00:00Z", "p": 250, "s": 10, "x": "V", "i": 1, "z": "C", "c": ["@", "I"]}
MINUTE_TOLD = {"t": "2026-03-02T14:30:00Z", "o": 90, "h": 90, "l": 90, "c": 90, "v": 100}


@pytest.mark.parametrize("print_", [ODD_LOT, {**ODD_LOT, "c": ["@"], "u": "canceled"}])
def test_a_print_that_makes_no_price_is_no_last_price_of_a_snapshot(print_) -> None:
    (quote,) = parse.snapshots({"AAPL": {"latestQuote": QUOTE_TOLD, "latestTrade": print_}}, IEX, NOW)
    assert (quote.last, quote.bid) == (None, 99)
    with pytest.raises(NoData):
        parse.snapshots({"AAPL": {"latestTrade": print_}}, IEX, NOW)


def test_a_last_price_of_an_old_minute_is_as_old_as_the_minute() -> None:
    (quote,) = parse.snapshots({"AAPL": {"latestTrade": ODD_LOT, "minuteBar": MINUTE_TOLD}}, IEX, NOW)
    ended = parse.ns_of_stamp("2026-03-02T14:31:00Z", "t")
    assert (quote.last, quote.origin.ts_event) == (90, ended)
