# ruff: noqa: E501 - frames stand as they are on the wire
from decimal import Decimal

import pytest

from tradesim.kernel.errors import BadPayload, NoData, NotEntitled, RateLimited, RetryLater, UnknownSymbol
from tradesim.model.feed import FeedTrade
from tradesim.model.market import Side, Timeframe
from tradesim.providers.kraken import parse
from tradesim.providers.kraken.naming import rest_name, symbol_of


def test_digits_of_a_bare_number_are_kept():
    frame = b'{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[{"price":62807.0,"qty":0.00000000}],"asks":[],"checksum":4249465476,"timestamp":"2026-08-16T23:37:03.745044Z"}]}'
    (change,) = parse.messages(frame, 1)
    assert change.bids == (("62807.0", "0.00000000"),)
    assert change.checksum == 4249465476
    assert change.ts_event == 1786923423745044000


def test_a_whole_number_and_an_exponent_are_digits_too():
    frame = b'{"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[{"price":62807,"qty":1e-08}]}]}'
    (change,) = parse.messages(frame, 1)
    assert change.bids == (("62807", "0.00000001"),)
    assert change.ts_event is None


def test_new_trades_are_news_and_a_snapshot_of_trades_is_the_past():
    frame = '{"channel":"trade","type":"%s","data":[{"symbol":"BTC/USD","side":"sell","price":105910.50,"qty":0.00012460,"ord_type":"market","trade_id":10218209,"timestamp":"2023-10-06T17:35:56.123456Z"}]}'
    (trade,) = parse.messages(frame % "update", 1)
    assert isinstance(trade, FeedTrade)
    assert (trade.price, trade.qty, trade.aggressor) == (Decimal("105910.50"), Decimal("0.00012460"), Side.SELL)
    assert (trade.trade_id, trade.origin.sequence) == ("10218209", 10218209)
    (past,) = parse.messages(frame % "snapshot", 1)
    assert past == parse.PastTrades((trade,))


def test_a_refusal_is_an_answer_with_the_vendors_sentence():
    frame = (
        b'{"error":"Subscription depth not supported","method":"subscribe","success":false,"req_id":7,"time_in":"x"}'
    )
    (answer,) = parse.messages(frame, 1)
    assert (answer.is_success, answer.req_id, answer.error) == (False, 7, "Subscription depth not supported")


def test_a_connection_id_beyond_doubles_does_no_harm():
    frame = b'{"channel":"status","type":"update","data":[{"version":"2.0.10","system":"maintenance","connection_id":15113583034416118705}]}'
    assert parse.messages(frame, 1) == [parse.Status("maintenance")]


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b'{"channel":"book"',
        b'{"channel":"weather","data":[]}',
        b'{"channel":"book","data":[{"symbol":"BTC/USD","bids":[{"price":NaN,"qty":1}]}]}',
        b'{"channel":"book","data":[{"symbol":"BTC/USD","bids":[{"price":null,"qty":1.0}]}]}',
        b'{"channel":"book","data":[{"symbol":"BTC/USD","bids":[{"price":[],"qty":1.0}]}]}',
        b'{"channel":"book","data":[{"symbol":"BTC/USD","bids":{},"asks":[]}]}',
        b'{"channel":"trade","data":[{"symbol":"A/B","side":"up","price":1.0,"qty":1.0,"trade_id":1,"timestamp":"2023-10-06T17:35:56Z"}]}',
        b'{"channel":"trade","data":[{"symbol":"A/B","side":"buy","price":0.0,"qty":1.0,"trade_id":1,"timestamp":"2023-10-06T17:35:56Z"}]}',
        b'{"channel":"trade","data":[{"symbol":"A/B","side":"buy","price":1.0,"qty":1.0,"trade_id":1,"timestamp":"yesterday"}]}',
        b"\xff\xfe",
    ],
)
def test_what_has_not_the_documented_form_is_refused_in_words(frame):
    with pytest.raises(BadPayload):
        parse.messages(frame, 1)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("EAPI:Rate limit exceeded", RateLimited),
        ("EGeneral:Too many requests", RateLimited),
        ("EQuery:Unknown asset pair", UnknownSymbol),
        ("EService:Unavailable", RetryLater),
        ("EGeneral:Permission denied", NotEntitled),
        ("EGeneral:Invalid arguments", BadPayload),
    ],
)
def test_errors_in_a_200_body_are_sorted_by_what_to_do(text, kind):
    with pytest.raises(kind, match="Kraken says"):
        parse.result_of(b'{"error":["%s"]}' % text.encode())


def test_a_warning_beside_a_result_is_no_error():
    assert parse.result_of(b'{"error":["WGeneral:old"],"result":{"a":1}}') == {"a": 1}


def test_the_last_bar_is_unfinished_and_one_without_trades_has_no_vwap():
    body = b'{"error":[],"result":{"XXBTZUSD":[[60,"1","2","0.5","1.5","1.2","3",4],[120,"1.5","1.5","1.5","1.5","0.0","0.0",0]],"last":60}}'
    whole, forming = parse.rest_bars(body, "BTC/USD", Timeframe.M1, 1)
    assert (whole.start, whole.is_final, whole.vwap) == (60_000_000_000, True, Decimal("1.2"))
    assert (forming.is_final, forming.vwap, forming.volume) == (False, None, Decimal("0.0"))


def test_an_empty_result_is_no_data():
    with pytest.raises(NoData):
        parse.rest_quote(b'{"error":[],"result":{}}', "BTC/USD", 1)


def test_names_are_translated_both_ways():
    assert rest_name("BTC/USD") == "XBTUSD"
    assert rest_name("DOGE/BTC") == "XDGXBT"
    assert symbol_of("XBT/USD") == "BTC/USD"
    with pytest.raises(UnknownSymbol, match="AAPL"):
        rest_name("AAPL")
