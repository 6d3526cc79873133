"""kill -9 under order flow, again and again: nothing that was acknowledged is lost, to the cent."""

import os
import random
import signal
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path

import pytest
import requests

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

    def trade(self, url: str) -> None:
        with requests.Session() as session:
            try:
                while True:
                    self.send(session, url)
            except requests.RequestException:
                return

    def send(self, session: requests.Session, url: str) -> None:
        choice = self.rng.random()
        if choice < 0.7:
            self.note(session.post(f"{url}/orders", json=self.order(), timeout=5))
        elif choice < 0.9 and self.orders:
            order_id = self.rng.choice(list(self.orders))
            self.note(session.delete(f"{url}/orders/{order_id}", timeout=5))
        else:
            self.fills |= {fill["id"]: fill for fill in session.get(f"{url}/fills", timeout=5).json()}

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


def start(folder: Path, url: str) -> tuple[subprocess.Popen, str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.kill_target", str(folder)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    port = process.stdout.readline().strip()
    assert port, process.stderr.read()
    return process, f"http://127.0.0.1:{port}/sim/v1"


def killed_under_flow(folder: Path, database: str, clients: list[Client], after_s: float) -> None:
    process, url = start(folder, database)
    threads = [threading.Thread(target=client.trade, args=(url,)) for client in clients]
    for thread in threads:
        thread.start()
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    process.wait(10)
    for thread in threads:
        thread.join(15)
    assert process.returncode == -signal.SIGKILL, process.stderr.read()
    process.stdout.close()
    process.stderr.close()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
@pytest.mark.parametrize("kind", KILLS)
def test_kills_lose_no_acknowledged_order_fill_or_cent(kind: str, tmp_path: Path, request) -> None:
    url = request.getfixturevalue("postgres").new_database() if kind == "server" else ""
    rng = random.Random(9)
    clients = [Client(seed) for seed in range(CLIENTS)]
    for _ in range(KILLS[kind]):
        killed_under_flow(tmp_path, url, clients, rng.uniform(0.05, 0.6))
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
    acknowledged = {id_: order for client in clients for id_, order in client.orders.items()}
    seen = {id_: fill for client in clients for id_, fill in client.fills.items()}
    assert len(acknowledged) > KILLS[kind]
    assert len(seen) > KILLS[kind]
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
