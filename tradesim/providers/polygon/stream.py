"""Polygon's socket: one status for each topic asked for. `max_connections` comes after everything seemed well."""

import json
from collections.abc import Callable, Sequence

from tradesim.kernel.errors import BadKey, BadPayload, NotEntitled, RetryLater
from tradesim.marketdata.sessions import Calendar, no_holidays
from tradesim.model.feed import Feed, FeedEvent
from tradesim.providers.dialect import Dialect
from tradesim.providers.line import Address, Line
from tradesim.providers.polygon import conditions, frames, naming
from tradesim.providers.polygon.limits import CONNECTIONS_S
from tradesim.providers.vendor import mute_after_s, unheard

TOPICS = ("T", "Q", "AM", "LULD")
ACKED = ("T", "Q", "AM")
MUTE_S = 60.0
OF_PLAN = ("authorized", "access", "plan", "entitled", "upgrade")


class PolygonTalk(Dialect):
    """`learn` is told when the plan has no stream; `conditions` says what a print may change, as of now."""

    provider = naming.PROVIDER

    def __init__(
        self,
        url: str,
        key: str,
        conditions: Callable[[], conditions.Conditions] = conditions.Conditions,
        learn: Callable[[str], None] = unheard,
        holidays: Calendar = no_holidays,
    ) -> None:
        self._url, self._key, self._holidays = url, key, holidays
        self._conditions, self._learn = conditions, learn
        self.feed = Feed.DELAYED if "delayed" in url else Feed.SIP

    def __repr__(self) -> str:
        return "<PolygonTalk>"

    def address(self) -> Address:
        return Address(self._url)

    def opened(self, line: Line) -> None:
        """It speaks first."""

    def subscribe(self, line: Line, symbols: Sequence[str]) -> None:
        listed = [symbol for symbol in symbols if "/" not in symbol]
        for symbol in symbols:
            if "/" in symbol:
                line.refused(symbol)
        if listed:
            self._topics(line, "subscribe", listed)
        for symbol in listed:
            for topic in ACKED:
                line.expect(f"{topic}.{symbol}")

    def unsubscribe(self, line: Line, symbols: Sequence[str]) -> None:
        self._topics(line, "unsubscribe", symbols)
        for symbol in symbols:
            for topic in ACKED:
                line.answered(f"{topic}.{symbol}")

    def _topics(self, line: Line, action: str, symbols: Sequence[str]) -> None:
        topics = ",".join(f"{topic}.{symbol}" for symbol in symbols for topic in TOPICS)
        line.say(json.dumps({"action": action, "params": topics}))

    def heard(self, line: Line, message: str | bytes, received: int) -> Sequence[FeedEvent]:
        events: list[FeedEvent] = []
        for each in frames.frames(message, received, self._conditions(), self.feed):
            if isinstance(each, frames.Status):
                self._status(line, each)
            else:
                events.append(each)
        return events

    def _status(self, line: Line, status: frames.Status) -> None:
        match status.status:
            case "connected":
                line.say(json.dumps({"action": "auth", "params": self._key}))
            case "auth_success":
                line.ready()
            case "success":
                line.answered(status.topic or "")
            case "auth_failed":
                raise BadKey(f"Polygon does not know the key: {status.words}")
            case "max_connections":
                raise RetryLater(f"Polygon: {status.words}", CONNECTIONS_S)
            case "auth_timeout":
                raise RetryLater(f"Polygon: {status.words}", 0.0)
            case _:
                self._refused(status)

    def _refused(self, status: frames.Status) -> None:
        words = f"Polygon says: {status.words} ({status.status})"
        if any(each in status.words.lower() for each in OF_PLAN):
            self._learn(words)
            raise NotEntitled(words)
        raise BadPayload(words)

    def silence_s(self, symbols: Sequence[str], now: int) -> float | None:
        return mute_after_s(MUTE_S, now, self._holidays)

    def secrets(self) -> Sequence[str]:
        return (self._key,)
