"""How fast the journal makes an order durable, beside a bare append + fdatasync of the same bytes on the same disk."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from tradesim.model.events import DeskEvent, OrderAccepted
from tradesim.model.market import Side
from tradesim.model.orders import Order, OrderType, TimeInForce
from tradesim.storage.journal import SqlJournal
from tradesim.storage.rows import ENCODER

COMMITS = 50
ROUNDS = 30
BATCH = 16


def measure() -> dict[str, Any]:
    """`ratio` is durable commits a second over bare ones: the median of short rounds taken in turn. Times in ms."""
    with tempfile.TemporaryDirectory() as name, bare_file(Path(name) / "bare") as bare, journal_in(name) as journal:
        took: list[float] = []
        bare_took: list[float] = []
        ratios: list[float] = []
        for round_ in range(ROUNDS):
            orders = [accepted(round_ * COMMITS + n) for n in range(COMMITS)]
            bare_round = [timed(lambda order=order: bare(order)) for order in orders]
            round_took = [timed(lambda order=order: journal.append([order], [])) for order in orders]
            ratios.append(sum(bare_round) / sum(round_took))
            bare_took += bare_round
            took += round_took
        group = group_commit_rate(journal)
    return {
        "ratio": percentile(ratios, 50),
        "p50_ms": percentile(took, 50) * 1e3,
        "p99_ms": percentile(took, 99) * 1e3,
        "bare_p50_ms": percentile(bare_took, 50) * 1e3,
        "bare_p99_ms": percentile(bare_took, 99) * 1e3,
        "commits_per_s": len(took) / sum(took),
        "group_events_per_s": group,
    }


def group_commit_rate(journal: SqlJournal) -> float:
    """Events a second when each commit carries `BATCH` of them."""
    commits = COMMITS * 6
    batches = [[accepted(10**6 + n * BATCH + k) for k in range(BATCH)] for n in range(commits)]
    return commits * BATCH / sum(timed(lambda batch=batch: journal.append(batch, [])) for batch in batches)


def accepted(n: int) -> OrderAccepted:
    order = Order(
        id=f"00000000-0000-4000-8000-{n:012d}",
        client_order_id=f"client-{n}",
        account_id="paper",
        symbol="AAPL",
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.DAY,
        qty=Decimal(100),
        limit_price=Decimal("189.30"),
        created_at=n,
        updated_at=n,
    )
    return OrderAccepted(order, n)


@contextmanager
def journal_in(folder: str) -> Iterator[SqlJournal]:
    journal = SqlJournal.open(Path(folder))
    try:
        yield journal
    finally:
        journal.close()


@contextmanager
def bare_file(path: Path) -> Iterator[Callable[[DeskEvent], None]]:
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    sync = getattr(os, "fdatasync", os.fsync)

    def append(event: DeskEvent) -> None:
        os.write(descriptor, ENCODER.encode(event) + b"\n")
        sync(descriptor)

    try:
        yield append
    finally:
        os.close(descriptor)


def timed(act: Callable[[], Any]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def percentile(values: list[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


if __name__ == "__main__":
    print(measure())
