"""kill -9 under order flow, again and again: nothing that was acknowledged is lost, to the cent."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Self

import pytest
import requests

from tests.waiting import eventually
from tradesim.storage.journal import SqlJournal
from tradesim.trading.state import TradingState

KILLS = {"file": 50, "server": 15}
CLIENTS = 3
ROOT = Path(__file__).parents[2]


class Client:
    """Sends orders until the desk dies under it, and writes down every answer that arrived."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.orders: dict[str, dict] = {}
        self.fills: dict[str, dict] = {}
        self.answers = 0

    def trade(self, url: str, is_over: threading.Event) -> None:
        with requests.Session() as session:
            while not is_over.is_set():
                with suppress(requests.RequestException):
                    self.send(session, url)

    def send(self, session: requests.Session, url: str) -> None:
        choice = self.rng.random()
        if choice < 0.7:
            self.note(session.post(f"{url}/orders", json=self.order(), timeout=60))
        elif choice < 0.9 and self.orders:
            order_id = self.rng.choice(list(self.orders))
            self.note(session.delete(f"{url}/orders/{order_id}", timeout=60))
        else:
            answer = session.get(f"{url}/fills", timeout=60)
            self.fills |= {fill["id"]: fill for fill in answer.json()} if answer.ok else {}
        self.answers += 1

    def order(self) -> dict:
        side = self.rng.choice(("buy", "sell"))
        if self.rng.random() < 0.5:
            return {"symbol": "F", "side": side, "qty": str(self.rng.randint(1, 50))}
        price = "10.60" if side == "buy" else "11.30"
        return {"symbol": "F", "side": side, "qty": "5", "type": "limit", "limit_price": price, "time_in_force": "gtc"}

    def note(self, answer: requests.Response) -> None:
        if answer.ok:
            order = answer.json()
            self.orders[order["id"]] = order


def orders_of(clients: list[Client]) -> dict[str, dict]:
    return {id_: order for client in clients for id_, order in tuple(client.orders.items())}


def fills_of(clients: list[Client]) -> dict[str, dict]:
    return {id_: fill for client in clients for id_, fill in tuple(client.fills.items())}


class Nursery:
    """Begins desks, one after the other, in processes of their own; `database` is where their journal is, or empty."""

    def __init__(self, database: str) -> None:
        self.database = database

    def __enter__(self) -> Self:
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.kill_target"],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": self.database},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()
        self.errors.close()

    def begun(self, folder: Path) -> tuple[int, str]:
        """Its process id and its address."""
        self.process.stdin.write(f"{folder}\n")
        self.process.stdin.flush()
        number, port = self._line().split()
        return int(number), f"http://127.0.0.1:{port}/sim/v1"

    def exit_code(self) -> int:
        return int(self._line())

    def said(self) -> str:
        self.errors.seek(0)
        return self.errors.read()

    def _line(self) -> str:
        line = self.process.stdout.readline()
        assert line.strip(), self.said()
        return line


def killed_under_flow(nursery: Nursery, folder: Path, clients: list[Client], is_time: Callable[[], object]) -> None:
    number, url = nursery.begun(folder)
    is_over = threading.Event()
    threads = [threading.Thread(target=client.trade, args=(url, is_over)) for client in clients]
    for thread in threads:
        thread.start()
    eventually(is_time)
    os.kill(number, signal.SIGKILL)
    is_over.set()
    for thread in threads:
        thread.join()
    assert nursery.exit_code() == -signal.SIGKILL, nursery.said()


def after(seconds: float, clients: list[Client], answers: int) -> Callable[[], object]:
    """It is time when so many seconds have passed and so many answers more have come."""
    until, wanted = time.monotonic() + seconds, sum(client.answers for client in clients) + answers
    return lambda: time.monotonic() >= until and sum(client.answers for client in clients) >= wanted


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
@pytest.mark.parametrize("kind", KILLS)
def test_kills_lose_no_acknowledged_order_fill_or_cent(kind: str, tmp_path: Path, request) -> None:
    url = request.getfixturevalue("postgres").new_database() if kind == "server" else ""
    rng = random.Random(9)
    clients = [Client(seed) for seed in range(CLIENTS)]
    with Nursery(url) as nursery:
        for _ in range(KILLS[kind]):
            wait_s = rng.uniform(0.05, 0.6)
            killed_under_flow(nursery, tmp_path, clients, after(wait_s, clients, rng.choice((0, 5, 20))))
        killed_under_flow(
            nursery, tmp_path, clients, lambda: min(len(fills_of(clients)), len(orders_of(clients))) > KILLS[kind]
        )
    journal = SqlJournal.open(url or tmp_path, patience_s=30)
    state, orders, fills = TradingState(), {}, {}
    for _seq, event in journal.replay():
        state.apply(event)
        if hasattr(event, "fill"):
            fills[event.fill.id] = event.fill
        order = getattr(event, "order", None)
        if order is not None:
            orders[order.id] = order
    state.check()
    assert list(journal.entries())[-10:] == list(state.ledger.entries)[-10:]
    acknowledged, seen = orders_of(clients), fills_of(clients)
    assert not acknowledged.keys() - orders.keys()
    assert not seen.keys() - fills.keys()
    for id_, fill in seen.items():
        assert (fill["price"], fill["qty"]) == (str(fills[id_].price), str(fills[id_].qty))
    for id_, order in acknowledged.items():
        now = state.order(id_)
        assert now is None or now.filled_qty >= Decimal(order["filled_qty"])
    traded = sum((fill.price * fill.signed_qty + fill.fee for fill in fills.values()), Decimal(0))
    assert state.accounts["paper"].cash == Decimal(100_000) - traded
    journal.close()
