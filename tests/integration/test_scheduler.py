"""The scheduler with real threads and a vendor on this machine that takes questions and never answers."""

import threading
from collections.abc import Iterator

import pytest

from tests.fakes import AAPL, MSFT
from tests.fault_server import FaultServer, NoAnswer
from tests.live_house import FakeProvider, dec
from tests.waiting import eventually
from tradesim.kernel.clock import WallClock
from tradesim.model.feed import Capability, Feed, FeedQuote
from tradesim.ops.scheduler import Housekeeper, Job
from tradesim.providers.http import HttpClient, Timeouts
from tradesim.providers.live.markets import LiveMarkets
from tradesim.providers.live.source import LiveRules, LiveSource
from tradesim.providers.vendors import CRYPTO, Row, Vendors

QUOTES = {Capability.QUOTE: "yes"}


@pytest.fixture
def keepers() -> Iterator[list[Housekeeper]]:
    made: list[Housekeeper] = []
    yield made
    for keeper in made:
        keeper.stop()


def test_a_job_that_hangs_delays_no_other_line_and_is_not_started_twice(keepers):
    released, begun, ran = threading.Event(), [0], [0]

    def hang() -> None:
        begun[0] += 1
        released.wait(60)

    def run() -> None:
        ran[0] += 1

    keeper = Housekeeper([Job("hangs", 0.05, hang, 0.1, "a"), Job("runs", 0.05, run, 1.0, "b")])
    keepers.append(keeper)
    keeper.start()
    eventually(lambda: ran[0] >= 8 and keeper.overdue())
    assert begun[0] == 1
    assert "hangs" in keeper.overdue()[0] and "at most 0.1 s" in keeper.overdue()[0]
    released.set()
    eventually(lambda: begun[0] > 1)


def test_stopping_does_not_wait_for_what_hangs(keepers):
    begun, released = threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        released.wait(60)

    keeper = Housekeeper([Job("hangs", 0.02, hang, 10.0, "a")])
    keeper.start()
    assert begun.wait(60)
    keeper.stop()
    assert not released.is_set(), "it still hangs"
    released.set()


def test_a_job_that_fails_is_run_again(keepers):
    runs = [0]

    def fail() -> None:
        runs[0] += 1
        raise ValueError("wrong")

    keepers.append(Housekeeper([Job("fails", 0.02, fail)]))
    keepers[-1].start()
    eventually(lambda: runs[0] >= 3)


def test_the_first_run_of_a_daily_job_does_not_wait_a_day(keepers):
    ran = threading.Event()
    keepers.append(Housekeeper([Job("daily", 86_400, ran.set, first_s=0.05)]))
    keepers[-1].start()
    assert ran.wait(60)


class Asking(FakeProvider):
    """Its quotes come over the wire, from a path of the vendor on this machine."""

    def __init__(self, name: str, clock: WallClock, server: FaultServer) -> None:
        super().__init__(name, clock, QUOTES, Feed.IEX, streams=False)
        self.http = HttpClient(name, server.http_url, clock, timeouts=Timeouts(60.0, 60.0, 60.0))

    def quote(self, symbol: str) -> FeedQuote:
        price = dec(self.http.get_json(f"/{self.id}/{symbol}")["price"])
        return FeedQuote(symbol, price, price, self.origin(), dec(1), dec(1))


def test_a_hung_provider_delays_no_other_and_the_next_one_serves_its_symbols(keepers):
    """Two providers with a symbol each, and one that is shared: `hung` never answers."""
    clock = WallClock()
    with FaultServer() as server:
        server.answers("*", lambda seen: NoAnswer() if "/hung/" in seen.path else reply(seen.path))
        rows = [Row(name, name, "", CRYPTO, (), (), lambda _: None, poll_s=0.1) for name in ("hung", "well")]  # type: ignore[arg-type, return-value]
        providers = {row.id: Asking(row.id, clock, server) for row in rows}
        routes = {"AAPL": ("hung", "well"), "MSFT": ("well",)}
        instruments = {"AAPL": AAPL, "MSFT": MSFT}
        source = LiveSource(providers, instruments, clock, routes, LiveRules(history_wait_s=0.1))
        markets = LiveMarkets(Vendors(clock, NoKeys(), rows=rows), NoKeys(), clock)
        jobs = [Job(f"poll {name}", 0.1, lambda name=name: markets.poll(source, name), 1.0, name) for name in providers]
        keepers.append(Housekeeper(jobs))
        keepers[-1].start()

        def shown(symbol: str) -> bool:
            source.advance(clock.now())
            return bool(source.venue.top(symbol, 1).bids)

        eventually(lambda: shown("MSFT"))
        eventually(lambda: shown("AAPL"))
        assert "/hung/AAPL" in {seen.path for seen in server.seen}
        assert sum(seen.path.startswith("/hung/") for seen in server.seen) == 1
        source.close()


def reply(path: str):
    from tests.fault_server import Reply

    return Reply({"price": "100.5"} if path else {})


class NoKeys:
    def get(self, name: str) -> str:
        return ""

    def held(self, name: str) -> str:
        return ""

    def keep(self, name: str, key: str) -> None:
        raise AssertionError
