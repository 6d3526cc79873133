"""The stream beside a picows broadcast: the same ticks, frames and clients, one after the other in the same run.

Also what stalled readers and a busy thread in the server's process cost. `measure()` starts every server and client
as a process of its own on 127.0.0.1. A tick carries its time (as the day's volume, in microseconds), so that a client
knows how old the oldest one in a frame was when it came to the socket (the kernel says when, on Linux), and when this
one process, which reads all sockets in turn, had read it.
"""

import asyncio
import contextlib
import json
import math
import multiprocessing
import os
import re
import selectors
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, monotonic_ns, sleep, time_ns
from typing import Any

import psutil
from msgspec.structs import replace

from tests.fake_desk import FakeDesk, book
from tests.page import knock
from tradesim.stream.hub import Hub
from tradesim.stream.pace import paced
from tradesim.stream.topics import topic_called

ROOT = Path(__file__).resolve().parents[2]
SYMBOLS = 100
TICKS_PER_S = 2_000
SECONDS = 4.0
SETTLE_S = 1.0
SAMPLED = 8
"""One client in so many looks into its frames; all count them."""
SERVERS = ("tradesim", "picows")


def measure(clients: tuple[int, ...] = (100, 500, 1_000), seconds: float = SECONDS) -> dict[str, Any]:
    """Rates in messages a second over all sockets, ages in ms; `ratio` is ours over picows."""
    return {
        "fan_out": {str(count): fan_out(count, seconds) for count in clients},
        "stalled_20_of_40": run("tradesim", 40, seconds, stalled=20),
        "busy_thread": {server: run(server, 100, seconds, busy=True) for server in SERVERS},
    }


def fan_out(count: int, seconds: float) -> dict[str, Any]:
    figures: dict[str, Any] = {server: run(server, count, seconds) for server in SERVERS}
    figures["ratio"] = figures["tradesim"]["messages_per_s"] / figures["picows"]["messages_per_s"]
    return figures


def run(server: str, count: int, seconds: float, stalled: int = 0, busy: bool = False) -> dict[str, Any]:
    """One server and one client process, `count` sockets of which the first `stalled` never read."""
    port = free_port()
    with started(server, port, count, int(busy)) as process:
        wait_for(port, process)
        with started("client", port, count, stalled, seconds) as client:
            said, _ = client.communicate(timeout=60 + seconds)
        figures: dict[str, Any] = json.loads(said)
    return figures


@contextlib.contextmanager
def started(*role: Any) -> Any:
    command = [sys.executable, "-m", "tests.bench.push", *map(str, role)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[str], patience_s: float = 20.0) -> None:
    until = monotonic() + patience_s
    while monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        sleep(0.05)
    raise RuntimeError(f"the server did not come up in {patience_s:.0f} s")


# -- servers


class Ticks:
    """A thread that changes one instrument after the other."""

    def __init__(self) -> None:
        self.desk = FakeDesk(*(f"S{number}" for number in range(SYMBOLS)))
        self._books = [book(10_000 + step, levels=5) for step in range(10)]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        symbols = list(self.desk.instruments)
        began, made = monotonic(), 0
        while True:
            while made < (monotonic() - began) * TICKS_PER_S:
                symbol, top = symbols[made * 37 % SYMBOLS], self._books[made % 10]
                view, now = self.desk.views[symbol], monotonic_ns() // 1_000
                self.desk.views[symbol] = replace(view, top=top, last=10_000 + made % 10, volume=now)
                made += 1
                self.desk.changed()
            sleep(0.0005)


def burn() -> None:
    """The neighbour: pure Python that never waits."""

    def busy() -> None:
        number = 1
        while True:
            number = number * 1_103_515_245 % 2_147_483_647

    threading.Thread(target=busy, daemon=True).start()


def serve_ours(port: int, count: int, is_busy: bool) -> None:
    from flask import Flask

    from tradesim.api.socket import register
    from tradesim.ops.server import serve

    def build() -> Flask:
        app = Flask("bench")
        register(app, Hub(Ticks().desk, sockets=count))
        if is_busy:
            burn()
        return app

    serve(build, "127.0.0.1", port, threads=count + 24)


