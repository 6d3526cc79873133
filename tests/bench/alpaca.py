"""Orders by alpaca-py's own HTTP session, durable, under the running simulated market; how soon their fills are told.

Without alpaca-py `requests`, which it sends with, takes its place.
"""

import contextlib
import http.client
import json
import queue
import random
import subprocess
import sys
import threading
import time
from itertools import chain
from typing import Any

from tests.bench.desk_app import DeskApp, desk_app, percentile
from tradesim.storage.apikeys import ApiKeys

ORDERS = 1_500
PACE_S = 0.005
SYMBOLS = ("AAPL", "MSFT", "NVDA", "BAC", "F", "SPY")
RATE, RATE_S, CONNECTIONS = 300, 10, 6


def measure(orders: int = ORDERS) -> dict[str, Any]:
    with desk_app(TRADESIM_CASH="100000000", TRADESIM_MARGIN="4") as app:
        without_guard(app)
        made = ApiKeys(app.folder, time.time_ns).create()
        key, secret = made.key.id, made.secret
        listener = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.alpaca", "listen", str(app.port), key, secret],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert listener.stdout is not None
        listener.stdout.readline()
        took = timed_orders(app, key, secret, orders)
        ages = ages_heard(listener)
        sustained = json.loads(
            subprocess.run(
                [sys.executable, "-m", "tests.bench.alpaca", "press", str(app.port), key, secret],
                capture_output=True,
                check=True,
            ).stdout
        )
        ages_then = ages_heard(listener)
        listener.communicate(timeout=10)
    return {
        "client": client_name(),
        "orders": len(took),
        "p50_ms": percentile(took, 50),
        "p99_ms": percentile(took, 99),
        "max_ms": max(took),
        **updates(ages),
        "sustained": {**sustained, **updates(ages_then)},
    }


def updates(ages: list[float]) -> dict[str, Any]:
    return {
        "fills_told": len(ages),
        "update_p50_ms": percentile(ages, 50),
        "update_p99_ms": percentile(ages, 99),
    }


def ages_heard(listener: "subprocess.Popen[bytes]") -> list[float]:
    """Of the updates since it was last asked, in ms."""
    assert listener.stdin is not None and listener.stdout is not None
    time.sleep(0.5)
    listener.stdin.write(b"\n")
    listener.stdin.flush()
    ages: list[float] = json.loads(listener.stdout.readline())
    return ages


def without_guard(app: DeskApp) -> None:
    """The runaway guard would stop a program that sends the same orders so fast."""
    connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=10)
    connection.request("PUT", "/sim/v1/risk/paper", json.dumps({"usual_orders_per_second": 0}), app.as_person)
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(answer.read().decode())


def client_name() -> str:
    try:
        from alpaca import __version__
    except ImportError:
        return "requests"
    return f"alpaca-py {__version__}"


def timed_orders(app: DeskApp, key: str, secret: str, orders: int) -> list[float]:
    """Milliseconds from the call to its answer, JSON read, one order at a time."""
    rng, took, post = random.Random(5), [], poster(app, key, secret)
    for number in range(orders):
        body = order_body(rng.choice(SYMBOLS), number)
        begun = time.perf_counter()
        answer = post(body)
        took.append((time.perf_counter() - begun) * 1e3)
        if "id" not in answer:
            raise RuntimeError(f"an order was refused: {answer}")
        time.sleep(PACE_S)
    return took


def order_body(symbol: str, number: int) -> dict[str, Any]:
    """Only purchases: a sale beyond what is held would need to wait for the purchase before it."""
    return {"symbol": symbol, "qty": 1, "side": "buy", "type": "market", "time_in_force": "day"}


def poster(app: DeskApp, key: str, secret: str) -> Any:
    try:
        from alpaca.trading.client import TradingClient

        client = TradingClient(key, secret, paper=True, url_override=app.url)
        return lambda body: client.post("/orders", body)
    except ImportError:
        import requests

        session = requests.Session()
        session.headers.update({"APCA-API-KEY-ID": key, "APCA-API-SECRET-KEY": secret})
        return lambda body: session.post(f"{app.url}/v2/orders", json=body, timeout=10).json()


def press(port: int, key: str, secret: str) -> dict[str, Any]:
    """RATE orders a second for RATE_S seconds over a few connections, each order at its own moment."""
    took: list[float] = []
    begun = time.monotonic() + 0.2
    threads = [
        threading.Thread(target=press_one, args=(port, key, secret, begun, each, took)) for each in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "wanted_per_s": RATE,
        "per_s": len(took) / (time.monotonic() - begun),
        "p50_ms": percentile(took, 50),
        "p99_ms": percentile(took, 99),
    }


def press_one(port: int, key: str, secret: str, begun: float, which: int, took: list[float]) -> None:
    headers = {"APCA-API-KEY-ID": key, "APCA-API-SECRET-KEY": secret, "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for number in range(which, RATE * RATE_S, CONNECTIONS):
        due = begun + number / RATE
        time.sleep(max(0.0, due - time.monotonic()))
        at = time.perf_counter()
        connection.request("POST", "/v2/orders", json.dumps(order_body(SYMBOLS[number % 6], number)), headers)
        answer = connection.getresponse()
        said = answer.read()
        took.append((time.perf_counter() - at) * 1e3)
        if answer.status != 200:
            raise RuntimeError(said.decode())


def listen(port: int, key: str, secret: str) -> None:
    """Milliseconds from each fill's own moment to here; those since the last line are printed when a line comes in."""
    import websocket

    socket = websocket.create_connection(f"ws://127.0.0.1:{port}/stream", timeout=10)
    for message in (
        {"action": "authenticate", "data": {"key_id": key, "secret_key": secret}},
        {"action": "listen", "data": {"streams": ["trade_updates"]}},
    ):
        socket.send(json.dumps(message))
        socket.recv()
    print("listening", flush=True)
    lag = market_lag_ms(port)
    asked: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=lambda: [asked.put(line) for line in chain(sys.stdin, [""])], daemon=True).start()
    ages: list[float] = []
    socket.settimeout(0.2)
    while True:
        with contextlib.suppress(queue.Empty):
            if not asked.get_nowait():
                return
            print(json.dumps([age - lag for age in ages]), flush=True)
            ages.clear()
        try:
            data = json.loads(socket.recv())["data"]
        except websocket.WebSocketTimeoutException:
            continue
        now = time.time_ns()
        if data["event"] in ("fill", "partial_fill"):
            ages.append((now - nanoseconds(data["at"])) / 1e6)


def market_lag_ms(port: int) -> float:
    """The simulated market's clock began when it was built, so it is behind the wall's by that much."""
    connection, lags = http.client.HTTPConnection("127.0.0.1", port, timeout=10), []
    for _ in range(200):
        connection.request("GET", "/sim/v1/status")
        now = json.loads(connection.getresponse().read())["now"]
        lags.append((time.time_ns() - now) / 1e6)
    return min(lags)


def nanoseconds(text: str) -> int:
    from datetime import datetime

    whole, _, rest = text.rstrip("Z").partition(".")
    return int(datetime.fromisoformat(whole + "+00:00").timestamp()) * 1_000_000_000 + int(rest)


if __name__ == "__main__":
    given = (int(sys.argv[2]), *sys.argv[3:5])
    if sys.argv[1] == "press":
        print(json.dumps(press(*given)))
    else:
        listen(*given)
