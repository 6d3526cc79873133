"""`make bench`: the named hot paths, as ratios against a peer in the same run; results go to bench/results.json.

`python -m tests.bench NAME…` runs only those.
"""

import importlib
import json
import os
import platform
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parents[2] / "bench" / "results.json"
BENCHES = ("book", "journal", "orders", "push", "chart", "ladder", "page", "days", "live", "alpaca", "data_stream")


@dataclass(frozen=True, slots=True)
class Target:
    """`path` into a bench's result; the figure must be at most or at least `bound`."""

    bench: str
    path: str
    bound: float
    is_least: bool = False

    def verdict(self, results: dict[str, Any]) -> str | None:
        found = results.get(self.bench)
        for step in self.path.split("/"):
            found = found.get(step) if isinstance(found, dict) else None
        if not isinstance(found, int | float):
            return None
        is_met = found >= self.bound if self.is_least else found <= self.bound
        wanted = f"at {'least' if self.is_least else 'most'} {self.bound:g}"
        return f"{'met ' if is_met else 'MISS'}  {self.bench} {self.path}: {found:,.3f} (wanted {wanted})"


TARGETS = (
    Target("book", "ratio", 1.5, is_least=True),
    Target("book", "p99_us", 10),
    Target("journal", "ratio", 0.45, is_least=True),
    Target("orders", "p50_ms", 3),
    Target("orders", "p99_ms", 10),
    Target("alpaca", "p50_ms", 4),
    Target("alpaca", "p99_ms", 12),
    Target("alpaca", "sustained/per_s", 295, is_least=True),
    Target("alpaca", "update_p99_ms", 5),
    Target("alpaca", "sustained/update_p99_ms", 5),
    Target("push", "fan_out/100/ratio", 0.95, is_least=True),
    Target("push", "fan_out/500/ratio", 0.95, is_least=True),
    Target("push", "fan_out/1000/ratio", 0.95, is_least=True),
    Target("push", "fan_out/100/tradesim/age_p99_ms", 5),
    Target("push", "fan_out/1000/tradesim/age_p99_ms", 35),
    Target("push", "stalled_20_of_40/frames_per_s", 190, is_least=True),
    Target("push", "busy_thread/tradesim/frames_per_s", 100, is_least=True),
    Target("chart", "task_ms", 6),
    Target("chart", "ratio", 0.3),
    Target("chart", "fps_live", 58, is_least=True),
    Target("chart", "fps_pan", 50, is_least=True),
    Target("ladder", "task_ms", 10),
    Target("page", "start_s", 4),
    Target("days", "after_one_day_mb", 250),
    Target("live", "cost/view_p99_us", 1_000),
    Target("live", "rate/per_s", 4_900, is_least=True),
    Target("live", "rate/age_p99_ms", 1_000),
    Target("live", "rate/chart_frames_per_s", 5, is_least=True),
    Target("live", "failover/max_s", 2),
    Target("live", "mute/after_limit_s", 0.5),
    Target("live", "hour/errors_max", 0.01),
    Target("data_stream", "one/messages_per_s", 19_800, is_least=True),
    Target("data_stream", "one/age_p99_ms", 50),
    Target("data_stream", "with_a_stalled_one/age_p99_ms", 50),
    Target("days", "growth_after_first_day_mb", 10),
)


def main(names: list[str]) -> int:
    unknown = set(names) - set(BENCHES)
    if unknown:
        print(f"wanted benches among {', '.join(BENCHES)}, found {', '.join(sorted(unknown))}")
        return 2
    results = json.loads(RESULTS.read_text()) if names and RESULTS.exists() else {}
    results["machine"] = machine()
    for name in names or BENCHES:
        print(f"== {name}", flush=True)
        begun = time.monotonic()
        results[name] = rounded(importlib.import_module(f"tests.bench.{name}").measure())
        results[name]["took_s"] = round(time.monotonic() - begun, 1)
        print(json.dumps(results[name], indent=2), flush=True)
    results["targets"] = [verdict for target in TARGETS if (verdict := target.verdict(results))]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    print("\n".join(results["targets"]))
    return 0


def machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
        "load": [round(each, 2) for each in os.getloadavg()] if hasattr(os, "getloadavg") else None,
    }


def rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    return [rounded(each) for each in value] if isinstance(value, list) else value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
