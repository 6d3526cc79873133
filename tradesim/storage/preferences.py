"""In which order a person wants the providers: one file in the data folder."""

import json
import threading
from collections.abc import Sequence
from pathlib import Path

from tradesim.kernel.errors import Refused
from tradesim.storage.whole import READABLE, write_whole

PREFERENCES_FILE = "providers.json"


class ProviderOrder:
    """Safe from any thread. `order` is preferred first, `stand_ins` who stands in without being asked each time.

    Without a folder it is kept as long as the process runs. A file that cannot be read is as good as none: it holds
    nothing that cannot be chosen again.
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / PREFERENCES_FILE if folder else None
        self._lock = threading.Lock()
        self.order, self.stand_ins = self._read()

    def keep(self, order: Sequence[str], stand_ins: Sequence[str]) -> None:
        """Raises Refused when it cannot be written."""
        with self._lock:
            self._write(list(order), list(stand_ins))
            self.order, self.stand_ins = tuple(order), tuple(stand_ins)

    def _read(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8")) if self._path else {}
            return names_in(found.get("order")), names_in(found.get("stand_ins"))
        except (OSError, ValueError, AttributeError):
            return (), ()

    def _write(self, order: list[str], stand_ins: list[str]) -> None:
        if self._path is None:
            return
        try:
            write_whole(self._path, json.dumps({"order": order, "stand_ins": stand_ins}).encode(), READABLE)
        except OSError as error:
            raise Refused(f"the order of providers could not be kept: {error.strerror}") from None


def names_in(found: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in found if isinstance(each, str))) if isinstance(found, list) else ()
