"""The one writer. It wakes when the desk changed, says once what changed, and hands the same bytes to every socket.

Handlers park in `serve`; a reader thread listens; everything else happens on the framer's thread, so nothing here is
locked but the count of seats. No send waits: a socket with no room is set apart, and later told what it lacks.
"""

import logging
import secrets
import sys
import threading
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from time import monotonic, perf_counter, sleep, thread_time
from typing import Any

import msgspec

from tradesim.kernel.precedence import Precedence
from tradesim.stream.client import Client
from tradesim.stream.frames import close_frame, ping_frame, pong_frame, text_frame
from tradesim.stream.reader import Ended, Reader
from tradesim.stream.requests import (
    MALFORMED,
    MOST_TOPICS,
    UNHEARD,
    AskPong,
    AskSnapshot,
    Heard,
    Intake,
    Pause,
    PeerClosed,
    ProtocolPing,
    Resume,
    Subscribe,
    Unsubscribe,
    Violation,
)
from tradesim.stream.shapes import ms
from tradesim.stream.source import DeskViews
from tradesim.stream.topics import Topic, topic_called
from tradesim.stream.wires import WIDE_BYTES, hang_up, hold_unsent, wire_to

logger = logging.getLogger(__name__)

PROTOCOL_VERSION = 1
HEARTBEAT_S = 5.0
PING_AFTER_S = 10.0
SILENCE_S = 20.0
QUEUE_AGE_S = 10.0
"""A socket whose unsent bytes are older than this is closed."""
FAREWELL_S = 1.0
"""How long a page that was told to go has before it is hung up on."""
IDLE_TOPIC_S = 60.0
FAULTY_TOPIC_S = 5.0
RETRY_S = 0.02
"""How often a socket that had no room is tried again while nothing else happens."""
SWITCH_INTERVAL_S = 0.0005
"""How long a busy thread keeps the GIL from the framer (Python's own 5 ms would cost it most of its frames)."""
COURTESY_S = 0.005
"""How long a frame waits at most for an order that is in hand."""
WRITES_IN_A_ROW = 25
"""After so many it is looked whether an order has come meanwhile."""
SHARE = 5 / 3
"""Frames are so far apart that making them takes at most one part in this many of a core: orders go first anyway."""
PASS_WEIGHT = 0.1
SLOWEST_FRAME_S = 0.1
PACE = ((100, 0.003), (500, 0.010), (1_000, 0.020), (5_000, 0.1))
"""Sockets and the least time between two frames for them, in seconds; in between, a straight line."""

RESTARTING = 1012
OVERLOADED = 1013
UNSENDABLE_CODES = frozenset({1005, 1006, 1015})

_encode = msgspec.json.Encoder().encode


def frame_interval(sockets: int, pass_s: float) -> float:
    """Seconds from one frame to the next for so many sockets, when making one takes `pass_s` of processor time."""
    return max(paced(sockets), min(SHARE * pass_s, SLOWEST_FRAME_S))


def paced(sockets: int) -> float:
    place = bisect_left(PACE, (sockets, 0.0))
    if place == 0:
        return PACE[0][1]
    if place == len(PACE):
        return PACE[-1][1]
    (fewer, faster), (more, slower) = PACE[place - 1 : place + 1]
    return faster + (slower - faster) * (sockets - fewer) / (more - fewer)


def control_message(kind: str, data: Any) -> bytes:
    return _encode({"t": kind, "d": data})


def joined(messages: Iterable[bytes]) -> bytes:
    return text_frame(b"[" + b",".join(messages) + b"]")


@dataclass(frozen=True, slots=True)
class Figures:
    """How the stream does, over the last second."""

    clients: int = 0
    """Pages connected now."""
    apart: int = 0
    """Of them, those that are behind and are told alone."""
    frames_per_s: float = 0.0
    """Passes in which something was said."""
    messages_per_s: float = 0.0
    """Frames written, over all sockets."""
    bytes_per_s: float = 0.0
    last_pass_ms: float = 0.0
    worst_pass_ms: float = 0.0
    topics: int = 0
    closed_slow: int = 0
    """Since the start: closed because they did not keep up."""
    closed_bad: int = 0
    """Since the start: closed for what they sent."""


@dataclass(slots=True)
class Group:
    """Clients with the same subscriptions and nothing missing."""

    members: dict[Client, None] = field(default_factory=dict)
    told_at: float = 0.0


@dataclass(slots=True)
class Tally:
    """What happened since the figures were last drawn up."""

    since: float
    frames: int = 0
    messages: int = 0
    bytes: int = 0
    last_pass_s: float = 0.0
    worst_pass_s: float = 0.0


