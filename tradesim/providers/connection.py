"""The socket under every vendor's stream: it connects, greets, subscribes, listens, and heals itself.

A vendor writes a `Dialect`: what to say and how to read what is heard. Everything else is here: one thread,
acks that must come, silence judged by the age of data (a socket that is open and mute is replaced), closes
sorted by what to do, and a backoff that only flowing data resets, because some vendors refuse after a good log-in.
"""

import logging
import random
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import connect as open_websocket

from tradesim.kernel.backoff import FullJitter
from tradesim.kernel.clock import NS_PER_SECOND, Clock
from tradesim.kernel.errors import BadKey, BadPayload, NotEntitled, ProviderError, RateLimited, RetryLater
from tradesim.model.feed import Feed, FeedEvent, FeedReset, LinkState, Origin
from tradesim.providers.contract import Hear
from tradesim.providers.http import error_words
from tradesim.providers.redaction import Redactor

logger = logging.getLogger(__name__)

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
BROKEN = (WebSocketException, OSError, EOFError, TimeoutError, ValueError)
QUIET_S = 2.0
"""A line that need not speak is called quiet when it said nothing for so long."""
"""What a socket library raises when a line cannot be opened or used."""


# --- what a vendor writes


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect. Keys belong in `headers` where the vendor takes them there."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Dialect:
    """What one vendor says and hears. Called on the stream's thread only; state of a line begins anew in `opened`.

    Raise the errors of kernel.errors: BadKey and NotEntitled end all attempts until `Connection.retry`;
    RateLimited and RetryLater close and wait (at least `after_s`); BadPayload is counted and the line goes on.
    """

    provider: str = ""
    feed: Feed = Feed.CRYPTO

    def address(self) -> Address:
        raise NotImplementedError

    def opened(self, line: "Line") -> None:
        """The line is open: log in here. `line.ready()`, now or when the answer came, has the symbols asked for."""
        line.ready()

    def subscribe(self, line: "Line", symbols: Sequence[str]) -> None:
        """Ask for `symbols` (never empty). `line.expect(key)` each answer that must come."""
        raise NotImplementedError

    def unsubscribe(self, line: "Line", symbols: Sequence[str]) -> None:
        raise NotImplementedError

    def heard(self, line: "Line", message: str | bytes, received: int) -> Sequence[FeedEvent]:
        """What `message` says, heard at `received` (UTC ns). [] for pings, acks and other talk."""
        raise NotImplementedError

    def due(self, line: "Line", now: int) -> Sequence[FeedEvent]:
        """What time alone brings about, and answers that came from elsewhere (REST); called a few times a second.

        It is no sign that the line is alive.
        """
        return ()

    def silence_s(self, symbols: Sequence[str], now: int) -> float | None:
        """Seconds without data after which a line with these symbols is mute; None while silence proves nothing."""
        return 30.0

    def symbol_silence_s(self, symbol: str, now: int) -> float | None:
        """Seconds without data after which this symbol is asked for again; None: never."""
        return None

    def rest_after(self, code: int, reason: str) -> "Rest | None":
        """This vendor's own meaning of a close code; None for the usual one."""
        return None

    def secrets(self) -> Sequence[str]:
        return ()


# --- what the connection is made with


@dataclass(frozen=True, slots=True)
class Policy:
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

Tap = Callable[[int, str | bytes], None]
"""Gets every raw message with the time it was heard, for a recording."""

Wait = Callable[[float], bool]
"""Waits that many seconds; True at once when the stream was told to stop."""


class OneSocket(Protocol):
    """Held while the line is open: one socket per key and machine."""

    def acquire(self) -> str | None:
        """None: it is ours. Otherwise the sentence that says who has it."""
        ...

    def release(self) -> None: ...


class RestKind(StrEnum):
    """What to do after a line ended."""

    BACKOFF = "backoff"
    QUICK = "quick"
    LONG = "long"
    UNTIL_MENDED = "until_mended"


@dataclass(frozen=True, slots=True)
class Rest:
    kind: RestKind
    why: str
    least_s: float = 0.0


