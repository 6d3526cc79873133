"""What a page may say, and how much of it. Bytes in, requests out; the first wrong one ends the conversation."""

from collections.abc import Iterator
from typing import Annotated, Any, Protocol

import msgspec
from msgspec import Struct
from wsproto.connection import ConnectionState
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, Pong, TextMessage

MOST_BYTES = 4_096
MOST_PER_SECOND = 50
MOST_TOPICS = 64
MOST_WATCHED = 100

MALFORMED = 4400
UNHEARD = 4408
TOO_LARGE = 4409
TOO_MANY = 4429

TopicName = Annotated[str, msgspec.Meta(max_length=48)]
TopicNames = Annotated[list[TopicName], msgspec.Meta(max_length=MOST_TOPICS)]


class ResumePoint(msgspec.Struct, frozen=True):
    """The last sequence number that the page has of each topic, from the run of the server called `epoch`."""

    epoch: str
    seq: dict[str, int]


class Subscribe(msgspec.Struct, frozen=True, tag_field="op", tag="subscribe"):
    topics: TopicNames
    resume: ResumePoint | None = None


class Unsubscribe(msgspec.Struct, frozen=True, tag_field="op", tag="unsubscribe"):
    topics: TopicNames


class AskSnapshot(msgspec.Struct, frozen=True, tag_field="op", tag="snapshot"):
    topic: TopicName


class Pause(msgspec.Struct, frozen=True, tag_field="op", tag="pause"):
    pass


class Resume(msgspec.Struct, frozen=True, tag_field="op", tag="resume"):
    pass


class Watch(msgspec.Struct, frozen=True, tag_field="op", tag="watch"):
    """The symbols of the page's watchlist, whether it follows anything of them or not."""

    symbols: Annotated[list[TopicName], msgspec.Meta(max_length=MOST_WATCHED)]


class AskPong(msgspec.Struct, frozen=True, tag_field="op", tag="ping"):
    echo: Annotated[float, msgspec.Meta(ge=-1e15, le=1e15)] | None = None


Request = Subscribe | Unsubscribe | AskSnapshot | Pause | Resume | Watch | AskPong


class ProtocolPing(Struct, frozen=True):
    """An RFC 6455 ping, to be answered with the same payload."""

    payload: bytes


class Violation(Struct, frozen=True):
    """Why the socket is closed: the close code and a sentence with what was wanted and what was found."""

    code: int
    message: str


class PeerClosed(Struct, frozen=True):
    """The page took its leave."""

    code: int


Heard = Request | ProtocolPing | Violation | PeerClosed


class Decoder(Protocol):
    """The server's half of a WebSocket connection without its socket (wsproto's WSConnection)."""

    @property
    def state(self) -> ConnectionState: ...

    def receive_data(self, data: bytes | None) -> None: ...

    def events(self) -> Iterator[Event]: ...


class Intake:
    """One socket's incoming side. After a violation or a farewell it listens no more."""

    def __init__(self, decoder: Decoder, now_s: float) -> None:
        self._decoder = decoder
        self._parts: list[str] = []
        self._size = 0
        self._allowance = float(MOST_PER_SECOND)
        self._counted_at = now_s
        self.is_over = False

    def feed(self, data: bytes, now_s: float) -> Iterator[Heard]:
        """What `data` completes, in order; `now_s` is a monotonic clock's."""
        if self.is_over:
            return
        self._decoder.receive_data(data)
        for event in self._decoder.events():
            heard = self._heard(event, now_s)
            self.is_over = isinstance(heard, Violation | PeerClosed)
            if heard is not None:
                yield heard
            if self.is_over:
                return

    def _heard(self, event: Event, now_s: float) -> Heard | None:
        if isinstance(event, CloseConnection):
            return self._farewell(event)
        if not self._is_allowed(now_s):
            return Violation(TOO_MANY, f"wanted at most {MOST_PER_SECOND} messages a second, found more")
        if isinstance(event, TextMessage):
            return self._text(event)
        if isinstance(event, BytesMessage):
            return Violation(MALFORMED, "wanted a text message, found a binary one")
        if isinstance(event, Ping):
            return ProtocolPing(bytes(event.payload))
        return None if isinstance(event, Pong) else Violation(MALFORMED, f"wanted a message, found {event}")

    def _farewell(self, event: CloseConnection) -> Heard:
        code = int(event.code)
        if self._decoder.state is ConnectionState.OPEN:
            return Violation(code, f"wanted frames as in RFC 6455, found: {event.reason}")
        return PeerClosed(code)

    def _is_allowed(self, now_s: float) -> bool:
        refilled = self._allowance + (now_s - self._counted_at) * MOST_PER_SECOND
        self._allowance = min(float(MOST_PER_SECOND), refilled) - 1
        self._counted_at = now_s
        return self._allowance >= 0

    def _text(self, event: TextMessage) -> Heard | None:
        self._size += len(event.data.encode())
        if self._size > MOST_BYTES:
            return Violation(TOO_LARGE, f"wanted a message of at most {MOST_BYTES} bytes, found at least {self._size}")
        self._parts.append(event.data)
        if not event.message_finished:
            return None
        message = "".join(self._parts)
        self._parts, self._size = [], 0
        return request(message)


_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Request)


def request(message: str) -> Request | Violation:
    """Reads one message of the page."""
    try:
        read: Request = _decoder.decode(message)
    except (msgspec.MsgspecError, RecursionError) as error:
        return Violation(MALFORMED, f"{error}; wanted a message as in docs/stream.md, found {message[:60]!r}")
    return read
