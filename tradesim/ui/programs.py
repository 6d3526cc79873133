"""What the page knows of programs: their keys, the bots that it starts, and how an API answers. Handed in."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct


class KeyHouse(Protocol):
    """What storage.apikeys.ApiKeys is to the page. Its acts raise Refused."""

    uses: Any

    def create(self, account: str = "", note: str = "") -> Any: ...

    def list(self) -> Sequence[Any]: ...

    def revoke(self, id_: str) -> None: ...


class BotHouse(Protocol):
    """What ops.bots.Bots is to the page. Its acts raise Refused."""

    takes_no_files: str

    def available(self) -> list[Path]: ...

    def examples(self) -> list[tuple[str, str]]: ...

    def take_example(self, name: str) -> Path: ...

    def save(self, name: str, content: bytes) -> Path: ...

    def start(
        self, path: str, account: str = "", time_limit_s: float | None = None, arguments: Sequence[str] = ()
    ) -> Any: ...

    def list(self) -> Sequence[Any]: ...

    def programs(self) -> Sequence[Any]: ...

    def stop(self, id_: str) -> Any: ...

    def tail(self, id_: str, lines: int = 100) -> str: ...

    def last_line(self, run: Any) -> str: ...


class Programs(Struct, frozen=True):
    """`try_out(key, secret)` is the status and the body that a client would get for its account."""

    keys: KeyHouse
    bots: BotHouse
    try_out: Callable[[str, str], tuple[int, str]]
