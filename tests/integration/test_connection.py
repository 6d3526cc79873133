"""A stream against a server that misbehaves: it heals, it never loops faster than its backoff, it says why."""

import json
import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from msgspec.structs import replace
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.fault_server import (
    BigFrame,
    Close,
    Deaf,
    Do,
    DripFrame,
    Drop,
    FaultServer,
    HalfFrame,
    Hear,
    Mute,
    Pause,
    RefuseHandshake,
    Send,
    Step,
    connection_limit_after_auth,
    sent,
)
from tests.waiting import eventually
from tradesim.kernel.clock import WallClock
from tradesim.kernel.errors import BadKey, RateLimited
from tradesim.model.feed import Feed, FeedEvent, FeedReset, FeedTrade, LinkState, Origin
from tradesim.providers.connection import Connection
from tradesim.providers.decoding import decoded
from tradesim.providers.dialect import Dialect
from tradesim.providers.line import Address, Line, Policy

KEY = "SECRETKEY123456"
QUICK = Policy(
    open_timeout_s=60.0,
    answer_timeout_s=60.0,
    ping_every_s=0.3,
    ping_timeout_s=60.0,
    poll_s=0.02,
    stable_s=0.5,
    base_s=0.05,
    cap_s=0.2,
    least_s=0.05,
    quick_s=0.06,
    long_s=1.0,
    max_message_bytes=2**20,
    ceiling_bytes=16 * 2**20,
    says_per_s=1000,
    bad_in_a_row=5,
)
"""It rests briefly, and waits for whoever is slow; a test of what is too slow takes it shorter."""


class Acme(Dialect):
    """{"auth": KEY} -> {"ok"}; {"subscribe": [..]} -> {"subscribed": s} each; {"s", "p", "t"} is a trade."""

    provider, feed = "acme", Feed.CRYPTO

    def __init__(self, url: str, silence_s: float | None = 0.5) -> None:
        self.url, self.limit = url, silence_s

    def address(self) -> Address:
        return Address(f"{self.url}/?token={KEY}", {"Authorization": f"Bearer {KEY}"})

    def opened(self, line: Line) -> None:
        line.say(json.dumps({"auth": KEY}))
        line.expect("log-in")

    def subscribe(self, line: Line, symbols: Sequence[str]) -> None:
        line.say(json.dumps({"subscribe": list(symbols)}))
        for symbol in symbols:
            line.expect(symbol)

    def unsubscribe(self, line: Line, symbols: Sequence[str]) -> None:
        line.say(json.dumps({"unsubscribe": list(symbols)}))

    def silence_s(self, symbols: Sequence[str], now: int) -> float | None:
        return self.limit

    def heard(self, line: Line, message: str | bytes, received: int) -> Sequence[FeedEvent]:
        said = decoded(message)
        if "ok" in said:
            line.answered("log-in")
            line.ready()
        elif "subscribed" in said:
            line.answered(said["subscribed"])
        elif "limit" in said:
            raise RateLimited("too many connections", 0.0)
        elif "bad_key" in said:
            raise BadKey(f"unknown key {KEY}")
        elif "p" in said:
            return [FeedTrade(said["s"], said["p"], Decimal(1), Origin("acme", self.feed, int(said["t"]), received))]
        return []

    def secrets(self) -> Sequence[str]:
        return [KEY]


GREETING: list[Step] = [Hear("auth"), Send({"ok": 1}), Hear("subscribe"), Send({"subscribed": "BTC/USD"})]


def ticks(count: int, first: int = 0) -> list[str]:
    return [json.dumps({"s": "BTC/USD", "p": 100.5, "t": n}) for n in range(first, first + count)]


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


class Listening:
    def __init__(self, connection: Connection) -> None:
        self.connection, self.events = connection, list[FeedEvent]()

    @property
    def trades(self) -> list[int]:
        return [event.origin.ts_event for event in self.events if isinstance(event, FeedTrade)]

    @property
    def story(self) -> list[int | str]:
        """The times of the trades, and `void` for a reset."""
        return [event.origin.ts_event if isinstance(event, FeedTrade) else "void" for event in self.events]

    @property
    def resets(self) -> list[str]:
        return [event.reason for event in self.events if isinstance(event, FeedReset)]


