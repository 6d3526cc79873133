"""The same journal on a PostgreSQL server of its own, where one is installed."""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from tests.fakes import a_fill, an_account, an_order
from tradesim.desk.ports import Snapshot
from tradesim.kernel.errors import JournalUnavailable, Refused
from tradesim.model.events import AccountOpened, OrderAccepted, OrderFilled
from tradesim.storage import journal as room
from tradesim.storage.journal import SqlJournal
from tradesim.trading.state import TradingState

pwd = pytest.importorskip("pwd", reason="starts the server as another user of a POSIX system")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("psycopg") is None, reason="psycopg is not installed"),
    pytest.mark.skipif(shutil.which("initdb") is None, reason="PostgreSQL is not installed"),
]
SERVER_USER = "nobody" if hasattr(os, "geteuid") and os.geteuid() == 0 else None


class Server:
    """Listens on a Unix socket in its own folder and nowhere else."""

    def __init__(self, folder):
        self.folder = folder
        self.url = f"postgresql:///postgres?host={folder}&user=tester"
        self.process = None

    def start(self):
        arguments = ["postgres", "-D", self.folder / "data", "-k", self.folder, "-c", "listen_addresses="]
        self.process = self.run(subprocess.Popen, arguments)
        deadline = time.monotonic() + 120
        while not (self.folder / ".s.PGSQL.5432").exists():
            assert time.monotonic() < deadline, "PostgreSQL did not start"
            time.sleep(0.05)

    def stop(self):
        """At once: SIGINT is PostgreSQL's fast shutdown."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)

    @staticmethod
    def run(how, arguments):
        return how(arguments, user=SERVER_USER, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def server():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if SERVER_USER:
            os.chown(folder, pwd.getpwnam(SERVER_USER).pw_uid, -1)
        server = Server(folder)
        made = server.run(subprocess.run, ["initdb", "-D", folder / "data", "-U", "tester", "-A", "trust"])
        if made.returncode:
            pytest.skip("initdb does not work here")
        server.start()
        yield server
        server.stop()


@pytest.fixture
def journal(server):
    journal = SqlJournal.open(server.url)
    yield journal
    journal.close()


def events_of(n):
    order = an_order(str(n), qty=2)
    return [OrderAccepted(order, n), OrderFilled(a_fill(order, 1, 100, "0.01", f"f{n}"), n)]


def test_the_journal_remembers_on_a_server(server, journal, monkeypatch):
    monkeypatch.setattr(room, "PROBE_EVERY_S", 0.0)
    state = TradingState()

    def keep(events):
        seq = journal.append(events, state.entries_for(events))
        for event in events:
            state.apply(event)
        return seq

    keep([AccountOpened(an_account(), 0)])
    for n in range(5):
        keep(events_of(n))
    journal.save_snapshot(Snapshot(11, state.dump()))
    with pytest.raises(Refused, match="another TradeSim already writes to postgresql"):
        SqlJournal.open(server.url)

    server.stop()
    with pytest.raises(JournalUnavailable, match="the journal cannot be written"):
        journal.append(events_of(7), state.entries_for(events_of(7)))
    assert journal.health().startswith("the journal cannot be written")
    server.start()
    deadline = time.monotonic() + 60
    while journal.health() != "ok":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert keep(events_of(7)) == 13

    journal.close()
    again = SqlJournal.open(server.url)
    replayed = TradingState()
    for _, event in again.replay():
        replayed.apply(event)
    assert replayed == state
    assert list(again.entries()) == list(state.ledger.entries)
    assert again.snapshot().seq == 11
    assert again.last_seq == 13
    again.close()
