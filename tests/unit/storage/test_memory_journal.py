import pytest

from tests.fakes import MemoryJournal, an_account, an_order
from tradesim.desk.ports import Journal, Snapshot
from tradesim.kernel.errors import JournalUnavailable
from tradesim.model.events import AccountOpened, OrderAccepted


def test_the_memory_journal_keeps_the_contract():
    journal: Journal = MemoryJournal()
    events = [AccountOpened(an_account(), 0), OrderAccepted(an_order(), 1)]
    assert journal.append(events, []) == 2
    assert list(journal.replay(after=1)) == [(2, events[1])]
    assert list(journal.history("paper", [OrderAccepted])) == [(2, events[1])]
    assert list(journal.history("other", [OrderAccepted])) == []
    assert journal.snapshot() is None
    journal.save_snapshot(Snapshot(2, {"version": 2}))
    assert journal.snapshot() == Snapshot(2, {"version": 2})
    assert journal.health() == "ok"


def test_a_fault_refuses_every_write():
    journal = MemoryJournal(fault="the journal's disk is full")
    with pytest.raises(JournalUnavailable, match="disk is full"):
        journal.append([AccountOpened(an_account(), 0)], [])
    assert journal.health() == "the journal's disk is full"
    assert list(journal.replay()) == []
