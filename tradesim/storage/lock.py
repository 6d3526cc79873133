"""One instance per data folder, held by a lock of the operating system: a crash releases it too."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

from tradesim.kernel.errors import Refused

LOCKED_BYTE = 1 << 30
"""Windows locks bytes, and those locked cannot be read by others: one far behind the owner's number."""


class FolderLock:
    """Held from construction to `release`. Raises Refused when another process holds it."""

    def __init__(self, folder: Path) -> None:
        path = folder / "tradesim.lock"
        self._file: IO[str] = path.open("a+", encoding="ascii")
        try:
            lock(self._file)
        except OSError:
            owner = owner_in(self._file)
            self._file.close()
            raise Refused(
                f"another TradeSim ({owner}) already uses {folder}: stop it, or give this one its own folder "
                "with TRADESIM_DATA"
            ) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        self._file.close()


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
