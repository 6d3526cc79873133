"""Memory over three simulated trading days with one browser: the real application on a clock that runs fast."""

import sys
import time
from typing import Any

from tests.bench.desk_app import desk_app
from tests.bench.page import IS_LIVE, browser, wait_for

TRADING_DAY_S = 6.5 * 3_600
PACE = 120
NS = 1_000_000_000


def measure(days: int = 3, pace: int = PACE) -> dict[str, Any]:
    """`memory_mb` at the start and after each day of 6.5 h; `peak_mb` of the process that serves."""
    with desk_app(str(pace), program=("-m", "tests.bench.days")) as app, browser() as driver:
        driver.get(app.url)
        wait_for(driver, IS_LIVE)
        began = app.get("/sim/v1/status")["now"]
        memory = [app.get("/healthz")["memory_mb"]]
        for day in range(1, days + 1):
            while app.get("/sim/v1/status")["now"] - began < day * TRADING_DAY_S * NS:
                time.sleep(1)
            memory.append(app.get("/healthz")["memory_mb"])
        is_live = driver.execute_script(IS_LIVE)
        heap_mb = driver.execute_script("return performance.memory.usedJSHeapSize / 2**20")
    return {
        "pace": pace,
        "memory_mb": memory,
        "after_one_day_mb": memory[1],
        "growth_after_first_day_mb": round(memory[-1] - memory[1], 1),
        "page_is_live": is_live,
        "page_heap_mb": round(heap_mb, 1),
    }


class FastClock:
    """Wall time, `pace` times as fast from the moment it is made."""

    def __init__(self, pace: int) -> None:
        self._pace, self._began, self._start = pace, time.monotonic_ns(), time.time_ns()

    def now(self) -> int:
        return self._start + (time.monotonic_ns() - self._began) * self._pace


def serve_fast(pace: int) -> int:
    from tradesim import bootstrap, cli

    bootstrap.WallClock = lambda: FastClock(pace)  # type: ignore[assignment, misc]
    return cli.main([])


if __name__ == "__main__":
    sys.exit(serve_fast(int(sys.argv[1])))
