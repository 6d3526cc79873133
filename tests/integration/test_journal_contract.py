"""What every journal owes the desk, on SQLite and on a PostgreSQL server alike."""

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from tests.fakes import an_account, an_order, dec
from tests.journals import a_state, entries_of, saved, some_events
from tradesim.desk.ports import Journal, Snapshot
from tradesim.kernel.errors import JournalUnavailable, Refused
from tradesim.model.events import AccountOpened, OrderAccepted, OrderFilled
from tradesim.storage import journal as room
from tradesim.storage import schema
from tradesim.storage.journal import SqlJournal
from tradesim.trading.state import TradingState

REFUSING = {
    "sqlite": ("CREATE TRIGGER no_{0} BEFORE INSERT ON {0} BEGIN SELECT RAISE(FAIL, 'no paper'); END",),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION no_paper() RETURNS trigger AS "
        "$$ BEGIN RAISE EXCEPTION 'no paper'; END $$ LANGUAGE plpgsql",
        "CREATE TRIGGER no_{0} BEFORE INSERT ON {0} FOR EACH ROW EXECUTE FUNCTION no_paper()",
    ),
}
ALLOWING = {"sqlite": "DROP TRIGGER no_{0}", "postgresql": "DROP TRIGGER no_{0} ON {0}"}


class Home:
    """Where a journal lives; `change` is somebody else's hand in the same database."""

    def __init__(self, kind, url):
        self.kind, self.url = kind, url

    def opened(self):
        return SqlJournal.open(self.url)

    def filled(self, n=5):
        journal = self.opened()
        events = some_events(n)
        journal.append(events, entries_of(events))
        return journal, events

    def change(self, *statements):
        engine = schema.database_engine(self.url)
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request, tmp_path):
    if request.param == "sqlite":
        return Home("sqlite", f"sqlite:///{tmp_path / 'journal.db'}")
    return Home("postgresql", request.getfixturevalue("postgres").new_database())


def test_what_was_appended_is_there_after_a_restart(home):
    journal, events = home.filled()
    journal.close()
    again: Journal = home.opened()
    assert again.last_seq == len(events)
    assert list(again.replay()) == list(enumerate(events, 1))
    assert list(again.replay(after=8)) == list(enumerate(events, 1))[8:]
    assert list(again.entries()) == entries_of(events)
    assert list(again.entries(after=2)) == entries_of(events)[2:]
    again.close()


def test_one_account_s_events_of_some_kinds_are_read_apart(home, monkeypatch):
    monkeypatch.setattr(room, "PAGE", 2)
    journal, events = home.filled()
    other = AccountOpened(an_account(id="other"), 9)
    journal.append([other], [])
    wanted = [(seq, event) for seq, event in enumerate(events, 1) if not isinstance(event, OrderAccepted)]
    kinds = (AccountOpened, OrderFilled)
    assert list(journal.history("paper", kinds)) == wanted
    assert list(journal.history("paper", kinds, after=4)) == [row for row in wanted if row[0] > 4]
    assert list(journal.history("other", kinds)) == [(len(events) + 1, other)]
    assert list(journal.history("nobody", kinds)) == []
    assert journal.last_moment("paper") == 4
    assert journal.last_moment("oth") == 9
    assert journal.last_moment("nobody") == 0
    journal.close()


def test_reading_goes_on_over_pages(home, monkeypatch):
    monkeypatch.setattr(room, "PAGE", 3)
    journal, events = home.filled()
    assert [seq for seq, _ in journal.replay()] == list(range(1, len(events) + 1))
    assert list(journal.entries()) == entries_of(events)
    journal.close()


def test_an_append_is_all_or_nothing(home):
    journal, events = home.filled()
    entries = entries_of(events)
    with pytest.raises(JournalUnavailable, match="cannot be written"):
        journal.append([OrderAccepted(an_order("new"), 9)], [entries[0]])
    assert journal.last_seq == len(events)
    assert journal.append([OrderAccepted(an_order("new"), 9)], []) == len(events) + 1
    assert len(list(journal.replay())) == len(events) + 1
    assert journal.health() == "ok"
    journal.close()


def test_an_empty_append_writes_nothing(home):
    journal = home.opened()
    assert journal.append([], []) == 0
    journal.close()


def test_the_newest_snapshot_is_kept(home):
    journal, events = home.filled()
    saved(journal, Snapshot(1, TradingState().dump()), Snapshot(11, a_state(events).dump()))
    again = home.opened()
    found = again.snapshot()
    assert found.seq == 11
    assert TradingState.load(found.state) == a_state(events)
    again.close()


