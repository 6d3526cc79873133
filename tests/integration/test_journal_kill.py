"""kill -9 of a writer: every row that it had acknowledged is there, whole and in order, and the ledger holds."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tradesim.storage.journal import SqlJournal
from tradesim.trading.state import TradingState

KILLS = 10
ROOT = Path(__file__).parents[2]

WRITER = """
import sys
from pathlib import Path
from tests.fakes import a_fill, an_account, an_order
from tradesim.model.events import AccountOpened, OrderAccepted, OrderFilled
from tradesim.storage.journal import SqlJournal
from tradesim.trading.state import TradingState

where = sys.argv[1] if "://" in sys.argv[1] else Path(sys.argv[1])
journal, state = SqlJournal.open(where, ballast_bytes=4096, patience_s=30), TradingState()
for _, event in journal.replay():
    state.apply(event)

def keep(*events):
    entries = state.entries_for(events)
    seq = journal.append(events, entries)
    for event in events:
        state.apply(event)
    print(seq, len(events), events[-1].ts_event, flush=True)

if not state.accounts:
    keep(AccountOpened(an_account(), 0))
while True:
    n = state.version
    order = an_order(f"order-{n}", qty=3)
    keep(OrderAccepted(order, n))
    keep(*(OrderFilled(a_fill(order, 1, 100 + n % 7, "0.01", f"fill-{n}-{k}", n), n) for k in range(3)))
"""


@pytest.fixture(params=["file", "server"])
def home(request, tmp_path):
    return tmp_path if request.param == "file" else request.getfixturevalue("postgres").new_database()


def killed_writer(home, after_s):
    """The last row that the writer acknowledged before it was killed."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(home)], stdout=subprocess.PIPE, text=True, cwd=ROOT, bufsize=1
    )
    first = writer.stdout.readline()
    time.sleep(after_s)
    writer.kill()
    lines = [first, *writer.communicate()[0].splitlines(keepends=True)]
    whole = [line for line in lines if line.endswith("\n")]
    return int(whole[-1].split()[0])


@pytest.mark.slow
def test_no_acknowledged_row_is_lost(home):
    rng, acknowledged = random.Random(7), 0
    for kill in range(1, KILLS + 1):
        acknowledged = killed_writer(home, rng.uniform(0.01, 0.15))
        journal = SqlJournal.open(home, ballast_bytes=4096, patience_s=30)
        rows = list(journal.replay())
        state = replayed(rows)
        assert [seq for seq, _ in rows] == list(range(1, len(rows) + 1))
        assert acknowledged <= len(rows) <= acknowledged + 3
        assert list(journal.entries()) == entries_of(rows)
        state.check()
        assert (3 * state.orders_total - state.fills_total) in range(0, 3 * kill + 1, 3)
        journal.close()


def replayed(rows):
    state = TradingState()
    for _, event in rows:
        state.apply(event)
    return state


def entries_of(rows):
    state = TradingState()
    return [entry for _, event in rows if (entry := state.apply(event))]
