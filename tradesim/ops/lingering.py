"""gunicorn's threaded worker for a desk that is asked again and again on the same connection.

After an answer the connection keeps its thread for a moment, so that the next request does not have to find its way
through the poller and another thread; and what changes something goes before the frames of the stream.
"""

import contextlib
import select
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from tradesim.ops.worker import PRECEDENCE

LINGER_S = 0.1
MOST_LINGERERS = 8
"""Threads that may wait so at once; the others are free for new connections at once."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})


class LingeringWorker(ThreadWorker):  # type: ignore[misc]
    """As its parent; what it adds is bounded, so that no thread is missed elsewhere."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lingerers = 0

    def handle(self, conn: TConn) -> Any:
        kept = super().handle(conn)
        while kept is True and self._is_asked_again(conn):
            kept = super().handle(conn)
        return kept

    def handle_request(self, req: Any, conn: TConn) -> Any:
        precedence = getattr(self.wsgi, "extensions", {}).get(PRECEDENCE)
        with contextlib.nullcontext() if precedence is None or req.method in READING else precedence:
            return super().handle_request(req, conn)

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


def is_readable(sock: Any, timeout_s: float) -> bool:
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(timeout_s * 1e3))
