"""Real traffic of crypto exchanges, frame by frame as it was on the wire. Skips by name where it is not there."""

import gzip
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

DATA = Path(os.environ.get("TRADESIM_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
BINANCE_SYMBOL = re.compile(r"symbol=(\w+)")
BINANCE_SNAPSHOT = b'{"lastUpdateId"'


def recording(path: str) -> Path:
    found = DATA / path
    if not found.exists():
        pytest.skip(f"the recording {path} is not there; set TRADESIM_TEST_DATA")
    return found


def lines(path: str) -> Iterator[bytes]:
    """One frame a line."""
    with recording(path).open("rb") as file:
        yield from (line.strip() for line in file if line.strip())


def wrapped(path: str, key: bytes = b'"frame":') -> Iterator[tuple[int, bytes]]:
    """`{"rx": seconds, ..., "frame": <the frame, last>}`: when it was heard (UTC ns), and its very bytes."""
    for line in lines(path):
        if key in line:
            yield int(json.loads(line).get("rx", 0) * 1e9), line[line.index(key) + len(key) : line.rindex(b"}")]


def captured(path: str) -> Iterator[tuple[int, bytes]]:
    """cryptofeed's files: `seconds: frame`; lines of addresses and of what was sent are left out."""
    with gzip.open(recording(path)) as file:
        for line in file:
            heard, mark, frame = line.partition(b": ")
            if mark and heard.replace(b".", b"").isdigit():
                yield int(float(heard) * 1e9), frame.strip()


def binance(path: str) -> Iterator[tuple[str | None, bytes]]:
    """Frames (with None) and REST snapshots (with the pair's name), in the order in which they were heard."""
    for line in lines(path):
        told = json.loads(line)
        if told["kind"] == "rest":
            named = BINANCE_SYMBOL.search(told["url"])
            yield named[1] if named else "", line[line.index(b'"body":') + 7 : line.rindex(b"}")]
        elif told["kind"] == "ws":
            yield None, line[line.index(b'"frame":') + 8 : line.rindex(b"}")]


def binance_captured(ws_path: str, http_path: str) -> Iterator[tuple[str | None, bytes]]:
    """cryptofeed's two files, merged by when they were heard."""
    heard: list[tuple[int, str | None, bytes]] = [(at, None, frame) for at, frame in captured(ws_path)]
    with gzip.open(recording(http_path)) as file:
        for line in file:
            head, mark, rest = line.partition(b" -> ")
            named = BINANCE_SYMBOL.search(head.decode())
            if mark and named and b"/depth" in head:
                seconds, _, body = rest.partition(b": ")
                heard.append((int(float(seconds) * 1e9), named[1], body.strip()))
    yield from ((name, frame) for _at, name, frame in sorted(heard, key=lambda each: each[0]))


def hftbacktest(path: str, name: str) -> Iterator[tuple[str | None, bytes]]:
    """`local_ns frame`, with the REST snapshot among them."""
    with gzip.open(recording(path)) as file:
        for line in file:
            frame = line.partition(b" ")[2].strip()
            yield (name if frame.startswith(BINANCE_SNAPSHOT) else None), frame
