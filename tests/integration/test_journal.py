"""The journal on a real disk: what is written is read again, what is foreign is refused."""

import sqlite3

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from tests.fakes import a_fill, an_account, an_order, dec
from tradesim.desk.ports import Journal, Snapshot
from tradesim.kernel.errors import JournalUnavailable, Refused
from tradesim.model.events import AccountOpened, OrderAccepted, OrderFilled
from tradesim.storage import journal as room
from tradesim.storage import snapshots
from tradesim.storage.journal import SqlJournal
from tradesim.trading.state import TradingState


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.db"


def opened(path):
    return SqlJournal.open(path.parent, ballast_bytes=64 * 1024)


def some_events(n=5):
    events = [AccountOpened(an_account(), 0)]
    for k in range(n):
        events += [OrderAccepted(an_order(str(k)), k), OrderFilled(a_fill(an_order(str(k)), 10, 100, "0.05"), k)]
    return events


def filled_journal(path, n=5):
    journal = opened(path)
    events = some_events(n)
    journal.append(events, entries_of(events))
    return journal, events


def entries_of(events):
    state = TradingState()
    return [entry for each in events if (entry := state.apply(each))]


def test_what_was_appended_is_there_after_a_restart(path):
    journal, events = filled_journal(path)
    journal.close()
    again: Journal = opened(path)
    assert again.last_seq == len(events)
    assert list(again.replay()) == list(enumerate(events, 1))
    assert list(again.replay(after=8)) == list(enumerate(events, 1))[8:]
    assert list(again.entries()) == entries_of(events)
    assert list(again.entries(after=2)) == entries_of(events)[2:]
    again.close()


def test_one_account_s_events_of_some_kinds_are_read_apart(path, monkeypatch):
    monkeypatch.setattr(room, "PAGE", 2)
    journal, events = filled_journal(path)
    other = AccountOpened(an_account(id="other"), 9)
    journal.append([other], [])
    wanted = [(seq, event) for seq, event in enumerate(events, 1) if not isinstance(event, OrderAccepted)]
    kinds = (AccountOpened, OrderFilled)
    assert list(journal.history("paper", kinds)) == wanted
    assert list(journal.history("paper", kinds, after=4)) == [row for row in wanted if row[0] > 4]
    assert list(journal.history("other", kinds)) == [(len(events) + 1, other)]
    assert list(journal.history("nobody", kinds)) == []
    journal.close()


def test_reading_goes_on_over_pages(path, monkeypatch):
    monkeypatch.setattr(room, "PAGE", 3)
    journal, events = filled_journal(path)
    assert [seq for seq, _ in journal.replay()] == list(range(1, len(events) + 1))
    assert list(journal.entries()) == entries_of(events)
    journal.close()


def test_an_append_is_all_or_nothing(path):
    journal, events = filled_journal(path)
    entries = entries_of(events)
    with pytest.raises(JournalUnavailable, match="cannot be written"):
        journal.append([OrderAccepted(an_order("new"), 9)], [entries[0]])
    assert journal.last_seq == len(events)
    assert journal.append([OrderAccepted(an_order("new"), 9)], []) == len(events) + 1
    assert len(list(journal.replay())) == len(events) + 1
    assert journal.health() == "ok"
    journal.close()


def test_an_empty_append_writes_nothing(path):
    journal = opened(path)
    assert journal.append([], []) == 0
    journal.close()


def a_state(events):
    state = TradingState()
    for each in events:
        state.apply(each)
    return state


def saved(journal, *snapshots):
    for snapshot in snapshots:
        journal.save_snapshot(snapshot)
        journal._snapshots._pending.result(10)
    journal.close()


def test_the_newest_snapshot_is_kept(path):
    journal, events = filled_journal(path)
    saved(journal, Snapshot(1, TradingState().dump()), Snapshot(11, a_state(events).dump()))
    again = opened(path)
    found = again.snapshot()
    assert found.seq == 11
    assert TradingState.load(found.state) == a_state(events)
    again.close()


def test_closing_waits_for_the_snapshot(path):
    journal, events = filled_journal(path)
    journal.save_snapshot(Snapshot(11, a_state(events).dump()))
    journal.close()
    again = opened(path)
    assert again.snapshot().seq == 11
    again.close()


