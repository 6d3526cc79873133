"""What may be lost: saved bars, provider answers, restart snapshots. diskcache, without its pickle.

diskcache pickles what it does not know, and unpickles whatever a row says is pickled: code of whoever can
write the folder (CVE-2025-69872, no fixed release). Here every value is msgpack, every key is text, and a row
of any other form is refused on reading. The folder is its owner's alone. Trouble is logged, never fatal.
"""

import logging
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import diskcache
import msgspec
import numpy as np
from diskcache.core import MODE_BINARY, MODE_RAW, UNKNOWN

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import TradeSimError
from tradesim.model.series import Bars, History
from tradesim.storage.datafolder import OWNER_ONLY, make_private

logger = logging.getLogger(__name__)

SIZE_LIMIT = 512 * 1024 * 1024
TIMEOUT_S = 1.0
LITTLE_ENDIAN = np.dtype("<i8")
VALUE_FILE = re.compile(r"[0-9a-f]{2}[/\\][0-9a-f]{2}[/\\][0-9a-f]{28}\.val")

HOUR_NS = 3_600 * NS_PER_SECOND
PIECE_NS = {"seconds": HOUR_NS, "minutes": 24 * HOUR_NS, "days": 3_650 * 24 * HOUR_NS}
"""Bars are kept in pieces that are so long: what is over is written once, and not with every new bar again."""
MARKET_KEY = "market/2"

T = TypeVar("T")


class UnsafeRow(TradeSimError):
    """A row of the cache was not written by this program; its value is not looked at."""


DAMAGE = (
    sqlite3.Error,
    diskcache.Timeout,
    OSError,
    UnsafeRow,
    msgspec.MsgspecError,
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
)
"""What opening a damaged folder raises: diskcache takes its settings from the database, whatever they are."""


class MsgpackDisk(diskcache.Disk):  # type: ignore[misc]
    """Values as msgpack bytes, in the row or in a file of the cache's own naming; keys as text."""

    def put(self, key: Any) -> tuple[Any, bool]:
        if not isinstance(key, str):
            raise TypeError(f"a cache key must be text, was {type(key).__name__}")
        return key, True

    def get(self, key: Any, raw: bool) -> str:
        if not raw or not isinstance(key, str):
            raise UnsafeRow("a key of the cache must be text, was pickled or of another type")
        return key

    def store(self, value: Any, read: bool, key: Any = UNKNOWN) -> Any:
        """Raises TypeError for what msgpack cannot hold."""
        if read:
            raise TypeError("a cache value must be data, was an open file")
        return super().store(msgspec.msgpack.encode(value), False, key=key)

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> Any:
        """Raises UnsafeRow for a pickled row, or a file outside of the cache."""
        if mode not in (MODE_RAW, MODE_BINARY) or read:
            raise UnsafeRow(f"a value of the cache must be msgpack (mode {MODE_RAW} or {MODE_BINARY}), was mode {mode}")
        if mode == MODE_BINARY and not is_value_file(filename):
            raise UnsafeRow(f"a value of the cache must lie in its own folder, was {filename!r}")
        stored = super().fetch(mode, filename, value, False)
        if not isinstance(stored, bytes):
            raise UnsafeRow(f"a value of the cache must be bytes, was {type(stored).__name__}")
        return msgspec.msgpack.decode(stored)

    def remove(self, file_path: str) -> None:
        if is_value_file(file_path):
            super().remove(file_path)


def is_value_file(filename: Any) -> bool:
    return isinstance(filename, str) and VALUE_FILE.fullmatch(filename) is not None


