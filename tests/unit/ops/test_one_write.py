"""Head and body of an answer leave together; what is streamed leaves as it comes."""

import io
from types import SimpleNamespace

import pytest

pytest.importorskip("gunicorn", reason="gunicorn does not run here")

from gunicorn.config import Config
from gunicorn.http.wsgi import FileWrapper, Response

from tradesim.ops.lingering import InOneWrite

ENVIRON = {"wsgi.file_wrapper": FileWrapper}


class Wire:
    def __init__(self):
        self.writes = []

    def sendall(self, data):
        self.writes.append(data)


def written(body, *headers, method="GET"):
    """What went over the wire, write by write, as gunicorn's worker lets an application answer."""
    wire = Wire()
    asked = SimpleNamespace(method=method, version=(1, 1), headers=[], should_close=lambda: False)
    answer = Response(asked, wire, Config())

    def app(_environ, start_response):
        start_response("200 OK", list(headers))
        return body

    found = InOneWrite(app)(ENVIRON, answer.start_response)
    for part in found:
        answer.write(part)
    answer.close()
    if hasattr(found, "close"):
        found.close()
    return wire.writes


def test_an_answer_of_known_length_leaves_in_one_write():
    (whole,) = written([b"four"], ("Content-Length", "4"))
    assert whole.startswith(b"HTTP/1.1 200 OK\r\n") and whole.endswith(b"\r\n\r\nfour")


def test_of_several_parts_only_the_first_waits_for_nothing():
    first, second = written([b"fo", b"ur"], ("Content-Length", "4"))
    assert first.endswith(b"\r\n\r\nfo") and second == b"ur"


@pytest.mark.parametrize("body", ([], [b""]))
def test_an_answer_without_a_body_leaves_too(body):
    assert b"".join(written(body, ("Content-Length", "0"))).endswith(b"\r\n\r\n")


def test_a_head_that_was_asked_for_alone_leaves_alone():
    assert b"".join(written([b"four"], ("Content-Length", "4"), method="HEAD")).endswith(b"\r\n\r\n")


def test_the_head_of_a_stream_does_not_wait_to_be_joined():
    head, *_ = written([b"data: 1\n\n"], ("Content-Type", "text/event-stream"))
    assert head.endswith(b"\r\n\r\n")


def test_a_file_is_left_to_gunicorn():
    file = FileWrapper(io.BytesIO(b"four"))
    head, body = written(file, ("Content-Length", "4"))
    assert head.endswith(b"\r\n\r\n") and body == b"four"


def test_a_server_that_asks_itself_is_answered_as_ever():
    app = InOneWrite(lambda _environ, start_response: (start_response("200 OK", []), [b"four"])[1])
    assert app(ENVIRON, lambda _status, _headers: None) == [b"four"]
