"""Alpaca's data stream to one client in a process of its own: 20,000 messages a second, how old they are, and the most.

Also with a second client that never reads, and with five that want the same.
"""

import multiprocessing
import socket
import threading
import time
from types import SimpleNamespace

import numpy as np
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.alpaca_stage import HOLIDAYS, KEY, SECRET, OneKey
from tradesim.api.alpaca.data import routes, sockets
from tradesim.desk.ticks import SymbolTicks
from tradesim.model.instrument import Instrument
from tradesim.model.market import EMPTY_BOOK, Side, Trade

SYMBOLS = [f"S{n:02d}" for n in range(20)]
RATE, BURST_S, SECONDS = 20_000, 0.005, 4.0


class Tap:
    """As much of a desk as the streams look at; `pour` lets so many trades happen now."""

    def __init__(self):
        self.instruments = {symbol: Instrument(symbol, symbol) for symbol in SYMBOLS}
        self._ticks = {symbol: SymbolTicks() for symbol in SYMBOLS}
        self._listeners = []
        self._now = time.time_ns()
        self.poured = 0

    def status(self):
        return SimpleNamespace(now=self._now)

    def ticks(self, symbol):
        return self._ticks.get(symbol)

    def market(self, symbol):
        return None

    def on_change(self, listener):
        self._listeners.append(listener)

    def pour(self, count):
        self._now = time.time_ns()
        for n in range(count):
            symbol = SYMBOLS[(self.poured + n) % len(SYMBOLS)]
            self._ticks[symbol].print(Trade(symbol, self.poured + n, 23_000 + n % 7, 100, Side.BUY, self._now))
        for ticks in self._ticks.values():
            ticks.show(EMPTY_BOOK, self._now)
        self.poured += count
        for listener in self._listeners:
            listener()


class Quiet(WSGIRequestHandler):
    def log_request(self, *_):
        pass


class Served:
    def __init__(self):
        self.tap = Tap()
        app = Flask("bench")
        doors = routes.register(app, self.tap, OneKey(), lambda: HOLIDAYS)
        self.streams = sockets.Streams(doors, time.time_ns)
        sockets.register(app, self.streams, doors.keys)
        self.server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self):
        self.streams.stop()
        self.server.shutdown()


def connected(port, reads=True):
    """A socket that is authenticated and follows every trade; as raw as can be, so that it is not what is measured."""
    import websocket

    options = [] if reads else [(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)]
    ws = websocket.create_connection(f"ws://127.0.0.1:{port}/v2/iex", timeout=10, sockopt=options)
    ws.recv()
    ws.send(f'{{"action":"auth","key":"{KEY}","secret":"{SECRET}"}}')
    ws.recv()
    ws.send('{"action":"subscribe","trades":["*"]}')
    ws.recv()
    return ws


def follow(port, seconds, pipe):
    """In a process of its own: counts messages and notes the age of the last of each frame."""
    ws = connected(port)
    pipe.send("ready")
    count, ages, until = 0, [], time.monotonic() + seconds
    ws.sock.settimeout(0.5)
    rest = b""
    while time.monotonic() < until:
        try:
            data = ws.sock.recv(1 << 18)
        except TimeoutError:
            continue
        if not data:
            break
        data = rest + data
        count += data.count(b'"T":"t"')
        ages.append(age_of_last(data))
        rest = data[-6:] if data.count(b'"T":"t"', len(data) - 12) == 0 else b""
    pipe.send((count, [age for age in ages if age is not None]))


def age_of_last(data):
    """Milliseconds since the last whole timestamp in `data`."""
    place = data.rfind(b'Z"}')
    if place < 30:
        return None
    try:
        fraction = int(data[place - 9 : place])
        second = np.datetime64(data[place - 29 : place - 10].decode(), "s").astype("int64")
    except ValueError:
        return None
    return (time.time_ns() - (int(second) * 10**9 + fraction)) / 1e6


def run(clients=1, stalled=0, rate=RATE):
    served = Served()
    port = served.server.server_port
    context = multiprocessing.get_context("spawn")
    pipes, followers = [], []
    silent = [connected(port, reads=False) for _ in range(stalled)]
    try:
        for _ in range(clients):
            ours, theirs = context.Pipe()
            follower = context.Process(target=follow, args=(port, SECONDS + 1.5, theirs), daemon=True)
            follower.start()
            pipes.append(ours)
            followers.append(follower)
        for pipe in pipes:
            assert pipe.recv() == "ready"
        begun, until = time.monotonic(), time.monotonic() + SECONDS
        while time.monotonic() < until:
            due = int((time.monotonic() - begun) * rate) - served.tap.poured
            if due > 0:
                served.tap.pour(due)
            time.sleep(BURST_S)
        took = time.monotonic() - begun
        found = [pipe.recv() for pipe in pipes]
        ages = [age for _, part in found for age in part]
        return {
            "sent_per_s": served.tap.poured / took,
            "messages_per_s": min(count for count, _ in found) / took,
            "lost": served.tap.poured - min(count for count, _ in found),
            "age_p50_ms": float(np.percentile(ages, 50)),
            "age_p99_ms": float(np.percentile(ages, 99)),
            "cut": served.streams.broadcaster.cut,
        }
    finally:
        for ws in silent:
            ws.close()
        served.close()


def measure():
    return {
        "one": run(),
        "most": run(rate=100_000),
        "with_a_stalled_one": run(stalled=1),
        "five": run(clients=5),
    }
