"""A desk served on a free port, as Alpaca's clients find it: over a still market, or over the simulated one."""

import tempfile
import threading
from contextlib import contextmanager
from datetime import time
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from flask import Flask
from msgspec.structs import replace
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.alpaca_stage import HOLIDAYS
from tests.fakes import ManualClock, MemoryJournal
from tests.stage import START, StillMarket, StillMarkets, no_fee
from tests.waiting import eventually
from tradesim.api import faults as faulty
from tradesim.api import guard
from tradesim.api.alpaca import facade
from tradesim.api.alpaca.data import routes as data
from tradesim.api.alpaca.data.plan import Plan as DataPlan
from tradesim.api.alpaca.door import Door
from tradesim.api.alpaca.front import is_ours
from tradesim.api.alpaca.quota import Quota
from tradesim.api.alpaca.seats import Seats
from tradesim.api.faults import Faults
from tradesim.bootstrap import Markets, fee_of
from tradesim.desk.days import local
from tradesim.desk.desk import Desk
from tradesim.desk.orders import TradingRules
from tradesim.kernel.clock import NS_PER_MS, WallClock
from tradesim.model.market import SessionState, Side
from tradesim.providers.replay.source import ReplaySource
from tradesim.settings import Settings
from tradesim.storage.apikeys import ApiKeys
from tradesim.storage.drawer import Drawer


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_):
        pass


class FineMarket(StillMarket):
    """Its shares may be ordered in fractions."""

    def __init__(self, start):
        super().__init__(start)
        self.instruments = MappingProxyType(
            {name: replace(each, fractionable=True) for name, each in self.instruments.items()}
        )


class HoursMarket(FineMarket):
    """Trades its shares from 9:30 to 16:00 in New York, every day."""

    def session(self, symbol, now):
        at = local(now)
        is_open = time(9, 30) <= at.time() < time(16)
        return SessionState.REGULAR if is_open else SessionState.CLOSED


class House:
    """`api_key` and `secret` open the default account. Each house has its own folder, which goes with it.

    `keys` is a folder that stays: the next house there opens with the same key.
    """

    def __init__(self, desk, clock, market=None, a_minute=0, keys=None):
        self.desk, self.clock, self.market = desk, clock, market
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        self.keys = ApiKeys(keys or folder, lambda: START)
        self.api_key, self.secret = self.first_key(keys)
        self.quota = Quota(a_minute)
        app = Flask("house")
        guard.register(app, guard.Doorkeeper("127.0.0.1", has_own_keys=is_ours))
        self.faults = Faults()
        door, drawer = Door(self.keys, self.quota), Drawer(folder / "drawer.json")
        self.seats = Seats()
        self.facade = facade.register(app, desk, door, drawer, self.faults.treat, self.seats)
        faulty.register(app, self.faults, is_ours)
        data.register(app, desk, self.keys, lambda: HOLIDAYS, DataPlan())
        self.app = app
        self.server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        desk.start()

    def first_key(self, kept=None):
        """The secret of a kept key is beside it, in a file of the tests' own."""
        beside = kept / "secret.txt" if kept else None
        if beside and beside.exists():
            return beside.read_text().split()
        if kept:
            kept.mkdir(exist_ok=True)
            self.keys = ApiKeys(kept, lambda: START)
        made = self.keys.create()
        if beside:
            beside.write_text(f"{made.key.id} {made.secret}")
        return made.key.id, made.secret

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def stream_url(self):
        return f"ws://127.0.0.1:{self.port}/stream"

    def key_for(self, account):
        made = self.keys.create(account)
        return made.key.id, made.secret

    def trading(self, key=None, secret=None, **more):
        from alpaca.trading.client import TradingClient

        return TradingClient(key or self.api_key, secret or self.secret, paper=True, url_override=self.url, **more)

    def agent(self, side, price, qty, symbol="AAPL"):
        """Somebody else's limit order, in ticks and lots, as the market thread would place it."""
        venue = self.market.venue
        owner = f"~{side}"
        return self.desk._thread.ask(lambda: venue.agent_limit(symbol, owner, side, price, qty, self.clock.now()))

    def pass_ms(self, ms):
        """Let market time go on, and wait until the desk is there."""
        self.clock.advance(int(ms * NS_PER_MS))
        self.desk._inbox.wake()
        eventually(lambda: not self.desk.is_behind)
        self.desk._thread.ask(lambda: None)

    def deal(self, price, qty=1, symbol="AAPL"):
        """Others trade `qty` lots at `price`, inside what the book shows."""
        self.agent(Side.SELL, price, qty, symbol)
        self.agent(Side.BUY, price, qty, symbol)

    def refill(self, symbol="AAPL", bid=22_999, ask=23_001, qty=100):
        """Ten levels a side where the still market began; what was traded away is put back."""
        for step in range(10):
            self.agent(Side.BUY, bid - step, qty, symbol)
            self.agent(Side.SELL, ask + step, qty, symbol)

    def close(self):
        self.facade.stop()
        self.server.shutdown()
        self.server.server_close()
        self.desk.stop()
        self._folder.cleanup()


@contextmanager
def still_house(a_minute=0, latency_ms=0, make=FineMarket, keys=None, **rules):
    """A market that only we move, and a clock that stands until it is moved."""
    clock = ManualClock(START)
    market = make(START)
    given = TradingRules(latency_ns=lambda: latency_ms * NS_PER_MS, fee=rules.pop("fee", no_fee), **rules)
    house = House(Desk(StillMarkets(), MemoryJournal(), given, clock, 7, market), clock, market, a_minute, keys)
    try:
        yield house
    finally:
        house.close()


@contextmanager
def simulated_house(seed=42, latency_ms=5):
    """The simulated market at the pace of the wall."""
    clock = WallClock()
    markets = Markets(Settings(seed=seed))
    given = TradingRules(latency_ns=lambda: latency_ms * NS_PER_MS, fee=no_fee, starting_cash=Decimal(1_000_000))
    desk = Desk(markets, MemoryJournal(), given, clock, seed, markets.simulated(clock.now()))
    house = House(desk, clock)
    try:
        yield house
    finally:
        house.close()


@contextmanager
def recorded_house(paths, latency_ms=5, keys=None, seed=7):
    """A recording on a clock that stands until it is moved, with the fees that a real desk takes."""
    clock, markets = ManualClock(START), Markets(Settings(seed=seed))
    given = TradingRules(latency_ns=lambda: latency_ms * NS_PER_MS, fee=fee_of("alpaca"))
    house = House(Desk(markets, MemoryJournal(), given, clock, seed, ReplaySource(paths)), clock, keys=keys)
    try:
        yield house
    finally:
        house.close()
