"""Books rebuilt from LOBSTER messages, and how well they agree with the recorded ones.

Step by step: row i-1 and message i make row i, where a level newly revealed at the bottom of the window is
taken from the row (orders outside the window are in no file). Messages alone: from a seed book on, nothing
is corrected.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from msgspec import Struct

from tradesim.kernel.errors import Refused
from tradesim.providers.replay.lobster import (
    REDUCES,
    BookRows,
    Kind,
    LobsterDay,
    Messages,
    partner,
    read_book,
    read_day,
    with_book,
)

SHOWN_MISSES = 3
BUY, SELL = 1, -1


class Miss(Struct, frozen=True):
    """`line` of the message file after which the book is not the recorded one."""

    line: int
    message: str


@dataclass(slots=True)
class Outcome:
    """`rows` were compared and `matched` agreed; `underflows` took more than the book had."""

    rows: int = 0
    matched: int = 0
    underflows: int = 0
    misses: list[Miss] = field(default_factory=list)

    @property
    def percent(self) -> float:
        return 100 * self.matched / self.rows if self.rows else 0.0

    def compared(self, line: int, wanted: object, found: object) -> bool:
        self.rows += 1
        if wanted == found:
            self.matched += 1
            return True
        if len(self.misses) < SHOWN_MISSES:
            self.misses.append(Miss(line, f"wanted {wanted}, found {found}"))
        return False


class SideLevels:
    """One side's levels, best first. Keys are prices that rise from best to worst: asks as they are, bids negated."""

    __slots__ = ("keys", "sizes")

    def __init__(self, keys: list[int], sizes: list[int]) -> None:
        self.keys = keys
        self.sizes = sizes

    def add(self, key: int, size: int) -> None:
        place = bisect_left(self.keys, key)
        if place < len(self.keys) and self.keys[place] == key:
            self.sizes[place] += size
        else:
            self.keys.insert(place, key)
            self.sizes.insert(place, size)

    def take(self, key: int, size: int) -> bool:
        """False when there was less than `size`; the level is gone then."""
        place = bisect_left(self.keys, key)
        if place == len(self.keys) or self.keys[place] != key:
            return False
        left = self.sizes[place] - size
        if left > 0:
            self.sizes[place] = left
            return True
        del self.keys[place], self.sizes[place]
        return left == 0

    def keep(self, levels: int) -> None:
        """Let go of what fell out of the window."""
        del self.keys[levels:], self.sizes[levels:]

    def reveal(self, keys: list[int], sizes: list[int]) -> None:
        """Take the deepest level, seen again, from the recorded row; only when all others are known."""
        if len(keys) == len(self.keys) + 1:
            self.keys.append(keys[-1])
            self.sizes.append(sizes[-1])


class LimitBook:
    """Both sides, fed by messages."""

    def __init__(self, bids: SideLevels, asks: SideLevels) -> None:
        self.bids = bids
        self.asks = asks

    def apply(self, kind: int, price: int, size: int, direction: int) -> bool:
        """Book after one message; False when it took more than there was. `direction` is the resting order's side."""
        side, key = (self.bids, -price) if direction == BUY else (self.asks, price)
        if kind == Kind.ADD:
            side.add(key, size)
        elif kind in REDUCES:
            return side.take(key, size)
        return True

    def touch(self) -> tuple[int, int, int, int]:
        """Best bid and its size, best ask and its size; zeros where a side is empty."""
        bids, asks = self.bids, self.asks
        bid = (-bids.keys[0], bids.sizes[0]) if bids.keys else (0, 0)
        return (*bid, asks.keys[0], asks.sizes[0]) if asks.keys else (*bid, 0, 0)


Sides = tuple[list[int], list[int], list[int], list[int]]


