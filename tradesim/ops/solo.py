"""`tradesim run BOT.py`: one bot, looked after by the command that started it, against a desk that runs already."""

import signal
import sys
import threading
from pathlib import Path
from typing import Any

from tradesim.kernel.errors import Refused
from tradesim.ops.bots import BOTS_FOLDER, RUNS_FOLDER, KeyMaker, Plan, Supervised
from tradesim.ops.reach import is_there, trusted_url

LOOK_EVERY_S = 1.0
MISSES = 5


def run(plan: Plan, url: str, keys: KeyMaker, folder: Path, trusted: Path | None = None, welcome: str = "") -> int:
    """Until the bot ends, its time is up, or the desk is gone; the exit code. Raises Refused.

    `welcome` is told on the error stream once it runs: what the bot prints is its own.
    """
    if not is_there(trusted_url(url, trusted), trusted):
        raise Refused(
            f"wanted a desk at {url}, found none: start it with `tradesim`, or name it with --url or TRADESIM_URL"
        )
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
