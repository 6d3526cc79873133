"""`tradesim run BOT.py`: one bot, looked after by the command that started it, against a desk that runs already."""

import signal
import ssl
import sys
import threading
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tradesim.kernel.errors import Refused
from tradesim.ops.bots import BOTS_FOLDER, RUNS_FOLDER, KeyMaker, Plan, Supervised

LOOK_EVERY_S = 1.0
MISSES = 5
LONGEST_WAIT_S = 2.0


def run(plan: Plan, url: str, keys: KeyMaker, folder: Path, trusted: Path | None = None, welcome: str = "") -> int:
    """Until the bot ends, its time is up, or the desk is gone; the exit code. Raises Refused.

    `welcome` is told on the error stream once it runs: what the bot prints is its own.
    """
    if not is_there(url, trusted):
        raise Refused(f"wanted a desk at {url}, found none: start it with `tradesim`, or name it with --url")
    runs = folder / BOTS_FOLDER / RUNS_FOLDER
    runs.mkdir(parents=True, exist_ok=True)
    bot = Supervised(plan, url, keys, runs, sys.stdout.buffer, trusted)
    if welcome:
        sys.stderr.write(f"{welcome}\n")
    over = threading.Event()
    watcher = threading.Thread(target=watch, args=(bot, url, over, trusted), name="desk watch", daemon=True)
    watcher.start()
    try:
        return ended(bot)
    finally:
        over.set()


def ended(bot: Supervised) -> int:
    """Passes on what a person at the keyboard or a supervisor wants: the bot goes when we go."""

    def on_signal(_number: int, _frame: Any) -> None:
        threading.Thread(target=bot.stop, name="stop", daemon=True).start()

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, on_signal)
        signal.signal(signal.SIGINT, on_signal)
    found = bot.wait()
    if found.state == "timed_out":
        sys.stderr.write(f"tradesim: {found.name} was ended: its {found.time_limit_s:g} s were up\n")
    if found.state == "desk_gone":
        sys.stderr.write(f"tradesim: {found.name} was ended: the desk is gone\n")
    return found.exit_code or 0


def watch(bot: Supervised, url: str, over: threading.Event, trusted: Path | None = None) -> None:
    misses = 0
    while not over.wait(LOOK_EVERY_S):
        misses = 0 if is_there(url, trusted) else misses + 1
        if misses >= MISSES:
            bot.stop("desk_gone")
            return


def is_there(url: str, trusted: Path | None = None) -> bool:
    """Whether a desk answers at `url`, healthy or not; over TLS one that `trusted` vouches for."""
    parts = urlsplit(url)
    try:
        connection = connection_to(parts.scheme, parts.hostname or "", parts.port, trusted)
        connection.request("GET", "/healthz")
        return connection.getresponse().status in (200, 503)
    except (OSError, HTTPException, ValueError):
        return False


def connection_to(scheme: str, host: str, port: int | None, trusted: Path | None) -> HTTPConnection:
    if scheme != "https":
        return HTTPConnection(host, port, timeout=LONGEST_WAIT_S)
    context = ssl.create_default_context(cafile=trusted)
    return HTTPSConnection(host, port, timeout=LONGEST_WAIT_S, context=context)
