import logging
import pickle
import sqlite3
import stat
import sys
from typing import ClassVar

import diskcache
import numpy as np
import pytest

from tradesim.model.series import Bars, History
from tradesim.storage.cache import MarketCache


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def cache(folder):
    cache = MarketCache(folder)
    yield cache
    cache.close()


def bars(n, start=0):
    return Bars(*(np.arange(n, dtype=np.int64) + start + column for column in range(6)))


class Trap:
    """Pickled, it leaves a mark when somebody unpickles it."""

    sprung: ClassVar[list[str]] = []

    def __reduce__(self):
        return (Trap.sprung.append, ("unpickled",))


def change(folder, statement, *values):
    connection = sqlite3.connect(folder / "cache.db")
    connection.execute(statement, values)
    connection.commit()
    connection.close()


def test_plain_data_comes_back(cache):
    assert cache.set("quotes", {"AAPL": [189.3, 5], "at": None, "raw": b"\x00\x01"})
    assert cache.get("quotes") == {"AAPL": [189.3, 5], "at": None, "raw": b"\x00\x01"}
    assert cache.get("nothing", 7) == 7
    cache.delete("quotes")
    assert cache.get("quotes") is None


def test_a_value_expires(cache):
    cache.set("quote", 1, expire_s=-1)
    assert cache.get("quote") is None


def test_history_comes_back_column_by_column(cache):
    history = History(bars(100_000), bars(5, 10), Bars.empty())
    assert cache.save_bars("BTC/USD", history)
    found = cache.load_bars("BTC/USD")
    for part in ("seconds", "minutes", "days"):
        for was, is_ in zip(getattr(history, part).columns(), getattr(found, part).columns(), strict=True):
            np.testing.assert_array_equal(was, is_)
            assert is_.dtype == np.int64
    assert cache.load_bars("AAPL") is None


@pytest.mark.parametrize("packed", [5, {}, [b"123"], [bytes(8)] * 5, [bytes(8)] * 5 + [b""]])
def test_unsound_bars_are_not_there(cache, packed):
    cache.save_bars("AAPL", History(bars(5), bars(5), bars(5)))
    cache.set("bars/2/AAPL/minutes/0", packed)
    assert cache.load_bars("AAPL") is None


def test_only_what_moved_is_written_again(cache):
    days = bars(3)
    cache.save_bars("AAPL", History(bars(5), bars(5), days))
    cache.delete("bars/2/AAPL/days/0")
    cache.save_bars("AAPL", History(bars(6), bars(5), days))
    assert cache.get("bars/2/AAPL/days/0") is None
    cache.save_bars("AAPL", History(bars(6), bars(5), bars(4)))
    assert len(cache.load_bars("AAPL").seconds) == 6


def test_a_piece_that_is_over_is_not_written_again_and_one_that_is_gone_is_dropped(cache):
    hour = 3_600_000_000_000
    first, second, third = bars(5), bars(5, hour), bars(5, 2 * hour)
    cache.save_bars("AAPL", History(first.joined(second), Bars.empty(), Bars.empty()))
    cache.delete("bars/2/AAPL/seconds/0")
    cache.save_bars("AAPL", History(first.joined(second).joined(third), Bars.empty(), Bars.empty()))
    assert cache.get("bars/2/AAPL/seconds") == [0, 1, 2]
    assert cache.get("bars/2/AAPL/seconds/0") is None
    cache.save_bars("AAPL", History(second.joined(third), Bars.empty(), Bars.empty()))
    assert len(cache.load_bars("AAPL").seconds) == 10


def test_a_market_comes_back_without_what_is_unsound(cache):
    history = History(bars(5), bars(6), bars(7))
    assert cache.saved_market() == {}
    assert cache.save_market([("AAPL", history), ("MSFT", history)])
    cache.set("bars/2/MSFT/days/0", "nonsense")
    found = cache.saved_market()
    assert list(found) == ["AAPL"]
    assert len(found["AAPL"].days) == 7


