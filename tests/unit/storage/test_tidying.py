import os
from pathlib import Path

from tradesim.storage.shelf import TRAFFIC, tidied

DAY = 86_400.0


def kept(shelf: Path, name: str, size: int, age_days: float) -> Path:
    path = shelf / name
    path.write_bytes(b"x" * size)
    os.utime(path, (1e9 - age_days * DAY, 1e9 - age_days * DAY))
    return path


def test_old_traffic_goes_and_what_people_handed_in_stays(tmp_path: Path):
    old = kept(tmp_path, f"kraken{TRAFFIC}", 10, 100)
    new = kept(tmp_path, f"coinbase{TRAFFIC}", 10, 1)
    csv = kept(tmp_path, "AAPL.csv", 10, 1_000)
    (told,) = tidied(tmp_path, 1e9)
    assert "kraken" in told and "100 days" in told
    assert not old.exists() and new.exists() and csv.exists()


def test_beyond_the_size_the_oldest_traffic_goes_first(tmp_path: Path):
    paths = [kept(tmp_path, f"{age}{TRAFFIC}", 100, age) for age in (3, 2, 1)]
    assert len(tidied(tmp_path, 1e9, most=150)) == 2
    assert [path.exists() for path in paths] == [False, False, True]


def test_a_tidy_shelf_is_left_alone(tmp_path: Path):
    kept(tmp_path, f"a{TRAFFIC}", 100, 1)
    assert tidied(tmp_path, 1e9) == []
