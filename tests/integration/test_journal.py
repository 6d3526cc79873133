"""The journal on a real disk: what is written is read again, what is foreign is refused."""

import sqlite3

import pytest

from tests.journals import a_state, entries_of, saved, some_events
from tradesim.desk.ports import Snapshot
from tradesim.kernel.errors import Refused
from tradesim.storage import snapshots
from tradesim.storage.journal import SqlJournal


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.db"


def opened(path):
    return SqlJournal.open(path.parent, ballast_bytes=64 * 1024)


def filled_journal(path, n=5):
    journal = opened(path)
    events = some_events(n)
    journal.append(events, entries_of(events))
    return journal, events


def test_a_snapshot_of_another_journal_is_not_taken(path):
    journal, events = filled_journal(path)
    saved(journal, Snapshot(11, a_state(events).dump()))
    path.unlink()
    other, _ = filled_journal(path)
    assert other.snapshot() is None
    other.close()


@pytest.mark.parametrize("damage", [b"", b"nonsense" * 1000, b"SQLite format 3\x00" + bytes(5000)])
def test_a_damaged_snapshot_is_begun_again(path, damage):
    journal, events = filled_journal(path)
    saved(journal, Snapshot(11, a_state(events).dump()))
    path.with_name("snapshot.db").write_bytes(damage)
    again = opened(path)
    assert again.snapshot() is None
    saved(again, Snapshot(11, a_state(events).dump()))
    third = opened(path)
    assert third.snapshot().seq == 11
    third.close()


def test_a_nearly_full_disk_is_left_to_the_journal(path, monkeypatch):
    monkeypatch.setattr(snapshots, "SPARE_BYTES", 10**18)
    journal, events = filled_journal(path)
    saved(journal, Snapshot(11, a_state(events).dump()))
    again = opened(path)
    assert again.snapshot() is None
    again.close()


def test_every_commit_is_made_durable(path):
    journal, _ = filled_journal(path)
    with journal._engine.connect() as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {each}").scalar() for each in ("journal_mode", "synchronous")]
    assert pragmas == ["wal", 2]
    journal.close()


def change(path, *statements):
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_file_that_is_no_database_is_refused(path):
    path.write_text("id,price\n1,2\n" * 20)
    with pytest.raises(
        Refused, match=r"journal\.db is not a TradeSim journal: wanted a SQLite database, found a file beginning"
    ):
        opened(path)


def test_a_database_of_another_program_is_refused_and_left_alone(path):
    change(path, "CREATE TABLE places (url TEXT)")
    before = path.read_bytes()
    with pytest.raises(Refused, match=r"wanted the tables entries, events, .*, found places"):
        opened(path)
    assert path.read_bytes() == before


def test_a_truncated_journal_is_refused(path):
    filled_journal(path, n=2_000)[0].close()
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    with pytest.raises(Refused, match=r"journal\.db (is damaged|cannot be used)"):
        opened(path)


def test_a_database_url_opens_the_same_journal(path):
    journal = SqlJournal.open(f"sqlite:///{path}")
    assert journal.append(some_events(), []) == 11
    journal.close()
