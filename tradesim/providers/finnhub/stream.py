"""Finnhub's socket: trades. It never acknowledges, so what is heard is the only proof, its text pings included."""

import json
from collections.abc import Sequence
from urllib.parse import urlencode

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import BadKey, BadPayload
from tradesim.marketdata.sessions import Calendar, no_holidays
from tradesim.model.feed import Feed, FeedEvent
from tradesim.providers.dialect import Dialect
from tradesim.providers.finnhub import parse
from tradesim.providers.line import Address, Line
from tradesim.providers.vendor import mute_after_s

MUTE_S, MUTE_COINS_S, PINGED_S = 90.0, 60.0, 90
FIRST_WORD_S = 600.0
"""While New York rests nobody knows how soon its first ping comes."""


class FinnhubTalk(Dialect):
    provider = parse.PROVIDER
    feed = Feed.REFERENCE

    def __init__(self, url: str, key: str, holidays: Calendar = no_holidays) -> None:
        self._url, self._key, self._holidays = url, key, holidays
        self._asked: list[str] = []
        self._spoke_at = 0

    def __repr__(self) -> str:
        return "<FinnhubTalk>"

    def address(self) -> Address:
        """The vendor takes the key in the address alone."""
        return Address(f"{self._url}?{urlencode({'token': self._key})}")

    def opened(self, line: Line) -> None:
        self._asked, self._spoke_at = [], 0
        line.ready()

    def subscribe(self, line: Line, symbols: Sequence[str]) -> None:
        for symbol in symbols:
            self._asked.append(symbol)
            line.say(json.dumps({"type": "subscribe", "symbol": parse.spelled(symbol)}))

    def unsubscribe(self, line: Line, symbols: Sequence[str]) -> None:
        for symbol in symbols:
            if symbol in self._asked:
                self._asked.remove(symbol)
            line.say(json.dumps({"type": "unsubscribe", "symbol": parse.spelled(symbol)}))

    def heard(self, line: Line, message: str | bytes, received: int) -> Sequence[FeedEvent]:
        found = parse.frame(message, received)
        if isinstance(found, parse.Complaint):
            self._complained(line, found)
            return []
        self._spoke_at = received
        return found

    def _complained(self, line: Line, complaint: parse.Complaint) -> None:
        """A symbol too many is not named: it is the last one asked for."""
        if complaint.is_symbol_limit:
            if self._asked:
                line.refused(self._asked.pop())
            return
        words = f"Finnhub says: {complaint.words}"
        raise BadKey(words) if is_of_key(complaint.words) else BadPayload(words)

    def silence_s(self, symbols: Sequence[str], now: int) -> float | None:
        """Pings come while nothing trades, at night too, so only silence without them proves that the line is mute."""
        if any("/" in symbol for symbol in symbols):
            return MUTE_COINS_S
        if self._spoke_at and now - self._spoke_at < PINGED_S * NS_PER_SECOND:
            return None
        return MUTE_S if self._spoke_at else mute_after_s(MUTE_S, now, self._holidays) or FIRST_WORD_S

    def secrets(self) -> Sequence[str]:
        return (self._key,)


def is_of_key(words: str) -> bool:
    low = words.lower()
    return "api key" in low or "token" in low or "unauthorized" in low
