"""Small recordings of our own making: LOBSTER days out of a random full book, and plain bars."""

import gzip
import lzma
import random
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

NAME = "{symbol}_2012-06-21_34200000_57600000_{what}_{levels}.csv"
BUY, SELL = 1, -1


@dataclass
class Day:
    messages: list[str]
    books: list[str]
    levels: int

    def cut(self, rows: int) -> "Day":
        return Day(self.messages[:rows], self.books[:rows], self.levels)

    def write_pair(self, folder: Path, symbol: str = "ACME", packing: str = "") -> tuple[Path, Path]:
        opened = {"": open, ".gz": gzip.open, ".xz": lzma.open}[packing]
        paths = []
        for what, lines in (("message", self.messages), ("orderbook", self.books)):
            path = folder / (NAME.format(symbol=symbol, what=what, levels=self.levels) + packing)
            with opened(path, "wt") as file:
                file.write("".join(f"{line}\n" for line in lines))
            paths.append(path)
        return paths[0], paths[1]

    def write_zip(self, folder: Path, symbol: str = "ACME") -> Path:
        path = folder / f"LOBSTER_{symbol}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for what, lines in (("message", self.messages), ("orderbook", self.books)):
                name = NAME.format(symbol=symbol, what=what, levels=self.levels)
                archive.writestr(name, "".join(f"{line}\n" for line in lines))
            archive.writestr("ReadMe.txt", "made for a test")
        return path


class FullBook:
    """Every resting order, of which a LOBSTER file shows a window."""

    def __init__(self) -> None:
        self.orders: dict[int, list[int]] = {}

    def side(self, direction: int) -> list[tuple[int, int]]:
        found: dict[int, int] = {}
        for price, size, way in self.orders.values():
            if way == direction:
                found[price] = found.get(price, 0) + size
        return sorted(found.items(), reverse=direction == BUY)

    def row(self, levels: int) -> str:
        asks, bids = self.side(SELL)[:levels], self.side(BUY)[:levels]
        asks += [(9_999_999_999, 0)] * (levels - len(asks))
        bids += [(-9_999_999_999, 0)] * (levels - len(bids))
        return ",".join(
            f"{ask},{ask_size},{bid},{bid_size}" for (ask, ask_size), (bid, bid_size) in zip(asks, bids, strict=True)
        )

    def is_seen(self, price: int, direction: int, levels: int) -> bool:
        return price in [each for each, _ in self.side(direction)[:levels]]


def random_day(seed: int, levels: int = 3, rows: int = 300) -> Day:
    """Messages within the window alone, as LOBSTER has them; orders deeper come, change and go unseen."""
    return _random_day(seed, levels, rows).cut(rows)


@lru_cache
def _random_day(seed: int, levels: int, rows: int) -> Day:
    rng, book, day = random.Random(seed), FullBook(), Day([], [], levels)
    for number in range(4 * levels):
        direction = BUY if number % 2 else SELL
        book.orders[number] = [1_000_000 - direction * 100 * rng.randint(1, 20), rng.randint(1, 400), direction]
    next_id, time_ns = 1_000, 34_200_000_000_000
    while len(day.messages) < rows:
        time_ns += rng.choice([0, rng.randrange(10**6), rng.randrange(10**9)])
        kind, order_id, size, price, direction = _event(rng, book, next_id)
        next_id += 1
        was_seen = book.is_seen(price, direction, levels)
        _apply(book, kind, order_id, size, price, direction)
        if was_seen or kind == 5 or book.is_seen(price, direction, levels):
            day.messages.append(f"{time_ns // 10**9}.{time_ns % 10**9:09},{kind},{order_id},{size},{price},{direction}")
            day.books.append(book.row(levels))
    return day


def _event(rng: random.Random, book: FullBook, next_id: int) -> tuple[int, int, int, int, int]:
    direction = rng.choice([BUY, SELL])
    own = [each for each, order in book.orders.items() if order[2] == direction]
    best_other = book.side(-direction)[0][0] if book.side(-direction) else 1_000_000 + direction * 500
    if len(own) < 3 or rng.random() < 0.5:
        price = best_other - direction * 100 * rng.randint(1, 25)
        return 1, next_id, rng.randint(1, 400), price, direction
    if rng.random() < 0.1:
        return 5, 0, rng.randint(1, 100), best_other - direction * 50, direction
    best = book.side(direction)[0][0]
    order_id = rng.choice(own)
    price, size, _ = book.orders[order_id]
    if price == best and rng.random() < 0.5:
        return 4, order_id, rng.randint(1, size), price, direction
    if size > 1 and rng.random() < 0.3:
        return 2, order_id, rng.randint(1, size - 1), price, direction
    return 3, order_id, size, price, direction


def _apply(book: FullBook, kind: int, order_id: int, size: int, price: int, direction: int) -> None:
    if kind == 1:
        book.orders[order_id] = [price, size, direction]
    elif kind in (2, 3, 4):
        book.orders[order_id][1] -= size
        if book.orders[order_id][1] == 0:
            del book.orders[order_id]


HALT_DAY = Day(
    [
        "36000.0,1,1,100,1000000,-1",
        "36001.0,1,2,200,999800,1",
        "36002.5,4,1,40,1000000,-1",
        "36002.5,4,1,10,1000000,-1",
        "36003.0,5,0,30,999950,1",
        "36023.0,7,0,0,-1,-1",
        "36323.0,7,0,0,0,-1",
        "36723.0,7,0,0,1,-1",
        "36724.0,2,2,50,999800,1",
        "36725.0,3,2,150,999800,1",
    ],
    [
        "1000000,100,-9999999999,0",
        "1000000,100,999800,200",
        "1000000,60,999800,200",
        "1000000,50,999800,200",
        "1000000,50,999800,200",
        "1000000,50,999800,200",
        "1000000,50,999800,200",
        "1000000,50,999800,200",
        "1000000,50,999800,150",
        "1000000,50,-9999999999,0",
    ],
    1,
)

BARS = """Date,Open,High,Low,Close,Volume
2024-03-08 09:30:00,100.00,101.50,99.75,101.00,1003
2024-03-08 09:31:00,101.00,101.25,98.50,98.75,0
2024-03-08 09:32:00,98.75,98.75,98.75,98.75,2
2024-03-08 09:35:00,99.00,99.10,98.90,99.05,400
2024-03-08 09:36:00,99.05,99.30,99.00,99.25,80
2024-03-08 09:37:00,99.25,99.60,99.20,99.55,10
"""


def random_bars(seed: int, count: int = 60) -> str:
    rng, price, minute = random.Random(seed), 10_000, 570
    lines = ["timestamp,open,high,low,close,volume", "2024-03-08T09:29:00-05:00,99.99,100.01,99.99,100.00,7"]
    for _ in range(count):
        opened, close = price, max(100, price + rng.randint(-40, 40))
        high, low = max(opened, close) + rng.randint(0, 9), min(opened, close) - rng.randint(0, 9)
        moment = f"2024-03-08T{minute // 60:02}:{minute % 60:02}:00-05:00"
        cells = ",".join(f"{value / 100:.2f}" for value in (opened, high, low, close))
        lines.append(f"{moment},{cells},{rng.randrange(1_000)}")
        price, minute = close, minute + rng.choice([1, 1, 1, 4])
    return "\n".join(lines) + "\n"
