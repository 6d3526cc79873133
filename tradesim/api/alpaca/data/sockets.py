"""The doors of the data streams: `/v2/iex` and its like. One thread listens to each socket."""

import logging
import selectors
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from time import monotonic
from typing import Any

from flask import Flask, Response, request
from flask_sock import Sock
from msgspec import Struct
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage

from tradesim.api.alpaca.auth import Keys, account_named, has_credentials, watched
from tradesim.api.alpaca.data.asking import DELAY_NS, Refused
from tradesim.api.alpaca.data.broadcast import Broadcaster, Client, Parted, Pong, Source
from tradesim.api.alpaca.data.doors import Doors
from tradesim.api.alpaca.data.made_up import MadeUp
from tradesim.api.alpaca.data.messages import codec_of
from tradesim.api.alpaca.data.pump import Pump
from tradesim.api.alpaca.data.talk import (
    AUTH_WITHIN_S,
    COIN_CHANNELS,
    GREETING,
    NEWS_CHANNELS,
    OAUTH,
    SHARE_CHANNELS,
    WELCOME,
    Reply,
    Talk,
    error,
)
from tradesim.api.alpaca.seats import ALL_TAKEN, RETRY_AFTER_S, Seat, Seats
from tradesim.api.socket import NoThread
from tradesim.api.treatment import Treating, faithfully
from tradesim.stream.delivery import OVERLOADED
from tradesim.stream.frames import close_frame
from tradesim.stream.wires import wire_to

logger = logging.getLogger(__name__)

SHARES, DELAYED, NIGHT, COINS, TEST, NEWS = "shares", "delayed", "night", "coins", "test", "news"
MOST_MESSAGE_BYTES = 1 << 20
REVOKED, TOO_LARGE = 1008, 1009
LOOK_S = 1.0
FAILED, CROWDED, NOT_ENTITLED = 402, 406, 409


class Stream(Struct, frozen=True):
    """One address: what feeds it, and what may be followed there."""

    source: str
    channels: tuple[str, ...]
    is_paid: bool = False


STREAMS: Mapping[str, Stream] = {
    "/v2/iex": Stream(SHARES, SHARE_CHANNELS),
    "/v2/sip": Stream(SHARES, SHARE_CHANNELS, is_paid=True),
    "/v2/delayed_sip": Stream(DELAYED, SHARE_CHANNELS),
    "/v2/test": Stream(TEST, SHARE_CHANNELS),
    "/v1beta1/boats": Stream(NIGHT, SHARE_CHANNELS, is_paid=True),
    "/v1beta1/overnight": Stream(NIGHT, SHARE_CHANNELS),
    "/v1beta1/news": Stream(NEWS, NEWS_CHANNELS),
    "/v1beta2/crypto": Stream(COINS, COIN_CHANNELS),
    **{f"/v1beta3/crypto/{place}": Stream(COINS, COIN_CHANNELS) for place in ("us", "us-1", "us-2", "eu-1", "bs-1")},
}


class Streams:
    """Every open data socket. Each takes one of `seats`.

    `treat` gives the faults to be made, None while there are none; `is_refused` says with which status a knock is
    turned away, by address.
    """

    def __init__(
        self,
        doors: Doors,
        now: Callable[[], int],
        seats: Seats | None = None,
        treat: Treating = faithfully,
        is_refused: Callable[[str], int | None] = lambda stream: None,
    ) -> None:
        """`now` is the machine's clock, UTC ns: the test stream runs by it."""
        desk, in_lots = doors.desk, doors.plan.in_lots
        pumps = {
            SHARES: Pump(desk, as_coins=False, in_lots=in_lots),
            DELAYED: Pump(desk, as_coins=False, in_lots=in_lots, delay_ns=DELAY_NS),
            NIGHT: Pump(desk, as_coins=False, in_lots=in_lots, is_night=True),
            COINS: Pump(desk, as_coins=True),
        }
        self._pumps = tuple(pumps.values())
        self.broadcaster = Broadcaster({**pumps, TEST: MadeUp(now), NEWS: Source()}, treat)
        self.is_refused = is_refused
        self.seats = seats or Seats()
        self._doors = doors
        self._turn = threading.Lock()
        self._connections: Counter[tuple[str, str]] = Counter()
        desk.on_change(self.broadcaster.wake)

    def stop(self) -> None:
        self.broadcaster.stop()

    def serve(
        self, ws: Any, path: str, account: str | None, content_type: str, is_kept: Callable[[], bool] = lambda: True
    ) -> None:
        """Keep the calling thread until the client behind `ws` is gone.

        `account` when the headers said whose it is, and `is_kept` whether their key is there still.
        """
        with self.seats.taken(account) as seat:
            if seat is None:
                ws.sock.send(close_frame(OVERLOADED, ALL_TAKEN))
                return
            visit = Visit(self, self._doors, ws, path, content_type, seat, is_kept)
            try:
                visit.run(account)
            finally:
                visit.leave()

    def wanted(self) -> set[str]:
        """The symbols that any client named; `*` names none. Safe from any thread."""
        return set().union(*(pump.interest.symbols for pump in self._pumps))

    def take(self, account: str, path: str) -> bool:
        """Whether the account may have one more socket there."""
        most = self._doors.plan.connections
        with self._turn:
            if most and self._connections[account, path] >= most:
                return False
            self._connections[account, path] += 1
            return True

    def give_back(self, account: str, path: str) -> None:
        with self._turn:
            self._connections[account, path] -= 1
            self._connections += Counter()


