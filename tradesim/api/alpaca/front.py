"""Before anything is routed: addresses that programs paste together are put straight. Nobody is ever redirected."""

import re
from collections.abc import Callable, Iterable
from typing import Any

OURS = re.compile(r"/(?:v[123]|v[12]beta\d)(?:/|$)|/stream$")
"""Where the desk speaks Alpaca."""
SLASHES = re.compile(r"/{2,}")
DOUBLED = re.compile(r"/v\d(?:beta\d)?(?=/(?:v[123]|v[12]beta\d)/|/stream$)")
"""A base address that ends with a version, and what follows it begins with one."""
FIRST_LETTERS = frozenset({"/v", "/s", "//"})
WSGI = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Front:
    """A WSGI application before `app`."""

    def __init__(self, app: WSGI) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path[:2] in FIRST_LETTERS:
            environ["PATH_INFO"] = straightened(path)
        return self._app(environ, start_response)


def straightened(path: str) -> str:
    """The address that was meant; what is not ours stays as it is."""
    meant = SLASHES.sub("/", path) if "//" in path else path
    while len(meant) > 1 and meant.endswith("/"):
        meant = meant[:-1]
    while DOUBLED.match(meant):
        meant = DOUBLED.sub("", meant, count=1)
    return meant if is_ours(meant) else path


def is_ours(path: str) -> bool:
    return OURS.match(path) is not None
