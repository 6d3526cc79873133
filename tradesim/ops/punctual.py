"""Who sends half a request holds no thread for long, and few of them hold one at once."""

import io
import select
import threading
from time import monotonic
from typing import Any

from gunicorn.http.errors import (
    ConfigurationProblem,
    ExpectationFailed,
    ForbiddenProxyRequest,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)

HEAD_S = 10.0
BODY_S = 5.0
SLOWEST = 256 * 1024
"""Bytes a second that a large body must come with, beside `BODY_S`."""
LARGEST_FETCHED = 1024 * 1024
"""Bytes of a body that are fetched before the application is asked; it reads larger ones as they come."""
FAREWELL_S = 0.5
MOST_DRAINED = 64 * 1024
"""Bytes that are read of what nobody wants, before the connection ends."""
MOST_WAITED_FOR = 64
"""Connections whose next bytes may be waited for in a thread at once, and at most in every fourth thread."""
STATUS_BY_FAULT = {
    LimitRequestLine: 414,
    LimitRequestHeaders: 431,
    UnsupportedTransferCoding: 501,
    ExpectationFailed: 417,
    ForbiddenProxyRequest: 403,
    ConfigurationProblem: 500,
}


class Unfinished(Exception):
    """The rest of a request did not come in time, or cannot be waited for: what to answer."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Punctual:
    """The socket `sock` for reading, whose bytes must have come within the time allowed last."""

    def __init__(self, sock: Any, waiting: threading.BoundedSemaphore) -> None:
        self._sock, self._waiting = sock, waiting
        self.allow(HEAD_S)

    def allow(self, seconds: float) -> None:
        self._seconds, self._deadline = seconds, monotonic() + seconds

    def recv(self, size: int) -> bytes:
        """As the socket's. Raises Unfinished."""
        if is_readable(self._sock, 0):
            return self._receive(size)
        if not self._waiting.acquire(blocking=False):
            raise Unfinished(503, "too many requests are half sent: send this one again, whole")
        try:
            return self._receive(size)
        finally:
            self._waiting.release()

    def _receive(self, size: int) -> bytes:
        left = self._deadline - monotonic()
        if left <= 0:
            raise Unfinished(408, f"wanted the whole request within {self._seconds:.0f} s")
        before = self._sock.gettimeout()
        self._sock.settimeout(left)
        try:
            data: bytes = self._sock.recv(size)
        except TimeoutError:
            raise Unfinished(408, f"wanted the whole request within {self._seconds:.0f} s") from None
        finally:
            self._sock.settimeout(before)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class Fetched(io.BytesIO):
    """A body that has come whole."""

    failed = False


def is_readable(sock: Any, timeout_s: float) -> bool:
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(timeout_s * 1e3))


def drain(sock: Any) -> None:
    """Read what the other side still sends, until it closes too: an answer may be lost where that is left unread."""
    deadline, left = monotonic() + FAREWELL_S, MOST_DRAINED
    while left > 0 and (seconds := deadline - monotonic()) > 0:
        sock.settimeout(seconds)
        try:
            data = sock.recv(4096)
        except TimeoutError:
            return
        if not data:
            return
        left -= len(data)


def fetch_body(req: Any, line: Punctual) -> None:
    """Have the body there before the application is asked. Raises Unfinished and gunicorn's ParseException."""
    size, is_chunked = body_size(req), has(req, "TRANSFER-ENCODING")
    if not size and not is_chunked:
        return
    if size > LARGEST_FETCHED or has(req, "EXPECT"):
        line.allow(BODY_S + max(size, LARGEST_FETCHED) / SLOWEST)
        return
    line.allow(BODY_S)
    body = req.body.read(LARGEST_FETCHED + 1)
    if len(body) > LARGEST_FETCHED:
        raise Unfinished(413, f"wanted at most {LARGEST_FETCHED:,} bytes where no Content-Length is told")
    req.body = Fetched(body)


def body_size(req: Any) -> int:
    """As the request says it, in bytes; gunicorn takes digits alone."""
    return next((int(value) for name, value in req.headers if name == "CONTENT-LENGTH"), 0)


def has(req: Any, header: str) -> bool:
    return any(name == header for name, _ in req.headers)


def status_and_sentence(fault: Exception) -> tuple[int, str] | None:
    """What to answer to a request that is none; None where the fault is not the client's."""
    if isinstance(fault, Unfinished):
        return fault.status, str(fault)
    if isinstance(fault, ParseException):
        return STATUS_BY_FAULT.get(type(fault), 400), f"request format is invalid: {fault}"
    return None
