"""`/v2/events/trades`: trade updates as server-sent events, the way Go programs follow their orders."""

import queue
from collections.abc import Callable, Iterator

import msgspec
from flask import Blueprint, Response, g, request, stream_with_context
from msgspec import Struct

from tradesim.api.alpaca.auth import Keys, watched
from tradesim.api.alpaca.door import account_id
from tradesim.api.alpaca.reading import Query
from tradesim.api.alpaca.seats import Seats
from tradesim.api.alpaca.stream import crowded
from tradesim.api.alpaca.updates import Said, Updates
from tradesim.desk.desk import Desk

BEAT_S = 5.0
LOOK_S = 0.5
MOST_WAITING = 10_000


class Reader:
    """One program that reads; what it has not read yet waits here, up to a bound."""

    def __init__(self) -> None:
        self.waiting: queue.SimpleQueue[Said] = queue.SimpleQueue()
        self.is_lost = False

    def tell(self, said: Said) -> None:
        if self.waiting.qsize() < MOST_WAITING:
            self.waiting.put(said)
        else:
            self.is_lost = True


class Span(Struct, frozen=True):
    """Moments in UTC ns, both included; event ids are exclusive at the beginning."""

    since: int | None
    until: int | None
    since_id: str
    until_id: str

    @property
    def begins(self) -> bool:
        """Whether the past is asked for."""
        return self.since is not None or bool(self.since_id)

    def has_begun(self, said: Said) -> bool:
        return (self.since is None or said.at >= self.since) and said.event_id > self.since_id

    def is_past(self, said: Said) -> bool:
        is_late = self.until is not None and said.at > self.until
        return is_late or (bool(self.until_id) and said.event_id > self.until_id)


class Events:
    """All that are read now; `stop` ends them when the house closes."""

    def __init__(self, desk: Desk, updates: Updates) -> None:
        self._desk, self._updates = desk, updates
        self._is_over = False

    def stop(self) -> None:
        self._is_over = True

    def lines(self, account: str, query: Query, is_kept: Callable[[], bool] = lambda: True) -> Iterator[bytes]:
        """What is kept since the moment or the event asked for, then what happens, until the end asked for.

        It ends too when `is_kept`, asked again and again, says that the key is revoked.
        """
        span = Span(query.moment("since"), query.moment("until"), query.word("since_id"), query.word("until_id"))
        return self._lines(account, span, is_kept)

    def _lines(self, account: str, span: Span, is_kept: Callable[[], bool]) -> Iterator[bytes]:
        reader = Reader()
        leave = self._updates.listen(account, reader)
        try:
            yield b": welcome\n\n"
            seen = 0
            for said in self._updates.recent(account) if span.begins else ():
                if span.is_past(said):
                    return
                if span.has_begun(said):
                    seen = said.seq
                    yield self._line(said)
            yield from self._live(reader, span, seen, is_kept)
        finally:
            leave()

    def _live(self, reader: Reader, span: Span, seen: int, is_kept: Callable[[], bool]) -> Iterator[bytes]:
        quiet_s = 0.0
        while not self._is_over and not reader.is_lost:
            said = waited(reader)
            if not is_kept():
                return
            if said is None:
                quiet_s += LOOK_S
                if span.until is not None and self._desk.status().now > span.until:
                    return
            elif span.is_past(said):
                return
            elif said.seq > seen:
                quiet_s = 0.0
                yield self._line(said)
            if quiet_s >= BEAT_S:
                quiet_s = 0.0
                yield b": heartbeat\n\n"

    def _line(self, said: Said) -> bytes:
        return b"data: " + msgspec.json.encode(self._updates.shape(said)) + b"\n\n"


def waited(reader: Reader) -> Said | None:
    try:
        return reader.waiting.get(timeout=LOOK_S)
    except queue.Empty:
        return None


def register(api: Blueprint, desk: Desk, updates: Updates, keys: Keys, seats: Seats) -> Events:
    events = Events(desk, updates)

    @api.get("/v2/events/trades")
    def on_events() -> Response:
        lines = events.lines(account_id(desk), Query(request.args), watched(request.headers, keys))
        seat = seats.take(g.alpaca_account)
        if seat is None:
            return crowded()
        answer = Response(
            stream_with_context(lines), mimetype="text/event-stream", headers={"Cache-Control": "no-store"}
        )
        answer.call_on_close(seat.leave)
        return answer

    return events
