"""`/stream`: trade updates over a WebSocket, as Alpaca's paper service sends them: binary JSON, or MessagePack."""

from collections.abc import Callable
from threading import Timer
from time import monotonic
from typing import Any

import msgspec
from flask import Flask, Response, request
from flask_sock import Sock
from msgspec import Struct

from tradesim.api.alpaca.auth import Keys, account_named, has_credentials, watched
from tradesim.api.alpaca.door import account_id_of, denied
from tradesim.api.alpaca.errors import UNAVAILABLE, Problem
from tradesim.api.alpaca.line import Line, Lines
from tradesim.api.alpaca.seats import ALL_TAKEN, RETRY_AFTER_S, Seat, Seats
from tradesim.api.alpaca.updates import Said, Updates
from tradesim.api.socket import NoThread
from tradesim.api.treatment import Treating, Treatment, faithfully
from tradesim.desk.desk import Desk
from tradesim.stream.delivery import OVERLOADED

PATH = "/stream"
STREAM = "trade_updates"
OAUTH = "oauth"
POLICY, INTERNAL_ERROR = 1008, 1011
TICK_S = 0.25
UNKNOWN_FOR_S = 10.0
"""So long may a socket stay without showing a key."""
Encode = Callable[[Any], bytes]


class Codec(Struct, frozen=True):
    name: str
    is_binary: bool
    encode: Encode


BINARY_JSON = Codec("json", True, msgspec.json.encode)
TEXT_JSON = Codec("json", False, msgspec.json.encode)
MSGPACK = Codec("msgpack", True, msgspec.msgpack.encode)


def codec_of(content_type: str, frames: str) -> Codec:
    if "msgpack" in content_type:
        return MSGPACK
    return TEXT_JSON if frames == "text" else BINARY_JSON


class Encoder:
    """Each update is encoded once for all who hear it in the same form."""

    def __init__(self, updates: Updates) -> None:
        self._updates = updates
        self._latest: dict[str, tuple[int, bytes]] = {}

    def __call__(self, said: Said, codec: Codec) -> bytes:
        seq, payload = self._latest.get(codec.name, (0, b""))
        if seq != said.seq:
            payload = codec.encode({"stream": STREAM, "data": self._updates.shape(said)})
            self._latest[codec.name] = (said.seq, payload)
        return payload


class Follower:
    """One socket: who it is, and whether it listens."""

    def __init__(
        self,
        line: Line,
        seat: Seat,
        codec: Codec,
        desk: Desk,
        keys: Keys,
        updates: Updates,
        encode: Encoder,
        is_kept: Callable[[], bool],
        treat: Treating = faithfully,
    ) -> None:
        self._treat = treat
        self._line, self._seat, self._codec, self._desk, self._keys = line, seat, codec, desk, keys
        self._updates, self._encode = updates, encode
        self._streams: list[str] = []
        self._leave: Callable[[], None] | None = None
        self._session = ""
        self.account = seat.account
        self._is_kept = is_kept

    def tell(self, said: Said) -> None:
        treat = self._treat()
        if treat is None:
            self._line.send(self._encode(said, self._codec), self._codec.is_binary)
        else:
            self._tell_faultily(self._encode(said, self._codec), treat(PATH, self.account or ""))

    def _tell_faultily(self, payload: bytes, fate: Treatment) -> None:
        if fate.ends:
            self._line.close(INTERNAL_ERROR, "an injected fault")
            return
        for _ in range(fate.copies):
            if fate.delay_s > 0:
                Timer(fate.delay_s, self._line.send, (payload, self._codec.is_binary)).start()
            else:
                self._line.send(payload, self._codec.is_binary)

    def serve(self) -> None:
        """Until the line is closed. The account is looked up again when another market opens."""
        began = monotonic()
        try:
            while self._line.is_open:
                message = self._line.receive(TICK_S)
                if self.account is not None and not self._is_kept():
                    self._line.close(POLICY, "the key was revoked")
                elif message is not None:
                    self._answer(message)
                elif self.account is None and monotonic() - began > UNKNOWN_FOR_S:
                    self._line.close(POLICY, "no key was shown")
                elif self._leave and self._desk.status().session_id != self._session:
                    self._follow()
        finally:
            self._unfollow()

    def _answer(self, message: str | bytes) -> None:
        wish = read(message, self._codec)
        if wish is None:
            error = "invalid syntax: wanted an object with an action"
            self._say({"action": "error", "data": {"error_message": error}})
            return
        action, data = wish.get("action"), wish.get("data")
        data = data if isinstance(data, dict) else {}
        match action:
            case "authenticate" | "auth":
                self._authenticate({**wish, **data})
            case "listen":
                self._listen(data.get("streams"))
            case _:
                self._say({"action": "error", "data": {"error_message": f"unknown action {str(action)[:40]}"}})

    def _authenticate(self, given: dict[str, Any]) -> None:
        pair = pair_shown(given)
        account = account_of(pair, self._keys) if pair else None
        if account is not None and not self._seat.give(account):
            self._line.close(OVERLOADED, ALL_TAKEN)
            return
        if pair and account is not None:
            self.account, self._is_kept = account, self._keys.watch(pair[1])
        status = "unauthorized" if account is None else "authorized"
        self._say({"stream": "authorization", "data": {"status": status, "action": "authenticate"}})

    def _listen(self, streams: Any) -> None:
        if self.account is None:
            self._say({"stream": "authorization", "data": {"status": "unauthorized", "action": "listen"}})
            return
        wanted = streams if isinstance(streams, list) else []
        self._streams = [STREAM] if STREAM in wanted else []
        self._unfollow()
        if self._streams:
            self._follow()
        self._say({"stream": "listening", "data": {"streams": self._streams}})

    def _follow(self) -> None:
        self._unfollow()
        self._session = self._desk.status().session_id
        self._leave = self._updates.listen(account_id_of(self._desk, self.account or ""), self)

    def _unfollow(self) -> None:
        if self._leave is not None:
            self._leave()
            self._leave = None

    def _say(self, message: dict[str, Any]) -> None:
        self._line.send(self._codec.encode(message), self._codec.is_binary)


