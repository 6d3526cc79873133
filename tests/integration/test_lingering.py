"""The worker in which a connection keeps its thread: served as the desk is, by a process of its own."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.waiting import eventually

pytest.importorskip("gunicorn", reason="gunicorn does not run here")

ROOT = Path(__file__).parents[2]
SERVER = """
import json, sys, threading
from flask import Flask, request
from tradesim.kernel.precedence import Precedence
from tradesim.ops.server import serve
from tradesim.ops.worker import PRECEDENCE

def build():
    app = Flask("lingering")
    precedence = app.extensions[PRECEDENCE] = Precedence()

    @app.route("/", methods=("GET", "POST"))
    def on_call():
        body = request.get_data(as_text=True)
        found = {"thread": threading.get_ident(), "claimed": precedence.is_claimed, "body": body}
        return json.dumps(found)

    return app

sys.exit(serve(build, "127.0.0.1", int(sys.argv[1]), threads=12))
"""


@pytest.fixture(scope="module")
def port():
    number = free_port()
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(number)], cwd=ROOT, env={**os.environ})
    try:
        eventually(lambda: answers(number))
        yield number
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def answers(port):
    try:
        return ask(connected(port))
    except OSError:
        return None


def connected(port):
    return http.client.HTTPConnection("127.0.0.1", port, timeout=60)


def ask(connection, method="GET", body=None):
    connection.request(method, "/", body)
    return json.loads(connection.getresponse().read())


def test_requests_in_a_row_are_answered_by_one_thread(port):
    connection = connected(port)
    assert len({ask(connection)["thread"] for _ in range(5)}) == 1
    connection.close()


def test_a_connection_is_kept_when_its_thread_has_gone(port):
    connection = connected(port)
    ask(connection)
    held = connection.sock
    time.sleep(0.3)
    assert ask(connection)["body"] == ""
    assert connection.sock is held
    connection.close()


def test_connections_that_linger_leave_threads_for_others(port):
    lingering = [connected(port) for _ in range(16)]
    for connection in lingering:
        assert ask(connection)["body"] == ""
    for connection in lingering:
        connection.close()


def test_only_what_changes_something_goes_first(port):
    connection = connected(port)
    assert ask(connection)["claimed"] is False
    assert ask(connection, "POST", "an order") | {"thread": 0} == {"thread": 0, "claimed": True, "body": "an order"}
    assert ask(connection)["claimed"] is False
    connection.close()


def test_the_answer_to_a_large_body_says_that_the_connection_ends(port):
    connection = connected(port)
    for size, end in ((1_000, "keep-alive"), (200_000, "close")):
        connection.request("PUT", "/", "x" * size)
        answer = connection.getresponse()
        answer.read()
        assert (answer.status, answer.headers["Connection"]) == (405, end)
    assert ask(connection)["body"] == ""
    connection.close()


def test_two_requests_in_one_packet_are_both_answered(port):
    with socket.create_connection(("127.0.0.1", port), 60) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 2)
        said = b""
        while said.count(b"HTTP/1.1 200 OK") < 2:
            said += sock.recv(65_536)


HEAD = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
HALVES = {
    "half a head": b"POST / HT",
    "half a body": HEAD + b"Content-Length: 500\r\n\r\n{",
    "one who does not go": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
}


@pytest.mark.parametrize("sent", HALVES.values(), ids=HALVES)
def test_who_sends_half_a_request_is_waited_for_by_few_threads(port, sent):
    held = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(40)]
    for each in held:
        each.sendall(sent)
    connection = connected(port)
    assert ask(connection, "POST", "an order")["body"] == "an order"
    connection.close()
    for each in held:
        each.close()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET /?" + b"a" * 9_000 + b" HTTP/1.1\r\n\r\n", 414),
        (HEAD + b"X: " + b"a" * 9_000 + b"\r\n\r\n", 431),
    ],
)
def test_what_is_no_request_is_told_so_as_json(port, sent, status):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(sent)
        answer = http.client.HTTPResponse(line)
        answer.begin()
        assert answer.status == status
        assert json.loads(answer.read())["message"].startswith("request format is invalid: ")


def test_a_line_of_a_thousand_symbols_is_read(port):
    connection = connected(port)
    connection.request("GET", "/?symbols=" + ",".join(["SYMBL"] * 1_000))
    assert connection.getresponse().status == 200
    connection.close()
