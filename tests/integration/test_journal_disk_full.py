"""A full disk: the batch in hand is kept by the ballast, what follows is refused, and room heals it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SQUEEZED = """
import resource, sys
from pathlib import Path
from tests.fakes import an_account, an_order
from tradesim.kernel.errors import JournalUnavailable
from tradesim.model.events import AccountOpened, OrderAccepted
from tradesim.storage import journal as room
from tradesim.storage.journal import SqlJournal

room.PROBE_EVERY_S = 0.0
folder = Path(sys.argv[1])
path = folder / "journal.db"
journal = SqlJournal.open(folder, ballast_bytes=65536)
journal.append([AccountOpened(an_account(), 0)], [])
log = path.with_name(path.name + "-wal")
resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + 40_000, resource.RLIM_INFINITY))
acknowledged, refusal = 1, None
while refusal is None:
    try:
        acknowledged = journal.append([OrderAccepted(an_order(str(acknowledged)), acknowledged)], [])
    except JournalUnavailable as error:
        refusal = str(error)
print(refusal)
print(journal.health())
print(acknowledged, len(list(journal.replay())), (path.parent / "journal.db.ballast").exists())
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(journal.health())
print(journal.append([OrderAccepted(an_order("after"), 9)], []), (path.parent / "journal.db.ballast").exists())
"""

SMALL_DISK = """
import os, sys
from pathlib import Path
from tests.fakes import an_account, an_order
from tradesim.kernel.errors import JournalUnavailable
from tradesim.model.events import AccountOpened, OrderAccepted
from tradesim.storage import journal as room
from tradesim.storage.journal import SqlJournal

room.PROBE_EVERY_S = 0.0
folder = Path(sys.argv[1])
journal = SqlJournal.open(folder, ballast_bytes=256 * 1024)
journal.append([AccountOpened(an_account(), 0)], [])
filler = (folder / "filler").open("wb", buffering=0)
try:
    while True:
        filler.write(bytes(4096))
except OSError:
    pass
acknowledged, sentence = 1, "ok"
while sentence == "ok":
    acknowledged = journal.append([OrderAccepted(an_order(str(acknowledged)), acknowledged)], [])
    sentence = journal.health()
print(sentence)
print(acknowledged, len(list(journal.replay())), (folder / "journal.db.ballast").exists())
refusal = None
while refusal is None:
    try:
        acknowledged = journal.append([OrderAccepted(an_order(str(acknowledged)), acknowledged)], [])
    except JournalUnavailable as error:
        refusal = str(error)
print(refusal)
print(acknowledged == len(list(journal.replay())))
filler.close()
(folder / "filler").unlink()
print(journal.health(), (folder / "journal.db.ballast").exists())
print(journal.append([OrderAccepted(an_order("after"), 9)], []) == acknowledged + 1)
"""


def lines_of(script, argument):
    done = subprocess.run(
        [sys.executable, "-c", script, str(argument)], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.skipif(sys.platform == "win32", reason="no file-size limit to squeeze with")
def test_a_file_that_may_not_grow_refuses_orders_and_loses_none(tmp_path):
    refusal, health, counts, healed, after = lines_of(SQUEEZED, tmp_path)
    acknowledged, rows, ballast = counts.split()
    assert refusal.startswith("the journal's disk is full: wanted 131,072 bytes free, found")
    assert health.startswith("the journal's disk is full")
    assert acknowledged == rows
    assert ballast == "False"
    assert healed == "ok"
    assert after == f"{int(rows) + 1} True"


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 2 MB, where mounting is permitted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", str(folder)], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip("no permission to mount a small file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a tmpfs")
def test_on_a_full_disk_the_ballast_keeps_the_batch_in_hand(small_disk):
    sentence, counts, refusal, nothing_lost, healed, after = lines_of(SMALL_DISK, small_disk)
    acknowledged, rows, ballast = counts.split()
    assert sentence.startswith("the journal's disk is full")
    assert (acknowledged, ballast) == (rows, "False")
    assert refusal.startswith("the journal's disk is full")
    assert (nothing_lost, healed, after) == ("True", "ok True", "True")
