import os
import subprocess
import sys

import pytest

from tradesim.kernel.errors import Refused
from tradesim.storage.lock import InstanceLock

HOLD = """
import sys, time, pathlib
from tradesim.storage.lock import InstanceLock
lock = InstanceLock(pathlib.Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_holder_is_told_who_is_there(tmp_path):
    lock = InstanceLock(tmp_path)
    lock.acquire()
    with pytest.raises(Refused, match=rf"another TradeSim \(pid {os.getpid()}\) already uses .*: stop it, or give"):
        InstanceLock(tmp_path).probe()
    lock.release()
    InstanceLock(tmp_path).probe()


def test_a_killed_holder_leaves_the_folder_free(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline().strip() == "held"
    with pytest.raises(Refused, match=rf"pid {holder.pid}"):
        InstanceLock(tmp_path).probe()
    holder.kill()
    holder.communicate()
    InstanceLock(tmp_path).probe()
