"""A line of shares that is open and says nothing is replaced in every session; one quiet share is no such line."""

import json
import random
from datetime import datetime
from typing import Any

import pytest

from tradesim.kernel.clock import NS_PER_SECOND, ManualClock
from tradesim.model.feed import Feed, FeedEvent, LinkState
from tradesim.providers.alpaca import parse
from tradesim.providers.alpaca.stream import AlpacaTalk
from tradesim.providers.connection import Connection
from tradesim.providers.fields import NEW_YORK
from tradesim.providers.finnhub.stream import FinnhubTalk
from tradesim.providers.line import Policy
from tradesim.providers.polygon.stream import PolygonTalk

TALKS = {
    "alpaca": lambda: AlpacaTalk("ws://a", "k", "s", parse.Source("alpaca", Feed.IEX)),
    "polygon": lambda: PolygonTalk("ws://p", "k"),
    "finnhub": lambda: FinnhubTalk("ws://f", "k"),
}
NIGHT, BEFORE, NOON, AFTER = "2026-11-24 02:00", "2026-11-24 08:30", "2026-11-24 12:00", "2026-11-24 17:00"
LIMITS = {
    "alpaca": {NIGHT: None, BEFORE: 600, NOON: 90, AFTER: 600},
    "polygon": {NIGHT: None, BEFORE: 600, NOON: 60, AFTER: 600},
    "finnhub": {NIGHT: 600, BEFORE: 600, NOON: 90, AFTER: 600},
}
PING, TRADE = (
    json.dumps({"type": "ping"}),
    json.dumps({"type": "trade", "data": [{"s": "AAPL", "p": 1, "t": 1, "v": 1}]}),
)


def at(moment: str) -> int:
    return int(datetime.fromisoformat(moment).replace(tzinfo=NEW_YORK).timestamp()) * NS_PER_SECOND


@pytest.mark.parametrize(
    ("vendor", "moment", "limit_s"), [(name, *each) for name, limits in LIMITS.items() for each in limits.items()]
)
def test_silence_means_as_much_as_the_session_lets_it(vendor: str, moment: str, limit_s: float | None) -> None:
    assert TALKS[vendor]().silence_s(["AAPL"], at(moment)) == limit_s


class Wire:
    """Every second it says the next of its frames, None being nothing; then nothing any more."""

    latency = 0.0

    def __init__(self, clock: ManualClock, frames: list[str | None]) -> None:
        self.clock, self.frames = clock, frames

    def recv(self, timeout: float | None = None) -> str:
        self.clock.advance(NS_PER_SECOND)
        frame = self.frames.pop(0) if self.frames else None
        if frame is None:
            raise TimeoutError
        return frame

    def send(self, message: str | bytes) -> None:
        pass

    def close(self, code: int = 1000) -> None:
        pass


def lines_of(moment: str, frames: list[str | None]) -> tuple[list[float], Connection]:
    """When the first two lines were opened (s after `moment`), with the connection between them."""
    clock, opened = ManualClock(at(moment)), list[float]()
    heard: list[FeedEvent] = []

    def connect(*_: Any) -> Wire:
        opened.append((clock.now() - at(moment)) / NS_PER_SECOND)
        if len(opened) == 2:
            connection.stop()
        return Wire(clock, list(frames))

    def wait(seconds: float) -> bool:
        clock.advance(int(seconds * NS_PER_SECOND))
        return False

    connection = Connection(FinnhubTalk("ws://f", "k"), clock, random.Random(1), Policy(), connect, wait=wait)
    connection.want(["AAPL", "MSFT"])
    connection.run(heard.extend)
    return opened, connection


@pytest.mark.parametrize("moment", [NIGHT, BEFORE, AFTER])
def test_one_that_never_spoke_is_replaced_outside_the_session_too(moment: str) -> None:
    opened, connection = lines_of(moment, [])
    assert 600 < opened[1] < 665 and "open but mute" in str(connection.link().error)


def test_one_whose_pings_stopped_is_replaced_at_night() -> None:
    opened, _ = lines_of(NIGHT, [PING] + [None] * 59 + [PING])
    assert 60 + 90 < opened[1] < 60 + 90 + 65


def test_pings_alone_keep_a_line_for_hours() -> None:
    opened, _ = lines_of(BEFORE, ([PING] + [None] * 59) * 30)
    assert opened[1] > 30 * 60


def test_one_share_that_trades_keeps_the_line_of_a_quiet_one() -> None:
    opened, _ = lines_of(AFTER, ([TRADE] + [None] * 80) * 20)
    assert opened[1] > 20 * 81


def test_a_line_that_may_be_silent_for_minutes_is_quiet_and_not_live() -> None:
    clock, states = ManualClock(at(AFTER)), list[LinkState]()

    class Watched(Wire):
        def recv(self, timeout: float | None = None) -> str:
            states.append(connection.link().state)
            if len(states) > 10:
                connection.stop()
            return super().recv(timeout)

    connection = Connection(
        FinnhubTalk("ws://f", "k"), clock, random.Random(1), Policy(), lambda *_: Watched(clock, [TRADE])
    )
    connection.want(["AAPL"])
    connection.run()
    assert LinkState.LIVE in states and states[-1] is LinkState.QUIET
