"""Recorded files as bytes, whatever they are packed in. Anything that cannot be read is refused by name."""

import gzip
import io
import lzma
import zipfile
import zlib
from itertools import islice
from pathlib import Path
from typing import IO

from msgspec import Struct

from tradesim.kernel.errors import Refused

PACKINGS = (".gz", ".xz")
LARGEST_BYTES = 512 * 2**20
"""Of one file, unpacked: a small upload must not fill the memory, whatever it is packed in."""
PIECE = 2**20
Stream = IO[bytes] | gzip.GzipFile | lzma.LZMAFile
BROKEN = (EOFError, OSError, lzma.LZMAError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)


class Document(Struct, frozen=True):
    """One unpacked file; `name` is what a person knows it by."""

    name: str
    data: bytes

    def line(self, number: int) -> str:
        """The text of line `number`, counted from 1."""
        lines = islice(io.BytesIO(self.data), number - 1, number)
        return next(lines, b"").decode("utf-8", "replace").rstrip("\r\n")

    def line_of_row(self, row: int) -> int:
        """The line on which the `row`-th (from 0) line with anything on it stands."""
        filled = (number for number, line in enumerate(self.data.split(b"\n"), 1) if line.strip())
        return next((number for number in filled if (row := row - 1) < 0), 0)


def bare_name(path: Path) -> str:
    """The file's name without its packing: `x.csv.gz` is `x.csv`."""
    return path.stem if path.suffix.lower() in PACKINGS else path.name


def document(path: Path) -> Document:
    """A plain, .gz or .xz file. Raises Refused."""
    require_file(path)
    try:
        data = _unpacked(path)
    except BROKEN as error:
        raise Refused(f"{path.name} cannot be read to its end: it is cut short or damaged ({error})") from error
    if not data or data.isspace():
        raise Refused(f"{path.name} is empty")
    return Document(path.name, data)


def _unpacked(path: Path) -> bytes:
    with _opened(path) as stream:
        return _read(stream, path.name)


def _opened(path: Path) -> Stream:
    match path.suffix.lower():
        case ".gz":
            return gzip.open(path)
        case ".xz":
            return lzma.open(path)
    return path.open("rb")


def _read(stream: Stream, name: str) -> bytes:
    """All of the stream, piece by piece, and no more than may be. Raises Refused."""
    found = io.BytesIO()
    while piece := stream.read(PIECE):
        if found.tell() + len(piece) > LARGEST_BYTES:
            raise Refused(f"wanted at most {LARGEST_BYTES:,} bytes unpacked, {name} has more")
        found.write(piece)
    return found.getvalue()


def members(path: Path) -> list[str]:
    """Names of the files in a zip. Raises Refused."""
    require_file(path)
    try:
        with zipfile.ZipFile(path) as archive:
            return [entry.filename for entry in archive.infolist() if not entry.is_dir()]
    except BROKEN as error:
        raise Refused(f"{path.name} is not a whole zip: it is cut short or damaged ({error})") from error


def member(path: Path, name: str) -> Document:
    """One file of a zip, its checksum verified. Raises Refused."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as stream:
            data = _read(stream, f"{name} in {path.name}")
    except BROKEN as error:
        raise Refused(f"{name} in {path.name} cannot be read: the zip is damaged ({error})") from error
    if not data or data.isspace():
        raise Refused(f"{name} in {path.name} is empty")
    return Document(name.rsplit("/", 1)[-1], data)


def require_file(path: Path) -> None:
    """Raises Refused unless `path` is a regular file: nothing else has an end for sure."""
    if not path.exists():
        raise Refused(f"there is no file {path}")
    if path.is_dir():
        raise Refused(f"wanted a file, {path} is a folder")
    if not path.is_file():
        raise Refused(f"wanted a regular file, {path} is a device or a pipe")
