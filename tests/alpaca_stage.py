"""A desk that is only moved by hand, behind the doors that Alpaca's clients knock at: for tests of market data."""

import threading
from contextlib import contextmanager
from datetime import date, time
from time import time_ns

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.stage import Stage
from tradesim.api.alpaca.data import routes, sockets
from tradesim.api.alpaca.data.plan import Plan
from tradesim.api.alpaca.seats import Seats
from tradesim.kernel.clock import NS_PER_MS
from tradesim.marketdata.sessions import Holidays
from tradesim.model.market import Side
from tradesim.storage.apikeys import ApiKey

KEY, SECRET = "PKTESTTESTTESTTEST00", "secret-of-the-test"
HEADERS = {"APCA-API-KEY-ID": KEY, "APCA-API-SECRET-KEY": SECRET}
HOLIDAYS = Holidays(frozenset({date(2026, 1, 19), date(2026, 12, 25)}), {date(2026, 11, 27): time(13)})


class OneKey:
    """Knows the one key of the tests; it opens the default account."""

    def account_of(self, id_, secret):
        return "" if (id_, secret) == (KEY, SECRET) else None

    def account_of_token(self, secret):
        return "" if secret == SECRET else None

    def key_of(self, id_, secret):
        return ApiKey(KEY, "", "", 0) if (id_, secret) == (KEY, SECRET) else None

    def key_of_token(self, secret):
        return ApiKey(KEY, "", "", 0) if secret == SECRET else None

    def watch(self, secret):
        return lambda: secret == SECRET


def served(stage, plan=None):
    server = Flask("alpaca")
    routes.register(server, stage.desk, OneKey(), lambda: HOLIDAYS, plan or Plan())
    return server


class Floor(Stage):
    """`deal` lets others trade `qty` lots at `price` after so many ms of market time."""

    def deal(self, price, qty, symbol="AAPL", after_ms=1_000, side=Side.BUY):
        self.clock.advance(after_ms * NS_PER_MS)
        self.desk.turn()
        venue = self.desk._opening.market.source.venue
        venue.agent_limit(symbol, "~one", side.opposite, price, qty, self.clock.now())
        venue.agent_limit(symbol, "~two", side, price, qty, self.clock.now())
        self.desk.turn()


@contextmanager
def asking(stage, plan=None):
    yield served(stage, plan).test_client()


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_):
        pass


class Running:
    """The stage on 127.0.0.1 with its streams; the market thread runs, the market itself is moved by hand."""

    def __init__(self, stage, plan=None, seats=16):
        self.stage = stage
        self.app = Flask("alpaca")
        doors = routes.register(self.app, stage.desk, OneKey(), lambda: HOLIDAYS, plan or Plan())
        self.streams = sockets.Streams(doors, time_ns, Seats(seats))
        sockets.register(self.app, self.streams, doors.keys)
        self.server = make_server("127.0.0.1", 0, self.app, threaded=True, request_handler=Quiet)
        self.port = self.server.server_port
        self.url, self.ws = f"http://127.0.0.1:{self.port}", f"ws://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self):
        self.streams.stop()
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def running(stage=None, **how):
    found = Running(stage or Floor(), **how)
    try:
        yield found
    finally:
        found.close()
