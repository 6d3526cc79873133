"""A vendor on this machine that plays scripts and faults: REST answers and websocket talk, byte for byte.

    with FaultServer() as server:
        server.answers("/quote", Reply({"c": 1}), Status(429), Reset())   # one a request; the last repeats
        server.plays(Send({"type": "hello"}), Hear("subscribe"), *sent(recording), Close(1008))  # one a connection
        server.plays(Mute())                                              # the next connection, and all after it

`server.http_url` and `server.ws_url` are where it is; `server.seen` what was asked, `server.heard` what was said.
"""

import contextlib
import json
import os
import secrets
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

HTML = "<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>"
LINGER_ZERO = struct.pack("ii", 1, 0)

Payload = Mapping[str, Any] | Sequence[Any] | str | bytes


def as_text(payload: Payload) -> str | bytes:
    return payload if isinstance(payload, str | bytes) else json.dumps(payload)


def as_bytes(payload: Payload) -> bytes:
    found = as_text(payload)
    return found if isinstance(found, bytes) else found.encode()


# --- REST: what one request is answered with


@dataclass(frozen=True)
class Reply:
    body: Payload = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "application/json"

    def play(self, handler: BaseHTTPRequestHandler, server: "FaultServer") -> None:
        body = as_bytes(self.body)
        if "Date" in self.headers:
            handler.send_response_only(self.status)
        else:
            handler.send_response(self.status)
        for name, value in {"Content-Type": self.kind, "Content-Length": str(len(body)), **self.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)


