"""The two ways to write to a socket without ever waiting for it."""

import contextlib
import ctypes
import errno
import os
import socket
import ssl
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Protocol

CHUNK = 8_192
UNSENT_BYTES = 16_384
"""So much may wait in the kernel for a slow reader; what follows is conflated here instead."""
WIDE_BYTES = 1 << 22
TRY_AGAIN = frozenset({errno.EAGAIN, errno.EWOULDBLOCK, errno.EINTR})
TCP_NOTSENT_LOWAT = getattr(socket, "TCP_NOTSENT_LOWAT", {"linux": 25, "darwin": 0x201}.get(sys.platform))


class Wire(Protocol):
    """A connected socket. Nothing here waits."""

    is_buffered: bool
    """Whether bytes may be readable that a selector does not know of."""

    def fileno(self) -> int: ...

    def send(self, data: bytes) -> int:
        """How many bytes were taken, 0 when there is no room. Raises OSError when the connection is gone."""
        ...

    def receive(self) -> bytes | None:
        """None when nothing is there now, empty at the end."""
        ...


class PlainWire:
    """TCP. Where it can, it sends without letting go of the GIL: one that lets go waits for every busy thread."""

    is_buffered = False

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._fd = sock.fileno()
        sock.setblocking(False)
        if send_holding_gil is not None:
            self.send = partial(send_holding_gil, self._fd)  # type: ignore[method-assign]

    def fileno(self) -> int:
        return self._fd

    def send(self, data: bytes) -> int:
        try:
            return self._sock.send(data)
        except (BlockingIOError, InterruptedError):
            return 0

    def receive(self) -> bytes | None:
        try:
            return self._sock.recv(CHUNK)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError:
            return b""


class WrappedWire:
    """A socket inside another, TLS for one: not made for two threads at once, so they take turns."""

    is_buffered = True

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._fd = sock.fileno()
        self._turn = threading.Lock()
        sock.setblocking(False)

    def fileno(self) -> int:
        return self._fd

    def send(self, data: bytes) -> int:
        with self._turn:
            try:
                return self._sock.send(data)
            except (BlockingIOError, InterruptedError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                return 0

    def receive(self) -> bytes | None:
        with self._turn:
            try:
                return self._sock.recv(CHUNK)
            except (BlockingIOError, InterruptedError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                return None
            except OSError:
                return b""


def wire_to(sock: socket.socket) -> Wire:
    """The best way to write to `sock`, which from now on does not block."""
    set_option(sock, socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    hold_unsent(sock, UNSENT_BYTES)
    return PlainWire(sock) if type(sock) is socket.socket else WrappedWire(sock)


def hold_unsent(sock: socket.socket, most: int) -> None:
    """Bound what the kernel queues for this socket beyond what is on its way."""
    if TCP_NOTSENT_LOWAT is not None:
        set_option(sock, socket.IPPROTO_TCP, TCP_NOTSENT_LOWAT, most)


def set_option(sock: socket.socket, level: int, option: int, value: int) -> None:
    with contextlib.suppress(OSError):
        sock.setsockopt(level, option, value)


def hang_up(sock: socket.socket) -> None:
    """End the connection both ways; what the kernel already has is still delivered."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _send_holding_gil() -> Callable[[int, bytes], int] | None:
    """send(2) as a call that keeps the GIL; None where the C library cannot be called so."""
    if sys.platform not in ("linux", "darwin"):
        return None
    try:
        library_send = ctypes.PyDLL(None, use_errno=True).send
    except (OSError, AttributeError):
        return None
    library_send.restype = ctypes.c_ssize_t
    flags = ctypes.c_int(int(socket.MSG_DONTWAIT | getattr(socket, "MSG_NOSIGNAL", 0)))
    latest = [(b"", ctypes.c_size_t(0))]

    def send(fd: int, data: bytes) -> int:
        """Arguments go as C has them, ready made: to have them converted costs as much again as the call."""
        sized = latest[0]
        if sized[0] is not data:
            sized = latest[0] = (data, ctypes.c_size_t(len(data)))
        sent: int = library_send(fd, *sized, flags)
        if sent >= 0:
            return sent
        error = ctypes.get_errno()
        if error in TRY_AGAIN:
            return 0
        raise OSError(error, os.strerror(error))

    return send


send_holding_gil = _send_holding_gil()
