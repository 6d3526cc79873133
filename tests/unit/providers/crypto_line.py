"""An open line without a socket: what a dialect says is kept, and time is ours."""

import json
from typing import Any

from tradesim.kernel.clock import ManualClock
from tradesim.providers.dialect import Dialect
from tradesim.providers.line import Line, Policy

S = 1_000_000_000


class Said:
    """The part of a websocket that a line uses."""

    latency = 0.0

    def __init__(self) -> None:
        self.messages: list[str] = []

    def recv(self, timeout: float | None = None) -> str:
        raise TimeoutError

    def send(self, message: str | bytes) -> None:
        self.messages.append(str(message))

    def close(self, code: int = 1000) -> None:
        pass


class Bench:
    """A dialect on an open line with symbols asked for, as the connection would do it."""

    def __init__(self, dialect: Dialect, *symbols: str) -> None:
        self.dialect, self.clock, self.said = dialect, ManualClock(1_000 * S), Said()
        self.line = Line(self.said, self.clock, Policy(says_per_s=1e9))
        dialect.opened(self.line)
        self.line.symbols = symbols
        dialect.subscribe(self.line, symbols)
        self.spoken()

    def hear(self, frame: str | dict[str, Any]) -> list[Any]:
        text = frame if isinstance(frame, str) else json.dumps(frame)
        return list(self.dialect.heard(self.line, text, self.clock.now()))

    def wait(self, seconds: float) -> list[Any]:
        self.clock.advance(int(seconds * S))
        return list(self.dialect.due(self.line, self.clock.now()))

    def spoken(self) -> list[dict[str, Any]]:
        """What was said since the last look."""
        while self.line._outbox:
            self.clock.advance(2)
            self.line.flush()
        told = [json.loads(message) for message in self.said.messages]
        self.said.messages.clear()
        return told
