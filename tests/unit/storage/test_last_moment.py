"""Where a world's time was when the desk stopped."""

from tests.fakes import an_account
from tradesim.model.events import AccountOpened
from tradesim.storage.journal import LAST_ROWS, SqlJournal


def test_the_latest_time_of_a_world_is_found_whatever_came_after(tmp_path):
    journal = SqlJournal.open(tmp_path)
    assert journal.last_moment("paper") == 0
    accounts = [an_account(id=id_) for id_ in ("paper", "paper-second", "replay-1", "live")]
    times = (5, 9_000_000_000_000_000_000, 7, 10)
    journal.append([AccountOpened(each, at) for each, at in zip(accounts, times, strict=True)], [])
    assert journal.last_moment("paper") == 9_000_000_000_000_000_000
    assert journal.last_moment("live") == 10
    journal.close()


def test_a_world_is_found_behind_any_number_of_rows_of_another(tmp_path):
    journal = SqlJournal.open(tmp_path)
    paper, live = an_account(id="paper"), an_account(id="live")
    journal.append([AccountOpened(live, 9), AccountOpened(live, 7)], [])
    journal.append([AccountOpened(paper, at) for at in range(LAST_ROWS + 1)], [])
    assert journal.last_moment("live") == 9
    journal.close()
