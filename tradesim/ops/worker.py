"""The server process: how it is sized, and how it takes its leave."""

import contextlib
import ctypes
import gc
import logging
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from time import sleep
from typing import Any

logger = logging.getLogger(__name__)

GRACE_S = 10
LOOK_S = 0.05
M_ARENA_MAX, FEW = -8, 2
SPARE_CONNECTIONS = 256
SPARE_FILES = 256
HOUSE = "house"
"""Key of what must be stopped last in the server's `extensions`, see tradesim.bootstrap."""
STREAM = "stream"
"""Key of the hub in the server's `extensions`, see tradesim.api.socket."""
FAREWELLS = "farewells"
"""Key of a list of functions in the server's `extensions`: each ends what waits in a thread of the server."""
REFUSAL = "refusal"
"""Key of what says in the form of an API why a request is none: the answer's body, of path, status and sentence."""
PRECEDENCE = "precedence"
"""Key of what says that somebody waits for an answer, see tradesim.kernel.precedence."""


def options(
    host: str, port: int, threads: int, certificate: Path | None = None, key: Path | None = None
) -> dict[str, Any]:
    """gunicorn settings. One worker: the market, the journal and the sockets belong to one process."""
    return {
        "bind": address(host, port),
        "worker_class": "tradesim.ops.lingering.LingeringWorker",
        "workers": 1,
        "threads": threads,
        "worker_connections": threads + SPARE_CONNECTIONS,
        "certfile": str(certificate) if certificate else None,
        "keyfile": str(key) if key else None,
        "timeout": 60,
        "graceful_timeout": GRACE_S,
        "keepalive": 5,
        "limit_request_line": 8190,
        "accesslog": None,
        "loglevel": "warning",
        "logger_class": "tradesim.ops.quiet.QuietLogger",
        "control_socket_disable": True,
        "post_fork": on_worker_born,
        "post_worker_init": on_worker_ready,
        "worker_exit": on_worker_exit,
    }


def address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def on_worker_born(_arbiter: Any, _worker: Any) -> None:
    """gunicorn's `post_fork`. All that is made until the server is ready stays: nothing of it is garbage."""
    keep_memory_together()
    gc.disable()


def on_worker_ready(worker: Any) -> None:
    """gunicorn's `post_worker_init`: from here on the application exists, in the process that serves."""
    spare_the_lasting()
    allow_files(int(worker.cfg.threads) + SPARE_FILES)
    watcher = threading.Thread(target=part_with_pages, args=(worker,), name="farewell", daemon=True)
    watcher.start()


def spare_the_lasting() -> None:
    """What is there when serving begins stays: to look for garbage in it took 0.1 s, with all standing still."""
    gc.freeze()
    gc.enable()


def on_worker_exit(_arbiter: Any, worker: Any) -> None:
    """gunicorn's `worker_exit`: the requests are done, so the house can be put in order."""
    close_house(getattr(worker, "wsgi", None))


def part_with_pages(worker: Any, stopping: Callable[[], bool] | None = None) -> None:
    """Wait until the worker was told to stop, then free the threads that pages hold, so that it can."""
    is_stopping = stopping or (lambda: not worker.alive)
    while not is_stopping():
        sleep(LOOK_S)
    stop_stream(worker.wsgi)


def stop_stream(server: Any) -> None:
    """Send 1012 to every page of `server`, if it has any; then end what else holds a thread."""
    extensions = getattr(server, "extensions", {})
    hub = extensions.get(STREAM)
    if hub is not None:
        hub.stop()
    for part in extensions.get(FAREWELLS, ()):
        part()


def close_house(server: Any) -> None:
    """Save and close what the server was built on: the journal, the cache, the folder's lock."""
    house = getattr(server, "extensions", {}).get(HOUSE)
    if house is not None:
        house.stop()


def keep_memory_together() -> None:
    """glibc gives threads memory of their own to carve from and keeps it when they end: 40 MB in four minutes."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, FEW)


def allow_files(wanted: int) -> None:
    """Raise the limit of open files as far as we may: each socket is one."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