def serve_picows(port: int, count: int, is_busy: bool) -> None:
    import picows

    transports: set[Any] = set()

    class Listener(picows.WSListener):
        def on_ws_connected(self, transport: Any) -> None:
            transports.add(transport)

        def on_ws_disconnected(self, transport: Any) -> None:
            transports.discard(transport)

    async def broadcast() -> None:
        desk = Ticks().desk
        topic, loop = topic_called("market", desk), asyncio.get_running_loop()
        assert topic is not None
        if is_busy:
            burn()
        interval, due = paced(count), loop.time()
        while True:
            due = (due if loop.time() - due < interval else loop.time()) + interval
            await asyncio.sleep(max(0.0, due - loop.time()))
            message = topic.advance(desk.status())
            if message:
                payload = b"[" + message + b"]"
                for transport in transports:
                    transport.send(picows.WSMsgType.TEXT, payload)

    async def main() -> None:
        server = await picows.ws_create_server(lambda _request: Listener(), "127.0.0.1", port, backlog=2_048)
        async with server:
            await broadcast()

    asyncio.run(main())


# -- clients

VOLUME = re.compile(rb'"v":(\d+)')
SNAPSHOT = b'"k":"s"'
"""A snapshot has old ticks by right: of what traded last some time ago."""
SUBSCRIBE = b'{"op":"subscribe","topics":["market"]}'


SO_TIMESTAMPNS = 35
"""Linux: with what is received comes when its last packet arrived, as a timespec."""
TIMESPEC = struct.Struct("qq")
MOST_BYTES = 262_144


class Ages:
    """Of the oldest tick in each frame, in microseconds."""

    def __init__(self) -> None:
        self.arrived: list[int] = []
        self.read: list[int] = []

    def clear(self) -> None:
        self.arrived.clear()
        self.read.clear()

    def note(self, ticks: list[bytes], arrived_us: int, read_us: int) -> None:
        oldest = int(min(ticks))
        self.arrived.append(arrived_us - oldest)
        self.read.append(read_us - oldest)


class Reader:
    """One socket: counts frames, and in a sampled one notes how old they are."""

    def __init__(self, sock: socket.socket, rest: bytes, ages: Ages | None) -> None:
        self.sock = sock
        self.frames = 0
        self._data = rest
        self.ages = ages
        if ages is not None and sys.platform == "linux":
            sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

    def begin(self) -> None:
        self.frames = 0
        if self.ages is not None:
            self.ages.clear()

    def read(self) -> None:
        chunk, arrived_us = (self.sock.recv(MOST_BYTES), 0) if self.ages is None else timed(self.sock)
        if not chunk:
            raise RuntimeError("the server closed a socket")
        data, now, place = self._data + chunk, monotonic_ns() // 1_000, 0
        while (body := body_of(data, place)) is not None:
            self.frames += 1
            if self.ages is not None and data.find(SNAPSHOT, *body) < 0:
                ticks = VOLUME.findall(data, *body)
                if ticks:
                    self.ages.note(ticks, arrived_us, now)
            place = body[1]
        self._data = data[place:]


def timed(sock: socket.socket) -> tuple[bytes, int]:
    """What is there, and when the last of it arrived, in microseconds of the monotonic clock."""
    chunk, extras, _, _ = sock.recvmsg(MOST_BYTES, socket.CMSG_SPACE(TIMESPEC.size))
    now = monotonic_ns()
    for _level, kind, said in extras:
        if kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = TIMESPEC.unpack(said)
            return chunk, (now - (time_ns() - seconds * 10**9 - nanoseconds)) // 1_000
    return chunk, now // 1_000


def body_of(data: bytes, place: int) -> tuple[int, int] | None:
    """Where the payload of the frame at `place` begins and ends; None when it is not all there."""
    if len(data) < place + 2:
        return None
    size, head = data[place + 1], 2
    if size >= 126:
        head = 4 if size == 126 else 10
        size = int.from_bytes(data[place + 2 : place + head], "big")
    end = place + head + size
    return (place + head, end) if len(data) >= end else None


