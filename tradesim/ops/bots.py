"""Bots: programs of people that trade here, each a supervised process with a key of its own, a log and limits.

A run leaves a file in the data folder, so that the desk also knows of those that `tradesim run` started beside it.
"""

import contextlib
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from msgspec import Struct
from msgspec.structs import asdict, replace

from tradesim.kernel.errors import Refused
from tradesim.ops import processes
from tradesim.ops.processes import GRACE_S
from tradesim.ops.scores import DeskViews, Performance, ProgramView, Scores

LAUNCHER = Path(__file__).with_name("launcher.py")
BOTS_FOLDER, RUNS_FOLDER = "bots", "runs"
MOST_LOG_BYTES = 16 * 1024 * 1024
KEPT_RUNS = 50
TIMED_OUT = 124
MOST_BOTS = 32
LONGEST_TAIL, LONGEST_LINE = 64 * 1024, 4 * 1024
EXAMPLES = Path(__file__).with_name("examples")
BOT_NAME = re.compile(r"[A-Za-z0-9_][\w.-]{0,60}\.py", re.ASCII)
LARGEST_BOT, MOST_FILES = 512 * 1024, 500
LONGEST_NOTE = 64


class KeyMaker(Protocol):
    """What storage.apikeys.ApiKeys is to bots."""

    def create(self, account: str = "", note: str = "") -> Any: ...

    def revoke(self, id_: str) -> None: ...


class Run(Struct, frozen=True):
    """One start of a bot. `state` is running, ended, stopped, timed_out or desk_gone; times are wall seconds.

    `pid` is the bot's, and its process group's; `supervisor` the process that looks after it.
    """

    id: str
    name: str
    path: str
    account: str
    key: str
    pid: int
    supervisor: int
    started_at: float
    log: str
    time_limit_s: float | None = None
    ended_at: float | None = None
    exit_code: int | None = None
    state: str = "running"


class Plan(Struct, frozen=True):
    """What is to be started. `python` is the interpreter; empty: our own."""

    path: Path
    arguments: tuple[str, ...] = ()
    account: str = ""
    time_limit_s: float | None = None
    memory_mb: int = 2_048
    python: str = ""


class BotView(Struct, frozen=True):
    run: Run
    performance: Performance


class Supervised:
    """One bot's process. `done` is called once, on the supervising thread, with how it ended."""

    def __init__(
        self,
        plan: Plan,
        url: str,
        keys: KeyMaker,
        folder: Path,
        echo: IO[bytes] | None = None,
        trusted: Path | None = None,
    ) -> None:
        """Starts it. Raises Refused when the file cannot be run."""
        if not is_file(plan.path):
            raise Refused(f"{plan.path.name[:80]}: wanted a bot, found no such file")
        self._plan, self._keys, self._echo = plan, keys, echo
        id_ = secrets.token_hex(6)
        made = keys.create(plan.account, f"bot {plan.path.name}"[:LONGEST_NOTE])
        self._file, log = folder / f"{id_}.json", folder / f"{id_}.log"
        self._stopped = ""
        try:
            self._process = started(plan, url, made.key.id, made.secret, trusted)
        except (OSError, ValueError) as error:
            keys.revoke(made.key.id)
            reason, missing = getattr(error, "strerror", None) or error, getattr(error, "filename", None)
            named = f" ({missing})" if missing else ""
            raise Refused(f"{plan.path.name} could not be started: {reason}{named}") from None
        self.run = Run(
            id_,
            plan.path.name,
            str(plan.path),
            plan.account,
            made.key.id,
            self._process.pid,
            os.getpid(),
            time.time(),
            str(log),
            plan.time_limit_s,
        )
        self._keep(self.run)
        self._writer = threading.Thread(target=self._write_log, args=(log,), name=f"log of {id_}", daemon=True)
        self._writer.start()

    def wait(self) -> Run:
        """Until it has ended, or its time is up; then nothing of it is left."""
        try:
            self._process.wait(self._plan.time_limit_s)
        except subprocess.TimeoutExpired:
            self._stopped = "timed_out"
        processes.end_group(self._process)
        self._writer.join(GRACE_S)
        code = TIMED_OUT if self._stopped == "timed_out" else processes.exit_code_of(self._process.returncode)
        with contextlib.suppress(Refused):
            self._keys.revoke(self.run.key)
        self.run = replace(self.run, state=self._stopped or "ended", ended_at=time.time(), exit_code=code)
        self._keep(self.run)
        return self.run

    def stop(self, state: str = "stopped") -> None:
        self._stopped = self._stopped or state
        processes.end_group(self._process)

    def _write_log(self, path: Path) -> None:
        written, source = 0, self._process.stdout
        assert source is not None
        with path.open("wb", buffering=0) as log:
            for chunk in iter(lambda: os.read(source.fileno(), 8_192), b""):
                if self._echo is not None:
                    self._echo.write(chunk)
                    self._echo.flush()
                if written < MOST_LOG_BYTES:
                    written += log.write(chunk) or 0
                    if written >= MOST_LOG_BYTES:
                        log.write(b"\n(the log is full; what follows is not kept)\n")

    def _keep(self, run: Run) -> None:
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps(asdict(run)), encoding="utf-8")
        beside.replace(self._file)


