"""An order over HTTP, durable before the answer, while the simulated market runs and 100 pages listen."""

import http.client
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.bench.desk_app import DeskApp, desk_app, percentile

SOCKETS = 100
ORDERS = 2_000
PACE_S = 0.005
SYMBOLS = ("AAPL", "MSFT", "NVDA", "BAC", "F", "SPY")


def measure(orders: int = ORDERS) -> dict[str, Any]:
    """Milliseconds from the request's first byte to the answer's last, one connection, one order at a time."""
    with desk_app() as app, listeners(app, SOCKETS):
        wait_for_listeners(app)
        took = timed_orders(app, orders)
        figures = app.get("/healthz")["stream"]
    return {
        "orders": len(took),
        "sockets": SOCKETS,
        "p50_ms": percentile(took, 50),
        "p99_ms": percentile(took, 99),
        "max_ms": max(took),
        "stream_frames_per_s": figures["frames_per_s"],
        "stream_worst_pass_ms": figures["worst_pass_ms"],
    }


def timed_orders(app: DeskApp, orders: int) -> list[float]:
    rng, took = random.Random(5), []
    connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=10)
    quiet_the_guard(connection, app.as_person)
    for number in range(orders):
        body = json.dumps({"symbol": rng.choice(SYMBOLS), "side": "buy" if number % 2 else "sell", "qty": "1"})
        begun = time.perf_counter()
        connection.request("POST", "/sim/v1/orders", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        said = answer.read()
        took.append((time.perf_counter() - begun) * 1e3)
        if answer.status != 201:
            raise RuntimeError(f"an order was refused: {said.decode()}")
        time.sleep(PACE_S)
    connection.close()
    return took


def quiet_the_guard(connection: http.client.HTTPConnection, headers: dict[str, str]) -> None:
    """200 orders a second without a history are what the runaway guard is there for."""
    body = json.dumps({"usual_orders_per_second": 0})
    connection.request("PUT", "/sim/v1/risk/Paper", body, {"Content-Type": "application/json", **headers})
    answer = connection.getresponse()
    said = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"the guard cannot be switched off: {said.decode()}")


@contextmanager
def listeners(app: DeskApp, count: int) -> Iterator[None]:
    """`count` sockets that follow a book, its tape and the desk, read in a process of their own."""
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.orders", str(app.port), str(count)])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def wait_for_listeners(app: DeskApp) -> None:
    for _ in range(200):
        if app.get("/healthz")["stream"]["clients"] >= SOCKETS:
            return
        time.sleep(0.05)
    raise RuntimeError(f"wanted {SOCKETS} sockets, found {app.get('/healthz')['stream']['clients']}")


def listen(port: int, count: int) -> None:
    import selectors

    import websocket

    selector = selectors.DefaultSelector()
    topics = json.dumps({"op": "subscribe", "topics": ["status", "market", "desk", "book:AAPL", "tape:AAPL"]})
    for _ in range(count):
        ws = websocket.create_connection(f"ws://127.0.0.1:{port}/ws", origin=f"http://127.0.0.1:{port}")
        ws.send(topics)
        ws.sock.setblocking(False)
        selector.register(ws.sock, selectors.EVENT_READ, ws)
    pinged = time.monotonic()
    while True:
        for key, _ in selector.select(1.0):
            key.fileobj.recv(1 << 18)
        if time.monotonic() - pinged > 5:
            pinged = time.monotonic()
            for key in selector.get_map().values():
                key.data.sock.setblocking(True)
                key.data.send('{"op": "ping", "echo": 1}')
                key.data.sock.setblocking(False)


if __name__ == "__main__":
    listen(int(sys.argv[1]), int(sys.argv[2]))
