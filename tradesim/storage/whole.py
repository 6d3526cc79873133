"""Files that are there whole or not at all, and may be read by their owner alone from their first moment."""

import os
from pathlib import Path

OWNERS, READABLE = 0o600, 0o644
BESIDE = ".new"


def write_whole(path: Path, content: bytes, mode: int = OWNERS, beside: str = BESIDE) -> None:
    """On the disk when it returns, in place of the file before; else no half is left. Raises OSError.

    `beside` is the ending of what is written first: one of its own where several processes write the same file.
    """
    first = path.with_suffix(beside)
    first.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(first, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        first.replace(path)
    finally:
        first.unlink(missing_ok=True)
    keep_names(path.parent)


def of_this_process() -> str:
    """An ending that no other process takes."""
    return f".{os.getpid()}"


def keep_names(folder: Path) -> None:
    """What was renamed in the folder is on the disk too; where folders are no files there is nothing to do."""
    if os.name != "posix":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