def is_file(path: Path) -> bool:
    """None is there either under a name that no system can have."""
    try:
        return path.is_file()
    except OSError:
        return False


def started(plan: Plan, url: str, key: str, secret: str, trusted: Path | None = None) -> "subprocess.Popen[bytes]":
    """The launcher with the bot in it, in a process group of its own; its input is its lifeline."""
    process = subprocess.Popen(
        [plan.python or sys.executable, "-u", str(LAUNCHER), str(plan.path), *plan.arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=plan.path.parent,
        **processes.OWN_GROUP,
    )
    assert process.stdin is not None
    briefing = {
        "url": url,
        "key": key,
        "secret": secret,
        "memory_mb": plan.memory_mb,
        "trusted": str(trusted or ""),
    }
    process.stdin.write(json.dumps(briefing).encode() + b"\n")
    process.stdin.flush()
    return process


class Bots:
    """The bots of one data folder, for the page and the API. Safe from any thread."""

    def __init__(
        self,
        folder: Path,
        url: Callable[[], str],
        keys: KeyMaker,
        desk: DeskViews,
        named: Iterable[str] = (),
        takes_no_files: str = "",
        trusted: Path | None = None,
    ) -> None:
        """`named` are files that the person at the keyboard named; others must lie in the `bots` folder.

        `takes_no_files` is the sentence that says why `save` takes nothing here; empty: it does. `trusted` are the
        authorities by which bots know the desk, where it is served over TLS.
        """
        self._shelf, self._runs = folder / BOTS_FOLDER, folder / BOTS_FOLDER / RUNS_FOLDER
        self._runs.mkdir(parents=True, exist_ok=True)
        self._url, self._keys, self._desk = url, keys, desk
        self.takes_no_files = takes_no_files
        self._trusted = trusted
        self._last_lines: dict[str, str] = {}
        self._named = tuple(Path(each).resolve() for each in named)
        self._turn = threading.Lock()
        self._own: dict[str, Supervised] = {}
        self._scores = Scores(desk)
        self._mend()

    def available(self) -> list[Path]:
        """What may be started."""
        return [*self._named, *sorted(self._shelf.glob("*.py"))]

    def examples(self) -> list[tuple[str, str]]:
        """Bots that come with the desk: file name and what it is."""
        return [(path.name, title_of(path)) for path in sorted(EXAMPLES.glob("[a-z]*.py"))]

    def take_example(self, name: str) -> Path:
        """A copy of it among those that may be started. Raises Refused."""
        if name not in {known for known, _ in self.examples()}:
            raise Refused(f"there is no example {name[:60]!r}")
        return self._put(name, (EXAMPLES / name).read_bytes())

    def save(self, name: str, content: bytes) -> Path:
        """A file handed in on the page, among those that may be started. Raises Refused."""
        if self.takes_no_files:
            raise Refused(self.takes_no_files)
        if not BOT_NAME.fullmatch(name):
            raise Refused(f"wanted a Python file such as my_bot.py, was {name[:60]!r}")
        if not content.strip() or len(content) > LARGEST_BOT:
            raise Refused(f"{name}: wanted up to {LARGEST_BOT // 1024} KB of Python, was {len(content):,} bytes")
        return self._put(name, content)

    def _put(self, name: str, content: bytes) -> Path:
        """Beside what is there already: nobody's bot is written over."""
        with self._turn:
            for number in range(1, MOST_FILES):
                path = self._shelf / (name if number == 1 else f"{Path(name).stem}_{number}.py")
                try:
                    with path.open("xb") as file:
                        file.write(content)
                    return path
                except FileExistsError:
                    if path.is_file() and path.read_bytes() == content:
                        return path
                except OSError as error:
                    raise Refused(f"{name} could not be kept: {error.strerror}") from None
        raise Refused(f"there are {MOST_FILES} bots called {name}; remove some from the {BOTS_FOLDER} folder")

    def start(
        self, path: str, account: str = "", time_limit_s: float | None = None, arguments: Sequence[str] = ()
    ) -> BotView:
        """Raises Refused."""
        found, url = self._allowed(path), self._url()
        with self._turn:
            if sum(1 for each in self._own.values() if each.run.state == "running") >= MOST_BOTS:
                raise Refused(f"at most {MOST_BOTS} bots may run at once; stop one first")
            plan = Plan(found, tuple(arguments), account, time_limit_s)
            bot = Supervised(plan, url, self._keys, self._runs, trusted=self._trusted)
            self._own[bot.run.id] = bot
        threading.Thread(target=bot.wait, name=f"bot {bot.run.id}", daemon=True).start()
        return self._view(bot.run)

    def list(self) -> Sequence[BotView]:
        """Newest first, those started beside the desk included."""
        return [self._view(run) for run in self._known()]

    def stop(self, id_: str) -> BotView:
        """Raises Refused when there is no such bot, or it does not run."""
        run = self._find(id_)
        if run.state != "running":
            raise Refused(f"{run.name} does not run any more")
        own = self._own.get(id_)
        if own is not None:
            own.stop()
        elif is_running(run):
            with contextlib.suppress(OSError):
                os.kill(run.supervisor, signal.SIGTERM)
        return self._view(self._find(id_))

    def tail(self, id_: str, lines: int = 100) -> str:
        """The last lines of its log. Raises Refused."""
        return "\n".join(end_of(Path(self._find(id_).log), LONGEST_TAIL).splitlines()[-lines:])

    def last_line(self, run: Run) -> str:
        """What it printed last, for a list of many: of one that ended it is read once."""
        if run.id in self._last_lines:
            return self._last_lines[run.id]
        lines = [line for line in end_of(Path(run.log), LONGEST_LINE).splitlines() if line.strip()]
        found = lines[-1].strip() if lines else ""
        if run.state != "running" and run.ended_at is not None and time.time() - run.ended_at > GRACE_S:
            self._last_lines[run.id] = found
        return found

    def programs(self) -> Sequence[ProgramView]:
        """Programs that traded since the desk began and were not started from here, the latest first."""
        ours = {run.key for run in self._known()}
        return [each for each in self._scores.programs() if not each.key or each.key not in ours]

    def stop_all(self) -> None:
        """The house closes."""
        running = [bot for bot in self._own.values() if bot.run.state == "running"]
        threads = [threading.Thread(target=bot.stop, args=("desk_gone",)) for bot in running]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(2 * GRACE_S)

    def _allowed(self, path: str) -> Path:
        """A page must not run other files of this machine."""
        try:
            found = (self._shelf / path).resolve()
        except (OSError, ValueError):
            raise Refused(f"wanted a bot's file name, was {path[:80]!r}") from None
        is_ours = found.parent == self._shelf.resolve() and found.suffix == ".py"
        if found not in self._named and not is_ours:
            raise Refused(
                f"{Path(path).name[:80]}: wanted a bot of the data folder's {BOTS_FOLDER}, or one named at the start"
            )
        return found

    def _find(self, id_: str) -> Run:
        found = next((run for run in self._known() if run.id == id_), None)
        if found is None:
            raise Refused(f"there is no bot {id_[:20]}")
        return found

    def _known(self) -> Sequence[Run]:
        runs = {run.id: run for run in (read_run(file) for file in self._runs.glob("*.json")) if run is not None}
        runs.update({id_: bot.run for id_, bot in self._own.items()})
        return sorted(runs.values(), key=lambda run: run.started_at, reverse=True)

    def _view(self, run: Run) -> BotView:
        return BotView(run, self._scores.of(run.key))

    def _mend(self) -> None:
        """What a crash left: runs that nobody supervises any more, and the oldest files."""
        for place, run in enumerate(self._known()):
            file = self._runs / f"{run.id}.json"
            if place >= KEPT_RUNS:
                file.unlink(missing_ok=True)
                Path(run.log).unlink(missing_ok=True)
            elif run.state == "running" and not is_running(run):
                ended = replace(run, state="desk_gone", ended_at=time.time())
                file.write_text(json.dumps(asdict(ended)), encoding="utf-8")
                with contextlib.suppress(Refused):
                    self._keys.revoke(run.key)


def title_of(path: Path) -> str:
    """The first line of its docstring."""
    return path.read_text(encoding="utf-8").splitlines()[0].strip('" ')


def end_of(path: Path, size: int) -> str:
    """The last `size` bytes of a log; nothing where there is none."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, path.stat().st_size - size))
            return log.read().decode("utf-8", "replace")
    except OSError:
        return ""


def read_run(file: Path) -> Run | None:
    try:
        return Run(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def is_running(run: Run) -> bool:
    """Whether its supervisor is still there."""
    return run.supervisor != os.getpid() and processes.is_there(run.supervisor)
