"""The order book beside the same book on sortedcontainers.SortedDict, on the same orders in the same run.

45 % adds, 45 % cancels, 10 % marketable orders, on one symbol in whole ticks.
"""

import gc
import json
import random
import time

from sortedcontainers import SortedDict

from tradesim.model.instrument import Instrument
from tradesim.model.market import Side
from tradesim.venue.book import OrderBook, PriceLevel, RestingOrder
from tradesim.venue.matching import MatchingVenue

ADD, CANCEL, TAKE = range(3)
PRELOAD = 1_000
MIDDLE = 10_000
BEYOND = 1_000_000
BUY = Side.BUY


class SortedDictSide:
    """One side on a SortedDict from price to level."""

    def __init__(self, side):
        self.sign = side.sign
        self.levels = SortedDict()


class SortedDictBook(OrderBook):
    """The same orders, levels and queues; only the prices are kept sorted by a SortedDict."""

    __slots__ = ()

    def __init__(self):
        self.bids = SortedDictSide(Side.BUY)
        self.asks = SortedDictSide(Side.SELL)
        self.orders = {}
        self.last_id = 0

    def add(self, owner, side, price, qty):
        half = self.bids if side is BUY else self.asks
        level = half.levels.get(price)
        if level is None:
            level = half.levels[price] = PriceLevel(price)
        self.last_id = order_id = self.last_id + 1
        order = level.orders[order_id] = self.orders[order_id] = RestingOrder(order_id, owner, side, price, qty, level)
        level.qty += qty
        return order

    def head(self, side, limit):
        if side is BUY:
            levels = self.asks.levels
            if not levels:
                return None
            price, level = levels.peekitem(0)
            if price > limit:
                return None
        else:
            levels = self.bids.levels
            if not levels:
                return None
            price, level = levels.peekitem(-1)
            if price < limit:
                return None
        return next(iter(level.orders.values()))

    def _drop(self, side, price):
        del (self.bids if side is BUY else self.asks).levels[price]


def flow(ops: int, seed: int = 1) -> list[tuple[int, Side, int, int]]:
    """(action, side, distance from the middle or choice, lots) with the shares of the reference benchmark."""
    rng = random.Random(seed)
    actions = rng.choices((ADD, CANCEL, TAKE), (45, 45, 10), k=ops)
    return [
        (action, rng.choice((Side.BUY, Side.SELL)), min(60, 1 + int(rng.expovariate(0.12))), rng.randint(1, 100))
        for action in actions
    ]


def play(book: OrderBook, orders: list[tuple[int, Side, int, int]]) -> list[tuple[int, int]]:
    """Run the flow; every trade as (price, lots). What is cancelled is chosen in the same way for every book."""
    live: list[int] = []
    trades: list[tuple[int, int]] = []
    for number, (action, side, distance, qty) in enumerate(orders):
        step(book, live, trades, number, action, side, distance, qty)
    return trades


def step(book, live, trades, number, action, side, distance, qty):
    if action == CANCEL and live:
        at = number * 7919 % len(live)
        live[at], live[-1] = live[-1], live[at]
        book.cancel(live.pop())
    elif action == TAKE:
        limit = BEYOND if side is BUY else 1
        while qty and (maker := book.head(side, limit)) is not None:
            lots = maker.qty if maker.qty < qty else qty
            trades.append((maker.price, lots))
            book.fill(maker, lots)
            qty -= lots
    else:
        live.append(book.add("~m", side, MIDDLE - distance if side is BUY else MIDDLE + distance, qty).id)


def seconds(book: OrderBook, orders: list[tuple[int, Side, int, int]]) -> tuple[float, list[tuple[int, int]]]:
    gc.collect()
    started = time.perf_counter()
    trades = play(book, orders)
    return time.perf_counter() - started, trades


def overhead(orders: list[tuple[int, Side, int, int]]) -> float:
    """Seconds that the loop and the choice of what to cancel take without any book."""

    class NoBook:
        id = 1

        def add(self, owner, side, price, qty):
            return self

        def cancel(self, order_id):
            return None

        def head(self, side, limit):
            return None

    started = time.perf_counter()
    play(NoBook(), orders)
    return time.perf_counter() - started


def latencies(orders: list[tuple[int, Side, int, int]]) -> tuple[float, float]:
    """p50 and p99 of one operation, in microseconds, the stopwatch itself included."""
    book, live, trades, took = OrderBook(), [], [], []
    clock = time.perf_counter_ns
    for number, (action, side, distance, qty) in enumerate(orders):
        started = clock()
        step(book, live, trades, number, action, side, distance, qty)
        took.append(clock() - started)
    took.sort()
    return took[len(took) // 2] / 1_000, took[len(took) * 99 // 100] / 1_000


def venue_latencies(orders: list[tuple[int, Side, int, int]]) -> tuple[float, float, float]:
    """Operations per second, p50 and p99 us of the agents' door: matching, prints, band and all."""
    venue = MatchingVenue({"X": Instrument("X", "X")}, {"X": MIDDLE})
    live: list[int] = []
    took = []
    clock = time.perf_counter_ns
    for number, (action, side, distance, qty) in enumerate(orders):
        at = number * 7919 % len(live) if live else 0
        started = clock()
        if action == CANCEL and live:
            live[at], live[-1] = live[-1], live[at]
            venue.agent_cancel("X", live.pop(), number)
        elif action == TAKE:
            venue.agent_market("X", "~n", side, qty, number)
        else:
            price = MIDDLE - distance if side is BUY else MIDDLE + distance
            live.append(venue.agent_limit("X", "~m", side, price, qty, number))
        took.append(clock() - started)
        if number % 1_000 == 0:
            venue.drain()
    total = sum(took) / 1e9
    took.sort()
    return len(took) / total, took[len(took) // 2] / 1_000, took[len(took) * 99 // 100] / 1_000


def measure(ops: int = 1_000_000, rounds: int = 3) -> dict[str, float | int]:
    """Ours against SortedDict: the best of `rounds` alternating runs of each, the bare loop taken off both."""
    orders = flow(PRELOAD + ops)
    ours, theirs = [], []
    for _ in range(rounds):
        took, trades = seconds(OrderBook(), orders)
        ours.append(took)
        took, their_trades = seconds(SortedDictBook(), orders)
        theirs.append(took)
        assert trades == their_trades, "the two books traded differently"
    p50, p99 = latencies(orders)
    venue_rate, venue_p50, venue_p99 = venue_latencies(orders)
    bare = overhead(orders)
    return {
        "ops": len(orders),
        "trades": len(trades),
        "ops_per_s": round(len(orders) / min(ours)),
        "sorteddict_ops_per_s": round(len(orders) / min(theirs)),
        "ratio": round(min(theirs) / min(ours), 3),
        "ratio_without_loop": round((min(theirs) - bare) / (min(ours) - bare), 3),
        "p50_us": round(p50, 2),
        "p99_us": round(p99, 2),
        "venue_ops_per_s": round(venue_rate),
        "venue_p50_us": round(venue_p50, 2),
        "venue_p99_us": round(venue_p99, 2),
    }


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
