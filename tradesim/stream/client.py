"""One page on the other end of a socket, as the hub's thread knows it."""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from tradesim.stream.requests import Intake
from tradesim.stream.wires import Wire

MOST_NOTES = 8


@dataclass(slots=True, eq=False)
class Client:
    """`behind` is None while the client has all that was said on its topics, and is written to with all others.

    Else it is apart: `behind` holds the last sequence number it has of each topic (None: nothing), `tail` the
    unsent rest of a frame since `tail_since`, `notes` what only this client is told.
    """

    sock: socket.socket
    wire: Wire
    intake: Intake
    heard_at: float
    topics: tuple[str, ...] = ()
    watched: frozenset[str] = frozenset()
    """The symbols of its watchlist."""
    held: dict[str, int | None] | None = None
    """While it is paused: what it had of each topic then."""
    behind: dict[str, int | None] | None = None
    notes: list[bytes] = field(default_factory=list)
    tail: bytes = b""
    tail_since: float = 0.0
    pinged_at: float = 0.0
    ends_at: float | None = None
    """When it is hung up on, once it was told to go."""
    released: threading.Event = field(default_factory=threading.Event)
    """Set when no thread but the handler's touches the socket any more."""
    send: Callable[[bytes], int] = field(init=False)
    """The wire's, at hand: it is called for every page and frame."""

    def __post_init__(self) -> None:
        self.send = self.wire.send

    @property
    def is_paused(self) -> bool:
        return self.held is not None

    @property
    def wanted(self) -> tuple[str, ...]:
        """The topics it is sent now."""
        return () if self.is_paused else self.topics

    def note(self, message: bytes) -> None:
        """Keeps at most the latest few: one who does not read is not owed every pong."""
        self.notes.append(message)
        del self.notes[:-MOST_NOTES]
