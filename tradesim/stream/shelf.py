"""The topics that pages have asked for: opened when somebody wants one, closed when nobody has for a while."""

import logging
from collections.abc import Iterable
from time import monotonic

from tradesim.stream.source import DeskViews
from tradesim.stream.topics import Topic, topic_called

logger = logging.getLogger(__name__)

IDLE_TOPIC_S = 60.0
FAULTY_TOPIC_S = 5.0


class TopicShelf:
    """Owned by the framer's thread; `names` may be read by any."""

    def __init__(self, desk: DeskViews) -> None:
        self._desk = desk
        self._topics: dict[str, Topic] = {}
        self._followers: dict[str, int] = {}
        self._idle_since: dict[str, float] = {}
        self._faulty_until: dict[str, float] = {}
        self._next_sequence = 0

    def __getitem__(self, name: str) -> Topic:
        return self._topics[name]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._topics)

    def open(self, name: str) -> Topic | None:
        """The topic called so, made when it is the first time; None when there can be none."""
        topic = self._topics.get(name) or topic_called(name, self._desk, self._next_sequence)
        if topic and name not in self._topics:
            self._topics[name] = topic
            self._idle_since[name] = monotonic()
        return topic

    def follow(self, names: Iterable[str]) -> None:
        for name in names:
            self._followers[name] = self._followers.get(name, 0) + 1
            self._idle_since.pop(name, None)

    def unfollow(self, names: Iterable[str]) -> None:
        for name in names:
            self._followers[name] -= 1
            if not self._followers[name]:
                del self._followers[name]
                self._idle_since[name] = monotonic()

    def advance(self, now: float) -> dict[str, bytes]:
        """Lets every followed topic say what is new."""
        if not self._followers:
            return {}
        status, said = self._desk.status(), {}
        for name in self._followers:
            if self._faulty_until.get(name, 0.0) > now:
                continue
            try:
                message = self._topics[name].advance(status)
            except Exception:
                logger.exception("topic %s could not say what changed", name)
                self._faulty_until[name] = now + FAULTY_TOPIC_S
                continue
            if message:
                said[name] = message
        return said

    def close_idle(self, now: float) -> None:
        for name in [name for name, since in self._idle_since.items() if now - since > IDLE_TOPIC_S]:
            self._close(name)

    def _close(self, name: str) -> None:
        """Its next life begins at a number that no page can have."""
        self._next_sequence = max(self._next_sequence, self._topics.pop(name).sequence + 1)
        del self._idle_since[name]
        self._faulty_until.pop(name, None)