def test_closing_waits_for_the_snapshot(home):
    journal, events = home.filled()
    journal.save_snapshot(Snapshot(11, a_state(events).dump()))
    journal.close()
    again = home.opened()
    assert again.snapshot().seq == 11
    again.close()


def test_a_snapshot_ahead_of_the_journal_is_forgotten(home):
    journal, events = home.filled()
    saved(journal, Snapshot(12, a_state(events).dump()))
    again = home.opened()
    assert again.snapshot() is None
    again.append([OrderAccepted(an_order("new"), 9)], [])
    assert again.snapshot() is None
    again.close()


def test_a_database_of_another_program_is_refused_and_left_alone(home):
    home.change("CREATE TABLE places (url TEXT)")
    with pytest.raises(Refused, match=r"wanted the tables entries, events, .*, found places"):
        home.opened()
    home.change("INSERT INTO places VALUES ('untouched')")
    with pytest.raises(Refused, match=r"found places$"):
        home.opened()


def test_a_journal_of_another_schema_is_refused(home):
    home.filled()[0].close()
    home.change("UPDATE meta SET value = '7' WHERE key = 'schema'")
    with pytest.raises(Refused, match="written by another version of TradeSim: wanted schema 1, found 7"):
        home.opened()


def test_lost_rows_are_noticed(home):
    home.filled()[0].close()
    home.change("DELETE FROM events WHERE seq = 4")
    with pytest.raises(Refused, match="has lost rows of events: wanted 1 to 11, found 10 of them"):
        home.opened()


def test_a_damaged_row_is_refused_by_number(home):
    journal, _ = home.filled()
    home.change("UPDATE events SET body = '{}' WHERE seq = 3")
    with pytest.raises(Refused, match="row 3 of the journal is damaged"):
        list(journal.replay())
    journal.close()


def test_a_fault_is_told_and_healed_by_a_write_that_succeeds(home, monkeypatch):
    monkeypatch.setattr(room, "PROBE_EVERY_S", 0.0)
    journal, events = home.filled()
    for table in ("events", "meta"):
        home.change(*(statement.format(table) for statement in REFUSING[home.kind]))
    with pytest.raises(JournalUnavailable):
        journal.append([OrderAccepted(an_order("new"), 9)], [])
    assert journal.health().startswith("the journal cannot be written: no paper")
    home.change(*(ALLOWING[home.kind].format(table) for table in ("events", "meta")))
    assert journal.health() == "ok"
    assert journal.append([OrderAccepted(an_order("new"), 9)], []) == len(events) + 1
    journal.close()


def test_rows_of_somebody_else_are_never_taken_back(home):
    journal, events = home.filled()
    for seq in (12, 13):
        home.change(
            "INSERT INTO events (seq, ts_event, account_id, kind, body) "
            f"SELECT {seq}, ts_event, account_id, kind, body FROM events WHERE seq = 2"
        )
    with pytest.raises(JournalUnavailable):
        journal.append([OrderAccepted(an_order("new"), 9)], [])
    with pytest.raises(JournalUnavailable, match="must end at row 11, was written to row 13"):
        journal.append([OrderAccepted(an_order("new"), 9)], [])
    assert len(list(journal.replay())) == len(events) + 2
    journal.close()


def test_a_commit_whose_answer_was_lost_is_taken_back(home):
    journal, events = home.filled()
    lost = {"is": True}

    @event.listens_for(journal._engine, "commit")
    def commit_and_lose(connection):
        if lost["is"]:
            lost["is"] = False
            connection.connection.commit()
            raise DBAPIError("COMMIT", None, OSError("connection lost"))

    order = OrderAccepted(an_order("new"), 9)
    with pytest.raises(JournalUnavailable, match="connection lost"):
        journal.append([order], [])
    assert journal.append([order], []) == len(events) + 1
    assert [each for _, each in journal.replay(after=len(events))] == [order]
    journal.close()


def test_decimals_and_letters_are_kept_to_the_last(home):
    journal = home.opened()
    order = an_order("a", qty="0.00010000", limit="64321.070")
    account = an_account("1e5", name="Łódź 取引 🐂")
    journal.append([AccountOpened(account, 0), OrderAccepted(order, 1)], [])
    found = [each for _, each in journal.replay()]
    assert str(found[0].account.cash) == str(dec("1e5"))
    assert found[0].account.name == "Łódź 取引 🐂"
    assert str(found[1].order.qty) == "0.00010000"
    journal.close()
