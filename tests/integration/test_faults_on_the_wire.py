"""Faults made on purpose, as a client on 127.0.0.1 feels them: lost answers, closed sockets, messages twice or late."""

import http.client
import json
import threading
import time
from contextlib import contextmanager

import pytest
import websocket
from flask import Flask
from werkzeug.serving import make_server

from tests.alpaca_stage import HEADERS, HOLIDAYS, KEY, SECRET, Floor, OneKey, Quiet
from tradesim.api import faults as faulty
from tradesim.api.alpaca.data import routes as data
from tradesim.api.alpaca.data import sockets
from tradesim.api.alpaca.seats import Seats
from tradesim.api.faults import FaultKind, Faults, NewFault


class Wire:
    def __init__(self):
        self.floor, self.faults, self.asked = Floor(), Faults(), []
        app = Flask("wire")
        doors = data.register(app, self.floor.desk, OneKey(), lambda: HOLIDAYS)
        faulty.register(app, self.faults, lambda path: path.startswith("/v2"))
        app.add_url_rule("/v2/orders", "orders", self.on_order, methods=["POST"])
        self.streams = sockets.Streams(doors, time.time_ns, Seats(8), self.faults.treat, self.faults.at_knock)
        sockets.register(app, self.streams, doors.keys)
        self.server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def on_order(self):
        self.asked.append(1)
        return {"n": len(self.asked)}

    def post(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=60)
        connection.request("POST", "/v2/orders", b"{}", HEADERS)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def follow(self):
        ws = websocket.create_connection(f"ws://127.0.0.1:{self.server.server_port}/v2/iex", timeout=60)
        for message in (
            None,
            {"action": "auth", "key": KEY, "secret": SECRET},
            {"action": "subscribe", "trades": ["*"]},
        ):
            if message:
                ws.send(json.dumps(message))
            ws.recv()
        return ws

    def close(self):
        self.streams.stop()
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def opened():
    wire = Wire()
    try:
        yield wire
    finally:
        wire.close()


@pytest.fixture
def wire():
    with opened() as found:
        yield found


@pytest.mark.parametrize(("kind", "done"), [(FaultKind.DROP, 0), (FaultKind.DISCONNECT, 1)])
def test_no_answer_comes_and_it_was_done_or_not(wire, kind, done):
    wire.faults.add(NewFault(kind, route="POST /v2/orders", count=1))
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        wire.post()
    assert len(wire.asked) == done
    assert wire.post() == (200, {"n": done + 1})


def test_an_answer_is_late(wire):
    wire.faults.add(NewFault(FaultKind.DELAY, route="POST /v2/orders", delay_ms=300, count=1))
    begun = time.monotonic()
    wire.post()
    assert time.monotonic() - begun >= 0.3


def trades(ws, count):
    found = []
    while len(found) < count:
        found += [each["i"] for each in json.loads(ws.recv()) if each["T"] == "t"]
    return found


def test_a_message_is_told_twice_or_not_at_all(wire):
    ws = wire.follow()
    wire.faults.add(NewFault(FaultKind.DUPLICATE, stream="/v2/iex", count=1))
    wire.floor.deal(23_000, 5)
    assert trades(ws, 2) == [1, 1]
    wire.faults.remove()
    wire.faults.add(NewFault(FaultKind.DROP, stream="/v2/iex", count=1))
    wire.floor.deal(23_000, 5)
    wire.floor.deal(23_000, 5)
    assert trades(ws, 1) == [3]


def test_a_message_is_late(wire):
    ws = wire.follow()
    wire.faults.add(NewFault(FaultKind.DELAY, stream="*", delay_ms=300, count=1))
    begun = time.monotonic()
    wire.floor.deal(23_000, 5)
    assert trades(ws, 1) == [1] and time.monotonic() - begun >= 0.3


def test_a_socket_ends_and_another_is_turned_away(wire):
    ws = wire.follow()
    wire.faults.add(NewFault(FaultKind.DISCONNECT, stream="/v2/iex", count=1))
    wire.floor.deal(23_000, 5)
    with pytest.raises((websocket.WebSocketException, ConnectionError)):
        trades(ws, 1)
    wire.faults.add(NewFault(FaultKind.TOO_MANY, stream="/v2/iex", count=1))
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        wire.follow()
    assert refused.value.status_code == 429
    wire.follow()
