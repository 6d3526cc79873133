"""Frames are read back by another implementation: wsproto's client side."""

import pytest
from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, Ping, Pong, TextMessage

from tradesim.stream.frames import close_frame, ping_frame, pong_frame, text_frame


def read(data):
    connection = Connection(ConnectionType.CLIENT)
    connection.receive_data(data)
    return list(connection.events())


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_text_frame_is_read_back_whole(size):
    payload = "x" * size
    assert "".join(event.data for event in read(text_frame(payload.encode()))) == payload


def test_frames_follow_each_other_without_a_gap():
    events = read(text_frame("é".encode()) + ping_frame(b"p") + pong_frame(b"q") + close_frame(1012, "bye"))
    assert [type(event) for event in events] == [TextMessage, Ping, Pong, CloseConnection]
    assert (events[-1].code, events[-1].reason) == (1012, "bye")


def test_a_long_reason_is_cut_between_characters():
    (event,) = read(close_frame(4400, "é" * 100))
    assert event.reason == "é" * 61
