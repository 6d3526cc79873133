"""A page in Python: one raw WebSocket, so that a test sees the very bytes and may send any."""

import base64
import contextlib
import json
import os
import socket
import struct
from time import monotonic

from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, Pong, TextMessage

from tests.waiting import PATIENCE_S


class Refusal(Exception):
    """The server answered the knock with something else than 101."""

    def __init__(self, head):
        super().__init__(head)
        self.status = int(head.split()[1])
        self.headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)


def knock(port, origin="", receive_buffer=0, path="/ws"):
    """A connected socket after the upgrade, and what came behind it."""
    sock = socket.socket()
    if receive_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.settimeout(PATIENCE_S)
    sock.connect(("127.0.0.1", port))
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
    ]
    if origin is not None:
        lines.append(f"Origin: {origin or f'http://127.0.0.1:{port}'}")
    sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = sock.recv(4_096)
        if not chunk:
            raise Refusal(data.decode() or "closed 0")
        data += chunk
    head, rest = data.split(b"\r\n\r\n", 1)
    if b" 101 " not in head.split(b"\r\n")[0]:
        sock.close()
        raise Refusal(head.decode())
    assert b"extensions" not in head.lower()
    return sock, rest


class Page:
    """Keeps what it heard: `messages`, `close` (code and reason), `pongs`."""

    def __init__(self, port, **how):
        self.sock, rest = knock(port, **how)
        self._connection = Connection(ConnectionType.CLIENT)
        self.messages = []
        self.frames = 0
        self.close = None
        self.pongs = []
        self.is_ended = False
        self._text = ""
        self._take(rest)

    def say(self, **message):
        self.say_text(json.dumps(message))

    def say_text(self, text):
        self.send(0x1, text.encode())

    def send(self, opcode, payload, fin=True):
        size = len(payload)
        head = struct.pack("!B", (0x80 if fin else 0) | opcode)
        head += struct.pack("!B", 0x80 | size) if size < 126 else struct.pack("!BH", 0x80 | 126, size)
        self.sock.sendall(head + b"\0\0\0\0" + payload)

    def hear(self, wanted, timeout_s=PATIENCE_S):
        """Listen until `wanted(self)` holds; the answer."""
        until = monotonic() + timeout_s
        while not (answer := wanted(self)):
            left = until - monotonic()
            assert left > 0, f"not heard in {timeout_s} s; last: {self.messages[-3:]}, close {self.close}"
            assert not self.is_ended, f"the connection ended; last: {self.messages[-3:]}, close {self.close}"
            self.listen(min(left, 0.2))
        return answer

    def listen(self, timeout_s=0.0):
        self.sock.settimeout(max(timeout_s, 1e-3))
        try:
            data = self.sock.recv(65_536)
        except (TimeoutError, BlockingIOError):
            return
        except OSError:
            data = b""
        if data:
            self._take(data)
        else:
            self.is_ended = True

    def listen_for(self, seconds):
        until = monotonic() + seconds
        while monotonic() < until and not self.is_ended:
            self.listen(0.05)

    def of(self, topic):
        return [message for message in self.messages if message["t"] == topic]

    def end(self):
        self.sock.close()

    def _agree(self, code):
        with contextlib.suppress(OSError):
            self.send(0x8, struct.pack("!H", code))

    def _take(self, data):
        self._connection.receive_data(data)
        for event in self._connection.events():
            if isinstance(event, TextMessage):
                self._text += event.data
                if event.message_finished:
                    self.frames += 1
                    self.messages += json.loads(self._text)
                    self._text = ""
            elif isinstance(event, CloseConnection):
                self.close = (int(event.code), event.reason)
                self._agree(int(event.code))
            elif isinstance(event, Pong):
                self.pongs.append(bytes(event.payload))
