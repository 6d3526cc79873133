"""What was asked of each vendor with each key: a small file each, apart from the cache, which may be thrown away.

A day's questions that were forgotten would be asked once more, and the vendor would count them.
"""

import logging
import threading
from pathlib import Path
from typing import Any

import msgspec

from tradesim.storage.datafolder import OWNER_ONLY
from tradesim.storage.whole import of_this_process, write_whole

logger = logging.getLogger(__name__)

BUDGETS_FOLDER = "budgets"


class BudgetFiles:
    """Implements `providers.budget.BudgetStore`, for several processes. Trouble is logged, never fatal.

    What has expired needs no clock here: a budget knows by its moments what counts no more.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / BUDGETS_FOLDER
        self._writing = threading.Lock()

    def get(self, key: str, default: Any = None) -> Any:
        try:
            return msgspec.json.decode(self._path(key).read_bytes())
        except FileNotFoundError:
            return default
        except (OSError, msgspec.MsgspecError) as error:
            logger.warning("what was asked is not known any more: %s cannot be read: %s", self._path(key).name, error)
            return default

    def set(self, key: str, value: Any, expire_s: float | None = None) -> bool:
        """Whether it was kept."""
        try:
            with self._writing:
                self._folder.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
                write_whole(self._path(key), msgspec.json.encode(value), beside=of_this_process())
        except OSError as error:
            logger.warning("what was asked is not kept: %s cannot be written: %s", self._path(key).name, error)
            return False
        return True

    def _path(self, key: str) -> Path:
        return self._folder / f"{key.replace('/', '-')}.json"
