"""The keys by which programs trade here: one file in the data folder, shared by the desk and the command line.

A secret is 256 random bits, so one SHA-256 keeps it: there is nothing to guess that a slow hash would protect, and a
request costs microseconds. The secret is shown once, when the key is made, and is kept nowhere.
"""

import hashlib
import hmac
import json
import logging
import secrets
import string
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from tradesim.kernel.errors import Refused
from tradesim.storage.keyuse import KeyUses
from tradesim.storage.lock import lock
from tradesim.storage.whole import write_whole

logger = logging.getLogger(__name__)

KEYS_FILE = "apikeys.json"
LOCK_FILE = "apikeys.lock"
LETTERS = string.ascii_letters + string.digits
PREFIX = "PK"
"""What programs know a paper account's key by."""
ID_LETTERS, SECRET_LETTERS = 18, 43
LONGEST_ACCOUNT, LONGEST_NOTE = 64, 64
LOOK_EVERY_S = 0.05


class ApiKey(Struct, frozen=True):
    """`account` is the account's name, empty for the default one; `digest` the SHA-256 of the secret, in hex.

    `note` is what its owner calls it.
    """

    id: str
    account: str
    digest: str
    created_at: int
    note: str = ""


class NewKey(Struct, frozen=True):
    """The only moment at which the secret can be read."""

    key: ApiKey
    secret: str


class ApiKeys:
    """Safe from any thread, and beside another process that uses the same folder: the file is read again on change."""

    def __init__(self, folder: Path, now: Callable[[], int], look_every_s: float = LOOK_EVERY_S) -> None:
        """A key that another process revoked opens nothing any more within `look_every_s`."""
        self._look_every_s = look_every_s
        self._path, self._lock_path, self._now = folder / KEYS_FILE, folder / LOCK_FILE, now
        self._turn = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._looked_at = 0.0
        self._by_id: dict[str, ApiKey] = {}
        self._by_digest: dict[str, ApiKey] = {}
        self.uses = KeyUses(now)
        self._refresh()

    def __repr__(self) -> str:
        return f"<ApiKeys of {len(self._by_id)} keys>"

    def create(self, account: str = "", note: str = "") -> NewKey:
        """A key for the account called `account`. Raises Refused when it cannot be kept."""
        if len(account) > LONGEST_ACCOUNT or not account.isprintable():
            raise Refused(f"an account's name must have at most {LONGEST_ACCOUNT} letters, was {account[:80]!r}")
        if len(note) > LONGEST_NOTE or not note.isprintable():
            raise Refused(f"a key's label must have at most {LONGEST_NOTE} letters, was {note[:80]!r}")
        secret = drawn(LETTERS, SECRET_LETTERS)
        id_ = PREFIX + drawn(string.ascii_uppercase + string.digits, ID_LETTERS)
        key = ApiKey(id_, account, digest_of(secret), self._now(), note)
        with self._changing() as keys:
            keys[key.id] = key
        return NewKey(key, secret)

    def list(self) -> tuple[ApiKey, ...]:
        """Oldest first."""
        self._refresh()
        return tuple(self._by_id.values())

    def revoke(self, id_: str) -> None:
        """From now on the key opens nothing. Raises Refused when there is none of that id."""
        with self._changing() as keys:
            if keys.pop(id_, None) is None:
                raise Refused(f"there is no key {id_[:40]}; `tradesim keys list` shows them")
        self.uses.forget(id_)

    def revoke_all(self, account: str) -> None:
        """Every key of the account called `account`. Raises Refused when they could not be kept."""
        with self._changing() as keys:
            gone = [key.id for key in keys.values() if key.account.casefold() == account.casefold()]
            for id_ in gone:
                del keys[id_]
        for id_ in gone:
            self.uses.forget(id_)

    def account_of(self, id_: str, secret: str) -> str | None:
        """The name of the account that the key opens; None when it opens nothing."""
        key = self.key_of(id_, secret)
        return None if key is None else key.account

    def account_of_token(self, secret: str) -> str | None:
        """As `account_of`, for who shows the secret alone, as OAuth programs do."""
        key = self.key_of_token(secret)
        return None if key is None else key.account

    def key_of(self, id_: str, secret: str) -> ApiKey | None:
        """The key, where `secret` is its own."""
        key = self._sought(lambda: self._by_id.get(id_))
        digest = digest_of(secret)
        return self._opened(key if key is not None and hmac.compare_digest(key.digest, digest) else None)

    def key_of_token(self, secret: str) -> ApiKey | None:
        """As `key_of`, for who shows the secret alone."""
        digest = digest_of(secret)
        return self._opened(self._sought(lambda: self._by_digest.get(digest)))

    def watch(self, secret: str) -> Callable[[], bool]:
        """Asks whether the key of that secret is there still; to ask is no use of the key."""
        digest = digest_of(secret)

        def is_kept() -> bool:
            return self._sought(lambda: self._by_digest.get(digest)) is not None

        return is_kept

    def _opened(self, key: ApiKey | None) -> ApiKey | None:
        if key is not None:
            self.uses.count(key.id)
        return key

    def _sought(self, look: Callable[[], ApiKey | None]) -> ApiKey | None:
        """What `look` finds. A key that was made a moment ago, wherever, is found at once."""
        if time.monotonic() - self._looked_at < self._look_every_s and (found := look()) is not None:
            return found
        self._refresh()
        return look()

    def _refresh(self) -> None:
        self._looked_at = time.monotonic()
        if self._stamp_now() == self._stamp:
            return
        with self._turn:
            self._read()

    def _read(self) -> None:
        """A file that somebody damaged leaves what is known as it is, until it is mended or removed."""
        stamp = self._stamp_now()
        try:
            keys = read_keys(self._path)
        except Refused as refused:
            if self._stamp is None:
                raise
            logger.error("the keys that were known stay: %s", refused)
            self._stamp = stamp
            return
        self._by_id, self._by_digest = keys, {key.digest: key for key in keys.values()}
        self._stamp = stamp

    def _stamp_now(self) -> tuple[int, int, int]:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return 0, 0, 0
        return found.st_mtime_ns, found.st_size, found.st_ino

    @contextmanager
    def _changing(self) -> Iterator[dict[str, ApiKey]]:
        """The keys as they are in the file, to be changed; nobody else changes them meanwhile."""
        try:
            with self._turn, self._lock_path.open("a+", encoding="ascii") as turnstile:
                take_turn(turnstile)
                keys = read_keys(self._path)
                yield keys
                write_keys(self._path, keys)
                self._read()
        except OSError as error:
            raise Refused(f"the keys could not be kept: {error.strerror}") from None


def take_turn(turnstile: object) -> None:
    """Wait for the other process, which holds the file for milliseconds."""
    for _ in range(200):
        try:
            return lock(turnstile)  # type: ignore[arg-type]
        except OSError:
            time.sleep(0.01)
    raise Refused("another process is changing the keys; try again")


def drawn(letters: str, count: int) -> str:
    return "".join(secrets.choice(letters) for _ in range(count))


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def read_keys(path: Path) -> dict[str, ApiKey]:
    """Raises Refused for a file that is not ours."""
    try:
        return {key.id: key for key in msgspec.json.decode(path.read_bytes(), type=list[ApiKey])}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise Refused(f"{path} must hold the desk's keys as JSON: {type(error).__name__}; mend or remove it") from None


def write_keys(path: Path, keys: dict[str, ApiKey]) -> None:
    write_whole(path, json.dumps([asdict(key) for key in keys.values()], indent=1).encode())