class MarketCache:
    """Plain data by text key. A corrupt folder is thrown away and begun again; without any folder all is a miss."""

    def __init__(self, folder: Path, size_limit: int = SIZE_LIMIT) -> None:
        self._folder = folder
        self._size_limit = size_limit
        self._saved_marks: dict[str, tuple[int, ...]] = {}
        self._cache: Any = self._opened()

    def get(self, key: str, default: Any = None) -> Any:
        """What was set, as plain data (tuples come back as lists), or `default`."""
        found = self._careful(lambda cache: cache.get(key, default), default)
        return default if found is None else found

    def set(self, key: str, value: Any, expire_s: float | None = None) -> bool:
        """Whether it was kept. Raises TypeError for a value that msgpack cannot hold."""
        return bool(self._careful(lambda cache: cache.set(key, value, expire=expire_s), False))

    def delete(self, key: str) -> None:
        self._careful(lambda cache: cache.delete(key), False)

    def save_bars(self, symbol: str, history: History) -> bool:
        """Keep the bars of one symbol, all or nothing; a piece that has not moved since is not written again."""
        return bool(self._careful(lambda cache: self._save_parts(cache, symbol, history), False))

    def load_bars(self, symbol: str) -> History | None:
        """What was saved for the symbol; None when there is nothing sound."""
        try:
            return History(**{part: self._load_part(symbol, part) for part in PIECE_NS})
        except LookupError as missing:
            logger.debug("no bars of %s are kept: %s", symbol, missing)
        except (TypeError, ValueError) as error:
            logger.warning("the bars of %s in the cache are unsound and left out: %s", symbol, error)
        return None

    def save_market(self, histories: Iterable[tuple[str, History]]) -> bool:
        """Keep the bars of every symbol, so that a restart can go on from them."""
        kept = {symbol: self.save_bars(symbol, history) for symbol, history in histories}
        return bool(kept) and all(kept.values()) and self.set(MARKET_KEY, list(kept))

    def saved_market(self) -> dict[str, History]:
        """The bars of every symbol that was saved and is sound."""
        symbols = self.get(MARKET_KEY, [])
        found = {symbol: self.load_bars(symbol) for symbol in symbols if isinstance(symbol, str)}
        return {symbol: history for symbol, history in found.items() if history is not None}

    def trim(self) -> None:
        """Drop what has expired, and the oldest beyond the size limit."""
        self._careful(lambda cache: (cache.expire(), cache.cull()), None)

    def close(self) -> None:
        if self._cache is not None:
            self._cache.close()

    def _save_parts(self, cache: Any, symbol: str, history: History) -> bool:
        found = {part: pieces_of(getattr(history, part), PIECE_NS[part]) for part in PIECE_NS}
        marks = {piece_key(symbol, part, at): last_row(bars) for part in found for at, bars in found[part].items()}
        with cache.transact():
            for part, pieces in found.items():
                self._save_pieces(cache, symbol, part, pieces, marks)
        self._saved_marks |= marks
        return True

    def _save_pieces(
        self, cache: Any, symbol: str, part: str, pieces: dict[int, Bars], marks: dict[str, tuple[int, ...]]
    ) -> None:
        for at, bars in pieces.items():
            key = piece_key(symbol, part, at)
            if self._saved_marks.get(key) != marks[key]:
                cache.set(key, packed(bars))
        former = cache.get(bars_key(symbol, part))
        if former != list(pieces):
            cache.set(bars_key(symbol, part), list(pieces))
            for at in set(former or ()) - pieces.keys():
                cache.delete(piece_key(symbol, part, at))
                self._saved_marks.pop(piece_key(symbol, part, at), None)

    def _load_part(self, symbol: str, part: str) -> Bars:
        """Raises LookupError for what was never saved, TypeError or ValueError for a piece that is lost or unsound."""
        known = self.get(bars_key(symbol, part))
        if known is None:
            raise LookupError(f"no {part}")
        pieces = [bars_from(self.get(piece_key(symbol, part, at))) for at in known]
        columns = zip(*(each.columns() for each in pieces), strict=True)
        return Bars(*map(np.concatenate, columns)) if pieces else Bars.empty()

    def _careful(self, act: Callable[[Any], T], otherwise: T) -> T:
        if self._cache is None:
            return otherwise
        try:
            return act(self._cache)
        except (UnsafeRow, msgspec.MsgspecError) as error:
            logger.warning("refused a row of the cache in %s: %s", self._folder, error)
        except (diskcache.Timeout, OSError) as error:
            logger.warning("the cache in %s did not answer: %s", self._folder, error)
        except sqlite3.Error as error:
            logger.warning("the cache in %s is damaged and begun again: %s", self._folder, error)
            self._rebuild()
        return otherwise

    def _opened(self) -> Any:
        try:
            return self._open()
        except DAMAGE as error:
            logger.warning("the cache in %s is damaged and begun again: %s", self._folder, error)
        return self._open_empty()

    def _open_empty(self) -> Any:
        try:
            throw_away(self._folder)
            return self._open()
        except (OSError, sqlite3.Error, diskcache.Timeout) as error:
            logger.warning("no cache: %s cannot be used: %s", self._folder, error)
            return None

    def _open(self) -> Any:
        self._folder.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        make_private(self._folder)
        cache = diskcache.Cache(
            str(self._folder),
            timeout=TIMEOUT_S,
            disk=MsgpackDisk,
            size_limit=self._size_limit,
            eviction_policy="least-recently-stored",
            sqlite_mmap_size=0,
        )
        cache.get("opened")
        return cache

    def _rebuild(self) -> None:
        self.close()
        self._saved_marks = {}
        self._cache = self._open_empty()


def throw_away(folder: Path) -> None:
    if folder.is_dir():
        shutil.rmtree(folder)
    else:
        folder.unlink(missing_ok=True)


def bars_key(symbol: str, part: str) -> str:
    """Where the pieces of a part are named."""
    return f"bars/2/{symbol}/{part}"


def piece_key(symbol: str, part: str, at: int) -> str:
    return f"{bars_key(symbol, part)}/{at}"


def pieces_of(bars: Bars, length_ns: int) -> dict[int, Bars]:
    """By the number of the stretch of `length_ns` that they lie in, oldest first."""
    at = bars.start // length_ns
    begins = [0, *(np.flatnonzero(np.diff(at)) + 1), len(bars)] if len(bars) else []
    return {int(at[first]): bars[first:end] for first, end in pairwise(begins)}


def last_row(bars: Bars) -> tuple[int, ...]:
    """Enough to tell whether bars have moved on."""
    return (len(bars), *(int(column[-1]) for column in bars.columns())) if len(bars) else (0,)


def packed(bars: Bars) -> list[bytes]:
    return [column.astype(LITTLE_ENDIAN).tobytes() for column in bars.columns()]


def bars_from(columns: list[bytes]) -> Bars:
    """Raises TypeError or ValueError when these are not packed bars."""
    found = [np.frombuffer(column, LITTLE_ENDIAN).astype(np.int64) for column in columns]
    if len({len(column) for column in found}) > 1:
        raise ValueError(f"columns must be equally long, were {[len(column) for column in found]}")
    return Bars(*found)
