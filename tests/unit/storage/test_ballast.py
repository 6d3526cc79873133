import shutil
from collections import namedtuple

from tradesim.storage.ballast import Ballast

Usage = namedtuple("Usage", "total used free")


def test_the_ballast_takes_room_and_gives_it_back(tmp_path):
    ballast = Ballast(tmp_path / "ballast", 10_000)
    assert not ballast.in_place
    assert ballast.restore()
    assert (tmp_path / "ballast").stat().st_size == 10_000
    assert ballast.release()
    assert not (tmp_path / "ballast").exists()
    assert not ballast.release()


def test_it_is_found_again(tmp_path):
    Ballast(tmp_path / "ballast", 10_000).restore()
    assert Ballast(tmp_path / "ballast", 10_000).in_place
    assert not Ballast(tmp_path / "ballast", 20_000).in_place


def test_it_waits_until_there_is_room_for_it_twice(tmp_path, monkeypatch):
    ballast = Ballast(tmp_path / "ballast", 10_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, 19_999))
    assert not ballast.restore()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, 20_000))
    assert ballast.restore()
