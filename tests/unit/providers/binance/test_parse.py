# ruff: noqa: E501 - frames stand as they are on the wire
from decimal import Decimal

import pytest

from tradesim.kernel.errors import BadPayload, NotOffered, RateLimited, RetryLater, UnknownSymbol
from tradesim.model.market import Side, Timeframe
from tradesim.providers.binance import parse


def test_who_crossed_is_the_seller_when_the_buyer_was_resting():
    frame = b'{"stream":"ethusdt@trade","data":{"e":"trade","E":5,"s":"ETHUSDT","t":7,"p":"2683.80000000","q":"0.00200000","T":4,"m":true,"M":true}}'
    named = parse.message_of(frame, 9)
    trade = named.event
    assert (trade.aggressor, trade.trade_id, trade.origin.ts_event) == (Side.SELL, "7", 4_000_000)


def test_the_book_ticker_says_no_time_so_ours_stands_for_theirs():
    frame = b'{"stream":"a@bookTicker","data":{"u":400,"s":"A","b":"0.00000000","B":"0.0","a":"2.5","A":"1"}}'
    quote = parse.message_of(frame, 9).event
    assert (quote.bid, quote.ask, quote.origin.ts_event, quote.origin.sequence) == (None, Decimal("2.5"), 9, 400)


def test_a_refused_request_is_told_with_its_code():
    found = parse.message_of(b'{"error":{"code":2,"msg":"Invalid request"},"id":3}', 1)
    assert found == parse.Refusal(2, "Invalid request", 3)


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"{}",
        b"<html>",
        b'{"stream":"x","data":null}',
        b'{"stream":"x","data":{"e":"weather"}}',
        b'{"stream":"x","data":{"e":"depthUpdate","E":1,"s":"A","U":1,"u":2,"b":[["1"]],"a":[]}}',
        b'{"stream":"x","data":{"e":"depthUpdate","E":1,"s":"A","U":1,"u":2,"b":[["-1","1"]],"a":[]}}',
        b'{"stream":"x","data":{"e":"depthUpdate","E":1,"s":"A","U":1,"u":2,"b":[["NaN","1"]],"a":[]}}',
        b'{"stream":"x","data":{"e":"depthUpdate","E":1,"s":"A","U":null,"u":2,"b":[],"a":[]}}',
    ],
)
def test_what_has_not_the_documented_form_is_refused_in_words(frame):
    with pytest.raises(BadPayload):
        parse.message_of(frame, 1)


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind"),
    [
        (400, b'{"code":-1121,"msg":"Invalid symbol."}', {}, UnknownSymbol),
        (429, b"{}", {"Retry-After": "7"}, RateLimited),
        (418, b"", {}, RateLimited),
        (403, b'{"code":0,"msg":"blocked"}', {}, RateLimited),
        (451, b"", {}, NotOffered),
        (502, b"<html>", {}, RetryLater),
        (400, b'{"code":-1102,"msg":"Mandatory parameter"}', {}, BadPayload),
    ],
)
def test_errors_are_sorted_by_what_to_do(status, body, headers, kind):
    error = parse.error_of(status, body, headers)
    assert type(error) is kind
    if headers:
        assert error.after_s == 7


def test_a_bar_is_final_when_its_time_has_passed():
    body = b'[[60000,"1","2","0.5","1.5","10",119999,"12",3,"0","0","0"],[120000,"1.5","1.5","1.5","1.5","0",179999,"0",0,"0","0","0"]]'
    first, second = parse.rest_bars(body, "BTC/USDT", Timeframe.M1, 150_000 * 1_000_000)
    assert (first.is_final, first.vwap) == (True, Decimal("1.2"))
    assert (second.is_final, second.vwap) == (False, None)


def test_steps_come_from_the_filters():
    body = b'{"symbols":[{"symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT","filters":[{"filterType":"PRICE_FILTER","tickSize":"0.01000000"},{"filterType":"LOT_SIZE","stepSize":"0.00001000"}]},{"symbol":"OLD","status":"BREAK","baseAsset":"O","quoteAsset":"LD","filters":[]}]}'
    (listing,) = parse.listings(body)
    assert (listing.symbol, listing.tick_size, listing.lot_size) == ("BTC/USDT", Decimal("0.01"), Decimal("0.00001"))
