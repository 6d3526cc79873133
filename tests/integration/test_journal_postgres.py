"""What only a server can do to the journal: go away, be somebody else's, answer in another encoding."""

import threading

import pytest

from tests.fakes import a_fill, an_account, an_order
from tests.journals import some_events
from tradesim.kernel.errors import JournalUnavailable, Refused
from tradesim.model.events import AccountOpened, OrderAccepted, OrderFilled
from tradesim.storage import journal as room
from tradesim.storage.journal import SqlJournal
from tradesim.trading.state import TradingState

pytestmark = pytest.mark.slow
PATIENCE_S = 60


@pytest.fixture
def url(postgres):
    return postgres.new_database()


def events_of(n):
    order = an_order(str(n), qty=2)
    return [OrderAccepted(order, n), OrderFilled(a_fill(order, 1, 100, "0.01", f"f{n}"), n)]


def healed(journal):
    waited = threading.Event()
    for _ in range(PATIENCE_S * 10):
        if journal.health() == "ok":
            return True
        waited.wait(0.1)
    return False


def test_a_server_that_went_away_and_came_back_has_all_that_was_acknowledged(postgres, url, monkeypatch):
    monkeypatch.setattr(room, "PROBE_EVERY_S", 0.0)
    journal, state = SqlJournal.open(url), TradingState()

    def keep(events):
        seq = journal.append(events, state.entries_for(events))
        for event in events:
            state.apply(event)
        return seq

    keep([AccountOpened(an_account(), 0)])
    for n in range(5):
        keep(events_of(n))
    postgres.stop()
    try:
        with pytest.raises(JournalUnavailable, match="the journal cannot be written"):
            journal.append(events_of(7), state.entries_for(events_of(7)))
        assert journal.health().startswith("the journal cannot be written")
    finally:
        postgres.start()
    assert healed(journal)
    assert keep(events_of(7)) == 13
    journal.close()

    again, replayed = SqlJournal.open(url), TradingState()
    for _, event in again.replay():
        replayed.apply(event)
    assert replayed == state
    assert list(again.entries()) == list(state.ledger.entries)
    again.close()


def test_a_second_desk_is_refused_while_the_first_one_writes(url):
    journal = SqlJournal.open(url)
    with pytest.raises(Refused, match="another TradeSim already writes to postgresql"):
        SqlJournal.open(url)
    assert journal.append(some_events(), []) == 11
    journal.close()
    SqlJournal.open(url).close()


def test_who_has_patience_takes_over_when_the_first_desk_leaves(url):
    """As when a platform starts the new version before the old one has ended."""
    first = SqlJournal.open(url)
    waits = threading.Event()

    def sleep(_seconds):
        if waits.is_set():
            first.close()
        waits.set()

    second = SqlJournal.open(url, patience_s=PATIENCE_S, sleep=sleep)
    assert waits.is_set()
    assert second.append(some_events(), []) == 11
    second.close()


def test_what_the_first_desk_wrote_while_the_second_one_waited_is_read(url):
    """The server notices a moment later that the first one has gone: the second may have to wait again."""
    first = SqlJournal.open(url)
    leaves = [lambda: (first.append(some_events(), []), first.close())]

    def sleep(_seconds):
        while leaves:
            leaves.pop()()

    second = SqlJournal.open(url, patience_s=PATIENCE_S, sleep=sleep)
    assert second.last_seq == 11
    assert len(list(second.replay())) == 11
    second.close()


def test_every_commit_is_durable_whatever_the_server_s_habit(postgres, url):
    database = url.partition("@/")[2].partition("?")[0]
    postgres.execute(f"ALTER DATABASE {database} SET synchronous_commit = off")
    journal = SqlJournal.open(url)
    assert journal._connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
    journal.close()


def test_a_database_without_an_encoding_keeps_every_letter(postgres):
    url = postgres.new_database("SQL_ASCII")
    journal = SqlJournal.open(url)
    journal.append([AccountOpened(an_account(name="Łódź 取引"), 0)], [])
    assert [event.account.name for _, event in journal.replay()] == ["Łódź 取引"]
    journal.close()


def test_a_server_that_cannot_be_reached_is_refused_in_words(tmp_path):
    with pytest.raises(Refused, match="cannot be used as the journal: connection"):
        SqlJournal.open(f"postgres://tester@/desk?host={tmp_path}")


def test_a_password_is_never_in_a_refusal():
    with pytest.raises(Refused) as refused:
        SqlJournal.open("postgres://trader:hunter2@127.0.0.1:1/desk")
    assert "hunter2" not in str(refused.value)
    assert "127.0.0.1" in str(refused.value)
