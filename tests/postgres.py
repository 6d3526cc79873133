"""A PostgreSQL server of the tests' own: in a temporary folder, on a Unix socket, as nobody where we are root."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import contextmanager
from pathlib import Path

import pytest

PATIENCE_S = 60
SOCKET = ".s.PGSQL.5432"
SERVER_USER = "nobody" if hasattr(os, "geteuid") and os.geteuid() == 0 else None


def found(program):
    """On the PATH, or where Debian and its kin put it."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    return shutil.which(program) or (str(beside[-1]) if beside else None)


def require_postgres():
    """Skips by name where one of the parts is missing."""
    if sys.platform == "win32":
        pytest.skip("the private PostgreSQL listens on a Unix socket, Windows has none")
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed")
    if found("initdb") is None or found("postgres") is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")


class Server:
    """Listens on a Unix socket in its own folder and nowhere else."""

    def __init__(self, folder):
        self.folder = folder
        self.process = None

    def url(self, database="postgres"):
        return f"postgres://tester@/{database}?host={self.folder}"

    def make(self):
        command = [
            found("initdb"),
            "-D",
            self.folder / "data",
            "-U",
            "tester",
            "-A",
            "trust",
            "--no-sync",
            "-E",
            "UTF8",
        ]
        made = self._run(subprocess.run, [*command, "--locale=C"])
        if made.returncode:
            pytest.skip("initdb does not work here")

    def start(self):
        self.process = self._run(
            subprocess.Popen,
            [found("postgres"), "-D", self.folder / "data", "-k", self.folder, "-c", "listen_addresses="],
        )
        deadline = time.monotonic() + PATIENCE_S
        while not self._is_ready():
            assert time.monotonic() < deadline, "PostgreSQL did not start"
            time.sleep(0.05)

    def stop(self):
        """At once: SIGINT is PostgreSQL's fast shutdown."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE_S)

    def new_database(self, encoding="UTF8"):
        """Its URL, as a platform hands it out in DATABASE_URL."""
        name = f"desk_{uuid.uuid4().hex[:12]}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}'")
        return self.url(name)

    def execute(self, statement, database="postgres"):
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement)

    def _is_ready(self):
        import psycopg

        try:
            psycopg.connect(self.url(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    @staticmethod
    def _run(how, arguments):
        return how(arguments, user=SERVER_USER, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")


@contextmanager
def private_server():
    require_postgres()
    import pwd

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if SERVER_USER:
            os.chown(folder, pwd.getpwnam(SERVER_USER).pw_uid, -1)
        server = Server(folder)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()
