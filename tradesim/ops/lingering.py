"""gunicorn's threaded worker for a desk that is asked again and again on the same connection.

After an answer the connection keeps its thread for a moment, so that the next request does not have to find its way
through the poller and another thread; what changes something goes before the frames of the stream; and an answer whose
length is known leaves in one write: each lets go of the GIL, and waits for it.
"""

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from http import HTTPStatus
from typing import Any

from gunicorn import util
from gunicorn.http.wsgi import Response
from gunicorn.workers.gthread import _DEFER, TConn, ThreadWorker

from tradesim.ops.punctual import (
    HEAD_S,
    MOST_DRAINED,
    MOST_WAITED_FOR,
    Punctual,
    body_size,
    drain,
    fetch_body,
    is_readable,
    status_and_sentence,
)
from tradesim.ops.worker import PRECEDENCE, REFUSAL

LINGER_S = 0.1
MOST_LINGERERS = 8
"""Threads that may wait so at once; the others are free for new connections at once."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})


class LingeringWorker(ThreadWorker):  # type: ignore[misc]
    """As its parent; what it adds is bounded, so that no thread is missed elsewhere."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lingerers = 0
        self._waiting = threading.BoundedSemaphore(max(1, min(MOST_WAITED_FOR, self.cfg.threads // 4)))

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self.wsgi.wsgi_app = InOneWrite(self.wsgi.wsgi_app)

    def handle(self, conn: TConn) -> Any:
        if not conn.initialized:
            if not conn.data_ready and not conn.wait_for_data(LINGER_S):
                return _DEFER
            conn.init = partial(self._begin, conn, conn.init)
        kept = self._handle_one(conn)
        while kept is True and self._is_asked_again(conn):
            kept = self._handle_one(conn)
        if not kept:
            self._part(conn.sock)
        return kept

    def _part(self, sock: Any) -> None:
        """Take leave here: gunicorn waits for the other side in the thread that accepts, two seconds for each."""
        with contextlib.suppress(OSError, ValueError):
            sock.shutdown(socket.SHUT_WR)
            if self._waiting.acquire(blocking=False):
                try:
                    drain(sock)
                finally:
                    self._waiting.release()
            sock.shutdown(socket.SHUT_RDWR)

    def _begin(self, conn: TConn, init: Callable[[], None]) -> None:
        init()
        if not conn.is_http2:
            unreader = conn.parser.unreader
            unreader.sock = Punctual(unreader.sock, self._waiting)

    def _handle_one(self, conn: TConn) -> Any:
        if conn.initialized and not conn.is_http2:
            conn.parser.unreader.sock.allow(HEAD_S)
        return super().handle(conn)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """After a large body, read or not, the connection ends, and its answer says so."""
        if body_size(req) >= MOST_DRAINED:
            req.force_close()
        fetch_body(req, conn.parser.unreader.sock)
        precedence = getattr(self.wsgi, "extensions", {}).get(PRECEDENCE)
        with contextlib.nullcontext() if precedence is None or req.method in READING else precedence:
            return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """What is no request is told so as JSON, in the form of the API that it was for."""
        found = status_and_sentence(exc)
        if found is None:
            super().handle_error(req, client, addr, exc)
            return
        status, sentence = found
        self.log.warning("Invalid request from ip=%s: %s", (addr or ("",))[0], sentence)
        say = getattr(self.wsgi, "extensions", {}).get(REFUSAL, plainly)
        body = say(getattr(req, "path", "") or "", status, sentence)
        head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nConnection: close\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        with contextlib.suppress(OSError):
            util.write_nonblock(client, head.encode() + body)

    def _is_asked_again(self, conn: TConn) -> bool:
        """Whether the next request has begun to come while the thread was still there."""
        if not self.alive or conn.cfg.is_ssl or self._lingerers >= MOST_LINGERERS:
            return False
        if conn.parser.unreader.buf.getvalue():
            return True
        self._lingerers += 1
        try:
            return is_readable(conn.sock, LINGER_S)
        finally:
            self._lingerers -= 1


def plainly(_path: str, status: int, sentence: str) -> bytes:
    return json.dumps({"code": status, "message": sentence}).encode()


class InOneWrite:
    """A WSGI application before `app`. Where gunicorn asks, `start_response` is a method of its Response; whoever else
    asks, such as the server itself, gets what it would.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = self._app(environ, start_response)
        answer = getattr(start_response, "__self__", None)
        if (
            not isinstance(answer, Response)
            or answer.response_length is None
            or isinstance(body, environ["wsgi.file_wrapper"])
        ):
            return body
        answer.sock = HeldHead(answer.sock)
        return Held(body, answer.sock)


class HeldHead:
    """A socket that keeps the first that is written to it, an answer's head, until more is written or it is let go."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._head: bytes | None = None
        self.sendall: Callable[[bytes], Any] = self._hold

    def _hold(self, head: bytes) -> None:
        self._head, self.sendall = head, self._join

    def _join(self, data: bytes) -> None:
        head, self._head, self.sendall = self._head or b"", None, self._sock.sendall
        self._sock.sendall(head + data)

    def let_go(self) -> None:
        if self._head is not None:
            self._join(b"")


class Held:
    """`body` as it is; at its end the head of an answer without one goes too."""

    def __init__(self, body: Iterable[bytes], sock: HeldHead) -> None:
        self._body, self._sock = body, sock

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        self._sock.let_go()
        if hasattr(self._body, "close"):
            self._body.close()
