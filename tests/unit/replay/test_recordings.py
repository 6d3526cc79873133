"""Which files of a folder can be played."""

from pathlib import Path

from tests.unit.replay.samples import BARS, random_day
from tradesim.providers.replay.recordings import grouped, recordings


def test_a_folder_lists_what_can_be_played(tmp_path: Path):
    random_day(1).write_zip(tmp_path)
    messages, books = random_day(1).write_pair(tmp_path, "BETA", packing=".xz")
    (tmp_path / "GOOG_daily.csv").write_text(BARS)
    (tmp_path / "notes.txt").write_text("nothing to play")
    (tmp_path / "LONE_2012-06-21_1_2_message_5.csv").write_text("36000.0,1,1,100,1000000,-1\n")
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 and no more")
    found = recordings(tmp_path)
    assert [(each.title, each.kind) for each in found] == [
        ("ACME 2012-06-21, 3 levels", "orders"),
        ("BETA 2012-06-21, 3 levels", "orders"),
        ("GOOG_daily", "bars"),
    ]
    assert found[1].paths == (messages, books)
    assert found[1].size == messages.stat().st_size + books.stat().st_size


def test_no_folder_has_no_recordings(tmp_path: Path):
    assert recordings(tmp_path / "none") == []


def test_halves_find_each_other(tmp_path: Path):
    messages, books = random_day(1).write_pair(tmp_path)
    bars = tmp_path / "GOOG.csv"
    assert grouped([books]) == [(messages, books)]
    assert grouped([messages, bars, books]) == [(messages, books), (bars,)]
    loose = [tmp_path / "a_orderbook.csv", tmp_path / "b_message.csv"]
    assert grouped(loose) == [(loose[1], loose[0])]
