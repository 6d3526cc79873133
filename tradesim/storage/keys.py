"""The keys of providers that a person entered: one file in the data folder, for its owner alone.

The environment wins over the file. No key is ever in a message, a representation or a log.
"""

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path

from tradesim.kernel.errors import Refused
from tradesim.storage.whole import OWNERS, write_whole

KEYS_FILE = "keys.json"
LONGEST_KEY = 512


class KeyRing:
    """Safe from any thread. `names` are the keys there may be, by the name of their environment variable."""

    def __init__(self, folder: Path | None, environment: Mapping[str, str]) -> None:
        """Raises Refused for a keys file that cannot be read. Without a folder nothing can be kept."""
        self._path = folder / KEYS_FILE if folder else None
        self._environment = dict(environment)
        self._lock = threading.Lock()
        self._kept = self._read()

    def __repr__(self) -> str:
        return f"<KeyRing of {len(self._environment)} keys>"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._environment)

    def get(self, name: str) -> str:
        """The key, or nothing."""
        return self._environment.get(name) or self._kept.get(name, "")

    def held(self, name: str) -> str:
        """Where the key is kept: `environment`, `file`, or nothing."""
        if self._environment.get(name):
            return "environment"
        return "file" if self._kept.get(name) else ""

    def keep(self, name: str, key: str) -> None:
        """Write the key down, or forget it when it is empty. Raises Refused, never with the key."""
        key = key.strip()
        if name not in self._environment:
            raise Refused(f"wanted one of the keys {', '.join(self._environment)}, was {name[:40]!r}")
        if self._environment[name]:
            raise Refused(f"{name} is set in the environment: change it there")
        if key and not is_plausible(key):
            raise Refused(f"{name} must be at most {LONGEST_KEY} letters and signs without spaces")
        with self._lock:
            kept = {**self._kept, name: key}
            self._write({each: value for each, value in kept.items() if value})
            self._kept = {each: value for each, value in kept.items() if value}

    def _read(self) -> dict[str, str]:
        if self._path is None or not self._path.exists():
            return {}
        try:
            if os.name == "posix" and self._path.stat().st_mode & 0o077:
                self._path.chmod(OWNERS)
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise Refused(
                f"{self._path} must hold the keys as JSON: {type(error).__name__}; mend or remove it"
            ) from None
        if not isinstance(found, dict):
            raise Refused(f"{self._path} must hold names and keys: mend or remove it")
        return {name: key for name, key in found.items() if name in self._environment and isinstance(key, str)}

    def _write(self, kept: Mapping[str, str]) -> None:
        if self._path is None:
            raise Refused("this session has no folder for keys")
        try:
            write_whole(self._path, json.dumps(dict(kept)).encode())
        except OSError as error:
            raise Refused(f"the keys could not be kept: {error.strerror}") from None


def is_plausible(key: str) -> bool:
    return len(key) <= LONGEST_KEY and key.isascii() and key.isprintable() and " " not in key
