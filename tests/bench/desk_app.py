"""The real application as a process of its own, for benches: started, waited for, ended."""

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.ports import free_port
from tradesim.api.control.callers import HEADER
from tradesim.storage.person import person_token

ROOT = Path(__file__).parents[2]
START_LIMIT_S = 180


@dataclass(frozen=True, slots=True)
class DeskApp:
    port: int
    process: "subprocess.Popen[bytes]"
    started_at: float
    folder: Path = Path()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def as_person(self) -> dict[str, str]:
        """Headers by which the control API knows a person."""
        return {HEADER: person_token(self.folder)}

    def get(self, path: str) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


@contextmanager
def desk_app(*arguments: str, program: tuple[str, ...] = ("app.py",), **environment: str) -> Iterator[DeskApp]:
    """`python app.py` on a free port and an empty data folder, ready to answer; stopped with SIGTERM at the end."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "PORT": str(port), "TRADESIM_DATA": folder, "TRADESIM_LOG": "ERROR", **environment}
        started_at = time.monotonic()
        process = subprocess.Popen([sys.executable, *program, *arguments], cwd=ROOT, env=environ)
        app = DeskApp(port, process, started_at, Path(folder))
        try:
            wait_until_ready(app)
            yield app
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until_ready(app: DeskApp) -> None:
    while time.monotonic() - app.started_at < START_LIMIT_S:
        if app.process.poll() is not None:
            raise RuntimeError(f"the desk ended with code {app.process.returncode}")
        try:
            if app.get("/healthz")["status"] == "ok":
                return
        except (OSError, http.client.HTTPException, ValueError):
            time.sleep(0.02)
    raise RuntimeError(f"the desk was not ready within {START_LIMIT_S} s")


def percentile(values: list[float], share: float) -> float:
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share / 100))]
