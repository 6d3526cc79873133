"""Alpaca's socket: log in within ten seconds, then the whole current set is echoed after each wish.

A connection limit after an unclean drop is the old socket that is not yet gone: tried again in short steps. When
a wish is one channel too many, quotes are asked for fewer symbols, so that trades of all still come.
"""

import json
from collections.abc import Callable, Iterable, Sequence

from tradesim.kernel.errors import BadPayload, NotEntitled, RetryLater
from tradesim.marketdata.sessions import Calendar, no_holidays
from tradesim.model.feed import FeedEvent, FeedReset, Origin
from tradesim.providers.alpaca import parse
from tradesim.providers.alpaca.limits import CHANNELS, CROWDED_MOST_S, CROWDED_STEP_S
from tradesim.providers.dialect import Dialect
from tradesim.providers.line import Address, Line
from tradesim.providers.vendor import mute_after_s, unheard

MUTE_S = 90.0
ANSWER = "subscription"
FREE_CHANNELS = ("bars", "updatedBars", "statuses")
COIN_CHANNELS = ("bars", "updatedBars", "orderbooks")


class AlpacaTalk(Dialect):
    """Of shares. `learn` is told when the plan has no such feed."""

    more_channels = FREE_CHANNELS

    def __init__(
        self,
        url: str,
        key: str,
        secret: str,
        source: parse.Source,
        learn: Callable[[str], None] = unheard,
        holidays: Calendar = no_holidays,
    ) -> None:
        self._url, self._key, self._secret = url, key, secret
        self._source, self._learn, self._holidays = source, learn, holidays
        self.provider, self.feed = source.provider, source.feed
        self._crowded = 0
        self._is_thrifty = False
        self._asked: list[str] = []
        self._latest: list[str] = []
        self._wishes = 0

    def __repr__(self) -> str:
        return f"<AlpacaTalk {self.provider}>"

    def address(self) -> Address:
        return Address(self._url)

    def opened(self, line: Line) -> None:
        """It speaks first."""
        self._is_thrifty, self._asked, self._latest, self._wishes = False, [], [], 0

    def subscribe(self, line: Line, symbols: Sequence[str]) -> None:
        self._latest = [symbol for symbol in symbols if self._has(symbol)]
        for symbol in symbols:
            if not self._has(symbol):
                line.refused(symbol)
        if self._latest:
            self._asked += self._latest
            self._wish(line, "subscribe", self._latest)

    def unsubscribe(self, line: Line, symbols: Sequence[str]) -> None:
        self._asked = [symbol for symbol in self._asked if symbol not in symbols]
        self._wish(line, "unsubscribe", symbols)

    def _wish(self, line: Line, action: str, symbols: Sequence[str]) -> None:
        channels = {"trades": list(symbols), "quotes": self._quoted(symbols)}
        channels |= {name: list(symbols) for name in self.more_channels}
        line.say(json.dumps({"action": action, **channels}))
        line.expect(ANSWER)
        self._wishes += 1

    def _quoted(self, symbols: Sequence[str]) -> list[str]:
        room = max(0, CHANNELS - len(self._asked)) if self._is_thrifty else len(symbols)
        return list(symbols)[:room]

    def heard(self, line: Line, message: str | bytes, received: int) -> Sequence[FeedEvent]:
        events: list[FeedEvent] = []
        for each in self._read(message, received):
            match each:
                case parse.Success():
                    self._succeeded(line, each)
                case parse.Subscribed():
                    self._subscribed(line, each)
                case parse.Complaint():
                    self._complained(line, each)
                case _:
                    events.append(each)
        return events

    def _read(self, message: str | bytes, received: int) -> Iterable[parse.Said]:
        return parse.frames(message, self._source, received)

    def _succeeded(self, line: Line, success: parse.Success) -> None:
        if success.words == "connected":
            line.say(json.dumps({"action": "auth", "key": self._key, "secret": self._secret}))
        elif success.words == "authenticated":
            self._crowded = 0
            line.ready()

    def _subscribed(self, line: Line, told: parse.Subscribed) -> None:
        """What was asked for and is not in the echo of the last wish will not come."""
        self._answered(line)
        if self._wishes:
            return
        for symbol in self._asked:
            if symbol not in told.channels.get("trades", ()) and symbol in self._latest:
                line.refused(symbol)

    def _answered(self, line: Line) -> None:
        self._wishes = max(0, self._wishes - 1)
        line.answered(ANSWER)

    def _complained(self, line: Line, complaint: parse.Complaint) -> None:
        if complaint.code == parse.SYMBOL_LIMIT:
            self._ask_for_less(line)
            return
        if complaint.code == parse.CONNECTION_LIMIT:
            self._crowded += 1
            wait_s = min(CROWDED_MOST_S, CROWDED_STEP_S * self._crowded)
            raise RetryLater(f"Alpaca: {complaint.words}: another program holds the one connection", wait_s)
        error = parse.complaint_error(complaint)
        if isinstance(error, NotEntitled):
            self._learn(str(error))
        if isinstance(error, BadPayload):
            self._answered(line)
        if error is not None:
            raise error

    def _ask_for_less(self, line: Line) -> None:
        """Trades of all and quotes of as many as the plan's channels leave; then not these symbols at all."""
        self._answered(line)
        if not self._is_thrifty and self._latest:
            self._is_thrifty = True
            self._wish(line, "subscribe", self._latest)
            return
        for symbol in self._latest:
            line.refused(symbol)
        self._asked = [symbol for symbol in self._asked if symbol not in self._latest]

    def silence_s(self, symbols: Sequence[str], now: int) -> float | None:
        return mute_after_s(MUTE_S, now, self._holidays)

    def secrets(self) -> Sequence[str]:
        return (self._key, self._secret)

    def _has(self, symbol: str) -> bool:
        return "/" not in symbol


class AlpacaCoinTalk(AlpacaTalk):
    """Of coins: an endpoint of its own, with order books, which begin whole and go on in changes without numbers."""

    more_channels = COIN_CHANNELS
    _is_in_doubt = False

    def opened(self, line: Line) -> None:
        super().opened(line)
        self._is_in_doubt = False

    def due(self, line: Line, now: int) -> Sequence[FeedEvent]:
        """What could not be read may have been a change of any book, and nothing else would tell: all begin anew."""
        if not self._is_in_doubt:
            return ()
        self._is_in_doubt = False
        for symbol in line.symbols:
            line.doubts(symbol)
        origin = Origin(self.provider, self.feed, now, now)
        return [FeedReset(symbol, "a message that could not be read", origin) for symbol in line.symbols]

    def _read(self, message: str | bytes, received: int) -> Iterable[parse.Said]:
        try:
            return super()._read(message, received)
        except BadPayload:
            self._is_in_doubt = True
            raise

    def silence_s(self, symbols: Sequence[str], now: int) -> float | None:
        """Coins never rest."""
        return MUTE_S

    def _has(self, symbol: str) -> bool:
        return "/" in symbol
