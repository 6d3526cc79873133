"""The one writer. It wakes when the desk changed, says once what changed, and hands the same bytes to every socket.

Handlers park in `serve`; a reader thread listens; everything else happens on the framer's thread, so nothing here is
locked but the count of seats. What is told to whom, and how, is `delivery`'s.
"""

import logging
import secrets
import sys
import threading
from collections import deque
from collections.abc import Iterable
from time import monotonic, perf_counter, sleep, thread_time
from typing import Any

from tradesim.kernel.precedence import Precedence
from tradesim.stream.client import Client
from tradesim.stream.delivery import FAREWELL_S, OVERLOADED, Delivery, control_message
from tradesim.stream.figures import Figures
from tradesim.stream.frames import close_frame, ping_frame, pong_frame
from tradesim.stream.pace import frame_interval
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
    Watch,
)
from tradesim.stream.shapes import ms
from tradesim.stream.shelf import TopicShelf
from tradesim.stream.source import DeskViews
from tradesim.stream.wires import hang_up, wire_to

logger = logging.getLogger(__name__)

PROTOCOL_VERSION = 1
HEARTBEAT_S = 5.0
PING_AFTER_S = 10.0
SILENCE_S = 20.0
RETRY_S = 0.02
"""How often a socket that had no room is tried again while nothing else happens."""
SWITCH_INTERVAL_S = 0.0005
"""How long a busy thread keeps the GIL from the framer (Python's own 5 ms would cost it most of its frames)."""
COURTESY_S = 0.005
"""How long a frame waits at most for an order that is in hand."""
RESTARTING = 1012
UNSENDABLE_CODES = frozenset({1005, 1006, 1015})


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
        self._watched: frozenset[str] = frozenset()
        self._shelf = TopicShelf(desk)
        self._delivery = Delivery(self._shelf, self._give_way)
        self._next_round = 0.0
        self._courteous_until = 0.0

    @property
    def has_seat(self) -> bool:
        return self._taken < self.capacity and not self._is_stopping

    @property
    def topics(self) -> tuple[str, ...]:
        """What pages follow now, by name (`book:AAPL`). Safe from any thread."""
        return self._shelf.names

    @property
    def watched(self) -> frozenset[str]:
        """The symbols on the watchlists of all pages, hidden ones too. Safe from any thread."""
        return self._watched

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
            interval = frame_interval(len(self._clients), self._delivery.tally.pass_s)
            due = (due if began - due < interval else began) + interval
            sleep(max(0.0, due - monotonic()))
        self._bid_farewell()

    def _make_pass(self) -> None:
        began, spent = perf_counter(), thread_time()
        try:
            self._pass()
        except Exception:
            logger.exception("a pass over %d sockets failed", len(self._clients))
        self._delivery.tally.count_pass(perf_counter() - began, thread_time() - spent)

    def _give_way(self) -> None:
        """Between two writes too: a pass over many sockets takes longer than an order."""
        if self._precedence.is_claimed:
            self._precedence.give_way(max(0.0, self._courteous_until - monotonic()))

    def _patience(self) -> float:
        if self._delivery.is_pending:
            return RETRY_S
        return min(1.0, max(0.0, self._next_round - monotonic()))

    def _pass(self) -> None:
        now = monotonic()
        self._listen(now)
        said = self._shelf.advance(now)
        if said:
            self._delivery.broadcast(said, now)
        self._delivery.attend(now)
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
        self._delivery.join(client)
        welcome = {"v": PROTOCOL_VERSION, "epoch": self.epoch, "heartbeat_s": HEARTBEAT_S, "now": self._market_ms()}
        self._delivery.say(client, control_message("welcome", welcome))
        self._reader.add(client)

    def _answer(self, client: Client, heard: Heard, now: float) -> None:
        match heard:
            case AskPong():
                self._delivery.say(client, control_message("pong", {"echo": heard.echo, "now": self._market_ms()}))
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
            case Watch():
                client.watched = frozenset(heard.symbols)
                self._note_watched()
            case ProtocolPing():
                self._delivery.write(client, pong_frame(heard.payload), now)
            case PeerClosed():
                self._part(client, heard.code, now)
            case Violation():
                self._refuse(client, heard.code, heard.message)

    def _subscribe(self, client: Client, wish: Subscribe) -> None:
        wanted = dict.fromkeys(wish.topics)
        unknown = next((name for name in wanted if not self._shelf.open(name)), None)
        if unknown is not None:
            self._refuse(client, MALFORMED, f"wanted a topic as in docs/stream.md, found {unknown!r}")
            return
        new = [name for name in wanted if name not in client.topics]
        if len(client.topics) + len(new) > MOST_TOPICS:
            found = len(client.topics) + len(new)
            self._refuse(client, MALFORMED, f"wanted at most {MOST_TOPICS} topics, found {found}")
            return
        has = self._delivery.set_apart(client)
        known = wish.resume.seq if wish.resume and wish.resume.epoch == self.epoch else {}
        has.update({name: known.get(name) for name in new})
        client.topics = tuple(sorted((*client.topics, *new)))
        if not client.is_paused:
            self._shelf.follow(new)

    def _unsubscribe(self, client: Client, wish: Unsubscribe) -> None:
        if not self._has_subscribed(client, wish.topics):
            return
        has = self._delivery.set_apart(client)
        left = tuple(dict.fromkeys(wish.topics))
        for name in left:
            has.pop(name, None)
        client.topics = tuple(name for name in client.topics if name not in left)
        if not client.is_paused:
            self._shelf.unfollow(left)

    def _refresh(self, client: Client, name: str) -> None:
        if self._has_subscribed(client, (name,)):
            self._delivery.set_apart(client)[name] = None

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
        client.held = dict(self._delivery.set_apart(client))
        self._shelf.unfollow(client.topics)

    def _resume(self, client: Client) -> None:
        if client.held is None:
            self._refuse(client, MALFORMED, "wanted pause and resume in turn, found resume while not paused")
            return
        self._delivery.set_apart(client)
        client.behind, client.held = client.held, None
        for name in client.topics:
            self._shelf.open(name)
        self._shelf.follow(client.topics)

    def _refuse(self, client: Client, code: int, message: str) -> None:
        self._delivery.tally.closed_bad += 1
        logger.info("a page is closed with %d: %s", code, message)
        self._delivery.dismiss(client, code, message, monotonic(), is_told=True)

    def _part(self, client: Client, code: int, now: float) -> None:
        self._delivery.dismiss(client, 1000 if code in UNSENDABLE_CODES else code, "", now)
        client.ends_at = now

    def _release(self, client: Client) -> None:
        """The reader has let go of it: the handler may have its socket back."""
        self._delivery.release(client)
        self._clients.pop(client, None)
        self._note_watched()
        client.released.set()

    def _note_watched(self) -> None:
        self._watched = frozenset().union(*(client.watched for client in self._clients))

    def _make_round(self, now: float) -> None:
        """Once a second."""
        for client in tuple(self._clients):
            if client.ends_at is None:
                self._check_pulse(client, now)
        heartbeat = control_message("hb", {"now": self._market_ms()})
        self._delivery.fill_silence(heartbeat, HEARTBEAT_S - 0.5, now)
        self._shelf.close_idle(now)
        self.figures = self._delivery.tally.draw_up(
            now, len(self._clients), self._delivery.apart, len(self._shelf.names)
        )

    def _check_pulse(self, client: Client, now: float) -> None:
        if now - client.heard_at > SILENCE_S:
            self._delivery.dismiss(client, UNHEARD, f"nothing was heard for {SILENCE_S:.0f} s", now, is_told=True)
        elif client.behind is None and now - max(client.heard_at, client.pinged_at) > PING_AFTER_S:
            client.pinged_at = now
            self._delivery.write(client, ping_frame(), now)

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
                    self._delivery.dismiss(client, self._farewell_code, "the server goes away", now)
            self._delivery.hang_up_on_leavers(now)
            if not self._clients and not self._heard:
                break
            self._wake.wait(RETRY_S)
            self._wake.clear()
        self._is_over = True
        self._reader.stop()
        for client in {**self._clients, **{client: None for client, _ in self._heard}}:
            hang_up(client.sock)
            client.released.set()
