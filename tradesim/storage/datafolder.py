"""Where TradeSim keeps its data: one folder, for its owner alone."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from tradesim.kernel.errors import Refused

OWNER_ONLY = 0o700


@dataclass(frozen=True, slots=True)
class DataFolder:
    path: Path

    @property
    def journal(self) -> Path:
        return self.path / "journal.db"

    @property
    def cache(self) -> Path:
        return self.path / "cache"

    @property
    def recordings(self) -> Path:
        return self.path / "recordings"


def default_data_folder() -> Path:
    """The platform's own place for an application's data."""
    return platformdirs.user_data_path("TradeSim", appauthor=False)


def open_data_folder(path: Path) -> DataFolder:
    """Make the folder if need be, for its owner only. Raises Refused when it cannot hold data."""
    folder = path.expanduser().absolute()
    if folder.exists() and not folder.is_dir():
        raise Refused(f"the data folder must be a folder, {folder} is a file")
    try:
        folder.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        make_private(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Refused(f"the data folder {folder} must be writable: {error.strerror}") from error
    return DataFolder(folder)


def make_private(folder: Path) -> None:
    """Take away what others may do in a folder of ours; Windows keeps this in its own permissions."""
    if os.name == "posix" and folder.stat().st_mode & 0o077:
        folder.chmod(OWNER_ONLY)
