"""The servers as processes: gunicorn and the threaded one, what SIGTERM does to pages, and a port that is taken."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.page import Page, Refusal
from tests.ports import free_port
from tests.waiting import PATIENCE_S, eventually
from tradesim.kernel.errors import Refused
from tradesim.ops.server import check_free, serve

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from flask import Flask
from tests.fake_desk import FakeDesk
from tradesim.api.socket import register
from tradesim.ops import server
from tradesim.stream.hub import Hub

def build():
    app = Flask("desk")
    register(app, Hub(FakeDesk("AAPL"), sockets=8))
    app.route("/healthz")(lambda: "ok")
    return app

kind, port = sys.argv[1], int(sys.argv[2])
if kind == "threads":
    sys.exit(server.serve_with_threads(build, "127.0.0.1", port))
sys.exit(server.serve(build, "127.0.0.1", port, threads=16))
"""

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and gunicorn are of POSIX systems")


def start(kind, port):
    command = [sys.executable, "-c", PROGRAM, kind, str(port)]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True)


@contextmanager
def running(kind):
    port = free_port()
    process = start(kind, port)
    try:
        until = monotonic() + PATIENCE_S
        while not is_listening(port):
            assert process.poll() is None, process.stderr.read()
            assert monotonic() < until, "the server did not come up"
            sleep(0.05)
        yield process, port
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(60)
        process.stderr.close()


def is_listening(port):
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def subscribed(port):
    page = Page(port)
    page.say(op="subscribe", topics=["market"])
    page.hear(lambda page: page.of("market"))
    return page


@on_posix
@pytest.mark.parametrize("kind", ["gunicorn", "threads"])
def test_sigterm_tells_every_page_to_come_back_and_ends_soon(kind):
    with running(kind) as (process, port):
        pages = [subscribed(port) for _ in range(5)]
        process.send_signal(signal.SIGTERM)
        for page in pages:
            page.hear(lambda page: page.close)
            assert page.close[0] == 1012
        process.wait(60)
        assert process.returncode == 0
        assert process.stderr.read().strip() == ""


@on_posix
def test_gunicorn_refuses_the_page_that_has_no_seat_and_still_answers():
    with running("gunicorn") as (_, port):
        pages = [subscribed(port) for _ in range(8)]
        with pytest.raises(Refusal) as refused:
            Page(port)
        assert refused.value.status == 503
        assert "200 OK" in asked(port, "/healthz")
        assert "426" in asked(port, "/ws").splitlines()[0]
        pages[0].end()
        eventually(lambda: has_seat(port))


def has_seat(port):
    try:
        return subscribed(port)
    except Refusal:
        return None


def asked(port, path):
    with socket.create_connection(("127.0.0.1", port), 5) as sock:
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while chunk := sock.recv(4_096):
            answer += chunk
        return answer.decode()


def test_a_taken_port_is_refused_in_one_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Refused) as refused:
            serve(pytest.fail, "127.0.0.1", port, threads=1)
    assert str(refused.value) == (
        f"port {port} on 127.0.0.1 is already taken: stop what listens there, or set PORT to another number"
    )


def test_an_address_that_is_not_ours_is_refused():
    with pytest.raises(Refused) as refused:
        check_free("192.0.2.1", 0)
    assert str(refused.value).startswith("HOST must be an address of this machine, was '192.0.2.1'")


@on_posix
def test_gunicorn_is_sized_by_the_settings(monkeypatch):
    monkeypatch.setenv("PORT", "8123")
    monkeypatch.setenv("HOST", "0.0.0.0")
    monkeypatch.setenv("TRADESIM_SOCKETS", "300")
    code = "from tradesim.ops import gunicorn as config; print(config.bind, config.threads, config.workers)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    bind, threads, workers = done.stdout.split()
    assert (bind, workers) == ("0.0.0.0:8123", "1")
    assert int(threads) > 300