def recorded_sides(book: BookRows) -> Iterator[Sides]:
    """Bid keys, bid sizes, ask keys, ask sizes of each row."""
    counts = zip((book.bid_size > 0).sum(axis=1).tolist(), (book.ask_size > 0).sum(axis=1).tolist(), strict=True)
    rows = zip(
        (-book.bid_price).tolist(), book.bid_size.tolist(), book.ask_price.tolist(), book.ask_size.tolist(), strict=True
    )
    for (bids, asks), (bid_keys, bid_sizes, ask_keys, ask_sizes) in zip(counts, rows, strict=True):
        yield bid_keys[:bids], bid_sizes[:bids], ask_keys[:asks], ask_sizes[:asks]


def message_rows(messages: Messages) -> Iterator[tuple[int, int, int, int]]:
    """Kind, price, size and direction of each message."""
    columns = (messages.kind, messages.price, messages.size, messages.direction)
    return zip(*(column.tolist() for column in columns), strict=True)


def rebuilt_by_steps(messages: Messages, book: BookRows) -> Outcome:
    """Every row after the first, made of the row before and one message, against the recorded one."""
    outcome, levels = Outcome(), book.levels
    rows = zip(recorded_sides(book), message_rows(messages), strict=True)
    (first, _) = next(rows)
    window = _book_of(first)
    for line, (recorded, message) in enumerate(rows, 2):
        was_full = len(window.bids.keys) == levels, len(window.asks.keys) == levels
        outcome.underflows += not window.apply(*message)
        _see_bottom(window, recorded, was_full, levels)
        found = window.bids.keys, window.bids.sizes, window.asks.keys, window.asks.sizes
        if not outcome.compared(line, recorded, found):
            window = _book_of(recorded)
    return outcome


def _see_bottom(window: LimitBook, recorded: Sides, was_full: tuple[bool, bool], levels: int) -> None:
    window.bids.keep(levels)
    window.asks.keep(levels)
    if was_full[0]:
        window.bids.reveal(recorded[0], recorded[1])
    if was_full[1]:
        window.asks.reveal(recorded[2], recorded[3])


def _book_of(sides: Sides) -> LimitBook:
    bid_keys, bid_sizes, ask_keys, ask_sizes = sides
    return LimitBook(SideLevels(bid_keys[:], bid_sizes[:]), SideLevels(ask_keys[:], ask_sizes[:]))


def rebuilt_from_seed(messages: Messages, seed: BookRows, truth: BookRows, truth_messages: Messages) -> Outcome:
    """The touch made of a seed (the book after the first message) and messages alone, against recorded books.

    `truth` may record fewer of the messages than there are (a file of fewer levels does): its rows are found by
    their messages, equal in every column.
    """
    outcome = Outcome()
    book = _book_of(next(recorded_sides(seed)))
    aligned = aligned_rows(messages, truth_messages)
    touches = _touches(truth)
    for row, message in enumerate(message_rows(messages)):
        if row:
            outcome.underflows += not book.apply(*message)
        if row in aligned:
            outcome.compared(row + 1, touches[aligned[row]], book.touch())
    return outcome


def rebuilt_rows(messages: Messages, seed: BookRows, levels: int) -> BookRows:
    """The best `levels` after each message, made of a seed (the book after the first) and messages alone."""
    shape = (len(messages), levels)
    rows = BookRows(f"{messages.name} rebuilt from {seed.name}", *(np.zeros(shape, np.int32) for _ in range(4)))
    book = _book_of(next(recorded_sides(seed)))
    for row, message in enumerate(message_rows(messages)):
        if row:
            book.apply(*message)
        bids, asks = min(levels, len(book.bids.keys)), min(levels, len(book.asks.keys))
        rows.bid_price[row, :bids], rows.bid_size[row, :bids] = book.bids.keys[:bids], book.bids.sizes[:bids]
        rows.ask_price[row, :asks], rows.ask_size[row, :asks] = book.asks.keys[:asks], book.asks.sizes[:asks]
    np.negative(rows.bid_price, out=rows.bid_price)
    return rows


