"""What happens by the clock on the wall: saving the market for a restart, asking providers, housekeeping.

Each line of jobs has an executor of its own: what hangs there holds up nothing else. A job that overruns its time is
left behind on a thread that nobody waits for, and is not started again until that has ended: so at most one hangs.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from msgspec import Struct

logger = logging.getLogger(__name__)

HOUSE = "default"
MISFIRE_S = 60


class Job(Struct, frozen=True):
    """`act` is run every `every_s` seconds, never twice at once; what it raises is logged.

    It may take `limit_s`. Jobs of one `line` run one after the other, lines beside each other. The first run is after
    `first_s` seconds where that is given, else after `every_s`.
    """

    name: str
    every_s: float
    act: Callable[[], None]
    limit_s: float = 60.0
    line: str = HOUSE
    first_s: float | None = None


class Housekeeper:
    """APScheduler with the jobs of one house; a missed run is made up for once."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._runs = [Run(job) for job in jobs]
        self._scheduler = BackgroundScheduler(
            executors={line: ThreadPoolExecutor(1) for line in dict.fromkeys([HOUSE, *(job.line for job in jobs)])},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_S},
            timezone="UTC",
        )
        for run in self._runs:
            job = run.job
            first = {} if job.first_s is None else {"next_run_time": datetime.now(UTC) + timedelta(seconds=job.first_s)}
            self._scheduler.add_job(run, "interval", seconds=job.every_s, id=job.name, executor=job.line, **first)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """At once: a job that hangs is not waited for."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def overdue(self) -> tuple[str, ...]:
        """A sentence for each job that hangs now."""
        return tuple(sentence for run in self._runs if (sentence := run.overdue()))


class Run:
    """One job, called by the scheduler."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._thread: threading.Thread | None = None
        self._since = 0.0

    def __call__(self) -> None:
        if self.overdue():
            return
        self._since = time.monotonic()
        thread = self._thread = threading.Thread(target=guarded(self.job), name=f"job-{self.job.name}", daemon=True)
        thread.start()
        thread.join(self.job.limit_s)
        if sentence := self.overdue():
            logger.warning("%s", sentence)

    def overdue(self) -> str:
        """The sentence while the last run still goes on, else nothing."""
        if self._thread is None or not self._thread.is_alive():
            return ""
        taken = time.monotonic() - self._since
        return (
            f"scheduled job {self.job.name} should take at most {self.job.limit_s:g} s and has run for {taken:.0f} s: "
            "it is not started again until it ends"
        )


def guarded(job: Job) -> Callable[[], None]:
    def run() -> None:
        try:
            job.act()
        except Exception:
            logger.exception("scheduled job %s failed", job.name)

    return run
