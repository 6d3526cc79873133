"""`/v2/events/trades`: trade updates as server-sent events, the way Go programs follow their orders."""

import queue
from collections.abc import Iterator

import msgspec
from flask import Blueprint, Response, request, stream_with_context

from tradesim.api.alpaca.door import account_id
from tradesim.api.alpaca.reading import Query
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


class Events:
    """All that are read now; `stop` ends them when the house closes."""

    def __init__(self, desk: Desk, updates: Updates) -> None:
        self._desk, self._updates = desk, updates
        self._is_over = False

    def stop(self) -> None:
        self._is_over = True

    def lines(self, account: str, query: Query) -> Iterator[bytes]:
        since, until = query.moment("since"), query.moment("until")
        since_id, until_id = query.word("since_id"), query.word("until_id")
        reader = Reader()
        leave = self._updates.listen(account, reader)
        seen = 0
        try:
            yield b": welcome\n\n"
            if since is not None or since_id:
                for said in self._updates.recent(account):
                    if (since is None or said.at >= since) and (not since_id or said.event_id > since_id):
                        if is_past(said, until, until_id):
                            return
                        seen = said.seq
                        yield self._line(said)
            quiet = 0.0
            while not self._is_over and not reader.is_lost:
                said = waited(reader)
                if said is None:
                    quiet += LOOK_S
                    if until is not None and self._desk.status().now > until:
                        return
                    if quiet >= BEAT_S:
                        quiet = 0.0
                        yield b": heartbeat\n\n"
                elif is_past(said, until, until_id):
                    return
                elif said.seq > seen:
                    yield self._line(said)
        finally:
            leave()

    def _line(self, said: Said) -> bytes:
        return b"data: " + msgspec.json.encode(self._updates.shape(said)) + b"\n\n"


def waited(reader: Reader) -> Said | None:
    try:
        return reader.waiting.get(timeout=LOOK_S)
    except queue.Empty:
        return None


def is_past(said: Said, until: int | None, until_id: str) -> bool:
    return (until is not None and said.at > until) or bool(until_id and said.event_id > until_id)


def register(api: Blueprint, desk: Desk, updates: Updates) -> Events:
    events = Events(desk, updates)

    @api.get("/v2/events/trades")
    def on_events() -> Response:
        lines = events.lines(account_id(desk), Query(request.args))
        return Response(stream_with_context(lines), mimetype="text/event-stream", headers={"Cache-Control": "no-store"})

    return events