@pytest.fixture
def listen(server: FaultServer) -> Iterator[Callable[..., Listening]]:
    made: list[Connection] = []

    def begin(silence_s: float | None = 60.0, **changes: float) -> Listening:
        policy = replace(QUICK, **changes)  # type: ignore[arg-type]
        connection = Connection(Acme(server.ws_url, silence_s), WallClock(), random.Random(1), policy)
        made.append(connection)
        listening = Listening(connection)
        connection.want(["BTC/USD"])
        connection.start(listening.events.extend)
        return listening

    yield begin
    for connection in made:
        connection.stop()


def test_it_greets_subscribes_and_hears(server: FaultServer, listen: Callable[..., Listening]) -> None:
    server.plays(*GREETING, *sent(ticks(5)), Mute())
    heard = listen()
    eventually(lambda: heard.trades == [0, 1, 2, 3, 4])
    link = heard.connection.link()
    assert link.state is LinkState.LIVE and link.error is None and link.last_heard
    eventually(lambda: heard.connection.link().latency_ns)


ENDINGS: dict[str, list[Step]] = {
    "reset": [Drop()],
    "half frame": [HalfFrame()],
    "1000": [Close(1000)],
    "1001": [Close(1001)],
    "1011": [Close(1011, "oops")],
    "1012": [Close(1012)],
    "mute": [Mute()],
    "deaf": [Deaf()],
    "not JSON for ever": [*[Send("<html>")] * 6, Mute()],
}


FOUND_BY_TIME = {"mute": {"silence_s": 1.5}, "deaf": {"ping_timeout_s": 1.5}}


@pytest.mark.parametrize("ending", ENDINGS)
def test_after_every_ending_it_comes_back_and_says_that_the_book_is_void(
    server: FaultServer, listen: Callable[..., Listening], ending: str
) -> None:
    server.plays(*GREETING, *sent(ticks(3)), *ENDINGS[ending])
    server.plays(*GREETING, *sent(ticks(3, 10)), *sent(ticks(400, 20), 0.05))
    heard = listen(**FOUND_BY_TIME.get(ending, {}))
    eventually(lambda: 12 in heard.trades)
    assert heard.trades[:6] == [0, 1, 2, 10, 11, 12]
    assert heard.story[: heard.story.index(12)].count("void") == 1
    assert KEY not in "".join(heard.resets)


def test_a_mute_socket_is_found_within_its_age_limit(server: FaultServer, listen: Callable[..., Listening]) -> None:
    server.plays(*GREETING, *sent(ticks(1)), Mute())
    heard = listen(silence_s=0.5)
    eventually(lambda: (0, "void") in pairwise(heard.story))
    at = next(number for number, pair in enumerate(pairwise(heard.story)) if pair == (0, "void"))
    trade, reset = heard.events[at : at + 2]
    assert reset.origin.ts_received - trade.origin.ts_received > 500_000_000
    assert isinstance(reset, FeedReset) and reset.reason == "the line is open but mute: no data for 0.5 s"


def test_silence_that_proves_nothing_is_left_alone(server: FaultServer, listen: Callable[..., Listening]) -> None:
    server.plays(*GREETING, *sent(ticks(1)), Mute())
    heard = listen(silence_s=None)
    eventually(lambda: heard.connection.link().state is LinkState.QUIET)
    time.sleep(0.6)
    assert server.connections == 1 and not heard.resets


def test_a_line_without_pongs_is_replaced_even_when_silence_is_right(
    server: FaultServer, listen: Callable[..., Listening]
) -> None:
    server.plays(*GREETING, *sent(ticks(1)), Deaf())
    heard = listen(silence_s=None, ping_timeout_s=0.3)
    eventually(lambda: server.connections > 1)
    assert "1011" in heard.resets[0]


def test_an_ack_that_never_comes_replaces_the_line(server: FaultServer, listen: Callable[..., Listening]) -> None:
    server.plays(Hear("auth"), Send({"ok": 1}), Mute())
    heard = listen(answer_timeout_s=0.5)
    eventually(lambda: heard.resets and server.connections > 1)
    assert "no answer within 0.5 s to BTC/USD" in heard.resets[0]


def test_a_greeting_that_never_comes_replaces_the_line(server: FaultServer, listen: Callable[..., Listening]) -> None:
    server.plays(Mute())
    heard = listen(answer_timeout_s=0.5)
    eventually(lambda: server.connections > 1)
    assert heard.connection.link().error


