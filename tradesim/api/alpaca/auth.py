"""Who asks: a key in headers of Alpaca's own, as Basic or as Bearer, opens the account that it was made for."""

import base64
import binascii
from collections.abc import Callable
from typing import Protocol

from werkzeug.datastructures import Headers


class Key(Protocol):
    """One that opens the account called `account` (empty: the default one); `note` is what its owner calls it."""

    @property
    def id(self) -> str: ...

    @property
    def account(self) -> str: ...

    @property
    def note(self) -> str: ...


class Keys(Protocol):
    """What storage.apikeys.ApiKeys is to the doors."""

    def key_of(self, id_: str, secret: str) -> Key | None:
        """The key, where the pair is one that opens something."""
        ...

    def key_of_token(self, secret: str) -> Key | None: ...

    def account_of(self, id_: str, secret: str) -> str | None:
        """The name of the account that the key opens (empty: the default one); None when it opens nothing."""
        ...

    def account_of_token(self, secret: str) -> str | None: ...

    def watch(self, secret: str) -> Callable[[], bool]:
        """Asks whether the key of that secret is there still: it may be revoked while a stream lasts."""
        ...


def has_credentials(headers: Headers) -> bool:
    return "Apca-Api-Key-Id" in headers or "Authorization" in headers


def has_program_key(headers: Headers, keys: Keys) -> bool:
    """Whether a program asks and not a person: it shows a key, be it a wrong one."""
    return "Apca-Api-Key-Id" in headers or account_named(headers, keys) is not None


def account_named(headers: Headers, keys: Keys) -> str | None:
    """The name of the account that the request's key opens; None when it shows none that does."""
    key = key_shown(headers, keys)
    return None if key is None else key.account


def key_shown(headers: Headers, keys: Keys) -> Key | None:
    """The key by which the request may come in."""
    given = headers.get("Authorization", "")
    scheme, _, rest = given.partition(" ")
    match scheme.lower():
        case "bearer":
            return keys.key_of_token(rest.strip())
        case "basic":
            pair = basic_pair(rest.strip())
            found = keys.key_of(*pair) if pair else None
            if found is not None or "Apca-Api-Key-Id" not in headers:
                return found
    return keys.key_of(headers.get("Apca-Api-Key-Id", ""), headers.get("Apca-Api-Secret-Key", ""))


def watched(headers: Headers, keys: Keys) -> Callable[[], bool]:
    """Asks whether the key by which `account_named` found an account is there still."""
    scheme, _, rest = headers.get("Authorization", "").partition(" ")
    pair = basic_pair(rest.strip()) if scheme.lower() == "basic" else None
    shown = (pair[1] if pair else rest.strip(), headers.get("Apca-Api-Secret-Key", ""))
    watches = [keys.watch(secret) for secret in shown]
    return next((watch for watch in watches if watch()), watches[0])


def basic_pair(text: str) -> tuple[str, str] | None:
    try:
        id_, is_pair, secret = base64.b64decode(text, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        return None
    return (id_, secret) if is_pair else None