class Hub:
    """`sockets` is how many pages there may be at once; keep it below the server's number of threads.

    While `precedence` is claimed frames wait, for a moment.
    `start` takes two threads and sets the interpreter's switch interval; it must run in the process that serves.
    """

    def __init__(
        self, desk: DeskViews, sockets: int = 256, epoch: str | None = None, precedence: Precedence | None = None
    ) -> None:
        self.capacity = min(sockets, 480) if sys.platform == "win32" else sockets
        self.epoch = epoch or secrets.token_hex(8)
        self.figures = Figures()
        self._precedence = precedence or Precedence()
        self._desk = desk
        self._seats = threading.Lock()
        self._taken = 0
        self._life = threading.Lock()
        self._is_started = False
        self._is_stopping = False
        self._is_over = False
        self._farewell_code = RESTARTING
        self._wake = threading.Event()
        self._heard: deque[tuple[Client, Heard | Ended | None]] = deque()
        self._reader = Reader(self._tell)
        self._thread = threading.Thread(target=self._run, name="stream-framer", daemon=True)
        self._clients: dict[Client, None] = {}
        self._groups: dict[tuple[str, ...], Group] = {}
        self._apart: dict[Client, None] = {}
        self._leaving: dict[Client, None] = {}
        self._topics: dict[str, Topic] = {}
        self._followers: dict[str, int] = {}
        self._idle_since: dict[str, float] = {}
        self._faulty_until: dict[str, float] = {}
        self._next_sequence = 0
        self._next_round = 0.0
        self._courteous_until = 0.0
        self._tally = Tally(monotonic())
        self._pass_s = 0.0
        self._closed_slow = 0
        self._closed_bad = 0

    @property
    def has_seat(self) -> bool:
        return self._taken < self.capacity and not self._is_stopping

    @property
    def topics(self) -> tuple[str, ...]:
        """What pages follow now, by name (`book:AAPL`). Safe from any thread."""
        return tuple(self._topics)

    @property
    def clients(self) -> int:
        return self._taken

    def start(self) -> None:
        """Calling it again does nothing."""
        with self._life:
            if self._is_started:
                return
            self._is_started = True
            sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_INTERVAL_S))
            self._desk.on_change(self._wake.set)
            self._reader.start()
            self._thread.start()

    def stop(self, code: int = RESTARTING, timeout_s: float = 2.0) -> None:
        """Tell every page to come back (or whatever `code` says), free the handlers, end the threads."""
        with self._life:
            was_running, self._is_started = self._is_started and not self._is_stopping, True
            self._farewell_code = code
            self._is_stopping = True
        if was_running:
            self._wake.set()
            self._thread.join(timeout_s)
        self._is_over = True

    def serve(self, ws: Any) -> None:
        """Keep the calling thread until the page behind `ws` (a simple_websocket server without its thread) is gone."""
        sock = ws.sock
        if not self._take_seat():
            sock.send(close_frame(OVERLOADED, "all sockets are taken"))
            hang_up(sock)
            return
        try:
            self.start()
            now = monotonic()
            client = Client(sock, wire_to(sock), Intake(ws.ws, now), heard_at=now)
            self._tell(client, None)
            if not self._is_over:
                client.released.wait()
        finally:
            self._leave_seat()

    def _take_seat(self) -> bool:
        with self._seats:
            if not self.has_seat:
                return False
            self._taken += 1
            return True

    def _leave_seat(self) -> None:
        with self._seats:
            self._taken -= 1

    def _tell(self, client: Client, heard: Heard | Ended | None) -> None:
        self._heard.append((client, heard))
        self._wake.set()

    # The framer's thread from here on.

    def _run(self) -> None:
        due = monotonic()
        while not self._is_stopping:
            self._wake.wait(self._patience())
            self._courteous_until = monotonic() + COURTESY_S
            self._give_way()
            self._wake.clear()
            began = monotonic()
            self._make_pass()
            interval = frame_interval(len(self._clients), self._pass_s)
            due = (due if began - due < interval else began) + interval
            sleep(max(0.0, due - monotonic()))
        self._bid_farewell()

    def _make_pass(self) -> None:
        began, spent = perf_counter(), thread_time()
        try:
            self._pass()
        except Exception:
            logger.exception("a pass over %d sockets failed", len(self._clients))
        self._pass_s += PASS_WEIGHT * (thread_time() - spent - self._pass_s)
        took = perf_counter() - began
        self._tally.last_pass_s = took
        self._tally.worst_pass_s = max(self._tally.worst_pass_s, took)

    def _give_way(self) -> None:
        """Between two writes too: a pass over many sockets takes longer than an order."""
        if self._precedence.is_claimed:
            self._precedence.give_way(max(0.0, self._courteous_until - monotonic()))

    def _patience(self) -> float:
        if self._apart or self._leaving:
            return RETRY_S
        return min(1.0, max(0.0, self._next_round - monotonic()))

    def _pass(self) -> None:
        now = monotonic()
        self._listen(now)
        said = self._advance(now)
        if said:
            self._broadcast(said, now)
        for client in tuple(self._apart):
            self._attend(client, now)
        self._hang_up_on_leavers(now)
        if now >= self._next_round:
            self._next_round = now + 1.0
            self._make_round(now)

    def _listen(self, now: float) -> None:
        while self._heard:
            client, heard = self._heard.popleft()
            if heard is None:
                self._admit(client)
            elif isinstance(heard, Ended):
                self._release(client)
            elif client.ends_at is None:
                self._answer(client, heard, now)
            elif isinstance(heard, PeerClosed):
                client.ends_at = now

    def _admit(self, client: Client) -> None:
        self._clients[client] = None
        self._join(client)
        welcome = {"v": PROTOCOL_VERSION, "epoch": self.epoch, "heartbeat_s": HEARTBEAT_S, "now": self._market_ms()}
        self._say(client, control_message("welcome", welcome))
        self._reader.add(client)

    def _answer(self, client: Client, heard: Heard, now: float) -> None:
        match heard:
            case AskPong():
                self._say(client, control_message("pong", {"echo": heard.echo, "now": self._market_ms()}))
            case Subscribe():
                self._subscribe(client, heard)
            case Unsubscribe():
                self._unsubscribe(client, heard)
            case AskSnapshot():
                self._refresh(client, heard.topic)
            case Pause():
                self._pause(client)
            case Resume():
                self._resume(client)
            case ProtocolPing():
                self._write(client, pong_frame(heard.payload), now)
            case PeerClosed():
                self._part(client, heard.code, now)
            case Violation():
                self._refuse(client, heard.code, heard.message)

    def _subscribe(self, client: Client, wish: Subscribe) -> None:
        wanted = dict.fromkeys(wish.topics)
        unknown = next((name for name in wanted if not self._open(name)), None)
        if unknown is not None:
            self._refuse(client, MALFORMED, f"wanted a topic as in docs/stream.md, found {unknown!r}")
            return
        new = [name for name in wanted if name not in client.topics]
        if len(client.topics) + len(new) > MOST_TOPICS:
            found = len(client.topics) + len(new)
            self._refuse(client, MALFORMED, f"wanted at most {MOST_TOPICS} topics, found {found}")
            return
        has = self._set_apart(client)
        known = wish.resume.seq if wish.resume and wish.resume.epoch == self.epoch else {}
        has.update({name: known.get(name) for name in new})
        client.topics = tuple(sorted((*client.topics, *new)))
        if not client.is_paused:
            self._follow(new)

    def _unsubscribe(self, client: Client, wish: Unsubscribe) -> None:
        if not self._has_subscribed(client, wish.topics):
            return
        has = self._set_apart(client)
        left = tuple(dict.fromkeys(wish.topics))
        for name in left:
            has.pop(name, None)
        client.topics = tuple(name for name in client.topics if name not in left)
        if not client.is_paused:
            self._unfollow(left)

    def _refresh(self, client: Client, name: str) -> None:
        if self._has_subscribed(client, (name,)):
            self._set_apart(client)[name] = None

    def _has_subscribed(self, client: Client, names: Iterable[str]) -> bool:
        missing = next((name for name in names if name not in client.topics), None)
        if missing is None:
            return True
        self._refuse(client, MALFORMED, f"wanted a topic that was subscribed, found {missing!r}")
        return False

    def _pause(self, client: Client) -> None:
        if client.held is not None:
            self._refuse(client, MALFORMED, "wanted pause and resume in turn, found pause while paused")
            return
        client.held = dict(self._set_apart(client))
        self._unfollow(client.topics)

    def _resume(self, client: Client) -> None:
        if client.held is None:
            self._refuse(client, MALFORMED, "wanted pause and resume in turn, found resume while not paused")
            return
        self._set_apart(client)
        client.behind, client.held = client.held, None
        for name in client.topics:
            self._open(name)
        self._follow(client.topics)

    def _open(self, name: str) -> Topic | None:
        """The topic called so, made when it is the first time; None when there can be none."""
        topic = self._topics.get(name) or topic_called(name, self._desk, self._next_sequence)
        if topic and name not in self._topics:
            self._topics[name] = topic
            self._idle_since[name] = monotonic()
        return topic

    def _follow(self, names: Iterable[str]) -> None:
        for name in names:
            self._followers[name] = self._followers.get(name, 0) + 1
            self._idle_since.pop(name, None)

    def _unfollow(self, names: Iterable[str]) -> None:
        for name in names:
            self._followers[name] -= 1
            if not self._followers[name]:
                del self._followers[name]
                self._idle_since[name] = monotonic()

    def _advance(self, now: float) -> dict[str, bytes]:
        """Lets every followed topic say what is new."""
        if not self._followers:
            return {}
        status, said = self._desk.status(), {}
        for name in self._followers:
            if self._faulty_until.get(name, 0.0) > now:
                continue
            try:
                message = self._topics[name].advance(status)
            except Exception:
                logger.exception("topic %s could not say what changed", name)
                self._faulty_until[name] = now + FAULTY_TOPIC_S
                continue
            if message:
                said[name] = message
        return said

    def _broadcast(self, said: dict[str, bytes], now: float) -> None:
        self._tally.frames += 1
        for topics, group in tuple(self._groups.items()):
            messages = [said[name] for name in topics if name in said]
            if messages and group.members:
                group.told_at = now
                self._write_all(group, joined(messages), now)

    def _write_all(self, group: Group, frame: bytes, now: float) -> None:
        size, short = len(frame), []
        members = iter(group.members)
        while row := tuple(islice(members, WRITES_IN_A_ROW)):
            self._give_way()
            for client in row:
                try:
                    sent = client.send(frame)
                except OSError:
                    sent = -1
                if sent != size:
                    short.append((client, sent))
        self._tally.messages += len(group.members)
        self._tally.bytes += size * len(group.members)
        for client, sent in short:
            self._fell_short(client, frame, sent, now)

    def _fell_short(self, client: Client, frame: bytes, sent: int, now: float) -> None:
        if sent < 0:
            self._drop(client)
            return
        self._set_apart(client)
        client.tail, client.tail_since = frame[sent:], now

    def _write(self, client: Client, frame: bytes, now: float) -> bool:
        """Write to this one alone, unless the rest of an earlier frame is in the way: then not at all."""
        if client.tail:
            return False
        try:
            sent = client.wire.send(frame)
        except OSError:
            sent = -1
        if sent == len(frame):
            self._tally.messages += 1
            self._tally.bytes += sent
            return True
        self._fell_short(client, frame, sent, now)
        return False

    def _say(self, client: Client, message: bytes) -> None:
        """Tell this one alone: at once when it is up to date, else with the next it is told."""
        if client.behind is None:
            self._write(client, joined((message,)), monotonic())
        else:
            client.note(message)

    def _attend(self, client: Client, now: float) -> None:
        """Bring one that is apart up to date, if there is room."""
        if client.tail and not self._flush(client, now):
            return
        behind = client.behind or {}
        messages = list(client.notes)
        for name in client.wanted:
            messages += self._topics[name].since(behind.get(name))
        client.notes.clear()
        if not messages or self._write(client, joined(messages), now):
            self._join(client)
        elif client.ends_at is None:
            client.behind = self._present(client)

    def _flush(self, client: Client, now: float) -> bool:
        try:
            sent = client.wire.send(client.tail)
        except OSError:
            self._drop(client)
            return False
        self._tally.bytes += sent
        client.tail = client.tail[sent:]
        if client.tail and now - client.tail_since > QUEUE_AGE_S:
            self._closed_slow += 1
            self._dismiss(client, OVERLOADED, "too slow: what was to be sent grew too old", now)
        return not client.tail

    def _set_apart(self, client: Client) -> dict[str, int | None]:
        """Take the client out of its group. The answer, to be changed at will: what it has of each topic."""
        if client.behind is None:
            self._leave_group(client)
            client.behind = self._present(client)
            self._apart[client] = None
        return client.behind if client.held is None else client.held

    def _present(self, client: Client) -> dict[str, int | None]:
        return {name: self._topics[name].sequence for name in client.wanted}

    def _join(self, client: Client) -> None:
        client.behind = None
        self._apart.pop(client, None)
        group = self._groups.get(client.wanted)
        if group is None:
            group = self._groups[client.wanted] = Group(told_at=monotonic())
        group.members[client] = None

    def _leave_group(self, client: Client) -> None:
        group = self._groups[client.wanted]
        del group.members[client]
        if not group.members:
            del self._groups[client.wanted]

    def _refuse(self, client: Client, code: int, message: str) -> None:
        self._closed_bad += 1
        logger.info("a page is closed with %d: %s", code, message)
        self._dismiss(client, code, message, monotonic(), is_told=True)

    def _part(self, client: Client, code: int, now: float) -> None:
        self._dismiss(client, 1000 if code in UNSENDABLE_CODES else code, "", now)
        client.ends_at = now

    def _dismiss(self, client: Client, code: int, reason: str, now: float, is_told: bool = False) -> None:
        """The last frame this client gets. What it has not read of earlier ones goes before it."""
        self._detach(client, now + FAREWELL_S)
        last = close_frame(code, reason)
        if is_told:
            last = joined((control_message("error", {"code": code, "message": reason}),)) + last
        hold_unsent(client.sock, WIDE_BYTES)
        try:
            client.wire.send(client.tail + last)
        except OSError:
            client.ends_at = now

    def _drop(self, client: Client) -> None:
        """The connection broke: nothing more can be said."""
        self._detach(client, monotonic())

    def _detach(self, client: Client, ends_at: float) -> None:
        if client.behind is None:
            self._leave_group(client)
        self._apart.pop(client, None)
        if client.held is None:
            self._unfollow(client.topics)
        client.behind, client.held, client.topics = {}, None, ()
        client.ends_at = ends_at
        self._leaving[client] = None

    def _hang_up_on_leavers(self, now: float) -> None:
        for client in self._leaving:
            if client.ends_at is not None and client.ends_at <= now:
                hang_up(client.sock)

    def _release(self, client: Client) -> None:
        """The reader has let go of it: the handler may have its socket back."""
        if client.ends_at is None:
            self._drop(client)
        hang_up(client.sock)
        self._leaving.pop(client, None)
        self._clients.pop(client, None)
        client.released.set()

    def _make_round(self, now: float) -> None:
        """Once a second."""
        for client in tuple(self._clients):
            if client.ends_at is None:
                self._check_pulse(client, now)
        for group in tuple(self._groups.values()):
            if now - group.told_at >= HEARTBEAT_S - 0.5:
                group.told_at = now
                self._write_all(group, joined((control_message("hb", {"now": self._market_ms()}),)), now)
        for name in [name for name, since in self._idle_since.items() if now - since > IDLE_TOPIC_S]:
            self._close_topic(name)
        self._draw_figures(now)

    def _check_pulse(self, client: Client, now: float) -> None:
        if now - client.heard_at > SILENCE_S:
            self._dismiss(client, UNHEARD, f"nothing was heard for {SILENCE_S:.0f} s", now, is_told=True)
        elif client.behind is None and now - max(client.heard_at, client.pinged_at) > PING_AFTER_S:
            client.pinged_at = now
            self._write(client, ping_frame(), now)

    def _close_topic(self, name: str) -> None:
        """Its next life begins at a number that no page can have."""
        self._next_sequence = max(self._next_sequence, self._topics.pop(name).sequence + 1)
        del self._idle_since[name]
        self._faulty_until.pop(name, None)

    def _draw_figures(self, now: float) -> None:
        tally, span = self._tally, max(now - self._tally.since, 1e-3)
        self._tally = Tally(now, last_pass_s=tally.last_pass_s)
        self.figures = Figures(
            clients=len(self._clients),
            apart=len(self._apart),
            frames_per_s=tally.frames / span,
            messages_per_s=tally.messages / span,
            bytes_per_s=tally.bytes / span,
            last_pass_ms=tally.last_pass_s * 1e3,
            worst_pass_ms=tally.worst_pass_s * 1e3,
            topics=len(self._topics),
            closed_slow=self._closed_slow,
            closed_bad=self._closed_bad,
        )

    def _market_ms(self) -> int:
        return ms(self._desk.status().now)

    def _bid_farewell(self) -> None:
        """Every handler is free when this ends, whatever the pages do."""
        until = monotonic() + FAREWELL_S
        while monotonic() < until:
            now = monotonic()
            self._listen(now)
            for client in tuple(self._clients):
                if client.ends_at is None:
                    self._dismiss(client, self._farewell_code, "the server goes away", now)
            self._hang_up_on_leavers(now)
            if not self._clients and not self._heard:
                break
            self._wake.wait(RETRY_S)
            self._wake.clear()
        self._is_over = True
        self._reader.stop()
        for client in {**self._clients, **{client: None for client, _ in self._heard}}:
            hang_up(client.sock)
            client.released.set()
