"""`python app.py`: the server that comes with the machine, gunicorn where it runs, else a threaded one."""

import contextlib
import errno
import importlib.util
import os
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from threading import Thread
from typing import Any

from tradesim.kernel.errors import Refused
from tradesim.ops import leaving
from tradesim.ops.worker import close_house, options, stop_stream

APP_LOAD_ERROR = 4
"""The exit code by which a gunicorn worker says that another try would end the same."""
LOOK_S, ANSWER_S = 0.1, 5.0
App = Any
"""A WSGI application."""
Welcome = Callable[[App], str]


def silent(_app: App) -> str:
    return ""


def serve(
    factory: Callable[[], App],
    host: str,
    port: int,
    threads: int,
    certificate: Path | None = None,
    key: Path | None = None,
    welcome: Welcome = silent,
) -> int:
    """Serve what `factory` builds until a signal comes; the exit code. With a `certificate` over TLS alone.

    `factory` is called in the process that serves, once the port is known to be free: threads do not survive a fork.
    What `welcome` says of the application is printed when it answers. Raises Refused when the port cannot be had, or
    the certificate cannot be used.
    """
    if certificate:
        check_certificate(certificate, key)
    check_free(host, port)

    def build() -> App:
        with leaving.early():
            app = factory()
        greet(welcome(app), host, port, certificate is not None)
        return app

    if sys.platform != "win32" and importlib.util.find_spec("gunicorn"):
        return serve_with_gunicorn(build, options(host, port, threads, certificate, key))
    return serve_with_threads(build, host, port, certificate, key)


def greet(sentence: str, host: str, port: int, is_secure: bool) -> None:
    """Print `sentence` as soon as a request is answered here."""
    if sentence:
        told = (sentence, host, port, is_secure)
        Thread(target=print_when_ready, args=told, name="welcome", daemon=True).start()


def print_when_ready(sentence: str, host: str, port: int, is_secure: bool) -> None:
    while not answers(host, port, is_secure):
        time.sleep(LOOK_S)
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def answers(host: str, port: int, is_secure: bool = False) -> bool:
    """Whether there is an answer of any kind; whose certificate it has is not asked, it is our own."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    connection = HTTPConnection(here, port, timeout=ANSWER_S)
    if is_secure:
        connection = HTTPSConnection(here, port, timeout=ANSWER_S, context=unasked())
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status > 0
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def unasked() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def check_certificate(certificate: Path, key: Path | None = None) -> None:
    """Raises Refused with the sentence for the person; never asks for a pass phrase."""

    def on_pass_phrase_wanted() -> str:
        raise Refused(
            f"TRADESIM_CERT needs a key without a pass phrase, found an encrypted one in {key or certificate}: "
            "write it without one (`openssl pkey -in KEY -out PLAIN_KEY`), and give it as TRADESIM_CERT_KEY"
        )

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key, password=on_pass_phrase_wanted)
    except OSError as error:
        files = f"{certificate} and {key}" if key else str(certificate)
        raise Refused(
            f"TRADESIM_CERT must be a PEM file with a certificate and its key (or TRADESIM_CERT_KEY has the key), "
            f"found {files}: {why_not_a_certificate(error)}"
        ) from None


def why_not_a_certificate(error: OSError) -> str:
    if not isinstance(error, ssl.SSLError):
        return error.strerror or str(error)
    return "they do not belong together" if error.reason == "KEY_VALUES_MISMATCH" else "not both are in there"


def check_free(host: str, port: int) -> None:
    """Raises Refused with the sentence for the person."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refused(why_not_free(host, port, error)) from None


def why_not_free(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is already taken: stop what listens there, or set PORT to another number"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"port {port} on {host} is not ours to take: set PORT to a number from 1024 to 65535"
    return f"HOST must be an address of this machine, was {host!r} with PORT {port}: {error.strerror or error}"


def serve_with_gunicorn(factory: Callable[[], App], settings: dict[str, Any]) -> int:
    from gunicorn.app.base import BaseApplication

    class Application(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in settings.items():
                self.cfg.set(name, value)

        def load(self) -> App:
            try:
                return factory()
            except Refused as refused:
                sys.stderr.write(f"tradesim: {refused}\n")
                sys.exit(APP_LOAD_ERROR)

    parent = os.getpid()
    try:
        Application().run()
    except SystemExit as ended:
        if os.getpid() != parent:
            raise  # A worker's own end, which gunicorn in its parent reads.
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        return 1 if code == APP_LOAD_ERROR else code
    return 0


def serve_with_threads(
    factory: Callable[[], App], host: str, port: int, certificate: Path | None = None, key: Path | None = None
) -> int:
    """A thread a connection, from werkzeug. Ends at Ctrl-C; then pages are told to come back."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    leaving.disarm()

    class Quiet(WSGIRequestHandler):
        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            pass

    app = factory()
    tls = (str(certificate), str(key) if key else None) if certificate else None
    server = make_server(host, port, app, threaded=True, request_handler=Quiet, ssl_context=tls)
    with contextlib.suppress(KeyboardInterrupt), on_terminate(server.shutdown):
        server.serve_forever()
    stop_stream(app)
    server.server_close()
    close_house(app)
    return 0


@contextlib.contextmanager
def on_terminate(shut_down: Callable[[], None]) -> Any:
    """While inside, SIGTERM ends the server as Ctrl-C does."""
    import signal

    def on_signal(_number: int, _frame: Any) -> None:
        threading.Thread(target=shut_down, name="shutdown").start()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = signal.signal(signal.SIGTERM, on_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)
