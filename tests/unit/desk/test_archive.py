"""What moved money besides fills, as it is read again and again from a journal that grows."""

from decimal import Decimal

import pytest

from tests.fakes import an_account
from tradesim.desk.archive import Archive
from tradesim.kernel.errors import Refused
from tradesim.model.events import AccountOpened, AccountReset, CashMoved
from tradesim.storage.memory import MemoryJournal


class FailingOnce(MemoryJournal):
    """Its first reading ends after one row."""

    has_failed = False

    def history(self, account_id, kinds, after=0):
        for row in super().history(account_id, kinds, after):
            yield row
            if not self.has_failed:
                self.has_failed = True
                raise Refused("the disk did not answer")


def paid(id_: str, at: int) -> CashMoved:
    return CashMoved(id_, "paper", "deposit", Decimal(1), "", at)


def a_journal(kind=MemoryJournal):
    journal = kind()
    journal.append([AccountOpened(an_account(), 1), paid("a", 5), paid("b", 3)], [])
    return journal


def ids(archive: Archive) -> list[str]:
    return [move.id for move in archive.moved("paper")]


def test_moves_are_by_time_and_each_is_told_once():
    journal = a_journal()
    archive = Archive(journal)
    assert ids(archive) == ids(archive) == ["b", "a"]
    assert archive.moved("paper") is archive.moved("paper"), "nothing new, nothing made"
    journal.append([paid("c", 4)], [])
    assert ids(archive) == ["b", "c", "a"]


def test_after_a_reset_only_what_followed_it_is_told():
    journal = a_journal()
    archive = Archive(journal)
    assert ids(archive) == ["b", "a"]
    journal.append([AccountReset("paper", Decimal(1_000), 6), paid("d", 7)], [])
    assert ids(archive) == ["d"]


def test_a_reading_that_fails_loses_nothing_of_the_past():
    archive = Archive(a_journal(FailingOnce))
    with pytest.raises(Refused):
        archive.moved("paper")
    assert ids(archive) == ["b", "a"]


def test_what_was_read_is_not_read_again():
    journal = a_journal()
    archive = Archive(journal)
    archive.moved("paper")
    asked, history = [], journal.history
    journal.history = lambda account_id, kinds, after=0: asked.append(after) or history(account_id, kinds, after)
    archive.moved("paper")
    journal.append([AccountOpened(an_account(id="other"), 8)], [])
    archive.moved("paper")
    archive.moved("paper")
    assert asked == [3]