def Status(status: int, body: Payload = b"", **headers: str) -> Reply:
    """`Status(429, Retry_After="7")`."""
    return Reply(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


def Html(status: int = 200) -> Reply:
    return Reply(HTML, status, kind="text/html")


def NotANumber() -> Reply:
    return Reply('{"price": NaN}')


def Nulls(body: Mapping[str, Any]) -> Reply:
    """Every value of the answer is null."""
    return Reply(dict.fromkeys(body))


def WrongTypes(body: Mapping[str, Any]) -> Reply:
    """Every value of the answer is a list of an object."""
    return Reply({key: [{"unexpected": True}] for key in body})


def HalfJson(body: Payload) -> Reply:
    """Half of the text, with the length of that half: whole for HTTP, broken for JSON."""
    whole = as_bytes(body)
    return Reply(whole[: len(whole) // 2])


@dataclass(frozen=True)
class CutOff:
    """The length of the whole is promised, half is sent, the line is closed."""

    body: Payload

    def play(self, handler: BaseHTTPRequestHandler, server: "FaultServer") -> None:
        whole = as_bytes(self.body)
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(whole)))
        handler.end_headers()
        handler.wfile.write(whole[: len(whole) // 2])
        handler.wfile.flush()
        handler.close_connection = True


@dataclass(frozen=True)
class NoAnswer:
    """The request is taken and nothing comes, until the server ends."""

    def play(self, handler: BaseHTTPRequestHandler, server: "FaultServer") -> None:
        server.ended.wait(60)
        handler.close_connection = True


@dataclass(frozen=True)
class HardReset:
    """RST instead of an answer."""

    def play(self, handler: BaseHTTPRequestHandler, server: "FaultServer") -> None:
        reset(handler.connection)
        handler.close_connection = True


@dataclass(frozen=True)
class Drip:
    """The answer comes byte by byte, `every_s`; with `headers` those too."""

    body: Payload = b"{}"
    every_s: float = 0.1
    headers: bool = False

    def play(self, handler: BaseHTTPRequestHandler, server: "FaultServer") -> None:
        body = as_bytes(self.body)
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        if not self.headers:
            handler.wfile.write(head)
        for byte in head + body if self.headers else body:
            if server.ended.wait(self.every_s):
                return
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()


@dataclass(frozen=True)
class Endless:
    """A body of `size` bytes without a promised length."""

    size: int = 11 * 2**20

    def play(self, handler: BaseHTTPRequestHandler, server: "FaultServer") -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.close_connection = True
        for _ in range(self.size // 65_536):
            handler.wfile.write(b"7" * 65_536)


Answering = Reply | CutOff | NoAnswer | HardReset | Drip | Endless | Callable[["Seen"], Reply]


# --- websocket: the steps of one connection


@dataclass(frozen=True)
class Send:
    message: Payload

    def play(self, line: ServerConnection, server: "FaultServer") -> None:
        line.send(as_text(self.message))


@dataclass(frozen=True)
class Hear:
    """Wait for a message of the client that contains `text`; what it says is in `server.heard`."""

    text: str = ""
    timeout_s: float = 60.0

    def play(self, line: ServerConnection, server: "FaultServer") -> None:
        deadline = time.monotonic() + self.timeout_s
        while True:
            message = line.recv(timeout=max(0.0, deadline - time.monotonic()))
            server.heard.append(str(message))
            if self.text in str(message):
                return


@dataclass(frozen=True)
class Pause:
    seconds: float

    def play(self, line: ServerConnection, server: "FaultServer") -> None:
        server.ended.wait(self.seconds)


@dataclass(frozen=True)
class Mute:
    """Open, answering pings, taking what is said, and silent: until the client leaves."""

    say: Callable[[str], Payload | None] | None = None

    def play(self, line: ServerConnection, server: "FaultServer") -> None:
        while not server.ended.is_set():
            try:
                message = str(line.recv(timeout=0.1))
            except TimeoutError:
                continue
            server.heard.append(message)
            if self.say is not None and (answer := self.say(message)) is not None:
                line.send(as_text(answer))


@dataclass(frozen=True)
class Deaf:
    """Open, and not even pings are answered."""

    def play(self, line: ServerConnection, server: "FaultServer") -> None:
        with line.protocol_mutex:
            server.ended.wait(30)


@dataclass(frozen=True)
class Close:
    code: int = 1000
    reason: str = ""

    def play(self, line: ServerConnection, server: "FaultServer") -> None:
        line.close(self.code, self.reason)


@dataclass(frozen=True)
class Drop:
    """The line is reset without a goodbye (close code 1006)."""

    def play(self, line: ServerConnection, server: "FaultServer") -> None:
        reset(line.socket)


@dataclass(frozen=True)
class HalfFrame:
    """The head of a long frame and half of its text, then nothing more; `then_drop` resets the line."""

    text: str = "x" * 1_000
    then_drop: bool = True

    def play(self, line: ServerConnection, server: "FaultServer") -> None:
        body = self.text.encode()
        line.socket.sendall(b"\x81\x7e" + struct.pack("!H", len(body)) + body[: len(body) // 2])
        if self.then_drop:
            Pause(0.05).play(line, server)
            reset(line.socket)


@dataclass(frozen=True)
class BigFrame:
    """One text frame of `size` bytes."""

    size: int = 10 * 2**20

    def play(self, line: ServerConnection, server: "FaultServer") -> None:
        line.send("7" * self.size)


@dataclass(frozen=True)
class DripFrame:
    """One whole frame, byte by byte."""

    message: Payload
    every_s: float = 0.02

    def play(self, line: ServerConnection, server: "FaultServer") -> None:
        body = as_bytes(self.message)
        with line.protocol_mutex:  # a pong in the middle would make it another fault
            for byte in b"\x81\x7e" + struct.pack("!H", len(body)) + body:
                if server.ended.wait(self.every_s):
                    return
                line.socket.sendall(bytes([byte]))


@dataclass(frozen=True)
class Do:
    """Anything else: `act(line, server)`."""

    act: Callable[[ServerConnection, "FaultServer"], None]

    def play(self, line: ServerConnection, server: "FaultServer") -> None:
        self.act(line, server)


@dataclass(frozen=True)
class RefuseHandshake:
    """As a script's only step: the upgrade is answered with this status."""

    status: int = 429
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


Step = Send | Hear | Pause | Mute | Deaf | Close | Drop | HalfFrame | BigFrame | DripFrame | Do | RefuseHandshake


# --- faults in the order and form of messages


def sent(messages: Iterable[Payload], every_s: float = 0.0) -> list[Step]:
    """A recording, message by message."""
    steps: list[Step] = []
    for message in messages:
        steps.append(Send(message))
        if every_s:
            steps.append(Pause(every_s))
    return steps


def duplicated(messages: Sequence[Payload], at: int) -> list[Payload]:
    return [*messages[: at + 1], messages[at], *messages[at + 1 :]]


def reordered(messages: Sequence[Payload], at: int) -> list[Payload]:
    """`at` and the one after it change places."""
    return [*messages[:at], messages[at + 1], messages[at], *messages[at + 2 :]]


def with_gap(messages: Sequence[Payload], at: int, length: int = 1) -> list[Payload]:
    return [*messages[:at], *messages[at + length :]]


def altered(messages: Sequence[Payload], at: int, old: str, new: str) -> list[Payload]:
    """The text of one message with `old` made `new` (a time far in the future, a wrong checksum, a null)."""
    text = as_bytes(messages[at]).decode()
    if old not in text:
        raise ValueError(f"{old!r} is not in message {at}: {text[:200]}")
    return [*messages[:at], text.replace(old, new, 1), *messages[at + 1 :]]


def connection_limit_after_auth(greeting: Sequence[Step], limit_message: Payload, code: int = 1008) -> list[Step]:
    """The log-in succeeds, then the provider says that there are too many connections and closes."""
    return [*greeting, Send(limit_message), Close(code, "max connections")]


# --- the server


@dataclass(frozen=True)
class Seen:
    """One REST request as it arrived."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    at: float


class FaultServer:
    """Two ports of 127.0.0.1, from `__enter__` to `__exit__`; 0 takes a free one, another may be taken again.

    A free port may have been somebody else's a moment ago, whose clients call there still. So its websocket has an
    address of its own, and who calls another one is a stranger: turned away and not counted.
    """

    def __init__(self, http_port: int = 0, ws_port: int = 0) -> None:
        self._own_path = "" if ws_port else f"/{secrets.token_hex(4)}"
        self.ended = threading.Event()
        self.seen: list[Seen] = []
        self.heard: list[str] = []
        self.connected_at: list[float] = []
        self.paths: list[str] = []
        self.handshakes: list[Mapping[str, str]] = []
        self.errors: list[BaseException] = []
        self._answers: dict[str, list[Answering]] = {}
        self._scripts: list[Sequence[Step]] = []
        self._lock = threading.Lock()
        self._held: set[socket.socket] = set()
        self._http = ThreadingHTTPServer(("127.0.0.1", http_port), self._handler())
        self._http.daemon_threads = True
        self._http.handle_error = lambda *_: None  # type: ignore[method-assign]
        self._ws: Server = serve(
            self._converse, "127.0.0.1", ws_port, process_request=self._upgrade, max_size=None, ping_interval=None
        )
        self._pending: dict[int, Sequence[Step]] = {}

    def __enter__(self) -> "FaultServer":
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        threading.Thread(target=self._ws.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._http.shutdown()
        self._http.server_close()
        for line in list(self._held):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        self._ws.shutdown()

    @property
    def http_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self._ws.socket.getsockname()[1]}{self._own_path}"

    @property
    def connections(self) -> int:
        return len(self.connected_at)

    def answers(self, path: str, *answers: Answering) -> None:
        """What requests of `path` (`*`: any other) get, one after the other; the last one repeats."""
        self._answers[path] = list(answers)

    def plays(self, *steps: Step) -> None:
        """The script of one more connection; the last script repeats."""
        self._scripts.append(steps)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                server._held.add(self.connection)

            def finish(self) -> None:
                server._held.discard(self.connection)
                with contextlib.suppress(OSError):
                    super().finish()

            def do_GET(self) -> None:
                split = urlsplit(self.path)
                seen = Seen(split.path, dict(parse_qsl(split.query)), dict(self.headers.items()), time.monotonic())
                server.seen.append(seen)
                answer = server._next_answer(split.path)
                if callable(answer):
                    answer = answer(seen)
                answer.play(self, server)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler

    def _next_answer(self, path: str) -> Answering:
        with self._lock:
            left = self._answers.get(path) or self._answers.get("*") or [Status(404, {"error": f"no {path} here"})]
            return left.pop(0) if len(left) > 1 else left[0]

    def _next_script(self) -> Sequence[Step]:
        with self._lock:
            if not self._scripts:
                return [Mute()]
            return self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]

    def _upgrade(self, line: ServerConnection, request: Request) -> Response | None:
        if not request.path.startswith(self._own_path):
            return Response(HTTPStatus.NOT_FOUND.value, "Not Found", Headers({"Content-Length": "0"}))
        self.connected_at.append(time.monotonic())
        self.paths.append(request.path.removeprefix(self._own_path) or "/")
        self.handshakes.append(dict(request.headers.raw_items()))
        script = self._next_script()
        if script and isinstance(script[0], RefuseHandshake):
            status, body = HTTPStatus(script[0].status), script[0].body
            headers = Headers({"Content-Length": str(len(body)), **script[0].headers})
            return Response(status.value, status.phrase, headers, body)
        self._pending[id(line)] = script
        return None

    def _converse(self, line: ServerConnection) -> None:
        try:
            for step in self._pending.pop(id(line)):
                if not isinstance(step, RefuseHandshake):
                    step.play(line, self)
        except (ConnectionClosed, OSError, TimeoutError, EOFError) as error:
            self.errors.append(error)


def reset(line: socket.socket) -> None:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
    os.close(line.detach())
