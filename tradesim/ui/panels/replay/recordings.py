"""What can be opened: recordings on the server, and files that a person hands in. Pure."""

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import asdict

from tradesim.kernel.counting import counted
from tradesim.model.orders import Rejection

MAX_BYTES = 64 * 1024 * 1024
SUFFIXES = (".zip", ".csv", ".csv.gz", ".csv.xz", ".parquet", ".feather", ".pcap", ".pcap.gz", ".pcapng", ".pcapng.gz")
PAIR = re.compile(r"^(?P<stem>.+)_(?P<part>message|orderbook)_(?P<levels>\d+)(?P<suffix>\.csv(\.\w+)?)$")


class Library(Protocol):
    """The desk's shelf of recorded markets."""

    def recordings(self) -> Sequence[tuple[str, str, int]]:
        """(path, title, bytes) of each recording that can be replayed."""
        ...

    def save_recording(self, name: str, content: bytes) -> str | Rejection:
        """Where the file was put, or why it was refused, by name and line."""
        ...


class Choice(Struct, frozen=True):
    """One thing to replay: a file, or the files that belong together."""

    title: str
    paths: tuple[str, ...]
    bytes: int


class Received(Struct, frozen=True):
    """An uploaded file, decoded."""

    name: str
    data: bytes


def choices(recordings: Iterable[tuple[str, str, int]]) -> list[Choice]:
    """Recordings by title; a message file and its order book file are one choice, messages first."""
    found: dict[str, Choice] = {}
    for path, title, size in sorted(recordings, key=lambda row: (row[1], row[0])):
        match = PAIR.match(title)
        name = f"{match['stem']} · {counted(int(match['levels']), 'level')}" if match else title
        before = found.get(f"{name}|pair" if match else path)
        paths = (*before.paths, path) if before else (path,)
        found[f"{name}|pair" if match else path] = Choice(name, paths, size + (before.bytes if before else 0))
    return [lone_again(choice) for choice in found.values()]


def lone_again(choice: Choice) -> Choice:
    """A message file without its partner keeps its own name."""
    if len(choice.paths) > 1 or "·" not in choice.title:
        return choice
    return Choice(PurePosixPath(choice.paths[0].replace("\\", "/")).name, choice.paths, choice.bytes)


def received(name: str, contents: str) -> Received | Rejection:
    """The file behind a browser's data URL, when its name and size are acceptable."""
    if not name.lower().endswith(SUFFIXES):
        return refused(f"{name}: wanted a file that ends in {', '.join(SUFFIXES)}.")
    _head, _comma, encoded = contents.partition(",")
    if len(encoded) * 3 // 4 > MAX_BYTES + 2:
        return refused(f"{name}: wanted at most {mib(MAX_BYTES)}, was {mib(len(encoded) * 3 // 4)}. {BY_HAND}")
    try:
        data = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        return refused(f"{name}: did not arrive whole ({error}). Drop it again.")
    return Received(name, data) if data else refused(f"{name}: the file is empty.")


BY_HAND = "Larger files: start with `tradesim replay FILE`."


def refused(message: str) -> Rejection:
    return Rejection("recording", message, "file")


def mib(count: int) -> str:
    return f"{count / 1024 / 1024:.1f} MiB"


def kept(library: Library, names: Iterable[str], contents: Iterable[str]) -> dict[str, list[Any]]:
    """Saves what is acceptable; {saved: [{name, path}], refused: [sentence]}, each file in one of the two."""
    saved: list[dict[str, str]] = []
    sentences: list[str] = []
    for name, content in zip(names, contents, strict=True):
        file = received(name, content)
        outcome = library.save_recording(file.name, file.data) if isinstance(file, Received) else file
        if isinstance(outcome, Rejection):
            sentences.append(named(name, outcome.message))
        else:
            saved.append({"name": name, "path": outcome})
    return {"saved": saved, "refused": sentences}


def named(name: str, message: str) -> str:
    return message if name in message else f"{name}: {message}"


def choices_data(library: Library) -> dict[str, Any]:
    """For the browser: {choices: [{title, paths, bytes}]}."""
    return {"choices": [asdict(choice) for choice in choices(library.recordings())]}
