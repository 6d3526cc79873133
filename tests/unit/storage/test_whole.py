"""A file is there whole, or as it was before."""

import os

import pytest

from tradesim.storage.whole import READABLE, of_this_process, write_whole


def test_the_file_before_gives_way_to_the_whole_new_one(tmp_path):
    path = tmp_path / "kept.json"
    write_whole(path, b"first")
    write_whole(path, b"second")
    assert path.read_bytes() == b"second"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("mode", "wanted"), [((), 0o600), ((READABLE,), 0o644)])
@pytest.mark.skipif(os.name != "posix", reason="who may read a file is told by its mode")
def test_who_may_read_it(tmp_path, mode, wanted):
    path = tmp_path / "kept.json"
    write_whole(path, b"", *mode)
    assert path.stat().st_mode & 0o777 == wanted


def test_what_cannot_be_written_leaves_the_file_before_and_no_half(tmp_path, monkeypatch):
    path = tmp_path / "kept.json"
    write_whole(path, b"first")

    def full(_opened):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"second")
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_left_is_written_over(tmp_path):
    path = tmp_path / "kept.json"
    path.with_suffix(".new").write_bytes(b"half")
    write_whole(path, b"whole")
    assert path.read_bytes() == b"whole"


def test_each_process_has_an_ending_of_its_own():
    assert of_this_process() == f".{os.getpid()}"
