"""One thread listens to every socket. It decides nothing: what it hears it passes to the hub."""

import contextlib
import logging
import selectors
import socket
import threading
from collections import deque
from collections.abc import Callable
from time import monotonic

from msgspec import Struct

from tradesim.stream.client import Client
from tradesim.stream.requests import Heard

logger = logging.getLogger(__name__)


class Ended(Struct, frozen=True):
    """The connection is over and the reader has let go of it."""


Tell = Callable[[Client, Heard | Ended], None]


class Reader:
    """`tell` is called on the reader's thread."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._arrivals: deque[Client] = deque()
        self._selector = selectors.DefaultSelector()
        self._bell, self._ear = socket.socketpair()
        for end in (self._bell, self._ear):
            end.setblocking(False)
        self._selector.register(self._ear, selectors.EVENT_READ, None)
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="stream-reader", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 1.0) -> None:
        self._is_stopping = True
        self._ring()
        self._thread.join(timeout_s)

    def add(self, client: Client) -> None:
        self._arrivals.append(client)
        self._ring()

    def _ring(self) -> None:
        with contextlib.suppress(OSError):
            self._bell.send(b"!")

    def _run(self) -> None:
        try:
            while not self._is_stopping:
                self._listen()
        finally:
            self._selector.close()
            self._bell.close()
            self._ear.close()

    def _listen(self) -> None:
        for key, _ in self._selector.select():
            client: Client | None = key.data
            if client is None:
                self._welcome()
                continue
            try:
                self._hear(client)
            except Exception:
                logger.exception("could not read what a page sent")
                self._end(client)

    def _welcome(self) -> None:
        with contextlib.suppress(OSError):
            self._ear.recv(4_096)
        while self._arrivals:
            client = self._arrivals.popleft()
            try:
                self._selector.register(client.wire.fileno(), selectors.EVENT_READ, client)
            except (OSError, ValueError, KeyError) as error:
                logger.warning("a page's socket cannot be listened to: %s", error)
                self._tell(client, Ended())
                continue
            if client.wire.is_buffered:
                self._hear(client)

    def _hear(self, client: Client) -> None:
        """One chunk of each socket at a time, so that one that never stops talking does not deafen us to the rest."""
        while (data := client.wire.receive()) is not None:
            if not data:
                self._end(client)
                return
            client.heard_at = monotonic()
            for heard in client.intake.feed(data, client.heard_at):
                self._tell(client, heard)
            if not client.wire.is_buffered:
                return

    def _end(self, client: Client) -> None:
        with contextlib.suppress(KeyError, ValueError, OSError):
            self._selector.unregister(client.wire.fileno())
        self._tell(client, Ended())