def read(message: str | bytes, codec: Codec) -> dict[str, Any] | None:
    """Programs that want MessagePack may still ask in JSON."""
    try:
        is_packed = codec is MSGPACK and isinstance(message, bytes)
        data = message.encode() if isinstance(message, str) else message
        found = msgspec.msgpack.decode(data) if is_packed else msgspec.json.decode(data)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def pair_shown(given: dict[str, Any]) -> tuple[str, str] | None:
    """Old documents say `key_id` and `secret_key`, newer ones `key` and `secret`; OAuth shows a token alone."""
    token = given.get("oauth_token")
    if isinstance(token, str):
        return OAUTH, token
    id_, secret = given.get("key_id", given.get("key")), given.get("secret_key", given.get("secret"))
    return (id_, secret) if isinstance(id_, str) and isinstance(secret, str) else None


def account_of(pair: tuple[str, str], keys: Keys) -> str | None:
    id_, secret = pair
    return keys.account_of_token(secret) if id_ == OAUTH else keys.account_of(id_, secret)


def register(
    server: Flask, desk: Desk, keys: Keys, updates: Updates, seats: Seats, treat: Treating = faithfully
) -> Lines:
    """Serve `updates` at /stream. The lines must be stopped when the house closes."""
    lines, encode = Lines(), Encoder(updates)
    server.config.setdefault("SOCK_SERVER_OPTIONS", {"thread_class": NoThread})

    @server.before_request
    def on_knock() -> Response | None:
        is_upgrade = request.path == PATH and "Upgrade" in request.headers
        return crowded() if is_upgrade and not seats.has_room(has_credentials(request.headers)) else None

    @Sock(server).route(PATH)
    def on_follower(ws: Any) -> None:
        codec = codec_of(request.headers.get("Content-Type", ""), request.args.get("frames", ""))
        account = account_named(request.headers, keys) if has_credentials(request.headers) else None
        with lines.opened(ws) as line, seats.taken(account) as seat:
            if seat is None:
                line.close(OVERLOADED, ALL_TAKEN)
            else:
                is_kept = watched(request.headers, keys)
                Follower(line, seat, codec, desk, keys, updates, encode, is_kept, treat).serve()

    return lines


def crowded() -> Response:
    answer = denied(Problem(503, UNAVAILABLE, ALL_TAKEN))
    answer.headers["Retry-After"] = RETRY_AFTER_S
    return answer
