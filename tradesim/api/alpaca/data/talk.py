"""What a client of a data stream says and what it is told: connected, authenticated, subscribed; or which error."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import Struct

AUTH_WITHIN_S = 10.0
OAUTH = "oauth"
EVERYTHING = "*"
LONGEST_NAME = 64

SHARE_CHANNELS = (
    "trades", "quotes", "bars", "updatedBars", "dailyBars", "statuses", "lulds", "imbalances",
)  # fmt: skip
COIN_CHANNELS = ("trades", "quotes", "orderbooks", "bars", "updatedBars", "dailyBars")
NEWS_CHANNELS = ("news",)
ALL_CHANNELS = frozenset({*SHARE_CHANNELS, *COIN_CHANNELS, *NEWS_CHANNELS, "corrections", "cancelErrors"})
FOLLOW_TRADES = ("corrections", "cancelErrors")
"""Come with the trades of a share; nobody asks for them."""
TOLD_WHEN_ASKED = frozenset({"imbalances"})
LIMITED = ("trades", "quotes")

ERRORS = {
    400: "invalid syntax",
    401: "not authenticated",
    402: "auth failed",
    403: "already authenticated",
    404: "auth timeout",
    405: "symbol limit exceeded",
    406: "connection limit exceeded",
    407: "slow client",
    408: "v2 not enabled",
    409: "insufficient subscription",
    410: "invalid subscribe action for this feed",
    411: "insufficient scope",
    500: "internal error",
}
LAST_WORDS = frozenset({402, 404, 406, 407, 409})
"""After these the server hangs up."""

Names = frozenset[str]
Subscriptions = Mapping[str, Names]


class Say(Struct, frozen=True):
    """Messages for this client alone, in one frame."""

    messages: tuple[dict[str, Any], ...]
    is_last: bool = False


class Follow(Struct, frozen=True):
    """What it follows from now on, and how that is acknowledged."""

    subscriptions: Subscriptions
    acknowledgement: dict[str, Any]


Reply = Say | Follow
Enter = Callable[[str, str], int | None]
"""Key and secret in; None when they open an account and there is room, else the error's code."""


def error(code: int) -> Say:
    return Say(({"T": "error", "code": code, "msg": ERRORS[code]},), code in LAST_WORDS)


GREETING = Say(({"T": "success", "msg": "connected"},))
WELCOME = Say(({"T": "success", "msg": "authenticated"},))


@dataclass(slots=True)
class Talk:
    """One client's side of the conversation. Pure: messages in, replies out.

    `symbols` is how many it may follow by trades and by quotes; None: any number.
    """

    channels: tuple[str, ...]
    enter: Enter
    symbols: int | None = None
    is_authenticated: bool = False
    subscriptions: dict[str, Names] = field(default_factory=dict)

    def hear(self, data: str | bytes) -> Iterator[Reply]:
        said = read(data)
        if said is None:
            yield error(400)
            return
        match said.get("action"):
            case "auth":
                yield self._authenticate(said)
            case "subscribe" | "unsubscribe" if not self.is_authenticated:
                yield error(401)
            case "subscribe":
                yield self._subscribe(said)
            case "unsubscribe":
                yield self._unsubscribe(said)
            case _:
                yield error(400)

    def late(self) -> Reply:
        """It had time enough to say who it is."""
        return error(404)

    def _authenticate(self, said: dict[str, Any]) -> Reply:
        if self.is_authenticated:
            return error(403)
        key, secret = said.get("key"), said.get("secret")
        if not (isinstance(key, str) and isinstance(secret, str)):
            return error(402)
        refusal = self.enter(key, secret)
        if refusal is not None:
            return error(refusal)
        self.is_authenticated = True
        return WELCOME

    def _subscribe(self, said: dict[str, Any]) -> Reply:
        asked = self._asked(said)
        if not isinstance(asked, dict):
            return error(asked)
        found = {
            channel: self.subscriptions.get(channel, frozenset()) | asked.get(channel, frozenset())
            for channel in self.channels
        }
        if self.symbols is not None and any(is_over(found.get(each), self.symbols) for each in LIMITED):
            return error(405)
        return self._follow(found)

    def _unsubscribe(self, said: dict[str, Any]) -> Reply:
        asked = self._asked(said)
        if not isinstance(asked, dict):
            return error(asked)
        return self._follow({channel: names - asked.get(channel, NOTHING) for channel, names in self._present()})

    def _present(self) -> Iterator[tuple[str, Names]]:
        return ((channel, self.subscriptions.get(channel, NOTHING)) for channel in self.channels)

    def _follow(self, subscriptions: dict[str, Names]) -> Follow:
        self.subscriptions = subscriptions
        told = {channel: sorted(names) for channel, names in self._present() if names or channel not in TOLD_WHEN_ASKED}
        if "statuses" in self.channels:
            told.update(dict.fromkeys(FOLLOW_TRADES, told["trades"]))
        return Follow(dict(subscriptions), {"T": "subscription", **told})

    def _asked(self, said: dict[str, Any]) -> dict[str, Names] | int:
        """By channel; or the code of what is wrong with it."""
        asked: dict[str, Names] = {}
        for channel, names in said.items():
            if channel not in ALL_CHANNELS:
                continue
            if not is_names(names):
                return 400
            if names and channel not in self.channels and channel not in FOLLOW_TRADES:
                return 410
            asked[channel] = frozenset(name.upper() for name in names)
        return asked if asked else 400


NOTHING: Names = frozenset()


def is_names(names: Any) -> bool:
    return isinstance(names, list) and all(isinstance(name, str) and 0 < len(name) <= LONGEST_NAME for name in names)


def is_over(names: Names | None, most: int) -> bool:
    return names is not None and (EVERYTHING in names or len(names) > most)


def read(data: str | bytes) -> dict[str, Any] | None:
    """Text is JSON, binary MessagePack; None for what is neither, or no object."""
    try:
        said = msgspec.json.decode(data) if isinstance(data, str) else msgspec.msgpack.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        said = read_json(data) if isinstance(data, bytes) else None
    return said if isinstance(said, dict) else None


def read_json(data: bytes) -> Any:
    """Some send JSON in binary frames."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
