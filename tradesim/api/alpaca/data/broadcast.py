"""One thread writes to every socket of the data streams: what is new is encoded once, and sent to all who want it.

Handlers listen, each to its own socket, and post here what is to be said. No write waits: what finds no room is kept
for its socket, in order, up to a bound; who does not read for long is told so and hung up on.
"""

import logging
import socket
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from msgspec import Struct

from tradesim.api.alpaca.data.messages import MOST_IN_FRAME, Codec, Message
from tradesim.api.alpaca.data.talk import EVERYTHING, Follow, Names, Reply, Say, Subscriptions, error
from tradesim.api.treatment import Treat, Treating, faithfully
from tradesim.stream.frames import close_frame, pong_frame
from tradesim.stream.wires import Wire, hang_up, hold_unsent

logger = logging.getLogger(__name__)

PACE_S = 0.002
RETRY_S = 0.01
IDLE_S = 0.25
ROOM_BYTES = 1 << 18
WIDE_BYTES = 1 << 22
MOST_WAITING_BYTES = 8 << 20
LONGEST_WAIT_S = 5.0
FAREWELL_S = 1.0
SLOW = 407
RESTARTING = 1012


class Source:
    """What a stream is fed from; see pump.Pump and made_up.MadeUp."""

    def follow(self, subscriptions: Iterable[Subscriptions]) -> None:
        """Only this is wanted from now on."""

    def collect(self) -> list[Message]:
        """What is new since the last call."""
        return []

    def books(self, names: Iterable[str]) -> Iterable[Message]:
        """Whole books, for one who begins to follow them."""
        return ()


@dataclass(slots=True, eq=False)
class Client:
    """One socket. Written to by the broadcaster's thread only."""

    sock: socket.socket
    wire: Wire
    codec: Codec
    source: str
    stream: str
    account: str = ""
    subscriptions: Subscriptions = field(default_factory=dict)
    waiting: deque[bytes] = field(default_factory=deque)
    waiting_bytes: int = 0
    waiting_since: float = 0.0
    ends_at: float | None = None
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def signature(self) -> tuple[Any, ...]:
        wanted = tuple((channel, names) for channel, names in sorted(self.subscriptions.items()) if names)
        return (self.source, id(self.codec), wanted)


class Pong(Struct, frozen=True):
    payload: bytes


class Parted(Struct, frozen=True):
    """The connection is over, or the client said goodbye with `code`."""

    code: int | None = None


Post = Reply | Pong | Parted | None
"""None: it has come in."""


@dataclass(slots=True)
class Group:
    """Sockets that want the same, written in the same way."""

    subscriptions: Subscriptions
    codec: Codec
    members: dict[Client, None] = field(default_factory=dict)

    def frames(self, messages: Sequence[Message]) -> list[bytes]:
        wanted = [message for message in messages if is_wanted(message, self.subscriptions)]
        starts = range(0, len(wanted), MOST_IN_FRAME)
        codec = self.codec
        return [codec.frame([each.encoded(codec) for each in wanted[n : n + MOST_IN_FRAME]]) for n in starts]


def is_wanted(message: Message, subscriptions: Subscriptions) -> bool:
    names: Names | None = subscriptions.get(message.channel)
    return bool(names) and (message.symbol in names or (message.is_own and EVERYTHING in names))  # type: ignore[operator]