def test_a_snapshot_ahead_of_the_journal_is_forgotten(path):
    journal, events = filled_journal(path)
    saved(journal, Snapshot(12, a_state(events).dump()))
    again = opened(path)
    assert again.snapshot() is None
    again.append([OrderAccepted(an_order("new"), 9)], [])
    assert again.snapshot() is None
    again.close()


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


def test_a_journal_of_another_schema_is_refused(path):
    filled_journal(path)[0].close()
    change(path, "UPDATE meta SET value = '7' WHERE key = 'schema'")
    with pytest.raises(Refused, match="written by another version of TradeSim: wanted schema 1, found 7"):
        opened(path)


def test_a_truncated_journal_is_refused(path):
    filled_journal(path, n=2_000)[0].close()
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    with pytest.raises(Refused, match=r"journal\.db (is damaged|cannot be used)"):
        opened(path)


def test_lost_rows_are_noticed(path):
    filled_journal(path)[0].close()
    change(path, "DELETE FROM events WHERE seq = 4")
    with pytest.raises(Refused, match="has lost rows of events: wanted 1 to 11, found 10 of them"):
        opened(path)


def test_a_damaged_row_is_refused_by_number(path):
    journal, _ = filled_journal(path)
    change(path, "UPDATE events SET body = '{}' WHERE seq = 3")
    with pytest.raises(Refused, match="row 3 of the journal is damaged"):
        list(journal.replay())
    journal.close()


def test_a_fault_is_told_and_healed_by_a_write_that_succeeds(path, monkeypatch):
    monkeypatch.setattr(room, "PROBE_EVERY_S", 0.0)
    journal, events = filled_journal(path)
    for table in ("events", "meta"):
        change(path, f"CREATE TRIGGER no_{table} BEFORE INSERT ON {table} BEGIN SELECT RAISE(FAIL, 'no paper'); END")
    with pytest.raises(JournalUnavailable):
        journal.append([OrderAccepted(an_order("new"), 9)], [])
    assert journal.health() == ("the journal cannot be written: no paper")
    change(path, "DROP TRIGGER no_events", "DROP TRIGGER no_meta")
    assert journal.health() == "ok"
    assert journal.append([OrderAccepted(an_order("new"), 9)], []) == len(events) + 1
    journal.close()


def test_rows_of_somebody_else_are_never_taken_back(path):
    journal, events = filled_journal(path)
    other = SqlJournal.open(f"sqlite:///{path}")
    other.append([OrderAccepted(an_order(str(n)), 9) for n in ("x", "y")], [])
    other.close()
    with pytest.raises(JournalUnavailable):
        journal.append([OrderAccepted(an_order("new"), 9)], [])
    with pytest.raises(JournalUnavailable, match="must end at row 11, was written to row 13"):
        journal.append([OrderAccepted(an_order("new"), 9)], [])
    assert len(list(journal.replay())) == len(events) + 2
    journal.close()


def test_a_commit_whose_answer_was_lost_is_taken_back(path):
    journal, events = filled_journal(path)
    lost = {"is": True}

    @event.listens_for(journal._engine, "commit")
    def commit_and_lose(connection):
        if lost["is"]:
            lost["is"] = False
            connection.connection.commit()
            raise DBAPIError("COMMIT", None, sqlite3.OperationalError("connection lost"))

    order = OrderAccepted(an_order("new"), 9)
    with pytest.raises(JournalUnavailable, match="connection lost"):
        journal.append([order], [])
    assert journal.append([order], []) == len(events) + 1
    assert [each for _, each in journal.replay(after=len(events))] == [order]
    journal.close()


def test_decimals_keep_every_digit(path):
    journal = opened(path)
    order = an_order("a", qty="0.00010000", limit="64321.070")
    journal.append([AccountOpened(an_account("1e5"), 0), OrderAccepted(order, 1)], [])
    found = [each for _, each in journal.replay()]
    assert str(found[0].account.cash) == str(dec("1e5"))
    assert str(found[1].order.qty) == "0.00010000"
    journal.close()


def test_a_database_url_opens_the_same_journal(path):
    journal = SqlJournal.open(f"sqlite:///{path}")
    assert journal.append(some_events(), []) == 11
    journal.close()
