"""The shelf of recordings in the data folder: what a person hands in is kept here, by a plain name.

Traffic that this program recorded (`TRAFFIC`) is kept for a while and up to a size; what people handed in stays.
"""

import re
import time
from pathlib import Path

from tradesim.kernel.errors import Refused

LARGEST_FILE = 64 * 2**20
LARGEST_SHELF = 2**30
TRAFFIC = ".traffic.gz"
MOST_TRAFFIC = 2 * 2**30
OLDEST_TRAFFIC_S = 90 * 86_400.0
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


def tidied(
    shelf: Path, now_s: float | None = None, oldest_s: float = OLDEST_TRAFFIC_S, most: int = MOST_TRAFFIC
) -> list[str]:
    """Drop recorded traffic that is too old, then the oldest beyond the size; a sentence for each file that went."""
    now = time.time() if now_s is None else now_s
    found = [(path.stat(), path) for path in shelf.glob(f"*{TRAFFIC}") if path.is_file()]
    left, told = sum(stat.st_size for stat, _ in found), []
    for stat, path in sorted(found, key=lambda each: each[0].st_mtime):
        age_s = now - stat.st_mtime
        if age_s > oldest_s:
            why = f"it was {age_s / 86_400:.0f} days old, wanted at most {oldest_s / 86_400:.0f}"
        elif left > most:
            why = f"recorded traffic took {mib(left)}, wanted at most {mib(most)}"
        else:
            continue
        path.unlink(missing_ok=True)
        left -= stat.st_size
        told.append(f"{path.name} was dropped: {why}")
    return told


def mib(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB"
