"""Where programs look for a desk that has a certificate of its own: only the name that it is for is trusted."""

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.ports import free_port
from tests.waiting import PATIENCE_S
from tradesim.kernel.errors import Refused
from tradesim.ops import reach
from tradesim.ops.reach import is_there, trusted_url

trustme = pytest.importorskip("trustme", reason="trustme is not installed: no certificate can be made")


class Health(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """A busy machine may need longer than a person would wait."""
    monkeypatch.setattr(reach, "LONGEST_WAIT_S", PATIENCE_S)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """The authority of an office, and where what it says is kept."""
    made = trustme.CA()
    path = tmp_path_factory.mktemp("office") / "trusted.pem"
    made.cert_pem.write_to_path(path)
    return made, path


@pytest.fixture(scope="module")
def port(authority):
    """Of a desk whose certificate is for `localhost`, and not for 127.0.0.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority[0].issue_cert("localhost").configure_cert(context)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Health)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_at_the_name_of_its_certificate_the_desk_is_trusted(port, authority):
    url = f"https://localhost:{port}"
    assert trusted_url(url, authority[1]) == url
    assert is_there(url, authority[1])


def test_at_another_name_it_is_said_what_to_set(port, authority):
    url = f"https://127.0.0.1:{port}"
    with pytest.raises(Refused, match=r"IP address mismatch.*; set TRADESIM_URL to the address that it is for"):
        trusted_url(url, authority[1])
    assert not is_there(url, authority[1])


def test_who_is_vouched_for_by_nobody_is_refused(port):
    with pytest.raises(Refused, match="cannot be trusted at https://localhost"):
        trusted_url(f"https://localhost:{port}")


def test_where_nobody_answers_there_is_nothing_to_distrust():
    nowhere = f"https://127.0.0.1:{free_port()}"
    assert trusted_url(nowhere) == nowhere
    assert not is_there(nowhere)
