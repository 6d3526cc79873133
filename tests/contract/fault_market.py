"""A live market of one adapter on the server of faults, and what keeps it going."""

import json
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from msgspec.structs import replace

from tests.contract.stands import BACKOFF_S, GOOD_PRICES, Stand
from tests.fault_server import Do, FaultServer, Reply, Status, as_text
from tests.waiting import PATIENCE_S
from tradesim.kernel.clock import WallClock
from tradesim.model.feed import Capability, LinkState
from tradesim.model.market import SourceKind, Trade
from tradesim.providers.hooks import NO_HOOKS
from tradesim.providers.http import Timeouts
from tradesim.providers.live.listing import short
from tradesim.providers.live.source import LiveRules, LiveSource
from tradesim.ui.panels.providers.rows import finished, sentence

PATIENT = Timeouts(60.0, 60.0, 60.0)
"""For answers that are waited for until patience ends."""


class Market:
    """One adapter's market on the server of faults, with everything that was shown of it."""

    def __init__(
        self, stand: Stand, server: FaultServer, silence_s: float | None = None, answer_s: float = 60.0
    ) -> None:
        self.stand, self.server, self.clock = stand, server, WallClock()
        server.answers("*", Status(503))
        self.provider = stand.make(server, NO_HOOKS)
        self.provider.http._timeouts = PATIENT
        connection = self.provider.connection
        connection._dialect.silence_s = lambda *_: silence_s
        connection._policy = replace(connection._policy, answer_timeout_s=answer_s)
        instruments = {stand.symbol: stand.instrument}
        rules = LiveRules(history_wait_s=0.01)
        self.source = LiveSource({stand.name: self.provider}, instruments, self.clock, rules=rules)
        self.prints: list[Any] = []
        self.errors: list[str] = []
        self.faults: list[str] = []

    def look(self) -> None:
        """One turn of the market thread: nothing that is shown may have another price than the good ones."""
        self.source.advance(self.clock.now())
        instrument, symbol = self.stand.instrument, self.stand.symbol
        self.prints += [
            instrument.price(each.price) for each in self.source.venue.drain().items if isinstance(each, Trade)
        ]
        top = self.source.venue.top(symbol, 10)
        shown = {instrument.price(level.price) for side in top for level in side}
        assert shown | set(self.prints) <= GOOD_PRICES, f"shown: {shown}, printed: {self.prints}"
        error = self.provider.connection.link().error
        told = sentence(error, self.stand.name, self.provider.title) if error else ""
        if told and told not in self.errors:
            self.errors.append(told)
        for fault in self.source.faults(self.clock.now()):
            told = finished(fault)
            if short(self.provider.title) in told and told not in self.faults:
                self.faults.append(told)

    def until(self, fact: Callable[[], object]) -> None:
        ends = time.monotonic() + PATIENCE_S
        while not fact():
            self.look()
            link = self.provider.connection.link()
            assert time.monotonic() < ends, (link, self.errors, self.faults, self.prints, self.server.errors)
            time.sleep(0.005)

    @property
    def is_live(self) -> bool:
        """Finnhub's stream has trades alone: they are printed, and no quote is there to be called live."""
        is_shown = self.source.kind is SourceKind.LIVE or self.stand.name == "finnhub"
        return is_shown and self.provider.connection.link().state is LinkState.LIVE

    @property
    def is_whole(self) -> bool:
        """Both sides are shown, by the book where there is one, and orders are taken."""
        shown, top = self.source._showing.shown[self.stand.symbol], self.source.venue.top(self.stand.symbol, 1)
        kind = Capability.BOOK if self.stand.whole else Capability.QUOTE
        is_shown = shown == (self.stand.name, kind) and bool(top.bids and top.asks)
        return is_shown and self.source.order_fault(self.stand.symbol, self.clock.now()) is None

    def connected_no_faster_than_its_backoff(self) -> None:
        at = self.server.connected_at
        gaps = [later - earlier for earlier, later in pairwise(at)]
        assert all(gap >= BACKOFF_S * 0.9 for gap in gaps), gaps


def alive(stand: Stand, price: str = "100.0", first: int = 100) -> Do:
    """Prints for ever, ten a second."""

    def act(line: Any, server: FaultServer) -> None:
        number = first
        while not server.ended.wait(0.1):
            number += 1
            line.send(stand.trade(price, number, 0.0))  # type: ignore[misc]

    return Do(act)


class Touching:
    """What it `says` of each number for ever, fifty a second, and whole books for who asks again."""

    def __init__(
        self, stand: Stand, says: Callable[[int], Sequence[str]], ahead_s: Callable[[int], float] = lambda _: 0.0
    ) -> None:
        self.stand, self.says, self.ahead_s, self.number = stand, says, ahead_s, 11

    def depth(self, _seen: Any) -> Reply:
        return Reply({"lastUpdateId": self.number, "bids": [["99", "1"]], "asks": [["101", "1"]]})

    def act(self, line: Any, server: FaultServer) -> None:
        while not server.ended.is_set():
            try:
                self.answer(json.loads(line.recv(timeout=0.02)), line)
            except TimeoutError:
                self.number += 1
                for text in self.says(self.number):
                    line.send(text)

    def answer(self, said: Any, line: Any) -> None:
        assert self.stand.whole is not None, f"it has no book to ask for again: {said}"
        for message in self.stand.whole(said, self.number, self.ahead_s(self.number)):
            line.send(as_text(message))
