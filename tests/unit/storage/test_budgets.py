"""Budgets are in files of their own: what was asked today is known when the cache is gone."""

import msgspec
import pytest

from tests.budgets import spend_from_one
from tests.fakes import ManualClock
from tradesim.kernel.errors import RateLimited
from tradesim.providers.budget import Budget, Quota
from tradesim.providers.vendors import Vendors
from tradesim.storage.budgets import BUDGETS_FOLDER, BudgetFiles
from tradesim.storage.cache import MarketCache
from tradesim.storage.keys import KeyRing

DAY = [Quota("day", 23, 86_400)]
KEY = "a-key-of-0123456789"


def test_a_cache_that_is_thrown_away_takes_no_budget_with_it(tmp_path) -> None:
    keys = KeyRing(None, {"ALPHAVANTAGE_API_KEY": KEY})

    def desk() -> tuple[Vendors, MarketCache]:
        cache = MarketCache(tmp_path / "cache")
        return Vendors(ManualClock(10**18), keys, cache, budgets=BudgetFiles(tmp_path)), cache

    vendors, cache = desk()
    vendors.asked("alphavantage").http.budget.spend()
    cache.close()
    (tmp_path / "cache" / "cache.db").write_bytes(b"no database")
    vendors, cache = desk()
    assert vendors.asked("alphavantage").http.budget.left()["day"] == 22
    assert all(KEY not in path.name and KEY.encode() not in path.read_bytes() for path in files(tmp_path))
    cache.close()


def files(folder):
    return list((folder / BUDGETS_FOLDER).iterdir())


def test_two_processes_spend_from_one_budget(tmp_path) -> None:
    spend_from_one(lambda clock: Budget("av", DAY, clock, BudgetFiles(tmp_path), KEY))
    assert len(files(tmp_path)) == 1


def test_a_clock_that_is_set_back_closes_nobody_out() -> None:
    clock = ManualClock(10**18)
    budget = Budget("kraken", [Quota("second", 1, 1.0)], clock)
    budget.spend()
    budget.close_for(60, "busy")
    clock.advance(-3_600 * 10**9)
    with pytest.raises(RateLimited, match="busy") as refused:
        budget.spend()
    assert refused.value.after_s == pytest.approx(60)
    clock.advance(61 * 10**9)
    budget.spend()
    clock.advance(-3_600 * 10**9)
    with pytest.raises(RateLimited, match=r"free in 1\.0 s"):
        budget.spend()
    clock.advance(2 * 10**9)
    budget.spend()


@pytest.mark.parametrize("content", [b"", b'{"all": [[1', b"[]", b'{"all": "many", "closed_until": "soon"}'])
def test_a_file_that_cannot_be_read_is_as_good_as_none(tmp_path, content: bytes) -> None:
    Budget("av", DAY, ManualClock(10**18), BudgetFiles(tmp_path)).spend()
    (path,) = files(tmp_path)
    path.write_bytes(content)
    budget = Budget("av", DAY, ManualClock(10**18), BudgetFiles(tmp_path))
    budget.spend()
    assert budget.left() == {"day": 22}


def test_where_nothing_can_be_written_the_budget_is_kept_as_long_as_the_process(tmp_path) -> None:
    (tmp_path / BUDGETS_FOLDER).write_text("a file where the folder was to be")
    budget = Budget("av", DAY, ManualClock(10**18), BudgetFiles(tmp_path))
    budget.spend()
    assert budget.left() == {"day": 22}


def damaged(folder, **what) -> Budget:
    """The budget of a file in which `what` was written over."""
    clock = ManualClock(10**18)
    Budget("av", DAY, clock, BudgetFiles(folder)).spend()
    (path,) = files(folder)
    path.write_bytes(msgspec.json.encode({**msgspec.json.decode(path.read_bytes()), "by": "another", **what}))
    return Budget("av", DAY, clock, BudgetFiles(folder))


def test_a_weight_that_no_plan_has_fills_the_budget_and_not_the_memory(tmp_path) -> None:
    budget = damaged(tmp_path, all=[[10**12 - 2, 5], [10**12 - 1, 2**52]])
    assert budget.left() == {"day": 0}


def test_a_vendor_is_not_closed_for_years(tmp_path) -> None:
    budget = damaged(tmp_path, closed_until=10**12 + 400 * 86_400_000, closed_why="the clock was ahead")
    budget.spend()
    assert budget.left() == {"day": 21}