class Visit:
    """One client, from its first message to its last; on its handler's own thread."""

    def __init__(
        self,
        streams: Streams,
        doors: Doors,
        ws: Any,
        path: str,
        content_type: str,
        seat: Seat,
        is_kept: Callable[[], bool],
    ) -> None:
        stream = STREAMS[path]
        self._streams, self._doors, self._path, self._stream, self._seat = streams, doors, path, stream, seat
        self._decoder = ws.ws
        self._client = Client(ws.sock, wire_to(ws.sock), codec_of(content_type), stream.source, path)
        self._talk = Talk(stream.channels, self._enter, doors.plan.symbols)
        self._account: str | None = None
        self._is_kept = is_kept
        self._parts: list[str | bytes] = []
        self._size = 0

    def run(self, account: str | None) -> None:
        say = self._say
        self._streams.broadcaster.post(self._client, None)
        say(GREETING)
        if account is not None and self._admit(account) is None:
            self._talk.is_authenticated = True
            say(WELCOME)
        deadline = monotonic() + AUTH_WITHIN_S
        with selectors.DefaultSelector() as selector:
            selector.register(self._client.wire.fileno(), selectors.EVENT_READ)
            while not self._client.over.is_set():
                if selector.select(LOOK_S if self._talk.is_authenticated else max(0.0, deadline - monotonic())):
                    self._read()
                if self._talk.is_authenticated and not self._is_kept():
                    say(Parted(REVOKED))
                    self._client.over.wait(2 * LOOK_S)
                    return
                if not self._talk.is_authenticated and monotonic() >= deadline:
                    say(self._talk.late())
                    self._client.over.wait(2 * LOOK_S)
                    return

    def leave(self) -> None:
        self._streams.broadcaster.post(self._client, Parted())
        self._client.over.wait(2 * LOOK_S)
        if self._account is not None:
            self._streams.give_back(self._account, self._path)

    def _say(self, what: Reply | Pong | Parted) -> None:
        self._streams.broadcaster.post(self._client, what)

    def _read(self) -> None:
        wire = self._client.wire
        while (data := wire.receive()) is not None:
            if not data:
                self._say(Parted())
                self._client.over.wait(LOOK_S)
                return
            self._decoder.receive_data(data)
            for event in self._decoder.events():
                for reply in self._heard(event):
                    self._say(reply)
            if not wire.is_buffered:
                return

    def _heard(self, event: Any) -> Iterator[Reply | Pong | Parted]:
        if isinstance(event, Ping):
            yield Pong(bytes(event.payload))
        elif isinstance(event, CloseConnection):
            yield Parted(1000)
        elif isinstance(event, TextMessage | BytesMessage):
            self._size += len(event.data)
            if self._size > MOST_MESSAGE_BYTES:
                yield error(400)
                yield Parted(TOO_LARGE)
                return
            self._parts.append(event.data if isinstance(event, TextMessage) else bytes(event.data))
            if event.message_finished:
                parts, self._parts, self._size = self._parts, [], 0
                yield from self._replies(parts)

    def _replies(self, parts: list[str | bytes]) -> Iterator[Reply]:
        whole = (
            "".join(map(str, parts))
            if isinstance(parts[0], str)
            else b"".join(bytes(each) for each in parts if isinstance(each, bytes))
        )
        yield from self._talk.hear(whole)

    def _enter(self, key: str, secret: str) -> int | None:
        keys = self._doors.keys
        account = keys.account_of_token(secret) if key == OAUTH else keys.account_of(key, secret)
        if account is None:
            return FAILED
        self._is_kept = keys.watch(secret)
        return self._admit(account)

    def _admit(self, account: str) -> int | None:
        if self._doors.plan.is_free and self._stream.is_paid:
            return NOT_ENTITLED
        if not self._seat.give(account) or not self._streams.take(account, self._path):
            return CROWDED
        self._account = self._client.account = account
        return None


def register(server: Flask, streams: Streams, keys: Keys) -> None:
    server.config["SOCK_SERVER_OPTIONS"] = {"thread_class": NoThread}
    sock = Sock(server)

    @server.before_request
    def on_knock() -> Response | None:
        path = request.path.rstrip("/")
        if path not in STREAMS or (path == "/v1beta1/news" and "Upgrade" not in request.headers):
            return None
        request.environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        return refusal(streams, path)

    for path in STREAMS:
        add_stream(sock, streams, keys, path)


def add_stream(sock: Sock, streams: Streams, keys: Keys, path: str) -> None:
    def on_socket(ws: Any) -> None:
        account = account_named(request.headers, keys) if has_credentials(request.headers) else None
        streams.serve(ws, path, account, request.headers.get("Content-Type", ""), watched(request.headers, keys))
        ws.connected = False

    on_socket.__name__ = "stream" + path.replace("/", "_").replace("-", "_")
    sock.route(path, strict_slashes=False)(on_socket)


def refusal(streams: Streams, path: str) -> Response | None:
    """None for one who may come in."""
    if request.headers.get("Upgrade", "").lower() != "websocket":
        answer = Refused(f"{path} is a WebSocket: wanted an upgrade, found a plain request", 426).answer
        answer.headers["Upgrade"] = "websocket"
        return answer
    status = streams.is_refused(path)
    if status is not None:
        return Refused("refused by an injected fault" if status != 429 else "too many requests.", status).answer
    if streams.seats.has_room(has_credentials(request.headers)):
        return None
    answer = Refused(ALL_TAKEN, 503).answer
    answer.headers["Retry-After"] = RETRY_AFTER_S
    return answer
