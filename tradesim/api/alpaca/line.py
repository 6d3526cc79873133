"""One WebSocket: anybody may send without waiting, one thread listens. Plain frames, never compressed."""

import contextlib
import select
import sys
import threading
from time import monotonic
from typing import Any

from wsproto.events import BytesMessage, CloseConnection, Message, Ping, TextMessage
from wsproto.utilities import ProtocolError

from tradesim.stream.frames import close_frame, frame, pong_frame
from tradesim.stream.wires import hang_up, wire_to

MOST_UNSENT = 8 * 1024 * 1024
"""Bytes that may wait for a reader before the line is cut."""
FLUSH_S = 0.02
GOING_AWAY = 1001
TOO_BIG = 1009
LARGEST_MESSAGE = 4 * 1024 * 1024
TEXT, BINARY = 0x1, 0x2


class Line:
    """Made of a handshaken simple_websocket server, whose own thread does not run."""

    def __init__(self, ws: Any) -> None:
        self._sock, self._parser = ws.sock, ws.ws
        self._wire = wire_to(ws.sock)
        self._turn = threading.Lock()
        self._unsent = bytearray()
        self._parts: list[str | bytes] = []
        self._size = 0
        self._heard: list[str | bytes] = []
        self._is_unread = self._wire.is_buffered
        """Bytes may be in there already that no system call will tell us of."""
        self.is_open = True

    def send(self, payload: bytes, is_binary: bool = False) -> None:
        """At once as far as the kernel takes it; the rest follows. One who does not read is cut off."""
        self._put(frame(BINARY if is_binary else TEXT, payload))

    def receive(self, timeout_s: float) -> str | bytes | None:
        """The next message; None when none came in time, or the line is closed."""
        until = monotonic() + timeout_s
        if self._is_unread and not self._heard:
            self._read()
        while self.is_open and not self._heard:
            left = until - monotonic()
            if left <= 0:
                return None
            if not is_readable(self._wire.fileno(), min(left, FLUSH_S) if self._unsent else left):
                self._put(b"")
                continue
            self._read()
        return self._heard.pop(0) if self._heard else None

    def close(self, code: int = GOING_AWAY, reason: str = "") -> None:
        """Say so, and hang up."""
        if self.is_open:
            self._put(close_frame(code, reason))
            self.is_open = False
        hang_up(self._sock)

    def _put(self, data: bytes) -> None:
        with self._turn:
            if not self.is_open:
                return
            self._unsent += data
            try:
                sent = self._wire.send(bytes(self._unsent)) if self._unsent else 0
            except OSError:
                self.is_open = False
                return
            del self._unsent[:sent]
            if len(self._unsent) > MOST_UNSENT:
                self.is_open = False
                hang_up(self._sock)

    def _read(self) -> None:
        """What has come, up to a message; where nobody would tell us of the rest we know that there may be more."""
        self._is_unread = False
        while (data := self._wire.receive()) is not None:
            self._feed(data)
            if not self.is_open or not self._wire.is_buffered:
                return
            if self._heard:
                self._is_unread = True
                return

    def _feed(self, data: bytes) -> None:
        if not data:
            self.is_open = False
            return
        try:
            self._parser.receive_data(data)
            for event in self._parser.events():
                self._on_event(event)
        except ProtocolError:
            self.is_open = False

    def _on_event(self, event: Any) -> None:
        match event:
            case Ping():
                self._put(pong_frame(bytes(event.payload)))
            case CloseConnection():
                self._put(close_frame(int(event.code) if event.code else 1000))
                self.is_open = False
            case TextMessage() | BytesMessage():
                self._take(event)

    def _take(self, event: Message[Any]) -> None:
        self._parts.append(event.data)
        self._size += len(event.data)
        if self._size > LARGEST_MESSAGE:
            self.close(TOO_BIG, "the message is too big")
        elif event.message_finished:
            whole = "".join(self._parts) if isinstance(event, TextMessage) else b"".join(self._parts)  # type: ignore[arg-type]
            self._heard.append(whole)
            self._parts, self._size = [], 0


class Lines:
    """All that are open, so that they can be ended when the house closes."""

    def __init__(self) -> None:
        self._open: set[Line] = set()
        self._is_closing = False

    def __len__(self) -> int:
        return len(self._open)

    @contextlib.contextmanager
    def opened(self, ws: Any) -> Any:
        line = Line(ws)
        self._open.add(line)
        try:
            if self._is_closing:
                line.close()
            yield line
        finally:
            self._open.discard(line)
            line.close(1000)
            ws.connected = False

    def stop(self) -> None:
        self._is_closing = True
        for line in list(self._open):
            line.close()


def is_readable(fd: int, timeout_s: float) -> bool:
    if sys.platform == "win32":
        return bool(select.select([fd], [], [], timeout_s)[0])
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(timeout_s * 1_000))