def test_a_connection_limit_after_log_in_makes_no_storm(server: FaultServer, listen: Callable[..., Listening]) -> None:
    server.plays(*connection_limit_after_auth(GREETING, {"status": "max_connections"}))
    heard = listen()
    eventually(lambda: server.connections >= 3)
    eventually(lambda: heard.connection.link().state is LinkState.WAITING)
    gaps = [later - earlier for earlier, later in pairwise(server.connected_at)]
    assert min(gaps) >= QUICK.long_s / 2
    link = heard.connection.link()
    assert "policy" in (link.error or "")


def test_the_backoff_is_kept_through_log_ins_and_reset_only_by_flowing_data(
    server: FaultServer, listen: Callable[..., Listening]
) -> None:
    for _ in range(4):
        server.plays(*GREETING, *sent(ticks(1)), Send({"limit": 1}))
    flows = threading.Event()
    hold = Do(lambda line, server: flows.wait(60) and None)
    server.plays(*GREETING, hold, *sent(ticks(400), 0.05), Mute())
    heard = listen()
    eventually(lambda: server.connections == 5)
    assert heard.connection.link().attempt == 4
    flows.set()
    eventually(lambda: heard.connection.link().attempt == 0)


def test_a_bad_key_is_not_tried_again_until_mended(server: FaultServer, listen: Callable[..., Listening]) -> None:
    server.plays(Hear("auth"), Send({"bad_key": KEY}), Mute())
    server.plays(*GREETING, *sent(ticks(1)), Mute())
    heard = listen()
    eventually(lambda: heard.connection.link().state is LinkState.REFUSED)
    time.sleep(0.5)
    assert server.connections == 1
    assert KEY not in (heard.connection.link().error or "")
    heard.connection.retry()
    eventually(lambda: heard.trades)


@pytest.mark.parametrize(("status", "state"), [(401, LinkState.REFUSED), (429, LinkState.WAITING), (503, None)])
def test_a_refused_handshake_is_sorted_by_its_status(
    server: FaultServer, listen: Callable[..., Listening], status: int, state: LinkState | None
) -> None:
    server.plays(RefuseHandshake(status, {"Retry-After": "20"}))
    server.plays(*GREETING, *sent(ticks(1)), Mute())
    heard = listen()
    if state is None:
        eventually(lambda: heard.trades)
    else:
        eventually(lambda: heard.connection.link().state is state)
        time.sleep(0.3)
        assert server.connections == 1


def test_a_message_beyond_the_limit_is_taken_next_time(server: FaultServer, listen: Callable[..., Listening]) -> None:
    big = json.dumps({"s": "BTC/USD", "p": 1, "t": 7, "pad": "x" * 1_500_000})
    server.plays(*GREETING, Send(big), Mute())
    heard = listen()
    eventually(lambda: heard.trades == [7])
    assert server.connections == 2
    assert "1009" in heard.resets[0]


def test_ten_megabytes_of_nonsense_cost_one_message_at_most(
    server: FaultServer, listen: Callable[..., Listening]
) -> None:
    server.plays(*GREETING, BigFrame(), Mute())
    server.plays(*GREETING, *sent(ticks(1)), Mute())
    heard = listen()
    eventually(lambda: heard.trades)


def test_a_dripping_frame_is_heard_whole(server: FaultServer, listen: Callable[..., Listening]) -> None:
    server.plays(*GREETING, DripFrame(json.dumps({"s": "BTC/USD", "p": 1, "t": 3, "pad": "x" * 100}), 0.002), Mute())
    heard = listen()
    eventually(lambda: heard.trades == [3])


def test_a_wrong_message_is_counted_and_the_line_goes_on(server: FaultServer, listen: Callable[..., Listening]) -> None:
    wrong = ["{}", "[1", '{"s": "BTC/USD", "p": NaN, "t": 1}', '{"p": 1}', "null"]
    server.plays(*GREETING, *sent(wrong[:4]), *sent(ticks(1)), Mute())
    heard = listen()
    eventually(lambda: heard.trades)
    assert server.connections == 1 and heard.connection.link().errors == 3


