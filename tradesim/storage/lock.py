"""One instance per data folder, one socket per key: locks of the operating system, which a crash releases too."""

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

from tradesim.kernel.errors import Refused

LOCKED_BYTE = 1 << 30
"""Windows locks bytes, and those locked cannot be read by others: one far behind the owner's number."""


class InstanceLock:
    """Held from `acquire` to `release`, or until the process ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Raises Refused, with the other's process number, when another instance uses the folder."""
        file = (self._folder / "tradesim.lock").open("a+", encoding="ascii")
        try:
            lock(file)
        except OSError:
            owner = owner_in(file)
            file.close()
            raise Refused(
                f"another TradeSim ({owner}) already uses {self._folder}: stop it, or give this one its own folder "
                "with TRADESIM_DATA"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def probe(self) -> None:
        """Raises Refused as `acquire` would; holds nothing."""
        self.acquire()
        self.release()

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class KeyLock:
    """One socket per provider, key and machine: vendors punish the second one. Implements `connection.OneSocket`.

    `folder` is the user's own, the same for every data folder. The key itself is not written anywhere.
    """

    def __init__(self, folder: Path, provider: str, key: str) -> None:
        self._provider = provider
        self._path = folder / f"{provider}-{hashlib.sha256(f'{provider}:{key}'.encode()).hexdigest()[:16]}.lock"
        self._file: IO[str] | None = None

    def acquire(self) -> str | None:
        """None: it is ours. Otherwise the sentence that says who has it."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = self._path.open("a+", encoding="ascii")
        except OSError as error:
            return f"that nobody else listens cannot be made sure: {self._path}: {error.strerror}"
        try:
            lock(file)
        except OSError:
            owner = owner_in(file)
            file.close()
            if owner == f"pid {os.getpid()}":
                return f"this desk already listens with the same {self._provider}: a key takes one socket"
            who = f"another TradeSim on this machine ({owner})"
            return f"{who} already listens with the same {self._provider}: a key takes one socket"
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file
        return None

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def owner_in(file: IO[str]) -> str:
    file.seek(0)
    pid = file.read(20).strip()
    return f"pid {pid}" if pid.isdigit() else "pid unknown"


def posix_lock(file: IO[str]) -> None:
    import fcntl

    fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def windows_lock(file: IO[str]) -> None:
    import msvcrt

    file.seek(LOCKED_BYTE)
    msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    file.seek(0)


lock: Callable[[IO[str]], None] = windows_lock if sys.platform == "win32" else posix_lock