def _touches(book: BookRows) -> list[tuple[int, int, int, int]]:
    columns = (book.bid_price, book.bid_size, book.ask_price, book.ask_size)
    return list(zip(*(column[:, 0].tolist() for column in columns), strict=True))


def aligned_rows(messages: Messages, others: Messages) -> dict[int, int]:
    """Row of `messages` to the row of `others` that is the same message; both in the order of time."""
    waiting: dict[tuple[int, ...], list[int]] = {}
    for row, key in enumerate(_identities(others)):
        waiting.setdefault(key, []).append(row)
    for rows in waiting.values():
        rows.reverse()
    return {row: waiting[key].pop() for row, key in enumerate(_identities(messages)) if waiting.get(key)}


def _identities(messages: Messages) -> Iterator[tuple[int, ...]]:
    columns = (messages.time, messages.kind, messages.order_id, messages.size, messages.price, messages.direction)
    return zip(*(column.tolist() for column in columns), strict=True)


# --- the command


def run(paths: Sequence[Path], levels: int | None, messages_only: bool, seed_book: Path | None) -> Iterator[str]:
    """Lines of the report, the last one `matched N of M rows (P %)`. Raises Refused."""
    if not messages_only:
        yield from _report_steps(_complete(read_day(paths, levels), paths))
        return
    if seed_book is None:
        raise Refused("--messages-only needs a first book to start from: give --seed-book FILE")
    messages, truth = _messages_and_truth(paths, levels)
    yield from _report_seeded(messages, read_book(seed_book, messages.tick_size), truth)


def _complete(day: LobsterDay, paths: Sequence[Path]) -> LobsterDay:
    if day.book is None:
        wanted = "wanted MESSAGES and ORDERBOOK, or one zip with both"
        raise Refused(f"{wanted}, found messages alone in {paths[0].name}; see --messages-only")
    return day


def _report_steps(day: LobsterDay) -> Iterator[str]:
    assert day.book is not None
    yield f"{day.messages.name}: {len(day):,} messages, {day.book.levels} levels; row 1 is the seed, each later row"
    yield "is made of the row before it and its message, a level newly revealed at the bottom taken from the file"
    yield from _conclusion(rebuilt_by_steps(day.messages, day.book))


def _messages_and_truth(paths: Sequence[Path], levels: int | None) -> tuple[LobsterDay, LobsterDay]:
    if len(paths) == 1:
        day = _complete(read_day(paths, levels), paths)
        return day, day
    messages, truth_path = read_day(paths[:1]), paths[1]
    if truth_path.suffix.lower() == ".zip":
        return messages, _complete(read_day([truth_path], levels), paths[1:])
    truth = read_book(truth_path, messages.tick_size)
    if len(truth) == len(messages):
        return messages, with_book(messages, truth)
    beside = partner(truth_path)
    if beside is None:
        raise Refused(
            f"{truth_path.name} has {len(truth):,} rows for {len(messages):,} messages: to tell which row belongs to "
            "which message, its own message file must stand beside it (or give the zip that holds both)"
        )
    return messages, read_day([beside, truth_path], levels)


def _report_seeded(day: LobsterDay, seed: BookRows, truth: LobsterDay) -> Iterator[str]:
    assert truth.book is not None
    yield f"{day.messages.name}: {len(day):,} messages from a seed of {seed.levels} levels ({seed.name}, row 1),"
    yield f"never corrected; the touch (both prices and sizes) against {truth.book.name} where it has the same message"
    outcome = rebuilt_from_seed(day.messages, seed, truth.book, truth.messages)
    yield f"{outcome.underflows:,} messages took more than the book had: orders older than the files"
    yield from _conclusion(outcome)


def _conclusion(outcome: Outcome) -> Iterator[str]:
    for miss in outcome.misses:
        yield f"line {miss.line}: {miss.message}"
    yield f"matched {outcome.matched} of {outcome.rows} rows ({outcome.percent:.3f} %)"
