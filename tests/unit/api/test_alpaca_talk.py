"""What a data stream answers to what it is told, in the order of Alpaca's own."""

import json

import msgspec
import pytest

from tradesim.api.alpaca.data.messages import JSON, MSGPACK, Message, TradeSaid, codec_of
from tradesim.api.alpaca.data.talk import COIN_CHANNELS, SHARE_CHANNELS, Follow, Say, Talk

TRADE = TradeSaid("AAPL", 7, "Q", 230.01, 100, ["@"], "C")


def entering(key, secret):
    return None if (key, secret) == ("k", "s") else 402


def a_talk(channels=SHARE_CHANNELS, **how):
    return Talk(channels, entering, **{"is_authenticated": True, **how})


def heard(talk, **message):
    (reply,) = talk.hear(json.dumps(message))
    return reply


def code(reply):
    assert isinstance(reply, Say)
    return reply.messages[0]["code"]


def test_the_right_key_opens_and_once_is_enough():
    talk = a_talk(is_authenticated=False)
    assert code(heard(talk, action="subscribe", trades=["AAPL"])) == 401
    assert heard(talk, action="auth", key="k", secret="s").messages == ({"T": "success", "msg": "authenticated"},)
    assert code(heard(talk, action="auth", key="k", secret="s")) == 403


@pytest.mark.parametrize("shown", [{"key": "k"}, {"key": "k", "secret": "x"}, {"key": 1, "secret": []}])
def test_a_wrong_key_is_the_last_word(shown):
    reply = heard(a_talk(is_authenticated=False), action="auth", **shown)
    assert code(reply) == 402 and reply.is_last


def test_the_whole_present_set_is_acknowledged():
    talk = a_talk()
    heard(talk, action="subscribe", trades=["AAPL"], quotes=["*"])
    reply = heard(talk, action="subscribe", trades=["msft"], bars=["AAPL"])
    assert isinstance(reply, Follow)
    assert reply.acknowledgement == {
        "T": "subscription",
        "trades": ["AAPL", "MSFT"],
        "quotes": ["*"],
        "bars": ["AAPL"],
        "updatedBars": [],
        "dailyBars": [],
        "statuses": [],
        "lulds": [],
        "corrections": ["AAPL", "MSFT"],
        "cancelErrors": ["AAPL", "MSFT"],
    }
    reply = heard(talk, action="unsubscribe", trades=["AAPL"], quotes=["*"])
    assert (reply.acknowledgement["trades"], reply.acknowledgement["quotes"]) == (["MSFT"], [])


def test_coins_have_order_books_and_shares_have_none():
    reply = heard(a_talk(COIN_CHANNELS), action="subscribe", orderbooks=["AAPL", "BTC/USD"])
    assert reply.acknowledgement["orderbooks"] == ["AAPL", "BTC/USD"] and "statuses" not in reply.acknowledgement
    assert code(heard(a_talk(), action="subscribe", orderbooks=["AAPL"])) == 410


NONSENSE = [
    *("", "{", "[]", "5", '"x"', "[" * 9_000, b"\xff\xfe", b"\xc1"),
    *('{"action": "dance"}', '{"action": "subscribe"}', '{"action": "subscribe", "trades": "A"}'),
    *('{"action": "subscribe", "trades": [1]}', '{"action": "subscribe", "trades": [""]}'),
]


@pytest.mark.parametrize("data", NONSENSE)
def test_what_makes_no_sense_is_invalid_syntax(data):
    (reply,) = a_talk().hear(data)
    assert code(reply) == 400 and not reply.is_last


def test_a_limit_of_symbols_counts_trades_and_quotes():
    talk = a_talk(symbols=2)
    assert isinstance(heard(talk, action="subscribe", trades=["A", "B"], bars=["*"]), Follow)
    assert code(heard(talk, action="subscribe", trades=["C"])) == 405
    assert code(heard(talk, action="subscribe", quotes=["*"])) == 405


def test_messagepack_is_read_from_binary_and_json_too():
    asked = {"action": "subscribe", "trades": ["AAPL"]}
    for data in (msgspec.msgpack.encode(asked), msgspec.json.encode(asked)):
        (reply,) = a_talk().hear(data)
        assert isinstance(reply, Follow)


def test_the_codec_is_chosen_by_what_the_client_says_of_itself():
    assert codec_of("application/msgpack") is MSGPACK and codec_of("Application/MsgPack; x=1") is MSGPACK
    assert codec_of("application/json") is JSON and codec_of("") is JSON


def test_one_message_is_written_in_both_ways_with_its_own_kind_of_time():
    ts = 1_767_625_200_123_456_789
    message = Message("trades", "AAPL", ts, TRADE)
    text = json.loads(message.encoded(JSON))
    assert text == {"T": "t", "S": "AAPL", "i": 7, "x": "Q", "p": 230.01, "s": 100, "c": ["@"], "z": "C",
                    "t": "2026-01-05T15:00:00.123456789Z"}  # fmt: skip
    packed = msgspec.msgpack.decode(message.encoded(MSGPACK))
    assert packed["t"].timestamp() == pytest.approx(ts / 1e9) and packed["S"] == "AAPL"
    assert message.encoded(JSON) is message.encoded(JSON)


@pytest.mark.parametrize("count", [1, 15, 16, 300])
def test_a_frame_has_all_its_messages(count):
    parts = [MSGPACK.encode({"n": n}) for n in range(count)]
    frame = MSGPACK.frame(parts)
    payload = frame[2 if frame[1] < 126 else 4 :]
    assert msgspec.msgpack.decode(payload) == [{"n": n} for n in range(count)]
