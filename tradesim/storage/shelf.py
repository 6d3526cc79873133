"""The shelf of recordings in the data folder: what a person hands in is kept here, by a plain name."""

import re
from pathlib import Path

from tradesim.kernel.errors import Refused

LARGEST_FILE = 64 * 2**20
LARGEST_SHELF = 2**30
PLAIN_NAME = re.compile(r"^[\w][\w .,()+-]{0,150}$")


def shelf_in(folder: Path) -> Path:
    """The folder of recordings, made if need be."""
    shelf = folder / "recordings"
    shelf.mkdir(exist_ok=True)
    return shelf


def shelve(shelf: Path, name: str, content: bytes) -> Path:
    """Keep `content` under `name`, replacing what was there. Raises Refused: a strange name, too much, no room."""
    if not PLAIN_NAME.match(name):
        raise Refused(f"{name[:80]!r}: wanted a plain file name of letters, digits, spaces and . _ - ( ) + ,")
    if len(content) > LARGEST_FILE:
        raise Refused(f"{name}: a recording may have at most {mib(LARGEST_FILE)}, had {mib(len(content))}")
    kept = sum(path.stat().st_size for path in shelf.iterdir() if path.is_file() and path.name != name)
    if kept + len(content) > LARGEST_SHELF:
        raise Refused(f"{name}: the shelf holds at most {mib(LARGEST_SHELF)}, {mib(kept)} are taken in {shelf.name}")
    path = shelf / name
    try:
        path.write_bytes(content)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise Refused(f"{name}: could not be kept: {error.strerror}") from error
    return path


def mib(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB"
