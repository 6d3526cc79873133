"""What programs leave with their account and want back: watchlists and preferences, in one file of the data folder."""

import json
import threading
from pathlib import Path
from typing import Any

from tradesim.kernel.errors import Refused
from tradesim.storage.whole import write_whole


class Drawer:
    """JSON by owner and name. Safe from any thread; what `put` returned from is durable."""

    def __init__(self, path: Path | None) -> None:
        """Without a path it forgets. Raises Refused for a file that cannot be read."""
        self._path = path
        self._turn = threading.Lock()
        self._kept: dict[str, dict[str, Any]] = self._read()

    def get(self, owner: str, name: str, default: Any = None) -> Any:
        """Not to be changed by who asks."""
        return self._kept.get(owner, {}).get(name, default)

    def put(self, owner: str, name: str, value: Any) -> None:
        """Raises Refused when it cannot be written."""
        with self._turn:
            kept = {**self._kept, owner: {**self._kept.get(owner, {}), name: value}}
            self._write(kept)
            self._kept = kept

    def _read(self) -> dict[str, dict[str, Any]]:
        if self._path is None or not self._path.exists():
            return {}
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise Refused(f"{self._path} must be JSON: {type(error).__name__}; mend or remove it") from None
        if not isinstance(found, dict):
            raise Refused(f"{self._path} must hold what each account keeps: mend or remove it")
        return found

    def _write(self, kept: dict[str, dict[str, Any]]) -> None:
        if self._path is None:
            return
        try:
            write_whole(self._path, json.dumps(kept).encode())
        except OSError as error:
            raise Refused(f"it could not be kept: {error.strerror}") from None
