"""A desk as its owner starts it: `python app.py` in a process of its own, on a free port of 127.0.0.1."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import requests

from tests.ports import free_port
from tradesim.api.control.callers import HEADER
from tradesim.storage.certificates import Certificate
from tradesim.storage.person import person_token

ROOT = Path(__file__).parents[2]
NOWHERE = ", ".join(f"{name}=http://127.0.0.1:9 ws://127.0.0.1:9" for name in ("kraken", "coinbase", "binance"))
START_S = 180
STOP_S = 60


class Serving:
    """`arguments` follow `python app.py`, or another `program`. The port stays the same over restarts.

    Unless `environment` says otherwise, providers that need no key are looked for on this machine, where none is.
    With a TRADESIM_CERT it is served over TLS. `name` is what its certificate is for, where that is not its address.
    """

    def __init__(
        self,
        folder: Path,
        *arguments: object,
        program: Sequence[str] = ("app.py",),
        environment: Mapping[str, str] | None = None,
        name: str = "",
    ) -> None:
        self.folder = folder
        self.port = free_port()
        certificate = (environment or {}).get("TRADESIM_CERT")
        self.verify = str(Certificate.beside(Path(certificate)).trusted) if certificate else True
        self.url = f"{'https' if certificate else 'http'}://{name or '127.0.0.1'}:{self.port}"
        self.log = folder.parent / f"{folder.name}.log"
        self._command = [sys.executable, *program, *(str(each) for each in arguments)]
        named = {"TRADESIM_URL": self.url} if name else {}
        self._environment = {"TRADESIM_PROVIDER_URLS": NOWHERE, **named, **(environment or {})}
        self._process: subprocess.Popen | None = None

    def __enter__(self) -> "Serving":
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        own = {"TRADESIM_DATA": str(self.folder), "PORT": str(self.port), "HOST": "127.0.0.1"}
        environment = {**os.environ, **self._environment, **own}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_until_it_serves()

    def kill(self) -> None:
        """No goodbye: the server and its worker are gone."""
        self._signal(signal.SIGKILL)
        self._process.wait(STOP_S)

    def stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()

    @property
    def as_person(self) -> dict[str, str]:
        """Headers by which the control API knows a person."""
        return {HEADER: person_token(self.folder)}

    def get(self, path: str) -> object:
        return self._asked("GET", path, timeout=60)

    def post(self, path: str, /, **body: object) -> object:
        return self._asked("POST", path, json=body, headers=self.as_person, timeout=60)

    def delete(self, path: str) -> object:
        return self._asked("DELETE", path, headers=self.as_person, timeout=60)

    def _asked(self, method: str, path: str, **more: Any) -> object:
        response = requests.request(method, f"{self.url}/sim/v1/{path}", verify=self.verify, **more)
        assert response.ok, response.text
        return response.json()

    def _wait_until_it_serves(self) -> None:
        until = monotonic() + START_S
        while monotonic() < until:
            assert self._process.poll() is None, f"the desk ended: {self.log.read_text()}"
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"{self.url}/healthz", timeout=60, verify=self.verify).ok:
                    return
            sleep(0.05)
        raise AssertionError(f"the desk did not serve within {START_S} s: {self.log.read_text()}")

    def _signal(self, number: signal.Signals) -> None:
        """To the server and its worker, which are one process group that nobody else is in."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)