def test_trimming_drops_what_expired(folder, cache):
    cache.set("old", b"x" * 100_000, expire_s=-1)
    cache.trim()
    assert list(folder.rglob("*.val")) == []


@pytest.mark.parametrize("value", [object(), {1, object()}, lambda: 0], ids=["object", "set", "function"])
def test_what_msgpack_cannot_hold_is_refused_on_writing(cache, value):
    with pytest.raises(TypeError):
        cache.set("x", value)
    assert cache.get("x") is None


def test_a_key_is_text(cache):
    with pytest.raises(TypeError, match="must be text, was tuple"):
        cache.set(("a", "b"), 1)


def test_a_pickled_row_is_refused_on_reading(folder, cache, caplog):
    with diskcache.Cache(str(folder)) as foreign:
        foreign.set("quotes", Trap())
    with caplog.at_level(logging.WARNING):
        assert cache.get("quotes") is None
    assert "must be msgpack" in caplog.text
    assert Trap.sprung == []
    cache.set("quotes", 1)
    assert cache.get("quotes") == 1


def test_a_pickled_file_is_refused_on_reading(folder, cache):
    with diskcache.Cache(str(folder), disk_min_file_size=0) as foreign:
        foreign.set("quotes", Trap())
    assert cache.get("quotes") is None
    assert Trap.sprung == []


def test_pickle_bytes_in_a_plain_row_are_not_unpickled(folder, cache):
    cache.set("quotes", 1)
    change(folder, "UPDATE Cache SET value = ?", pickle.dumps(Trap()))
    assert cache.get("quotes") is None
    change(folder, "UPDATE Cache SET value = ?", "text")
    assert cache.get("quotes") is None
    assert Trap.sprung == []


def test_a_file_outside_of_the_cache_is_neither_read_nor_removed(folder, cache, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"\x01")
    cache.set("quotes", b"x" * 100_000)
    change(folder, "UPDATE Cache SET filename = '../secret'")
    assert cache.get("quotes") is None
    cache.set("quotes", 2)
    assert secret.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps permissions elsewhere")
def test_the_folder_is_its_owners_alone(folder, cache):
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    cache.close()
    folder.chmod(0o755)
    MarketCache(folder).close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_cache_keeps_within_its_size(folder):
    cache = MarketCache(folder, size_limit=2_000_000)
    for n in range(60):
        cache.set(f"bars-{n}", bytes(100_000))
    assert sum(file.stat().st_size for file in folder.rglob("*.val")) < 3_000_000
    cache.close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "cache.db").write_bytes(b"not a database" * 1000),
        lambda folder: (folder / "cache.db").write_bytes(b"SQLite format 3\x00" + b"\xff" * 5000),
        lambda folder: change(folder, "INSERT INTO Settings VALUES ('disk_surprise', 1)"),
        lambda folder: change(folder, "UPDATE Settings SET value = 'x' WHERE key = 'count'"),
        lambda folder: change(folder, "DROP TABLE Cache"),
    ],
    ids=["text", "garbage", "foreign setting", "foreign value", "no table"],
)
def test_a_damaged_folder_is_begun_again(folder, damage):
    cache = MarketCache(folder)
    cache.set("a", 1)
    cache.close()
    for file in folder.glob("cache.db-*"):
        file.unlink()
    damage(folder)
    cache = MarketCache(folder)
    cache.set("b", 2)
    assert cache.get("b") == 2
    cache.close()


def test_damage_while_open_is_healed(folder, cache):
    cache.set("a", 1)
    change(folder, "DROP TABLE Cache")
    assert cache.get("a") is None
    assert cache.set("a", 2)
    assert cache.get("a") == 2


def test_a_file_in_place_of_the_folder_is_replaced(folder):
    folder.write_text("hello")
    cache = MarketCache(folder)
    assert cache.set("a", 1)
    cache.close()


def test_without_a_folder_everything_is_a_miss(tmp_path):
    (tmp_path / "file").write_text("")
    cache = MarketCache(tmp_path / "file" / "cache")
    assert cache.set("a", 1) is False
    assert cache.get("a", 5) == 5
    cache.close()
