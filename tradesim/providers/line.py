"""One open socket to a vendor, and what it is opened with."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from msgspec import Struct, field
from websockets.sync.client import connect as open_websocket

from tradesim.kernel.clock import NS_PER_SECOND, Clock
from tradesim.model.feed import LinkState

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Address(Struct, frozen=True):
    """Where to connect. Keys belong in `headers` where the vendor takes them there."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Policy(Struct, frozen=True):
    """Seconds and bytes. `ceiling_bytes` is how far `max_message_bytes` may grow after messages that were too big."""

    open_timeout_s: float = 10.0
    answer_timeout_s: float = 10.0
    ping_every_s: float = 20.0
    ping_timeout_s: float = 20.0
    poll_s: float = 0.1
    close_timeout_s: float = 0.5
    stable_s: float = 30.0
    base_s: float = 1.0
    cap_s: float = 60.0
    least_s: float = 0.5
    quick_s: float = 2.0
    long_s: float = 120.0
    max_message_bytes: int = 8 * 2**20
    ceiling_bytes: int = 32 * 2**20
    symbol_limit: int | None = None
    says_per_s: float = 10.0
    bad_in_a_row: int = 100
    lock_retry_s: float = 15.0


class Wire(Protocol):
    """The part of a websocket that is used; `websockets.sync.client.ClientConnection` is one."""

    @property
    def latency(self) -> float: ...

    def recv(self, timeout: float | None = None) -> str | bytes: ...

    def send(self, message: str | bytes) -> None: ...

    def close(self, code: int = 1000) -> None: ...


Connect = Callable[[Address, Policy, int], Wire]
"""Opens a line that takes messages of at most that many bytes."""

Tap = Callable[[int, str | bytes | None], None]
"""Gets every raw message with the time it was heard, for a recording; None: the line was looked at, nothing came."""

Wait = Callable[[float], bool]
"""Waits that many seconds; True at once when the stream was told to stop."""


class OneSocket(Protocol):
    """Held while the line is open: one socket per key and machine."""

    def acquire(self) -> str | None:
        """None: it is ours. Otherwise the sentence that says who has it."""
        ...

    def release(self) -> None: ...


class Link(Struct, frozen=True):
    """How the line is now, for the provider's health. `latency_ns` is the ping's round trip."""

    state: LinkState
    last_heard: int | None = None
    last_message: int | None = None
    latency_ns: int | None = None
    retry_at: int | None = None
    attempt: int = 0
    error: str | None = None
    errors: int = 0
    messages: int = 0
    connects: int = 0
    symbols: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


class Line:
    """One open socket, as its dialect sees it. `symbols` are those asked for on this line."""

    def __init__(self, wire: Wire, clock: Clock, policy: Policy) -> None:
        self._wire, self._clock, self._policy = wire, clock, policy
        self._outbox: deque[str | bytes] = deque()
        self._say_at = 0
        self._expected: dict[str, int] = {}
        self._opened_at = clock.now()
        self._refused: set[str] = set()
        self.is_ready = False
        self.symbols: tuple[str, ...] = ()
        self.again: list[str] = []
        self.kept: set[str] = set()
        self.doubted: deque[str] = deque()

    def say(self, message: str | bytes) -> None:
        """Send when the vendor's pace allows, in order."""
        self._outbox.append(message)

    def ready(self) -> None:
        """Greeted and logged in: symbols may be asked for."""
        self.is_ready = True
        self._expected.pop("greeting", None)

    def expect(self, key: str) -> None:
        """An answer named `key` must come within the policy's time, or the line is replaced."""
        self._expected.setdefault(key, self._clock.now())

    def answered(self, key: str) -> bool:
        """Whether `key` was waited for."""
        return self._expected.pop(key, None) is not None

    def refused(self, symbol: str) -> None:
        """The vendor does not have this symbol: not asked again on this line."""
        self._refused.add(symbol)

    def keeps(self, symbol: str) -> None:
        """Data of `symbol` came that tells nothing yet (its book is not begun): the line is alive all the same."""
        self.kept.add(symbol)

    def doubts(self, symbol: str) -> None:
        """Its book cannot be trusted any more: ask for it again, in time; the line stays."""
        self.doubted.append(symbol)

    def resubscribe(self, symbol: str) -> None:
        """Ask for one symbol again (its book is not to be trusted); the line stays."""
        if symbol not in self.again:
            self.again.append(symbol)

    @property
    def refusals(self) -> frozenset[str]:
        return frozenset(self._refused)

    def flush(self) -> None:
        while self._outbox and self._clock.now() >= self._say_at:
            self._wire.send(self._outbox.popleft())
            self._say_at = self._clock.now() + int(NS_PER_SECOND / self._policy.says_per_s)

    def overdue(self, now: int) -> str | None:
        """What has been waited for too long."""
        limit = int(self._policy.answer_timeout_s * NS_PER_SECOND)
        if not self.is_ready and now - self._opened_at > limit:
            return "its greeting"
        if self._outbox:
            return None
        return next((key for key, since in self._expected.items() if now - since > limit), None)


def opened_line(address: Address, policy: Policy, max_bytes: int) -> Wire:
    """A websocket to `address`, through the machine's proxy if it has one (never to this machine itself)."""
    options: dict[str, Any] = {"legacy": True}
    if urlsplit(address.url).hostname in LOOPBACK:
        options["proxy"] = None
    line: Wire = open_websocket(
        address.url,
        additional_headers=dict(address.headers),
        open_timeout=policy.open_timeout_s,
        ping_interval=policy.ping_every_s,
        ping_timeout=policy.ping_timeout_s,
        close_timeout=policy.close_timeout_s,
        max_size=max_bytes,
        max_queue=256,
        **options,
    )
    return line