def test_wants_change_on_an_open_line(server: FaultServer, listen: Callable[..., Listening]) -> None:
    server.plays(*GREETING, *sent(ticks(1)), Mute())
    heard = listen()
    eventually(lambda: heard.trades)
    heard.connection.want(["ETH/USD"])
    eventually(lambda: '{"subscribe": ["ETH/USD"]}' in server.heard)
    assert '{"unsubscribe": ["BTC/USD"]}' in server.heard


def test_a_symbol_that_is_distrusted_is_asked_for_again_on_the_line_that_stays(
    server: FaultServer, listen: Callable[..., Listening]
) -> None:
    again = [Hear("unsubscribe"), Hear("subscribe"), Send({"subscribed": "BTC/USD"})]
    server.plays(*GREETING, *sent(ticks(1)), *again, *sent(ticks(1, 1)), *again, *sent(ticks(1, 2)), Mute())
    heard = listen()
    for count in (1, 2):
        eventually(lambda: len(heard.trades) == count)  # noqa: B023 - awaited at once
        heard.connection.ask_again("BTC/USD")
        heard.connection.ask_again("BTC/USD")
        heard.connection.ask_again("no such symbol here")
    eventually(lambda: heard.trades == [0, 1, 2])
    assert server.connections == 1 and heard.resets == []


def test_symbols_beyond_the_limit_are_left_out_and_told(server: FaultServer) -> None:
    connection = Connection(Acme(server.ws_url), WallClock(), random.Random(1), Policy(symbol_limit=2))
    connection.want(["A", "B", "C", "A"])
    assert connection.link().symbols == ("A", "B") and connection.link().left_out == ("C",)


@pytest.mark.parametrize("stage", [[Mute()], [*GREETING, *sent(ticks(1)), Mute()], [Close(1008)], [Pause(3_600)]])
def test_stop_waits_for_nobody_at_any_stage(
    server: FaultServer, listen: Callable[..., Listening], stage: Sequence[Step]
) -> None:
    server.plays(*stage)
    heard = listen()
    eventually(lambda: server.connections)
    thread = heard.connection._thread
    heard.connection.stop()
    thread.join(60)
    assert not thread.is_alive() and heard.connection.link().state is LinkState.OFF


def test_nobody_at_home_is_waited_for(listen: Callable[..., Listening]) -> None:
    connection = Connection(Acme("ws://127.0.0.1:9"), WallClock(), random.Random(1), QUICK)
    connection.want(["BTC/USD"])
    connection.start(lambda events: None)
    eventually(lambda: connection.link().attempt >= 2)
    connection.stop()


def test_no_log_shows_the_key(
    server: FaultServer, listen: Callable[..., Listening], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.plays(*GREETING, Send(f"<{KEY}>"), *sent(ticks(1)), Close(1008, f"key {KEY}"))
    heard = listen()
    eventually(lambda: heard.connection.link().state is LinkState.WAITING)
    client_lines = [r.getMessage() for r in caplog.records if r.name.startswith(("tradesim", "websockets.client"))]
    assert client_lines and KEY not in "".join(client_lines)


class Held:
    def __init__(self) -> None:
        self.taken_by: str | None = "another TradeSim (pid 7) already uses this key"

    def acquire(self) -> str | None:
        return self.taken_by

    def release(self) -> None:
        pass


def test_a_key_in_use_on_this_machine_is_waited_for_without_connecting(server: FaultServer) -> None:
    held = Held()
    connection = Connection(Acme(server.ws_url), WallClock(), random.Random(1), QUICK, one_socket=held)
    connection.want(["BTC/USD"])
    connection.start(lambda events: None)
    eventually(lambda: connection.link().state is LinkState.WAITING)
    assert server.connections == 0 and "pid 7" in (connection.link().error or "")
    connection.stop()


def test_who_calls_a_port_that_was_somebody_elses_is_turned_away_and_not_counted(server: FaultServer) -> None:
    """The server of faults itself: counts of connections are of the client that is tested alone."""
    port = urlsplit(server.ws_url).port
    with pytest.raises(HTTPError, match="404"):
        urlopen(f"http://127.0.0.1:{port}/0/public/OHLC", timeout=60)
    with pytest.raises(InvalidStatus):
        connect(f"ws://127.0.0.1:{port}/stocks", proxy=None, legacy=True)
    assert (server.connections, server.paths) == (0, [])