def listen(port: int, count: int, stalled: int, seconds: float) -> dict[str, Any]:
    """The sampled sockets have a process of their own: what is read late comes in one piece, with one time for all."""
    ages = Ages()
    idle, readers = connected(port, count, stalled, ages)
    sampled = [reader for reader in readers if reader.ages is not None]
    server, forking = server_of(port), multiprocessing.get_context("fork")
    here, there = forking.Pipe()
    with forked(forking.Process(target=lambda: there.send((rates_of(sampled, seconds), ages.arrived, ages.read)))):
        spent, began = cpu_s(server), monotonic()
        rates = rates_of([reader for reader in readers if reader.ages is None], seconds)
        spent, took = cpu_s(server) - spent, monotonic() - began
        more, arrived, read = here.recv()
    rates += more
    return {
        "sockets": count,
        "stalled": len(idle),
        "messages_per_s": round(sum(rates)),
        "frames_per_s": round(sum(rates) / len(rates), 1),
        "fewest_frames_per_s": round(min(rates), 1),
        "age_p50_ms": percentile(arrived, 50),
        "age_p99_ms": percentile(arrived, 99),
        "age_max_ms": percentile(arrived, 100),
        "read_p99_ms": percentile(read, 99),
        "server_cores": round(spent / took, 2),
        "server_mb": round(server.memory_info().rss / 2**20, 1),
    }


@contextlib.contextmanager
def forked(process: Any) -> Iterator[None]:
    process.start()
    try:
        yield
    finally:
        process.join(5)
        process.kill()


def rates_of(readers: list[Reader], seconds: float) -> list[float]:
    """Frames a second of each, over so many seconds after a moment to settle."""
    with selectors.DefaultSelector() as selector:
        for reader in readers:
            selector.register(reader.sock, selectors.EVENT_READ, reader)
        read_for(selector, SETTLE_S)
        for reader in readers:
            reader.begin()
        began = monotonic()
        read_for(selector, seconds)
        took = monotonic() - began
    return [reader.frames / took for reader in readers]


def connected(port: int, count: int, stalled: int, ages: Ages) -> tuple[list[socket.socket], list[Reader]]:
    idle, readers = [], []
    for number in range(count):
        sock, rest = knock(port, receive_buffer=4_096 if number < stalled else 0)
        sock.sendall(bytes((0x81, 0x80 | len(SUBSCRIBE), 0, 0, 0, 0)) + SUBSCRIBE)
        if number < stalled:
            idle.append(sock)
        else:
            readers.append(Reader(sock, rest, ages if number % SAMPLED == 0 else None))
    return idle, readers


def read_for(selector: selectors.BaseSelector, seconds: float) -> None:
    until = monotonic() + seconds
    while (left := until - monotonic()) > 0:
        for key, _ in selector.select(left):
            key.data.read()


def server_of(port: int) -> psutil.Process:
    """The process that answers on `port`: the youngest of those that listen there."""
    listening = [
        process
        for process in psutil.process_iter()
        if any(each.laddr.port == port and each.status == "LISTEN" for each in connections_of(process))
    ]
    return max(listening, key=lambda process: (process.create_time(), process.pid))


def connections_of(process: psutil.Process) -> list[Any]:
    try:
        return process.net_connections("tcp") if "push" in " ".join(process.cmdline()) else []
    except psutil.Error:
        return []


def cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def percentile(ages_us: list[int], percent: int) -> float | None:
    if not ages_us:
        return None
    ordered = sorted(ages_us)
    return round(ordered[math.ceil(len(ordered) * percent / 100) - 1] / 1_000, 2)


def main() -> None:
    role, *numbers = sys.argv[1:]
    if role == "client":
        port, count, stalled = map(int, numbers[:3])
        print(json.dumps(listen(port, count, stalled, float(numbers[3]))))
        return
    port, count, is_busy = map(int, numbers)
    {"tradesim": serve_ours, "picows": serve_picows}[role](port, count, bool(is_busy))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main()
    else:
        print(json.dumps(measure(), indent=2))
