"""What happens by the clock on the wall: saving the market for a restart, and housekeeping."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """`act` is run every `every_s` seconds, never twice at once; what it raises is logged."""

    name: str
    every_s: float
    act: Callable[[], None]


class Housekeeper:
    """APScheduler with the jobs of one house; a missed run is made up for once."""

    def __init__(self, jobs: list[Job]) -> None:
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(2)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 60},
            timezone="UTC",
        )
        for job in jobs:
            self._scheduler.add_job(guarded(job), "interval", seconds=job.every_s, id=job.name)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)


def guarded(job: Job) -> Callable[[], None]:
    def run() -> None:
        try:
            job.act()
        except Exception:
            logger.exception("scheduled job %s failed", job.name)

    return run
