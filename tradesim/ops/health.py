"""How the house is doing, for `/healthz` and the page."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from tradesim.desk.desk import Desk
from tradesim.stream.hub import Hub

STARTED = time.monotonic()


def reporter(desk: Desk, hub: Hub) -> Callable[[], dict[str, Any]]:
    def report() -> dict[str, Any]:
        status = desk.status()
        return {
            "status": "ok" if desk.is_alive and status.journal == "ok" else "degraded",
            "market_thread": "running" if desk.is_alive else "stopped",
            "journal": status.journal,
            "source": status.source.value,
            "title": status.title,
            "uptime_s": round(time.monotonic() - STARTED, 1),
            "memory_mb": resident_mb(),
            "stream": asdict(hub.figures),
        }

    return report


def resident_mb() -> float | None:
    """Resident memory of this process in MiB; None where the system does not tell."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return round(pages * resource.getpagesize() / 2**20, 1)
    except (ImportError, OSError):
        return None
