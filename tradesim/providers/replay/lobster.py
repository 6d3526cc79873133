"""LOBSTER's order files: every message of a day, and the book after each, as columns.

Format: "LOBSTER | academic data, Sample Files Readme", 2013. Six message columns (seconds after New York's
midnight, type, order id, size, price x 10,000, direction of the resting order) and, in a second file, ask
price, ask size, bid price, bid size of each level. Row i of the book is the state after message i.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.counting import counted
from tradesim.kernel.errors import Refused
from tradesim.providers.replay.columns import Numbers, numeric_columns
from tradesim.providers.replay.packed import Document, document, member, members

PRICE_SCALE = 10_000
EMPTY_PRICE = 9_999_999_999
LONGEST_DAY_S = 86_400
LARGEST_SIZE = 2**31 - 1
MESSAGE_COLUMNS = ("time", "type", "order id", "size", "price", "direction")
MESSAGE_TYPES = (float, int, int, int, int, int)
COLUMNS_PER_LEVEL = 4
NAME = re.compile(r"^(?P<symbol>[A-Za-z0-9.\-]+)_(?P<date>\d{4}-\d{2}-\d{2})_\d+_\d+_(?:message|orderbook)_\d+\.csv")


class Kind(IntEnum):
    """What a message says happened."""

    ADD = 1
    CANCEL_PART = 2
    DELETE = 3
    EXECUTE = 4
    EXECUTE_HIDDEN = 5
    CROSS = 6
    HALT = 7


REDUCES = (Kind.CANCEL_PART, Kind.DELETE, Kind.EXECUTE)
RESTING = (Kind.ADD, *REDUCES)
SIZED = (*RESTING, Kind.EXECUTE_HIDDEN)


class HaltPrice(IntEnum):
    """What the price of a halt message means."""

    HALTED = -1
    QUOTING = 0
    TRADING = 1


class Messages(Struct, frozen=True):
    """One row a message. `time` in ns after midnight, `price` in ticks (a halt's as it stands), `direction` 1 buy.

    Where it `is_between`, the true price lies between `price` and the tick above.
    """

    name: str
    time: NDArray[np.int64]
    kind: NDArray[np.int8]
    order_id: NDArray[np.int64]
    size: NDArray[np.int32]
    price: NDArray[np.int64]
    direction: NDArray[np.int8]
    is_between: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.time)


class BookRows(Struct, frozen=True):
    """The book after each message: (rows, levels) arrays, best first, prices in ticks, size 0 where no level is."""

    name: str
    ask_price: NDArray[np.int32]
    ask_size: NDArray[np.int32]
    bid_price: NDArray[np.int32]
    bid_size: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.ask_price)

    @property
    def levels(self) -> int:
        return int(self.ask_price.shape[1])

    def row(self, number: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Bids and asks, best first, as (price, size)."""
        sides = ((self.bid_price, self.bid_size), (self.ask_price, self.ask_size))
        bids, asks = (
            [(price, size) for price, size in zip(prices[number].tolist(), sizes[number].tolist(), strict=True) if size]
            for prices, sizes in sides
        )
        return bids, asks


class LobsterDay(Struct, frozen=True):
    """A day's messages and books. `symbol` and `day` are None when the name does not tell them."""

    messages: Messages
    book: BookRows | None
    symbol: str | None
    day: date | None
    tick_size: Decimal

    def __len__(self) -> int:
        return len(self.messages)


def read_day(paths: Sequence[Path], levels: int | None = None) -> LobsterDay:
    """A zip with both files, a pair in any order, or messages alone. Raises Refused by name and line."""
    messages, book = _documents(paths)
    raw = _raw_messages(messages)
    raw_book = None if book is None else _raw_book(book, levels)
    if raw_book is not None and book is not None and len(raw_book[0]) != len(raw.time):
        raise Refused(
            f"{messages.name} has {len(raw.time):,} messages and {book.name} {len(raw_book[0]):,} rows, wanted as many "
            "of one as of the other: one of them is cut short or of another day"
        )
    unit = _unit(raw, raw_book)
    named = NAME.match(messages.name)
    return LobsterDay(
        _in_ticks(raw, unit),
        None if raw_book is None or book is None else _book_rows(book.name, raw_book, unit),
        named["symbol"] if named else None,
        date.fromisoformat(named["date"]) if named else None,
        Decimal(unit) / PRICE_SCALE,
    )


def read_book(path: Path, tick_size: Decimal) -> BookRows:
    """A file of book rows alone, in ticks of `tick_size`."""
    names = _members_like(path, "orderbook") if path.suffix.lower() == ".zip" else []
    found = member(path, names[0]) if names else document(path)
    return _book_rows(found.name, _raw_book(found, None), int(tick_size * PRICE_SCALE))


def is_lobster(path: Path) -> bool:
    """Told by name alone: a message or orderbook file, or a zip that holds them."""
    if path.suffix.lower() == ".zip":
        return bool(_members_like(path, "message"))
    return bool(re.search(r"(message|orderbook)", path.name, re.IGNORECASE))


def is_book_name(path: Path) -> bool:
    return "orderbook" in path.name.lower()


def partner(path: Path) -> Path | None:
    """The orderbook file beside a message file, or the message file beside an orderbook file, where there is one."""
    wanted, instead = ("orderbook", "message") if is_book_name(path) else ("message", "orderbook")
    beside = path.with_name(re.sub(wanted, instead, path.name, flags=re.IGNORECASE))
    return beside if beside != path and beside.is_file() else None


def _documents(paths: Sequence[Path]) -> tuple[Document, Document | None]:
    if len(paths) == 1 and paths[0].suffix.lower() == ".zip":
        return _zipped(paths[0])
    books = [path for path in paths if is_book_name(path)]
    messages = [path for path in paths if not is_book_name(path)]
    if len(messages) == 2 and not books:
        messages, books = messages[:1], messages[1:]
    if len(messages) != 1 or len(books) > 1:
        found = ", ".join(path.name for path in paths) or "nothing"
        raise Refused(f"wanted a LOBSTER zip, or one message file and one orderbook file, found {found}")
    return document(messages[0]), document(books[0]) if books else None


def _zipped(path: Path) -> tuple[Document, Document | None]:
    messages, books = _members_like(path, "message"), _members_like(path, "orderbook")
    if len(messages) != 1 or len(books) > 1:
        found = ", ".join(members(path)) or "nothing"
        raise Refused(f"wanted one message file and one orderbook file in {path.name}, found {found}")
    return member(path, messages[0]), member(path, books[0]) if books else None


def _members_like(path: Path, word: str) -> list[str]:
    return [name for name in members(path) if word in name.lower() and name.lower().endswith(".csv")]


class _Raw(Struct, frozen=True):
    """Messages as the file has them, prices x 10,000."""

    name: str
    time: NDArray[np.int64]
    kind: Numbers
    order_id: Numbers
    size: Numbers
    price: Numbers
    direction: Numbers


def _raw_messages(source: Document) -> _Raw:
    seconds, kind, order_id, size, price, direction = numeric_columns(source, MESSAGE_TYPES, MESSAGE_COLUMNS)
    is_sized, is_resting_side = np.isin(kind, SIZED), np.isin(direction, (-1, 1))
    _refuse_where(source, ~np.isin(kind, list(Kind)), lambda row: f"wanted a type of 1 to 7, found {kind[row]}")
    _refuse_where(
        source,
        ~((seconds >= 0) & (seconds <= LONGEST_DAY_S)),
        lambda row: f"wanted a time of 0 to {LONGEST_DAY_S:,} seconds after midnight, found {seconds[row]}",
    )
    _refuse_where(
        source,
        is_sized & ~((size > 0) & (size <= LARGEST_SIZE)),
        lambda row: f"wanted a size of 1 to {LARGEST_SIZE:,}, found {size[row]}",
    )
    _refuse_where(
        source,
        is_sized & ~((price > 0) & (price < EMPTY_PRICE)),
        lambda row: f"wanted a price x 10,000 above 0, found {price[row]}",
    )
    _refuse_where(
        source, is_sized & ~is_resting_side, lambda row: f"wanted a direction of 1 or -1, found {direction[row]}"
    )
    _refuse_where(
        source,
        np.concatenate(([False], seconds[1:] < seconds[:-1])),
        lambda row: f"time must not run backwards: wanted {seconds[row - 1]} or later, found {seconds[row]}",
    )
    time = np.rint(seconds * NS_PER_SECOND).astype(np.int64)
    return _Raw(source.name, time, kind, order_id, size, price, direction)


RawBook = tuple[Numbers, Numbers, Numbers, Numbers]
"""Ask prices, ask sizes, bid prices, bid sizes; prices x 10,000."""


def _raw_book(source: Document, levels: int | None) -> RawBook:
    width = _book_width(source, levels)
    names = [
        f"{word} {level}"
        for level in range(1, width // 4 + 1)
        for word in ("ask price", "ask size", "bid price", "bid size")
    ]
    table = numeric_columns(source, [int] * width, names)
    book = tuple(np.stack(table[first::COLUMNS_PER_LEVEL], axis=1) for first in range(COLUMNS_PER_LEVEL))
    ask_price, ask_size, bid_price, bid_size = book
    for name, prices, sizes, sign in (("ask", ask_price, ask_size, 1), ("bid", bid_price, bid_size, -1)):
        _check_side(source, name, prices, sizes, sign)
    return ask_price, ask_size, bid_price, bid_size


def _book_width(source: Document, levels: int | None) -> int:
    found = source.line(1).count(",") + 1
    if levels is not None and found != levels * COLUMNS_PER_LEVEL:
        wanted = f"{levels * COLUMNS_PER_LEVEL} columns ({counted(levels, 'level')})"
        raise Refused(f"line 1 of {source.name}: wanted {wanted}, found {found}")
    if found % COLUMNS_PER_LEVEL:
        raise Refused(f"line 1 of {source.name}: wanted 4 columns a level (ask and bid price and size), found {found}")
    return found


def _check_side(source: Document, name: str, prices: Numbers, sizes: Numbers, sign: int) -> None:
    is_wrong_size = ((sizes < 0) | (sizes > LARGEST_SIZE)).any(axis=1)
    _refuse_where(source, is_wrong_size, lambda row: f"wanted {name} sizes of 0 or more, found {sizes[row].min()}")
    is_empty_price = ((prices <= 0) & (sizes > 0)).any(axis=1)
    _refuse_where(source, is_empty_price, lambda row: f"wanted {name} prices above 0, found {prices[row].min()}")
    is_unsorted = ((prices[:, 1:] - prices[:, :-1]) * sign <= 0) & (sizes[:, 1:] > 0)
    _refuse_where(
        source,
        is_unsorted.any(axis=1),
        lambda row: f"wanted {name} prices that get worse from level to level, found {prices[row].tolist()}",
    )


def _refuse_where(source: Document, is_wrong: Any, message: Callable[[int], str]) -> None:
    if is_wrong.any():
        row = int(is_wrong.argmax())
        raise Refused(f"line {source.line_of_row(row)} of {source.name}: {message(row)}")


def _unit(raw: _Raw, book: RawBook | None) -> int:
    """1/10,000 dollars in a tick: a cent, unless a displayed price is finer (stocks under $1)."""
    cent = PRICE_SCALE // 100
    prices = [raw.price[np.isin(raw.kind, RESTING)]]
    if book is not None:
        prices += [book[0][book[1] > 0], book[2][book[3] > 0]]
    return cent if all((each % cent == 0).all() for each in prices) else 1


def _in_ticks(raw: _Raw, unit: int) -> Messages:
    """Hidden orders also execute at half a cent, the midpoint."""
    is_halt = raw.kind == Kind.HALT
    price = np.where(is_halt, raw.price, raw.price // unit)
    return Messages(
        raw.name,
        raw.time,
        raw.kind.astype(np.int8),
        raw.order_id.copy(),
        raw.size.astype(np.int32),
        price,
        raw.direction.astype(np.int8),
        ~is_halt & (raw.price % unit != 0),
    )


def _book_rows(name: str, book: RawBook, unit: int) -> BookRows:
    ask_price, ask_size, bid_price, bid_size = book
    asks = np.where(ask_size > 0, ask_price // unit, 0)
    bids = np.where(bid_size > 0, bid_price // unit, 0)
    columns = (asks, ask_size, bids, bid_size)
    return BookRows(name, *(np.ascontiguousarray(column, dtype=np.int32) for column in columns))


def with_book(day: LobsterDay, book: BookRows) -> LobsterDay:
    return replace(day, book=book)
