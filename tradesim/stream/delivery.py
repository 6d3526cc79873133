"""Who is written to, and how: those with the same topics share one frame, those who lack something are told alone.

No send waits: a page with no room is set apart, and later told what it lacks.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from time import monotonic
from typing import Any

import msgspec

from tradesim.stream.client import Client
from tradesim.stream.figures import Tally
from tradesim.stream.frames import close_frame, text_frame
from tradesim.stream.shelf import TopicShelf
from tradesim.stream.wires import WIDE_BYTES, hang_up, hold_unsent

QUEUE_AGE_S = 10.0
"""A socket whose unsent bytes are older than this is closed."""
FAREWELL_S = 1.0
"""How long a page that was told to go has before it is hung up on."""
WRITES_IN_A_ROW = 25
"""After so many it is looked whether an order has come meanwhile."""
OVERLOADED = 1013

_encode = msgspec.json.Encoder().encode


def control_message(kind: str, data: Any) -> bytes:
    return _encode({"t": kind, "d": data})


def joined(messages: Iterable[bytes]) -> bytes:
    return text_frame(b"[" + b",".join(messages) + b"]")


@dataclass(slots=True)
class Group:
    """Clients with the same subscriptions and nothing missing."""

    members: dict[Client, None] = field(default_factory=dict)
    told_at: float = 0.0


class Delivery:
    """Owned by the framer's thread. `give_way` is called between writes: a pass over many outlasts an order."""

    def __init__(self, topics: TopicShelf, give_way: Callable[[], None]) -> None:
        self._topics, self._give_way = topics, give_way
        self._groups: dict[tuple[str, ...], Group] = {}
        self._apart: dict[Client, None] = {}
        self._leaving: dict[Client, None] = {}
        self.tally = Tally(monotonic())

    @property
    def apart(self) -> int:
        return len(self._apart)

    @property
    def is_pending(self) -> bool:
        """Whether somebody waits for room, or to be hung up on."""
        return bool(self._apart or self._leaving)

    def broadcast(self, said: dict[str, bytes], now: float) -> None:
        self.tally.frames += 1
        for topics, group in tuple(self._groups.items()):
            messages = [said[name] for name in topics if name in said]
            if messages and group.members:
                group.told_at = now
                self._write_all(group, joined(messages), now)

    def fill_silence(self, message: bytes, after_s: float, now: float) -> None:
        """Tell those to whom nothing was said for so long."""
        for group in tuple(self._groups.values()):
            if now - group.told_at >= after_s:
                group.told_at = now
                self._write_all(group, joined((message,)), now)

    def _write_all(self, group: Group, frame: bytes, now: float) -> None:
        size, short = len(frame), []
        members = iter(group.members)
        while row := tuple(islice(members, WRITES_IN_A_ROW)):
            self._give_way()
            for client in row:
                try:
                    sent = client.send(frame)
                except OSError:
                    sent = -1
                if sent != size:
                    short.append((client, sent))
        self.tally.messages += len(group.members)
        self.tally.bytes += size * len(group.members)
        for client, sent in short:
            self._fell_short(client, frame, sent, now)

    def _fell_short(self, client: Client, frame: bytes, sent: int, now: float) -> None:
        if sent < 0:
            self.drop(client)
            return
        self.set_apart(client)
        client.tail, client.tail_since = frame[sent:], now

    def write(self, client: Client, frame: bytes, now: float) -> bool:
        """Write to this one alone, unless the rest of an earlier frame is in the way: then not at all."""
        if client.tail:
            return False
        try:
            sent = client.wire.send(frame)
        except OSError:
            sent = -1
        if sent == len(frame):
            self.tally.messages += 1
            self.tally.bytes += sent
            return True
        self._fell_short(client, frame, sent, now)
        return False

    def say(self, client: Client, message: bytes) -> None:
        """Tell this one alone: at once when it is up to date, else with the next it is told."""
        if client.behind is None:
            self.write(client, joined((message,)), monotonic())
        else:
            client.note(message)

    def attend(self, now: float) -> None:
        """Go on with those who are apart, and hang up on those whose time is over."""
        for client in tuple(self._apart):
            self._attend(client, now)
        self.hang_up_on_leavers(now)

    def _attend(self, client: Client, now: float) -> None:
        """Bring one that is apart up to date, if there is room."""
        if client.tail and not self._flush(client, now):
            return
        behind = client.behind or {}
        messages = list(client.notes)
        for name in client.wanted:
            messages += self._topics[name].since(behind.get(name))
        client.notes.clear()
        if not messages or self.write(client, joined(messages), now):
            self.join(client)
        elif client.ends_at is None:
            client.behind = self._present(client)

    def _flush(self, client: Client, now: float) -> bool:
        try:
            sent = client.wire.send(client.tail)
        except OSError:
            self.drop(client)
            return False
        self.tally.bytes += sent
        client.tail = client.tail[sent:]
        if client.tail and now - client.tail_since > QUEUE_AGE_S:
            self.tally.closed_slow += 1
            self.dismiss(client, OVERLOADED, "too slow: what was to be sent grew too old", now)
        return not client.tail

    def set_apart(self, client: Client) -> dict[str, int | None]:
        """Take the client out of its group. The answer, to be changed at will: what it has of each topic."""
        if client.behind is None:
            self._leave_group(client)
            client.behind = self._present(client)
            self._apart[client] = None
        return client.behind if client.held is None else client.held

    def _present(self, client: Client) -> dict[str, int | None]:
        return {name: self._topics[name].sequence for name in client.wanted}

    def join(self, client: Client) -> None:
        client.behind = None
        self._apart.pop(client, None)
        group = self._groups.get(client.wanted)
        if group is None:
            group = self._groups[client.wanted] = Group(told_at=monotonic())
        group.members[client] = None

    def _leave_group(self, client: Client) -> None:
        group = self._groups[client.wanted]
        del group.members[client]
        if not group.members:
            del self._groups[client.wanted]

    def dismiss(self, client: Client, code: int, reason: str, now: float, is_told: bool = False) -> None:
        """The last frame this client gets. What it has not read of earlier ones goes before it."""
        self._detach(client, now + FAREWELL_S)
        last = close_frame(code, reason)
        if is_told:
            last = joined((control_message("error", {"code": code, "message": reason}),)) + last
        hold_unsent(client.sock, WIDE_BYTES)
        try:
            client.wire.send(client.tail + last)
        except OSError:
            client.ends_at = now

    def release(self, client: Client) -> None:
        """Nobody listens to it any more."""
        if client.ends_at is None:
            self.drop(client)
        hang_up(client.sock)
        self._leaving.pop(client, None)

    def drop(self, client: Client) -> None:
        """The connection broke: nothing more can be said."""
        self._detach(client, monotonic())

    def _detach(self, client: Client, ends_at: float) -> None:
        if client.behind is None:
            self._leave_group(client)
        self._apart.pop(client, None)
        if client.held is None:
            self._topics.unfollow(client.topics)
        client.behind, client.held, client.topics = {}, None, ()
        client.ends_at = ends_at
        self._leaving[client] = None

    def hang_up_on_leavers(self, now: float) -> None:
        for client in self._leaving:
            if client.ends_at is not None and client.ends_at <= now:
                hang_up(client.sock)
