"""One socket per key and machine."""

from pathlib import Path

from tradesim.storage.lock import KeyLock


def test_the_second_socket_of_a_key_is_told_who_has_it(tmp_path: Path) -> None:
    first, second = (KeyLock(tmp_path, "finnhub", "KEY123") for _ in range(2))
    assert first.acquire() is None
    assert second.acquire() == "this desk already listens with the same finnhub: a key takes one socket"
    first.release()
    assert second.acquire() is None


def test_a_lock_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "cannot be made sure" in (KeyLock(tmp_path / "file", "finnhub", "KEY123").acquire() or "")


def test_other_keys_and_providers_do_not_mind_and_no_key_is_written(tmp_path: Path) -> None:
    locks = [
        KeyLock(tmp_path, "finnhub", "KEY123"),
        KeyLock(tmp_path, "finnhub", "KEY456"),
        KeyLock(tmp_path, "alpaca", "KEY123"),
    ]
    assert [lock.acquire() for lock in locks] == [None, None, None]
    assert not any("KEY" in path.name or "KEY" in path.read_text() for path in tmp_path.iterdir())
