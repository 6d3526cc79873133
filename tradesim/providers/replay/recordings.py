"""Which files are recordings that can be played, and which of them belong together."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from tradesim.kernel.counting import counted
from tradesim.kernel.errors import Refused
from tradesim.providers.iex.capture import is_capture
from tradesim.providers.replay.lobster import NAME, is_book_name, is_lobster, partner
from tradesim.providers.replay.packed import bare_name, members
from tradesim.providers.replay.table import ARROW_SUFFIXES
from tradesim.providers.traffic.file import is_traffic

ORDERS, BARS, HIST, TRAFFIC = "orders", "bars", "hist", "traffic"
TEXT_SUFFIXES = (".csv", ".txt")


class Recording(Struct, frozen=True):
    """Files that are played as one; `size` in bytes as packed.

    `kind`: `orders` (LOBSTER), `hist` (IEX), `traffic` (of a provider, as recorded here) or `bars`.
    """

    paths: tuple[Path, ...]
    kind: str
    title: str
    size: int


def recordings(folder: Path) -> list[Recording]:
    """What can be played in `folder`, by name; nothing is read but the contents of zips and how files begin."""
    if not folder.is_dir():
        return []
    files = sorted(path for path in folder.iterdir() if path.is_file() and _may_be_played(path))
    whole = [path for path in files if not _is_half(path, files)]
    found = (_recording(paths) for paths in grouped(whole))
    return sorted(found, key=lambda recording: recording.title)


def grouped(paths: Iterable[Path]) -> list[tuple[Path, ...]]:
    """LOBSTER's message and orderbook files in pairs, one given alone with its other half beside it; the rest alone."""
    waiting = list(dict.fromkeys(paths))
    groups: list[tuple[Path, ...]] = []
    while waiting:
        path = waiting.pop(0)
        if path.suffix.lower() == ".zip" or not is_lobster(path):
            groups.append((path,))
            continue
        other = _other_half(path, waiting)
        if other in waiting:
            waiting.remove(other)
        groups.append((path,) if other is None else (other, path) if is_book_name(path) else (path, other))
    return groups


def kind_of(paths: Sequence[Path]) -> str:
    if is_capture(paths[0]):
        return HIST
    if is_traffic(paths[0]):
        return TRAFFIC
    return ORDERS if is_lobster(paths[0]) else BARS


def _other_half(path: Path, waiting: Sequence[Path]) -> Path | None:
    beside = partner(path)
    if beside is not None:
        return beside
    halves = [each for each in waiting if _is_loose(each) and is_book_name(each) != is_book_name(path)]
    return halves[0] if len(halves) == 1 else None


def _is_loose(path: Path) -> bool:
    return path.suffix.lower() != ".zip" and is_lobster(path) and partner(path) is None


def _may_be_played(path: Path) -> bool:
    suffix = path.suffix.lower()
    if is_capture(path) or is_traffic(path):
        return True
    if suffix == ".zip":
        return _holds_a_recording(path)
    return suffix in ARROW_SUFFIXES or Path(bare_name(path)).suffix.lower() == ".csv"


def _holds_a_recording(path: Path) -> bool:
    try:
        names = members(path)
    except Refused:
        return False
    return is_lobster(path) or sum(name.lower().endswith(TEXT_SUFFIXES) for name in names) == 1


def _is_half(path: Path, files: Sequence[Path]) -> bool:
    """A message or orderbook file without its other half cannot be played by itself."""
    return path.suffix.lower() != ".zip" and is_lobster(path) and partner(path) not in files


def _recording(paths: tuple[Path, ...]) -> Recording:
    size = sum(path.stat().st_size for path in paths)
    return Recording(paths, kind_of(paths), _title(paths[0]), size)


def _title(path: Path) -> str:
    if is_lobster(path):
        name = _message_name(path)
        named = NAME.match(name)
        levels = re.search(r"_(\d+)\.csv", name)
        if named:
            return f"{named['symbol']} {named['date']}" + (f", {counted(int(levels[1]), 'level')}" if levels else "")
    return Path(bare_name(path)).stem


def _message_name(path: Path) -> str:
    if path.suffix.lower() != ".zip":
        return path.name
    return next(name.rsplit("/", 1)[-1] for name in members(path) if "message" in name.lower())