REST_BY_CLOSE_CODE = {
    1000: RestKind.BACKOFF,
    1001: RestKind.BACKOFF,
    1002: RestKind.LONG,
    1003: RestKind.LONG,
    1006: RestKind.BACKOFF,
    1007: RestKind.BACKOFF,
    1008: RestKind.LONG,
    1009: RestKind.BACKOFF,
    1010: RestKind.LONG,
    1011: RestKind.BACKOFF,
    1012: RestKind.QUICK,
    1013: RestKind.LONG,
    1014: RestKind.BACKOFF,
}
"""RFC 6455 and the IANA registry. Codes not named here, vendors' own (4000-4999) included, are backed off from."""

CLOSE_WORDS = {
    1000: "closed normally",
    1001: "the server is going away",
    1006: "the line broke",
    1008: "refused by the provider's policy",
    1009: "a message was too big",
    1011: "the server failed, or did not answer pings",
    1012: "the server restarts",
    1013: "the server is overloaded",
}


@dataclass(frozen=True, slots=True)
class Link:
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


# --- one open line


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


# --- the stream


class Connection:
    """Implements `contract.Stream`. All that can be injected, is: a test runs hours in no time."""

    def __init__(
        self,
        dialect: Dialect,
        clock: Clock,
        rng: random.Random,
        policy: Policy | None = None,
        connect: Connect | None = None,
        one_socket: OneSocket | None = None,
        tap: Tap | None = None,
        wait: Wait | None = None,
    ) -> None:
        self._dialect, self._clock, self._rng = dialect, clock, rng
        self._policy = policy or Policy()
        self._connect = connect or opened_line
        self._one_socket, self._tap = one_socket, tap
        self._redact = Redactor(dialect.secrets())
        self._redact.guard("websockets.client")
        self._jitter = FullJitter(rng, self._policy.base_s, self._policy.cap_s)
        self._max_bytes = self._policy.max_message_bytes
        self._stopping, self._nudge = threading.Event(), threading.Event()
        self._wait = wait or self._doze
        self._thread: threading.Thread | None = None
        self._hear: Hear = ignore
        self._wanted: tuple[str, ...] = ()
        self._left_out: tuple[str, ...] = ()
        self._state = LinkState.OFF
        self._wire: Wire | None = None
        self._last_heard: int | None = None
        self._last_message: int | None = None
        self._retry_at: int | None = None
        self._error: str | None = None
        self._errors = self._messages = self._connects = 0
        self._bad_in_a_row = 0
        self._data_since: int | None = None
        self._heard_at: dict[str, int] = {}
        self._asked_at: dict[str, int] = {}

    # -- any thread

    def start(self, hear: Hear) -> None:
        if self._thread is not None:
            return
        self._hear = hear
        self._stopping.clear()
        self._thread = threading.Thread(target=self.run, name=f"stream-{self._dialect.provider}", daemon=True)
        self._thread.start()

    def want(self, symbols: Iterable[str]) -> None:
        every = tuple(dict.fromkeys(symbols))
        limit = self._policy.symbol_limit
        self._wanted, self._left_out = every[:limit], every[limit:] if limit is not None else ()
        if self._left_out:
            logger.warning("%s takes %s symbols: left out %s", self._dialect.provider, limit, ", ".join(self._left_out))

    def stop(self) -> None:
        """Returns within a few seconds; the line is closed with a proper goodbye where it still answers."""
        self._stopping.set()
        self._nudge.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(self._policy.close_timeout_s + 2.0)
        self._thread = None
        self._state = LinkState.OFF

    def retry(self) -> None:
        """Try now: a person mended the key, or presses Test."""
        self._jitter.reset()
        self._nudge.set()

    @property
    def url(self) -> str:
        """Where it connects. A key may stand in it."""
        return self._dialect.address().url

    def age_s(self, symbol: str) -> float | None:
        """Seconds since the last data of a symbol on the present line; None: none yet."""
        at = self._heard_at.get(symbol)
        return None if at is None else (self._clock.now() - at) / NS_PER_SECOND

    def link(self) -> Link:
        wire = self._wire
        latency = wire.latency if wire is not None else 0.0
        return Link(
            state=self._state,
            last_heard=self._last_heard,
            last_message=self._last_message,
            latency_ns=int(latency * NS_PER_SECOND) or None,
            retry_at=self._retry_at,
            attempt=self._jitter.attempt,
            error=self._error,
            errors=self._errors,
            messages=self._messages,
            connects=self._connects,
            symbols=self._wanted,
            left_out=self._left_out,
        )

    # -- the stream's thread

    def run(self, hear: Hear | None = None) -> None:
        """Connect, listen, rest, until stopped. `start` runs it on a thread; a replay or a test runs it itself."""
        self._hear = hear or self._hear
        while not self._stopping.is_set():
            if not self._wanted:
                self._state = LinkState.OFF
                self._nudge.clear()
                self._wait(self._policy.poll_s)
                continue
            rest = self._attempt()
            if not self._stopping.is_set():
                self._rest(rest)
        self._state = LinkState.OFF

    def _attempt(self) -> Rest:
        """One line from opening to end, and what its end asks for."""
        self._state, self._retry_at = LinkState.CONNECTING, None
        taken = self._one_socket.acquire() if self._one_socket else None
        if taken is not None:
            return Rest(RestKind.BACKOFF, taken, self._policy.lock_retry_s)
        try:
            return self._line_to_its_end()
        finally:
            if self._one_socket:
                self._one_socket.release()

    def _line_to_its_end(self) -> Rest:
        try:
            wire = self._connect(self._dialect.address(), self._policy, self._max_bytes)
        except Exception as error:  # noqa: BLE001 - the socket loop: whatever opening raises, the stream lives on
            return self._sorted(error)
        self._wire, self._connects = wire, self._connects + 1
        line = Line(wire, self._clock, self._policy)
        self._data_since, self._heard_at, self._asked_at = None, {}, {}
        try:
            self._converse(line, wire)
            rest = Rest(RestKind.BACKOFF, "nothing is wanted any more")
        except Exception as error:  # noqa: BLE001 - the socket loop
            rest = self._sorted(error)
        self._leave(line, wire, rest)
        return rest

    def _converse(self, line: Line, wire: Wire) -> None:
        self._dialect.opened(line)
        checked_at = self._clock.now()
        while not self._stopping.is_set():
            self._ask(line)
            line.flush()
            try:
                message = wire.recv(timeout=self._policy.poll_s)
            except TimeoutError:
                message = None
            now = self._clock.now()
            if message is not None:
                self._take(line, message, now)
            if message is None or now - checked_at > NS_PER_SECOND / 4:
                checked_at = now
                if events := self._dialect.due(line, now):
                    self._tell(events)
                self._check(line, now)
                if not self._wanted:
                    return

    def _ask(self, line: Line) -> None:
        """Say the difference between what is wanted and what was asked for."""
        if not line.is_ready:
            return
        if line.again:
            again, line.again = [symbol for symbol in line.again if symbol in line.symbols], []
            self._ask_again(line, again)
        wanted = tuple(symbol for symbol in self._wanted if symbol not in line.refusals)
        if wanted == line.symbols:
            return
        gone = [symbol for symbol in line.symbols if symbol not in wanted]
        new = [symbol for symbol in wanted if symbol not in line.symbols]
        line.symbols = wanted
        if gone:
            self._dialect.unsubscribe(line, gone)
        if new:
            self._asked_at.update(dict.fromkeys(new, self._clock.now()))
            self._dialect.subscribe(line, new)

    def _ask_again(self, line: Line, symbols: Sequence[str]) -> None:
        if symbols:
            self._asked_at.update(dict.fromkeys(symbols, self._clock.now()))
            self._dialect.unsubscribe(line, symbols)
            self._dialect.subscribe(line, symbols)

    def _take(self, line: Line, message: str | bytes, now: int) -> None:
        self._messages += 1
        self._last_message = now
        if self._tap is not None:
            self._tap(now, message)
        try:
            events = self._dialect.heard(line, message, now)
        except (RetryLater, BadKey, NotEntitled):
            raise
        except Exception as error:  # noqa: BLE001 - the socket loop: one message of a wrong form must not end the line
            self._bad(error, message)
            return
        kept, line.kept = line.kept, set()
        if events or kept:
            self._flows({*kept, *(event.symbol for event in events)}, now)
        if events:
            self._tell(events)

    def _flows(self, symbols: Iterable[str], now: int) -> None:
        """Data of `symbols` came on the line."""
        self._bad_in_a_row = 0
        self._heard_at.update(dict.fromkeys(symbols, now))
        self._last_heard = now
        if self._data_since is None:
            self._data_since = now
        elif self._jitter.attempt and now - self._data_since >= self._policy.stable_s * NS_PER_SECOND:
            self._jitter.reset()
        if self._state is not LinkState.LIVE:
            self._state, self._error = LinkState.LIVE, None

    def _tell(self, events: Sequence[FeedEvent]) -> None:
        try:
            self._hear(events)
        except Exception:
            logger.exception("%s: what was heard could not be handed on", self._dialect.provider)

    def _bad(self, error: Exception, message: str | bytes) -> None:
        self._errors += 1
        self._bad_in_a_row += 1
        found = f"a message could not be read: {type(error).__name__}: {error}"
        self._error = self._redact(found)[:300]
        logger.warning("%s: %s in %s", self._dialect.provider, self._error, self._redact(message)[:200])
        if self._bad_in_a_row >= self._policy.bad_in_a_row:
            raise RetryLater(f"{self._bad_in_a_row} messages in a row could not be read", 0.0)

    def _check(self, line: Line, now: int) -> None:
        """Raises RetryLater when an answer is overdue or the line is mute."""
        if missing := line.overdue(now):
            raise RetryLater(f"no answer within {self._policy.answer_timeout_s:g} s to {missing}", 0.0)
        if not line.is_ready or not line.symbols:
            return
        limit = self._dialect.silence_s(line.symbols, now)
        since = max((*self._heard_at.values(), *self._asked_at.values()), default=now)
        if limit is None:
            if self._state is LinkState.LIVE and now - since > QUIET_S * NS_PER_SECOND:
                self._state = LinkState.QUIET
        elif now - since > limit * NS_PER_SECOND:
            self._state = LinkState.STALE
            raise RetryLater(f"the line is open but mute: no data for {limit:g} s", 0.0)
        for symbol in line.symbols:
            self._check_symbol(line, symbol, now)

    def _check_symbol(self, line: Line, symbol: str, now: int) -> None:
        limit = self._dialect.symbol_silence_s(symbol, now)
        since = max(self._heard_at.get(symbol, 0), self._asked_at.get(symbol, now))
        if limit is not None and now - since > limit * NS_PER_SECOND:
            logger.warning("%s: no data of %s for %g s, asked for again", self._dialect.provider, symbol, limit)
            line.resubscribe(symbol)

    def _leave(self, line: Line, wire: Wire, rest: Rest) -> None:
        """Close, and say of every book that it is not known any more."""
        try:
            wire.close()
        except BROKEN as error:
            logger.debug("%s: closing: %s", self._dialect.provider, self._redact(error))
        self._wire = None
        now = self._clock.now()
        origin = Origin(self._dialect.provider, self._dialect.feed, now, now)
        if line.symbols:
            self._tell([FeedReset(symbol, rest.why, origin) for symbol in line.symbols])

    # -- how long to rest

    def _sorted(self, error: Exception) -> Rest:
        """What an error asks for."""
        rest = self._rest_for(error)
        return Rest(rest.kind, self._redact(rest.why)[:300], rest.least_s)

    def _rest_for(self, error: Exception) -> Rest:
        match error:
            case BadKey() | NotEntitled():
                return Rest(RestKind.UNTIL_MENDED, str(error))
            case RetryLater():
                return Rest(RestKind.BACKOFF, str(error), error.after_s)
            case ConnectionClosed():
                return self._rest_after_close(error)
            case InvalidStatus():
                return rest_after_status(error.response.status_code, error.response.headers.get("Retry-After"))
            case ProviderError():
                return Rest(RestKind.BACKOFF, str(error))
            case WebSocketException() | OSError() | EOFError() | ValueError():
                return Rest(RestKind.BACKOFF, error_words(error))
        logger.error("%s: a line ended by a bug", self._dialect.provider, exc_info=error)
        return Rest(RestKind.BACKOFF, f"{type(error).__name__}: {error}")

    def _rest_after_close(self, closed: ConnectionClosed) -> Rest:
        frame = closed.rcvd or closed.sent
        code, reason = (frame.code, frame.reason) if frame else (1006, "")
        special = self._dialect.rest_after(code, reason)
        if special is not None:
            return special
        kind = REST_BY_CLOSE_CODE.get(code, RestKind.BACKOFF)
        if code == 1009:
            kind = self._room_for_more(kind)
        if kind is RestKind.QUICK and self._jitter.attempt > 1:
            kind = RestKind.BACKOFF
        words = CLOSE_WORDS.get(code, "closed")
        return Rest(kind, f"{words} (close code {code}{', ' + reason if reason else ''})")

    def _room_for_more(self, kind: RestKind) -> RestKind:
        """A message was too big: allow twice as much next time, up to the ceiling; beyond it there is no hurry."""
        if self._max_bytes >= self._policy.ceiling_bytes:
            return RestKind.LONG
        self._max_bytes = min(self._policy.ceiling_bytes, self._max_bytes * 2)
        return kind

    def _rest(self, rest: Rest) -> None:
        if not self._wanted:
            return
        self._nudge.clear()
        self._errors += 1
        self._error = rest.why
        refused = rest.kind is RestKind.UNTIL_MENDED
        self._state = LinkState.REFUSED if refused else LinkState.WAITING
        seconds = self._seconds(rest)
        self._retry_at = None if refused else self._clock.now() + int(seconds * NS_PER_SECOND)
        until = "until it is mended" if refused else f"for {seconds:.1f} s"
        logger.warning("%s: %s; resting %s", self._dialect.provider, rest.why, until)
        while refused and not self._stopping.is_set() and not self._nudge.is_set():
            self._wait(3600.0)
        if not refused and not self._stopping.is_set():
            self._wait(seconds)

    def _seconds(self, rest: Rest) -> float:
        policy, drawn = self._policy, self._jitter.next()
        if rest.kind is RestKind.QUICK:
            drawn = self._rng.uniform(policy.least_s, policy.quick_s)
        if rest.kind is RestKind.LONG:
            drawn = self._rng.uniform(policy.long_s / 2, policy.long_s)
        return max(policy.least_s, drawn, rest.least_s)

    def _doze(self, seconds: float) -> bool:
        """Wait, unless nudged (stopped, or told to try now)."""
        self._nudge.wait(seconds)
        return self._stopping.is_set()


def rest_after_status(status: int, retry_after: str | None = None) -> Rest:
    """What a refused handshake asks for, by its HTTP status."""
    why = f"the handshake was answered with status {status}"
    if status in (401, 403, 451):
        return Rest(RestKind.UNTIL_MENDED, why)
    if status == 429:
        asked = float(retry_after) if retry_after and retry_after.isdigit() else 30.0
        return Rest(RestKind.BACKOFF, f"{why} (too many attempts)", asked)
    return Rest(RestKind.BACKOFF if status >= 500 else RestKind.LONG, why)


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


def ignore(events: Sequence[FeedEvent]) -> None:
    """Nobody listens."""


__all__ = [
    "Address",
    "BadPayload",
    "Connection",
    "Dialect",
    "Line",
    "Link",
    "OneSocket",
    "Policy",
    "RateLimited",
    "Rest",
    "RestKind",
    "Wire",
]
