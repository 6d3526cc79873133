"""What a page may say: bytes as a browser masks them, in; requests or the reason to close, out."""

import os
import struct

import pytest
from wsproto.connection import Connection, ConnectionType

from tradesim.stream.requests import (
    MOST_BYTES,
    AskPong,
    AskSnapshot,
    Intake,
    Pause,
    PeerClosed,
    ProtocolPing,
    Resume,
    Subscribe,
    Unsubscribe,
    Violation,
    request,
)


def masked(opcode, payload, fin=True):
    key = os.urandom(4)
    size = len(payload)
    head = struct.pack("!B", (0x80 if fin else 0) | opcode)
    head += struct.pack("!B", 0x80 | size) if size < 126 else struct.pack("!BH", 0x80 | 126, size)
    return head + key + bytes(byte ^ key[place % 4] for place, byte in enumerate(payload))


def intake():
    return Intake(Connection(ConnectionType.SERVER), 0.0)


def heard(*frames, now_s=0.0):
    return list(intake().feed(b"".join(frames), now_s))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"op":"subscribe","topics":["status"]}', Subscribe),
        ('{"op":"subscribe","topics":["status"],"resume":{"epoch":"e","seq":{"status":3}}}', Subscribe),
        ('{"op":"unsubscribe","topics":["status"]}', Unsubscribe),
        ('{"op":"snapshot","topic":"status"}', AskSnapshot),
        ('{"op":"pause"}', Pause),
        ('{"op":"resume"}', Resume),
        ('{"op":"ping","echo":12.5}', AskPong),
    ],
)
def test_each_message_is_read(text, kind):
    assert isinstance(request(text), kind)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "{}",
        '{"op":"buy"}',
        '{"op":"subscribe"}',
        '{"op":"subscribe","topics":"status"}',
        '{"op":"subscribe","topics":[1]}',
        '{"op":"subscribe","topics":["status"],"resume":{"epoch":"e","seq":{"status":"x"}}}',
        '{"op":"snapshot","topic":null}',
        '{"op":"ping","echo":"a"}',
        '{"op":"ping","echo":1e300}',
        '{"op":"subscribe","topics":["' + "x" * 100 + '"]}',
    ],
)
def test_anything_else_is_malformed(text):
    found = request(text)
    assert isinstance(found, Violation)
    assert found.code == 4400
    assert "wanted" in found.message


def test_what_is_nested_as_deep_as_a_message_may_be_long_harms_nobody():
    """How deep JSON is read differs from Python to Python; what a message does not use is never looked at."""
    depth = (MOST_BYTES - 20) // 2
    found = request('{"op":"pause","x":' + "[" * depth + "]" * depth + "}")
    assert found == Pause() or (isinstance(found, Violation) and found.code == 4400)


def test_a_message_in_pieces_is_one_message():
    pieces = (masked(1, b'{"op":', fin=False), masked(0, b'"pause"', fin=False), masked(0, b"}"))
    assert heard(*pieces) == [Pause()]


def test_a_message_is_heard_byte_by_byte():
    whole, ear = masked(1, b'{"op":"pause"}'), intake()
    assert [each for byte in whole for each in ear.feed(bytes([byte]), 0.0)] == [Pause()]


def test_the_largest_message_is_read_and_one_byte_more_is_not():
    text = '{"op":"pause","x":"' + "y" * (MOST_BYTES - 21) + '"}'
    assert len(text) == MOST_BYTES
    assert heard(masked(1, text.encode())) == [Pause()]
    (violation,) = heard(masked(1, (text + " ").encode()))
    assert violation.code == 4409


def test_a_message_that_never_ends_is_too_large():
    (violation,) = heard(masked(1, b"x" * 3_000, fin=False), masked(0, b"x" * 3_000, fin=False))
    assert violation.code == 4409


def test_a_flood_is_too_many():
    found = heard(*[masked(1, b'{"op":"ping"}')] * 60)
    assert len(found) == 51
    assert found[-1].code == 4429


@pytest.mark.parametrize(
    "frame",
    [masked(9, b""), masked(0xA, b""), masked(1, b"", fin=False) + masked(0, b"")],
    ids=["ping", "pong", "empty pieces"],
)
def test_a_flood_of_frames_that_say_nothing_is_too_many(frame):
    found = heard(*[frame] * 60)
    assert isinstance(found[-1], Violation)


def test_the_allowance_comes_back():
    ear = intake()
    for second in range(5):
        found = list(ear.feed(masked(1, b'{"op":"ping"}') * 45, float(second)))
        assert all(isinstance(each, AskPong) for each in found)


def test_a_binary_message_is_malformed():
    (violation,) = heard(masked(2, b"{}"))
    assert violation.code == 4400


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x81\x02{}", 1002),
        (masked(3, b""), 1002),
        (masked(0, b"x"), 1002),
        (masked(1, b"\xff\xfe"), 1007),
        (masked(9, b"x", fin=False), 1002),
        (b"\xf1" + masked(1, b"{}")[1:], 1002),
    ],
    ids=["unmasked", "unknown opcode", "continuation of nothing", "not UTF-8", "ping in pieces", "reserved bits"],
)
def test_bytes_that_are_no_frames_end_it(data, code):
    (violation,) = heard(data)
    assert isinstance(violation, Violation)
    assert violation.code == code


def test_a_farewell_is_heard_and_nothing_after_it():
    found = heard(masked(8, struct.pack("!H", 1001)), masked(1, b'{"op":"pause"}'))
    assert found == [PeerClosed(1001)]


def test_nothing_is_heard_after_a_violation():
    ear = intake()
    assert len(list(ear.feed(masked(1, b"x") + masked(1, b'{"op":"pause"}'), 0.0))) == 1
    assert list(ear.feed(masked(1, b'{"op":"pause"}'), 0.0)) == []


def test_a_ping_is_passed_on():
    assert heard(masked(9, b"abc")) == [ProtocolPing(b"abc")]


def test_deep_nesting_is_answered_one_way_or_the_other():
    """How deep the decoder goes before it gives up is the interpreter's affair."""
    found = request('{"op":"pause","x":' + "[" * 3_000 + "]" * 3_000 + "}")
    assert isinstance(found, Pause | Violation)
