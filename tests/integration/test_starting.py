"""Starting: the address is told when it answers; a signal before that is answered with one sentence, no traceback."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from tradesim.ops.leaving import SENTENCE

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60
SERVER = """
import importlib.util, sys, time
from flask import Flask
from tradesim.kernel.errors import Refused
from tradesim.ops import leaving, server

leaving.arm()
kind, port, how = sys.argv[1], int(sys.argv[2]), sys.argv[3]
if kind == "threads":
    real = importlib.util.find_spec
    importlib.util.find_spec = lambda name, *more: None if name == "gunicorn" else real(name, *more)

def build():
    print("building", flush=True)
    time.sleep(60 if how == "slow" else 0)
    if how == "refused":
        raise Refused("wanted a recording, found none")
    app = Flask("starting")
    app.route("/healthz")(lambda: "well")
    return app

try:
    sys.exit(server.serve(build, "127.0.0.1", port, 4, welcome=lambda app: f"{app.name} is ready"))
except Refused as refused:
    sys.exit(f"tradesim: {refused}")
"""
KINDS = ["threads"] if sys.platform == "win32" else ["threads", "gunicorn"]
on_posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@contextmanager
def begun(kind: str, how: str):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", SERVER, kind, str(port), how]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ}, start_new_session=True, **pipes)
    try:
        assert process.stdout.readline() == "building\n"
        yield process, port
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@on_posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize("kind", KINDS)
def test_who_ends_it_while_it_starts_reads_one_sentence(kind, number):
    with begun(kind, "slow") as (process, _):
        os.killpg(process.pid, number)
        _, told = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, told) == (0, SENTENCE)


@pytest.mark.parametrize("kind", KINDS)
def test_it_says_that_it_is_ready_when_it_answers(kind):
    with begun(kind, "fast") as (process, port):
        assert process.stdout.readline() == "starting is ready\n"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        connection.request("GET", "/healthz")
        assert connection.getresponse().read() == b"well"
        connection.close()
        process.terminate()
        process.communicate(timeout=PATIENCE_S)
    assert sys.platform == "win32" or process.returncode == 0


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_opened_is_said_once_and_ends_it(kind):
    with begun(kind, "refused") as (process, _):
        more, told = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, more, told) == (1, "", "tradesim: wanted a recording, found none\n")
