"""The file that raw traffic is written to: JSON lines in gzip pieces, each piece whole by itself.

A piece is written every second, so what a crash can lose is a second; a tail that was cut off is skipped on
reading, and cut away before more is appended. `zcat FILE` shows it. Lines by `kind`:

    begun   a session: provider, symbols, our own address settings, `at`
    rest    one exchange: path, params, status, headers, body, received (`at`), took
    failed  one that was not answered: path, params, why
    opened, frame, said, ended    a socket: what came as it came, what we said, why it ended
    idle    nothing had come, and the line was looked at
    handed  the stream was given the next `count` answers that it had asked for by REST
    rolled  what the stream drew to rest for
    polled  a quote is about to be asked for by REST

`at` is our clock, UTC ns. Text that is not UTF-8 stands as latin-1 under `bytes`. Keys are taken out before writing.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import msgspec

from tradesim.kernel.errors import Refused

VERSION = 2
VERSIONS = (1, VERSION)
"""The first one had no `idle`, `handed` and `rolled`."""
SUFFIX = ".traffic.gz"
MAGIC = b"\x1f\x8b"
PIECE_BYTES = 256 * 2**10
READ_BYTES = 2**18
LARGEST_LINE = 64 * 2**20
GZIP = 16 + zlib.MAX_WBITS

Record = dict[str, Any]


def is_traffic(path: Path) -> bool:
    """By its first line, whatever its name."""
    try:
        with path.open("rb") as file:
            head = file.read(4_096)
        if not head.startswith(MAGIC):
            return False
        return b'"tradesim-traffic"' in zlib.decompressobj(GZIP).decompress(head, 512)
    except (OSError, zlib.error):
        return False


class TrafficFile:
    """Opened for appending. Raises Refused for a file that is something else, or of another provider."""

    def __init__(self, path: Path, provider: str) -> None:
        self.path = path
        self._lines: list[bytes] = []
        self._size = 0
        self.written = self.bytes_written = 0
        try:
            self._file: IO[bytes] = path.open("ab")
            if path.stat().st_size:
                self._go_on(provider)
        except OSError as error:
            raise Refused(f"{path}: wanted a file to write to: {error.strerror}") from None

    def write(self, record: Record) -> None:
        line = msgspec.json.encode(record) + b"\n"
        self._lines.append(line)
        self._size += len(line)
        self.written += 1
        if self._size >= PIECE_BYTES:
            self.flush()

    def flush(self) -> None:
        """What was written is on the disk's side from here on. Raises OSError."""
        if not self._lines:
            return
        packer = zlib.compressobj(6, zlib.DEFLATED, GZIP)
        piece = packer.compress(b"".join(self._lines)) + packer.flush()
        self._lines, self._size = [], 0
        self._file.write(piece)
        self._file.flush()
        self.bytes_written += len(piece)

    def close(self) -> None:
        self.flush()
        self._file.close()

    def _go_on(self, provider: str) -> None:
        if not is_traffic(self.path):
            self._file.close()
            raise Refused(f"{self.path.name}: wanted a new file or a recording to go on with, found another file")
        reading = Reading(self.path)
        first = next(iter(reading))
        if first.get("provider") != provider:
            self._file.close()
            raise Refused(f"{self.path.name} is of {first.get('provider')}, wanted one of {provider}")
        for _ in reading:
            pass
        self._file.truncate(reading.whole_bytes)


@dataclass(slots=True)
class Cut:
    """A tail that cannot be read, or nothing."""

    bytes_lost: int = 0

    @property
    def sentence(self) -> str:
        return f"its end is cut off ({self.bytes_lost:,} bytes could not be read)" if self.bytes_lost else ""


class Reading:
    """The records of a file, in order, once. `cut` and `whole_bytes` are known when it has ended."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.cut = Cut()
        self.whole_bytes = 0
        self._records = self._read()

    def __iter__(self) -> Iterator[Record]:
        return self._records

    def _read(self) -> Iterator[Record]:
        """Raises Refused for a file that is no recording."""
        decoder = msgspec.json.Decoder(dict[str, Any])
        for number, line in enumerate(self._lines(), 1):
            try:
                record = decoder.decode(line)
                record["kind"], record["at"] = str(record["kind"]), int(record["at"])
            except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
                raise Refused(f"{self._path.name}: line {number} is not a record of traffic: {error}") from None
            if number == 1 and record.get("of") != "tradesim-traffic":
                raise Refused(f"{self._path.name}: wanted recorded traffic, found something else")
            if record["kind"] == "begun" and record.get("version") not in VERSIONS:
                raise Refused(f"{self._path.name}: wanted version 1 to {VERSION}, found {record.get('version')}")
            yield record

    def _lines(self) -> Iterator[bytes]:
        """Lines of whole pieces, and the whole lines of a piece that was cut off."""
        rest = b""
        for text in self._pieces():
            *lines, rest = (rest + text).split(b"\n")
            if len(rest) > LARGEST_LINE:
                raise Refused(f"{self._path.name}: a line has more than {LARGEST_LINE:,} bytes")
            yield from lines

    def _pieces(self) -> Iterator[bytes]:
        packed, size = b"", self._path.stat().st_size
        unpacker = zlib.decompressobj(GZIP)
        used = 0
        with self._path.open("rb") as file:
            while packed or (packed := file.read(READ_BYTES)):
                try:
                    text = unpacker.decompress(packed)
                except zlib.error:
                    break
                used += len(packed) - len(unpacker.unused_data)
                if text:
                    yield text
                packed = unpacker.unused_data
                if unpacker.eof:
                    self.whole_bytes, unpacker = used, zlib.decompressobj(GZIP)
        self.cut.bytes_lost = size - self.whole_bytes


def text_fields(raw: str | bytes) -> Record:
    """Either `text`, or `bytes` where it is not UTF-8."""
    if isinstance(raw, str):
        return {"text": raw}
    try:
        return {"text": raw.decode("utf-8"), "was": "bytes"}
    except UnicodeDecodeError:
        return {"bytes": raw.decode("latin-1")}


def raw_of(record: Record) -> str | bytes:
    """What `text_fields` was made of. Raises KeyError."""
    if "bytes" in record:
        return str(record["bytes"]).encode("latin-1")
    text = str(record["text"])
    return text.encode() if record.get("was") == "bytes" else text
