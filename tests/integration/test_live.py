"""Two vendors on real sockets under one live market: one goes mute or away, the other serves, and it comes back."""

import json
import random
import time
from collections.abc import Iterator, Sequence
from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.fakes import BTC
from tests.fault_server import Close, Do, Drop, FaultServer, Mute, RefuseHandshake, Send, Step
from tests.integration.test_connection import QUICK
from tests.live_house import FakeProvider
from tests.waiting import eventually
from tradesim.kernel.clock import WallClock
from tradesim.marketdata.failover import FailoverRules
from tradesim.marketdata.freshness import AgeLimits
from tradesim.model.feed import Feed, FeedBook, FeedEvent, Origin
from tradesim.model.market import SourceKind
from tradesim.providers.connection import Connection
from tradesim.providers.decoding import decoded
from tradesim.providers.dialect import Dialect
from tradesim.providers.line import Address, Line
from tradesim.providers.live.source import LiveRules, LiveSource

SYMBOL = BTC.symbol
RULES = LiveRules(
    ages=AgeLimits(by_symbol={SYMBOL: 1.0}),
    failover=FailoverRules(open_s=0.5, stable_s=0.5),
    history_wait_s=0.2,
)


class Quoted(Dialect):
    """Every message is a whole book of one level a side: [bid, ask]."""

    feed = Feed.CRYPTO

    def __init__(self, name: str, url: str) -> None:
        self.provider, self.url = name, url

    def address(self) -> Address:
        return Address(self.url)

    def subscribe(self, line: Line, symbols: Sequence[str]) -> None:
        line.say("hello")

    def unsubscribe(self, line: Line, symbols: Sequence[str]) -> None:
        line.say("bye")

    def silence_s(self, symbols: Sequence[str], now: int) -> float | None:
        return 2.0

    def heard(self, line: Line, message: str | bytes, received: int) -> Sequence[FeedEvent]:
        bid, ask = decoded(message)
        origin = Origin(self.provider, self.feed, received, received)
        return [FeedBook(SYMBOL, ((Decimal(bid), Decimal(1)),), ((Decimal(ask), Decimal(1)),), True, origin)]


class Socketed(FakeProvider):
    def __init__(self, name: str, url: str, clock: WallClock) -> None:
        super().__init__(name, clock)  # type: ignore[arg-type]
        self.connection = Connection(Quoted(name, url), clock, random.Random(1), QUICK)

    def stream(self) -> Connection:  # type: ignore[override]
        return self.connection


def steadily(bid: int, seconds: float = 120.0) -> Step:
    def send(line: object, server: FaultServer) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends and not server.ended.wait(0.02):
            line.send(json.dumps([bid, bid + 1]))  # type: ignore[attr-defined]

    return Do(send)


@pytest.fixture
def servers() -> Iterator[tuple[FaultServer, FaultServer]]:
    with FaultServer() as first, FaultServer() as second:
        yield first, second


def opened(servers: tuple[FaultServer, FaultServer], rules: LiveRules = RULES) -> LiveSource:
    clock = WallClock()
    providers = {
        name: Socketed(name, each.ws_url, clock) for name, each in zip(("alpha", "beta"), servers, strict=True)
    }
    return LiveSource(providers, {SYMBOL: BTC}, clock, rules=rules)


def best_bid(source: LiveSource) -> int | None:
    source.advance(time.time_ns())
    bids = source.venue.top(SYMBOL, 1).bids
    return bids[0].price // 100 if bids else None


ENDINGS: dict[str, list[Step]] = {"mute": [Mute()], "reset": [Drop()], "1008": [Close(1008)], "1012": [Close(1012)]}


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_other_serves_and_the_first_again_when_it_is_well(
    servers: tuple[FaultServer, FaultServer], ending: str
) -> None:
    first, second = servers
    first.plays(steadily(100, 0.3), *ENDINGS[ending])
    for _ in range(15):
        first.plays(RefuseHandshake(503))
    first.plays(steadily(100))
    second.plays(steadily(200))
    source = opened(servers)
    try:
        eventually(lambda: best_bid(source) == 100)
        eventually(lambda: best_bid(source) != 100)
        eventually(lambda: best_bid(source) == 200)
        eventually(lambda: best_bid(source) == 100)
        assert [each.chosen for each in source.timeline if each.kind == "book"] == ["beta", "alpha"]
    finally:
        source.close()


def test_a_line_that_is_soon_back_makes_no_switch(servers: tuple[FaultServer, FaultServer]) -> None:
    first, second = servers
    first.plays(steadily(100, 0.5), Drop())
    first.plays(steadily(100))
    second.plays(steadily(200))
    source = opened(servers, replace(RULES, ages=AgeLimits(by_symbol={SYMBOL: 60.0})))
    try:
        eventually(lambda: best_bid(source) == 100)
        eventually(lambda: best_bid(source) is None)
        eventually(lambda: best_bid(source) == 100)
        assert not source.timeline
    finally:
        source.close()


def test_when_both_are_gone_the_market_is_stale_and_nothing_is_shown(
    servers: tuple[FaultServer, FaultServer],
) -> None:
    for server in servers:
        server.plays(Send(json.dumps([100, 101])), steadily(100, 0.3), Mute())
        server.plays(Mute())
    source = opened(servers)
    try:
        eventually(lambda: best_bid(source) == 100)
        eventually(lambda: best_bid(source) is None)
        eventually(lambda: source.kind is SourceKind.STALE)
        assert source.order_fault(SYMBOL, time.time_ns())
    finally:
        source.close()
