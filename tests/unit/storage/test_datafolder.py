import os
import stat
import sys
from pathlib import Path

import platformdirs
import pytest

from tradesim.kernel.errors import Refused
from tradesim.storage.datafolder import data_folder

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps permissions elsewhere")


@posix
def test_a_new_folder_is_its_owners_alone(tmp_path):
    folder = data_folder(tmp_path / "deep" / "data")
    assert folder == tmp_path / "deep" / "data"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_is_there_stays(tmp_path):
    (tmp_path / "journal.db").write_text("kept")
    assert (data_folder(tmp_path) / "journal.db").read_text() == "kept"


@posix
def test_a_folder_that_others_use_is_not_shut_to_them(tmp_path):
    shared = tmp_path / "srv"
    shared.mkdir(mode=0o755)
    (shared / "site").mkdir()
    with pytest.raises(Refused, match=r"must be TradeSim's own, .*srv has site in it .*such as .*srv.tradesim"):
        data_folder(shared)
    assert stat.S_IMODE(shared.stat().st_mode) == 0o755


@posix
@pytest.mark.parametrize("child", ("journal.db", "lost+found"))
def test_an_open_folder_of_ours_and_an_empty_volume_become_private(tmp_path, child):
    volume = tmp_path / "volume"
    volume.mkdir(mode=0o755)
    (volume / child).touch()
    assert stat.S_IMODE(data_folder(volume).stat().st_mode) == 0o700


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "data").write_text("")
    with pytest.raises(Refused, match=r"must be a folder, .*data is a file"):
        data_folder(tmp_path / "data")


def test_a_folder_below_a_file_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="must be writable: Not a directory"):
        data_folder(tmp_path / "file" / "data")


@posix
def test_a_folder_that_cannot_be_written_is_refused():
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere but in the kernel's own folders")
    with pytest.raises(Refused, match="must be writable"):
        data_folder(Path("/proc/tradesim"))


def test_the_default_is_named_after_the_program(tmp_path, monkeypatch):
    monkeypatch.setattr(platformdirs, "user_data_path", lambda name, appauthor: tmp_path / name)
    assert data_folder() == tmp_path / "TradeSim"
