"""The socket under every vendor's stream: it connects, greets, subscribes, listens, and heals itself.

A vendor writes a `Dialect`: what to say and how to read what is heard. Everything else is here: one thread,
acks that must come, silence judged by the age of data (a socket that is open and mute is replaced), closes
sorted by what to do, and a backoff that only flowing data resets, because some vendors refuse after a good log-in.
"""

import logging
import random
import threading
from collections import deque
from collections.abc import Iterable, Sequence

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from tradesim.kernel.backoff import FullJitter
from tradesim.kernel.clock import NS_PER_SECOND, Clock
from tradesim.kernel.errors import BadKey, NotEntitled, ProviderError, RetryLater
from tradesim.model.feed import FeedEvent, FeedReset, LinkState, Origin
from tradesim.providers.contract import Hear
from tradesim.providers.dialect import Dialect
from tradesim.providers.http import error_words
from tradesim.providers.judging import is_page
from tradesim.providers.line import Connect, Line, Link, OneSocket, Policy, Tap, Wait, Wire, opened_line
from tradesim.providers.patience import Patience
from tradesim.providers.redaction import Redactor
from tradesim.providers.resting import CLOSE_WORDS, REST_BY_CLOSE_CODE, Rest, RestKind, rest_after_status

logger = logging.getLogger(__name__)

BROKEN = (WebSocketException, OSError, EOFError, TimeoutError, ValueError)
"""What a socket library raises when a line cannot be opened or used."""
QUIET_S, SELDOM_S = 2.0, 120.0
"""A line that need not speak for `SELDOM_S` is called quiet when it said nothing for `QUIET_S`."""


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
        self._stopping, self._nudge, self._is_renewed = threading.Event(), threading.Event(), threading.Event()
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
        self._distrusted: deque[str] = deque()
        self._patience: Patience[str] = Patience(random.Random(dialect.provider))

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

    def renew(self) -> None:
        """Leave the line that is open, and open another one at once."""
        self._is_renewed.set()

    def ask_again(self, symbol: str) -> None:
        """Who listens lost its book: it is asked for again, less and less often while that does not help."""
        self._distrusted.append(symbol)

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
            if not self._stopping.is_set() and rest.kind is not RestKind.NONE:
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
        self._is_renewed.clear()
        try:
            wire = self._connect(self._dialect.address(), self._policy, self._max_bytes)
        except Exception as error:  # noqa: BLE001 - the socket loop: whatever opening raises, the stream lives on
            return self._sorted(error)
        self._wire, self._connects = wire, self._connects + 1
        line = Line(wire, self._clock, self._policy)
        self._data_since, self._heard_at, self._asked_at = None, {}, {}
        self._distrusted.clear()
        self._patience.cancel()
        try:
            self._converse(line, wire)
            is_renewed = self._is_renewed.is_set()
            rest = (
                Rest(RestKind.NONE, "opened anew")
                if is_renewed
                else Rest(RestKind.BACKOFF, "nothing is wanted any more")
            )
        except Exception as error:  # noqa: BLE001 - the socket loop
            rest = self._sorted(error)
        self._leave(line, wire, rest)
        return rest

    def _converse(self, line: Line, wire: Wire) -> None:
        self._dialect.opened(line)
        checked_at = self._clock.now()
        while not self._stopping.is_set() and not self._is_renewed.is_set():
            self._ask(line)
            line.flush()
            try:
                message = wire.recv(timeout=self._policy.poll_s)
            except TimeoutError:
                message = None
            now = self._clock.now()
            if self._tap is not None:
                self._tap(now, message)
            if message is not None:
                self._take(line, message, now)
            if message is None or now - checked_at > NS_PER_SECOND / 4:
                checked_at = now
                if events := self._dialect.due(line, now):
                    self._note_lost_books(events)
                    self._tell(events)
                self._check(line, now)
                if not self._wanted:
                    return

    def _ask(self, line: Line) -> None:
        """Say the difference between what is wanted and what was asked for."""
        if not line.is_ready:
            return
        self._plan_again(line)
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

    def _plan_again(self, line: Line) -> None:
        now = self._clock.now()
        for doubted in (self._distrusted, line.doubted):
            while doubted:
                self._patience.failed(doubted.popleft(), now)
        for symbol in self._patience.due(now):
            line.resubscribe(symbol)

    def _ask_again(self, line: Line, symbols: Sequence[str]) -> None:
        if symbols:
            self._asked_at.update(dict.fromkeys(symbols, self._clock.now()))
            self._dialect.unsubscribe(line, symbols)
            self._dialect.subscribe(line, symbols)

    def _take(self, line: Line, message: str | bytes, now: int) -> None:
        self._messages += 1
        self._last_message = now
        try:
            events = self._dialect.heard(line, message, now)
        except (RetryLater, BadKey, NotEntitled):
            raise
        except Exception as error:  # noqa: BLE001 - the socket loop: one message of a wrong form must not end the line
            self._bad(error, message)
            return
        kept, line.kept = line.kept, set()
        if events or kept:
            symbols = {*kept, *(event.symbol for event in events)}
            self._flows(symbols, now)
            self._forgive(symbols, now)
        if events:
            self._note_lost_books(events)
            self._tell(events)

    def _note_lost_books(self, events: Sequence[FeedEvent]) -> None:
        """A book that is asked for again on the line that stays."""
        for event in events:
            if isinstance(event, FeedReset):
                self._errors += 1
                self._error = self._redact(event.reason)[:300]

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

    def _forgive(self, symbols: Iterable[str], now: int) -> None:
        """What was asked for again and is well since."""
        for symbol in symbols:
            if not self._patience.is_planned(symbol):
                self._patience.good(symbol, now)

    def _tell(self, events: Sequence[FeedEvent]) -> None:
        try:
            self._hear(events)
        except Exception:
            logger.exception("%s: what was heard could not be handed on", self._dialect.provider)

    def _bad(self, error: Exception, message: str | bytes) -> None:
        self._errors += 1
        self._bad_in_a_row += 1
        said = str(error) if isinstance(error, ProviderError) else f"{type(error).__name__}: {error}"
        found = f"a message could not be read: {said}"
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
        if limit is not None and now - since > limit * NS_PER_SECOND:
            self._state = LinkState.STALE
            raise RetryLater(f"the line is open but mute: no data for {limit:g} s", 0.0)
        is_seldom = limit is None or limit > SELDOM_S
        if is_seldom and self._state is LinkState.LIVE and now - since > QUIET_S * NS_PER_SECOND:
            self._state = LinkState.QUIET
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
            self._tell([FeedReset(symbol, rest.why, origin, is_line_gone=True) for symbol in line.symbols])

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
                answer = error.response
                is_mendable = bool(self._dialect.secrets()) and not is_page(bytes(answer.body))
                return rest_after_status(answer.status_code, answer.headers.get("Retry-After"), is_mendable)
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


def ignore(events: Sequence[FeedEvent]) -> None:
    """Nobody listens."""
