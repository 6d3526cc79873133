"""The shadow venue's queue on a real order-by-order hour (AAPL, 2012-06-21), against the truth that the tape knows.

The venue is told only level totals and prints. Small virtual orders join displayed queues; of each we know
which real orders stood before it, so we know when it was really its turn.
"""

import lzma
import os
import random
from pathlib import Path

import pytest

from tradesim.model.instrument import Instrument
from tradesim.model.market import Side, Trade
from tradesim.model.orders import OrderType, TimeInForce
from tradesim.model.venue import Execution, VenueOrder, VenueRefusal
from tradesim.venue.queue_model import ConservativeQueue, PowerQueue
from tradesim.venue.shadow import ShadowVenue

DATA = Path(os.environ.get("TRADESIM_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
HOUR = DATA / "market" / "lobster" / "AAPL_2012-06-21_34200000_37800000_message_50.csv.xz"
ROWS = 40_000
ADD, REDUCE, DELETE, EXECUTE, EXECUTE_HIDDEN = range(1, 6)

pytestmark = pytest.mark.skipif(not HOUR.exists(), reason=f"needs {HOUR.name} in TRADESIM_TEST_DATA")


def messages():
    """(ns, kind, order id, lots, ticks, resting side) rows."""
    with lzma.open(HOUR, "rt") as lines:
        for line, _ in zip(lines, range(ROWS), strict=False):
            seconds, kind, order_id, size, price, direction = line.split(",")
            side = Side.BUY if int(direction) == 1 else Side.SELL
            yield int(float(seconds) * 1e9), int(kind), int(order_id), int(size), int(price) // 100, side


class Judge:
    """Real queues by (side, price), and which real orders stood before each virtual one."""

    def __init__(self, model):
        self.rng = random.Random(5)
        self.venue = ShadowVenue({"AAPL": Instrument("AAPL", "Apple Inc.")}, queue_model=model)
        self.queues = {}
        self.before = {}
        self.fills = 0
        self.early = 0
        self.errors = []

    def watch_the_hour(self):
        for number, (at, kind, order_id, lots, price, side) in enumerate(messages()):
            self.tell(number, at, kind, order_id, lots, price, side)
            if number > 2_000 and number % 50 == 0:
                self.join(number, at)
            self.listen()
            if number % 200 == 0:
                self.compare(number, at)
                self.venue.check()

    def tell(self, number, at, kind, order_id, lots, price, side):
        queue = self.queues.setdefault((side, price), {})
        if kind in (EXECUTE, EXECUTE_HIDDEN):
            self.venue.on_trade(Trade("AAPL", number, price, lots, side.opposite, at), side)
        if kind == ADD:
            queue[order_id] = lots
        elif order_id in queue and kind != EXECUTE_HIDDEN:
            lots = min(lots, queue[order_id])
            queue[order_id] -= lots
            if not queue[order_id]:
                del queue[order_id]
        else:
            return
        traded = lots if kind == EXECUTE else 0
        self.venue.on_level("AAPL", side, price, sum(queue.values()), at, traded)

    def join(self, number, at):
        side = self.rng.choice(list(Side))
        top = self.venue.top("AAPL", 5)
        price = self.rng.choice(top.bids if side is Side.BUY else top.asks).price
        name = f"o{number}"
        self.before[name] = (side, price, number, list(self.queues[side, price]))
        order = VenueOrder(
            name, "paper", "AAPL", side, OrderType.LIMIT, TimeInForce.GTC, qty=1, price=price, post_only=True
        )
        self.venue.submit(order, at)

    def truly_ahead(self, name):
        side, price, _, order_ids = self.before[name]
        return sum(self.queues[side, price].get(order_id, 0) for order_id in order_ids)

    def listen(self):
        for item in self.venue.drain().items:
            if isinstance(item, Execution):
                self.fills += 1
                self.early += self.truly_ahead(item.order_id) > 0
            if isinstance(item, Execution | VenueRefusal):
                del self.before[item.order_id]

    def compare(self, number, at):
        for name, (_, _, since, _) in list(self.before.items()):
            self.errors.append(abs(self.believed_ahead(name) - self.truly_ahead(name)))
            if number - since > 4_000:
                self.venue.cancel(name, at)
                self.venue.drain()
                del self.before[name]

    def believed_ahead(self, name):
        """Lots of others that the venue believes before the order; our own earlier ones are virtual."""
        side, price, since, _ = self.before[name]
        own = sum(1 for s, p, other, _ in self.before.values() if (s, p) == (side, price) and other < since)
        return self.venue.queue_position(name).ahead - own


@pytest.mark.parametrize(
    ("model", "early_share", "error"),
    [(ConservativeQueue(), 0.005, 10), (PowerQueue(3), 0.06, 25)],
    ids=["conservative", "power"],
)
def test_fills_come_no_earlier_than_they_would_have(model, early_share, error):
    judge = Judge(model)
    judge.watch_the_hour()
    print(f"{judge.fills} fills, {judge.early} early, mean error {sum(judge.errors) / len(judge.errors):.1f} lots")
    assert judge.fills > 300
    assert judge.early <= judge.fills * early_share
    assert sum(judge.errors) / len(judge.errors) < error
