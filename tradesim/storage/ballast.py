"""A file that does nothing but take up room, so that the last batch still fits when the disk is full."""

import os
import shutil
from pathlib import Path

BALLAST_BYTES = 4 * 1024 * 1024


class Ballast:
    """Released when a write finds the disk full; put back once there is room for it twice over."""

    def __init__(self, path: Path, size: int = BALLAST_BYTES) -> None:
        self._path = path
        self.size = size
        self.in_place = path.exists() and path.stat().st_size == size

    def release(self) -> bool:
        """Give the room back; False when there was none to give."""
        if not self.in_place:
            return False
        self._path.unlink(missing_ok=True)
        self.in_place = False
        return True

    def restore(self) -> bool:
        """Take the room again if it can be had; whether the ballast is in place now."""
        if not self.in_place and shutil.disk_usage(self._path.parent).free >= 2 * self.size:
            self.in_place = self._write()
        return self.in_place

    def shortage(self) -> str:
        """The sentence for people."""
        free = shutil.disk_usage(self._path.parent).free
        return f"the journal's disk is full: wanted {2 * self.size:,} bytes free, found {free:,}"

    def _write(self) -> bool:
        try:
            with self._path.open("wb") as file:
                file.write(os.urandom(self.size))
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            self._path.unlink(missing_ok=True)
            return False
        return True