class Broadcaster:
    """`sources` by name feed the sockets; `treat` is asked for every message while faults are injected."""

    def __init__(self, sources: dict[str, Source], treat: Treating = faithfully) -> None:
        self._sources, self._treat = sources, treat
        self._posts: deque[tuple[Client, Post]] = deque()
        self._wake = threading.Event()
        self._clients: dict[Client, None] = {}
        self._groups: dict[str, dict[tuple[Any, ...], Group]] = {name: {} for name in sources}
        self._behind: dict[Client, None] = {}
        self._leaving: dict[Client, None] = {}
        self._late: list[tuple[float, Client, bytes]] = []
        self._life = threading.Lock()
        self._is_stopping = False
        self._thread: threading.Thread | None = None
        self.cut = 0
        """How many were too slow, since the start."""

    @property
    def clients(self) -> int:
        return len(self._clients)

    def wake(self) -> None:
        """Something is new. May be called from any thread, and is quick."""
        if self._clients:
            self._wake.set()

    def post(self, client: Client, what: Post) -> None:
        """From any thread."""
        self._start()
        self._posts.append((client, what))
        self._wake.set()

    def stop(self) -> None:
        """Tell everybody to come back, and end."""
        self._is_stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(2 * FAREWELL_S)

    def _start(self) -> None:
        with self._life:
            if self._thread is None and not self._is_stopping:
                self._thread = threading.Thread(target=self._run, name="alpaca-data", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._is_stopping:
            self._wake.wait(RETRY_S if self._behind or self._leaving or self._late else IDLE_S)
            self._wake.clear()
            begun = monotonic()
            try:
                self._turn(begun)
            except Exception:
                logger.exception("the data streams could not be served in this turn")
            spare = PACE_S - (monotonic() - begun)
            if spare > 0:
                threading.Event().wait(spare)
        self._bid_farewell()

    def _turn(self, now: float) -> None:
        self._listen(now)
        treat = self._treat()
        for name, source in self._sources.items():
            if not self._groups[name]:
                continue
            messages = source.collect()
            if messages:
                self._tell(self._groups[name], messages, now, treat)
        self._send_late(now)
        for client in tuple(self._behind):
            self._flush(client, now)
        for client in tuple(self._leaving):
            if client.ends_at is not None and client.ends_at <= now:
                self._end(client)

    # -- what handlers post ---------------------------------------------------------------------------------------

    def _listen(self, now: float) -> None:
        while self._posts:
            client, what = self._posts.popleft()
            if client.over.is_set():
                continue
            if what is None:
                hold_unsent(client.sock, ROOM_BYTES)
                self._clients[client] = None
            elif isinstance(what, Parted):
                self._part(client, what, now)
            elif client.ends_at is None:
                self._answer(client, what, now)

    def _answer(self, client: Client, what: Reply | Pong, now: float) -> None:
        if isinstance(what, Pong):
            self._write(client, pong_frame(what.payload), now)
        elif isinstance(what, Say):
            self._write(client, spoken(client, what.messages), now)
            if what.is_last:
                self._dismiss(client, 1000, now)
        else:
            self._follow(client, what, now)

    def _follow(self, client: Client, wish: Follow, now: float) -> None:
        """What comes after the answer is told, and of what it had followed before nothing is lost."""
        had = client.subscriptions.get("orderbooks", frozenset())
        self._tell_before(client.source, now)
        if client.ends_at is not None or client.over.is_set():
            return
        self._change_group(client, wish.subscriptions)
        self._write(client, spoken(client, (wish.acknowledgement,)), now)
        new = wish.subscriptions.get("orderbooks", frozenset()) - had
        books = [each.encoded(client.codec) for each in self._sources[client.source].books(new)] if new else []
        if books:
            self._write(client, client.codec.frame(books), now)

    def _tell_before(self, source: str, now: float) -> None:
        """All are told what is new first: a book that is given whole must be the one that the others have."""
        messages = self._sources[source].collect()
        if messages:
            self._tell(self._groups[source], messages, now, self._treat())

    def _change_group(self, client: Client, subscriptions: Subscriptions) -> None:
        self._take_out(client)
        client.subscriptions = subscriptions
        if any(subscriptions.values()):
            groups = self._groups[client.source]
            group = groups.setdefault(client.signature, Group(subscriptions, client.codec))
            group.members[client] = None
        self._sources[client.source].follow([each.subscriptions for each in self._groups[client.source].values()])

    def _take_out(self, client: Client) -> None:
        """Of its group, which goes with its last member."""
        groups = self._groups[client.source]
        group = groups.get(client.signature)
        if group is None:
            return
        group.members.pop(client, None)
        if not group.members:
            del groups[client.signature]

    # -- writing --------------------------------------------------------------------------------------------------

    def _tell(
        self, groups: dict[tuple[Any, ...], Group], messages: list[Message], now: float, treat: Treat | None
    ) -> None:
        for group in tuple(groups.values()):
            if treat is not None:
                for client in tuple(group.members):
                    self._tell_faultily(client, messages, now, treat)
                continue
            for frame in group.frames(messages):
                for client in tuple(group.members):
                    self._write(client, frame, now)

    def _tell_faultily(self, client: Client, messages: list[Message], now: float, treat: Treat) -> None:
        """One message at a time, each with its own fate."""
        for message in messages:
            if not is_wanted(message, client.subscriptions):
                continue
            fate = treat(client.stream, client.account)
            if fate.ends:
                self._end(client)
                return
            frame = client.codec.frame([message.encoded(client.codec)])
            for _ in range(fate.copies):
                if fate.delay_s > 0:
                    self._late.append((now + fate.delay_s, client, frame))
                else:
                    self._write(client, frame, now)

    def _send_late(self, now: float) -> None:
        due = [each for each in self._late if each[0] <= now]
        self._late = [each for each in self._late if each[0] > now and not each[1].over.is_set()]
        for _, client, frame in due:
            self._write(client, frame, now)

    def _write(self, client: Client, frame: bytes, now: float) -> None:
        if client.over.is_set():
            return
        if client.waiting:
            client.waiting.append(frame)
            client.waiting_bytes += len(frame)
            return
        try:
            sent = client.wire.send(frame)
        except OSError:
            self._end(client)
            return
        if sent < len(frame):
            client.waiting.append(frame[sent:])
            client.waiting_bytes, client.waiting_since = len(frame) - sent, now
            self._behind[client] = None

    def _flush(self, client: Client, now: float) -> None:
        while client.waiting:
            frame = client.waiting.popleft()
            try:
                sent = client.wire.send(frame)
            except OSError:
                self._end(client)
                return
            client.waiting_bytes -= sent
            if sent:
                client.waiting_since = now
            if sent < len(frame):
                client.waiting.appendleft(frame[sent:])
                break
        if not client.waiting:
            self._behind.pop(client, None)
        elif client.ends_at is None:
            self._check_pace(client, now)

    def _check_pace(self, client: Client, now: float) -> None:
        if client.waiting_bytes > MOST_WAITING_BYTES or now - client.waiting_since > LONGEST_WAIT_S:
            self.cut += 1
            logger.warning("a client of %s is cut off: %d bytes waited for it", client.stream, client.waiting_bytes)
            del_after_first(client.waiting)
            client.waiting.append(spoken(client, error(SLOW).messages))
            self._dismiss(client, 1013, now)

    # -- parting --------------------------------------------------------------------------------------------------

    def _part(self, client: Client, what: Parted, now: float) -> None:
        if what.code is None or client.ends_at is not None:
            self._end(client)
        else:
            self._dismiss(client, what.code, now)
            client.ends_at = now

    def _dismiss(self, client: Client, code: int, now: float) -> None:
        """The last frame this client gets; what waits goes before it, if there is room soon."""
        self._change_group(client, {})
        hold_unsent(client.sock, WIDE_BYTES)
        last = close_frame(code)
        if client.waiting:
            client.waiting.append(last)
            self._flush(client, now)
        else:
            self._write(client, last, now)
        client.ends_at = now + FAREWELL_S
        self._leaving[client] = None

    def _end(self, client: Client) -> None:
        self._change_group(client, {})
        self._behind.pop(client, None)
        self._leaving.pop(client, None)
        self._clients.pop(client, None)
        client.waiting.clear()
        hang_up(client.sock)
        client.over.set()

    def _bid_farewell(self) -> None:
        now = monotonic()
        self._listen(now)
        for client in tuple(self._clients):
            self._dismiss(client, RESTARTING, now)
        for client in tuple(self._clients):
            self._end(client)


def spoken(client: Client, messages: Iterable[Any]) -> bytes:
    return client.codec.frame([client.codec.encode(message) for message in messages])


def del_after_first(waiting: deque[bytes]) -> None:
    """The rest of the frame that is on its way must go out; what is behind it need not."""
    while len(waiting) > 1:
        waiting.pop()
