"""Where TradeSim keeps its data: one folder, for its owner alone."""

import os
import tempfile
from pathlib import Path

import platformdirs

from tradesim.kernel.errors import Refused

OWNER_ONLY = 0o700
JOURNAL_FILE = "journal.db"
OURS = frozenset({JOURNAL_FILE, "cache", "person.token"})
"""One of them is in every data folder that was used before."""
OF_VOLUMES = frozenset({"lost+found"})


def data_folder(given: Path | None = None) -> Path:
    """The folder `given`, or the platform's own for this program, made if need be. Raises Refused if unusable."""
    folder = (given or platformdirs.user_data_path("TradeSim", appauthor=False)).expanduser().absolute()
    if folder.exists() and not folder.is_dir():
        raise Refused(f"the data folder must be a folder, {folder} is a file")
    try:
        folder.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        must_be_ours(folder)
        make_private(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Refused(f"the data folder {folder} must be writable: {error.strerror}") from error
    return folder


def must_be_ours(folder: Path) -> None:
    """Others who use the folder too would be shut out of it. Raises Refused."""
    if not is_private(folder):
        names = {child.name for child in folder.iterdir()} - OF_VOLUMES
        if names and not names & OURS:
            raise Refused(
                f"the data folder must be TradeSim's own, {folder} has {min(names)} in it and is open to others: "
                f"name one of its own, such as {folder / 'tradesim'}"
            )


def runtime_folder() -> Path:
    """This user's own on this machine, the same for every data folder; made by who writes there."""
    return platformdirs.user_state_path("TradeSim", appauthor=False) / "locks"


def make_private(folder: Path) -> None:
    """Take away what others may do in a folder of ours; Windows keeps this in its own permissions."""
    if not is_private(folder):
        folder.chmod(OWNER_ONLY)


def is_private(folder: Path) -> bool:
    return os.name != "posix" or not folder.stat().st_mode & 0o077
