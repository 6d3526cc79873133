import os
import subprocess
import sys

import pytest

from tradesim.kernel.errors import Refused
from tradesim.storage.lock import FolderLock

HOLD = """
import sys, time, pathlib
from tradesim.storage.lock import FolderLock
lock = FolderLock(pathlib.Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_holder_is_told_who_is_there(tmp_path):
    lock = FolderLock(tmp_path)
    with pytest.raises(Refused, match=rf"another TradeSim \(pid {os.getpid()}\) already uses .*: stop it, or give"):
        FolderLock(tmp_path)
    lock.release()
    FolderLock(tmp_path).release()


def test_a_killed_holder_leaves_the_folder_free(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline().strip() == "held"
    with pytest.raises(Refused, match=rf"pid {holder.pid}"):
        FolderLock(tmp_path)
    holder.kill()
    holder.communicate()
    FolderLock(tmp_path).release()
