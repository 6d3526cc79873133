# ruff: noqa: E501 - frames stand as they are on the wire
from decimal import Decimal

import pytest

from tradesim.kernel.errors import BadPayload, NotOffered, RateLimited, RetryLater, UnknownSymbol
from tradesim.model.market import Timeframe
from tradesim.providers.coinbase import parse


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"<html>",
        b"{}",
        b'{"type":"weather"}',
        b'{"type":"l2update","product_id":"A-B","changes":[["up","1","1"]],"time":"2021-04-17T16:43:37.078325Z"}',
        b'{"type":"l2update","product_id":"A-B","changes":[["buy","0","1"]],"time":"2021-04-17T16:43:37.078325Z"}',
        b'{"type":"l2update","product_id":"A-B","changes":[["buy","1","Infinity"]],"time":"2021-04-17T16:43:37Z"}',
        b'{"type":"l2update","product_id":"A-B","changes":[["buy","1","1"]],"time":"now"}',
        b'{"type":"snapshot","product_id":"A-B","bids":null,"asks":[]}',
        b'{"type":"match","product_id":"A-B","trade_id":"5"',
    ],
)
def test_what_has_not_the_documented_form_is_refused_in_words(frame):
    with pytest.raises(BadPayload):
        parse.message_of(frame, 1)


def test_candles_come_newest_first_and_are_turned():
    body = b"[[120,9.5,11,10,10.5,3.25],[60,1,4,2,3,5]]"
    first, second = parse.rest_bars(body, "BTC/USD", Timeframe.M1, 150 * 10**9)
    assert (first.open, first.high, first.low, first.close) == (2, 4, 1, 3)
    assert (second.volume, second.is_final, first.is_final) == (Decimal("3.25"), False, True)


def test_a_subscription_answer_is_the_whole_state():
    frame = b'{"type":"subscriptions","channels":[{"name":"level2_batch","product_ids":["BTC-USD","ETH-USD"]}]}'
    found = parse.message_of(frame, 1)
    assert found.channels == {"level2_batch": frozenset({"BTC/USD", "ETH/USD"})}


def test_past_trades_are_turned_and_their_side_too():
    body = b'[{"trade_id":2,"side":"buy","price":"2","size":"1","time":"2021-04-17T16:43:38Z"},{"trade_id":1,"side":"sell","price":"1","size":"1","time":"2021-04-17T16:43:37Z"}]'
    trades = parse.rest_trades(body, "BTC/USD", 1)
    assert [(trade.trade_id, trade.aggressor) for trade in trades] == [("1", "buy"), ("2", "sell")]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, UnknownSymbol), (429, RateLimited), (500, RetryLater), (403, NotOffered), (400, BadPayload)],
)
def test_errors_are_sorted_by_what_to_do(status, kind):
    error = parse.error_of(status, b'{"message":"NotFound"}')
    assert type(error) is kind
    assert "NotFound" in str(error)
