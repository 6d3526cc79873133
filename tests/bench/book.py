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
from tradesim.venue.book import OrderBook, PriceLevel
from tradesim.venue.matching import MatchingVenue

ADD, CANCEL, TAKE = range(3)
PRELOAD = 1_000
MIDDLE = 10_000
BEYOND = 1_000_000
BUY = Side.BUY


class SortedDictSide:
    """One side on a SortedDict from price to level."""

    def __init__(self, side):
        self.side = side
        self.levels = SortedDict()

    def open(self, price):
        level = self.levels[price] = PriceLevel(price, self)
        return level

    def close(self, price):
        del self.levels[price]


class SortedDictBook(OrderBook):
    """The same orders, levels and queues; only the prices are kept sorted by a SortedDict."""

    __slots__ = ()

    def __init__(self):
        self.bids = SortedDictSide(Side.BUY)
        self.asks = SortedDictSide(Side.SELL)
        self.orders = {}
        self.last_id = 0

    def crosses(self, side, price):
        if side is BUY:
            levels = self.asks.levels
            return bool(levels) and levels.peekitem(0)[0] <= price
        levels = self.bids.levels
        return bool(levels) and levels.peekitem(-1)[0] >= price

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


Step = tuple[int, Side, int, int]


def flow(ops: int, seed: int = 1) -> list[Step]:
    """(action, side, price or order id, lots): a day that a book was asked to live through, so ids are real.

    A small-tick stock as AMZN or AAPL: the middle wanders, a price holds one or two orders, half of the sizes are
    100, and every second aggressive order takes exactly the whole touch.
    """
    rng, book = random.Random(seed), OrderBook()
    steps: list[Step] = []
    live: list[int] = []
    middle = MIDDLE
    for number in range(PRELOAD + ops):
        middle += rng.choice((-1, 0, 0, 0, 0, 0, 0, 0, 0, 1))
        action = rng.choices((ADD, CANCEL, TAKE), (45, 45, 10))[0]
        if number < PRELOAD or len(book.orders) < PRELOAD // 2:
            action = ADD
        steps.append(made(action, rng, book, live, middle))
    return steps


def made(action: int, rng: random.Random, book: OrderBook, live: list[int], middle: int) -> Step:
    side = rng.choice((Side.BUY, Side.SELL))
    touch = book.touch(side.opposite)
    if action == TAKE and touch is not None:
        qty = touch[1] if rng.random() < 0.56 else rng.randint(1, 100)
        match(book, side, BEYOND if side is BUY else 1, qty, [])
        return TAKE, side, BEYOND if side is BUY else 1, qty
    if action == CANCEL:
        order_id = taken_from(live, rng, book)
        book.cancel(order_id)
        return CANCEL, side, order_id, 0
    price = middle - side.sign * (1 + int(rng.expovariate(0.04)))
    qty = rng.choice((100, 100, rng.randint(1, 99), 200))
    live.append(book.last_id + 1)
    submit(book, side, price, qty, [])
    return ADD, side, price, qty


def taken_from(live: list[int], rng: random.Random, book: OrderBook) -> int:
    """Any order that still rests."""
    while True:
        at = rng.randrange(len(live))
        live[at], live[-1] = live[-1], live[at]
        if (order_id := live.pop()) in book.orders:
            return order_id


def submit(book: OrderBook, side: Side, price: int, qty: int, trades: list[tuple[int, int]]) -> None:
    """A limit order: what crosses is matched, the rest rests."""
    if book.crosses(side, price):
        qty = match(book, side, price, qty, trades)
    if qty:
        book.add("~m", side, price, qty)


def match(book: OrderBook, side: Side, limit: int, qty: int, trades: list[tuple[int, int]]) -> int:
    """Lots that found nobody."""
    while qty and (maker := book.head(side, limit)) is not None:
        lots = maker.qty if maker.qty < qty else qty
        trades.append((maker.price, lots))
        book.fill(maker, lots)
        qty -= lots
    return qty


def play(book: OrderBook, steps: list[Step]) -> list[tuple[int, int]]:
    """Live through the day; every trade as (price, lots)."""
    trades: list[tuple[int, int]] = []
    for action, side, number, qty in steps:
        if action == ADD:
            submit(book, side, number, qty, trades)
        elif action == CANCEL:
            book.cancel(number)
        else:
            match(book, side, number, qty, trades)
    return trades


def seconds(book: OrderBook, steps: list[Step]) -> tuple[float, list[tuple[int, int]]]:
    """Processor time, so that other programs on the machine do not count."""
    gc.collect()
    started = time.process_time()
    trades = play(book, steps)
    return time.process_time() - started, trades


def latencies(steps: list[Step]) -> list[int]:
    """Nanoseconds of each operation, the stopwatch itself included, sorted."""
    book, took, clock = OrderBook(), [], time.perf_counter_ns
    for action, side, number, qty in steps:
        started = clock()
        if action == ADD:
            submit(book, side, number, qty, [])
        elif action == CANCEL:
            book.cancel(number)
        else:
            match(book, side, number, qty, [])
        took.append(clock() - started)
    return sorted(took)


def venue_latencies(steps: list[Step]) -> list[int]:
    """The same through the agents' door of the venue: matching, prints, band and all."""
    venue = MatchingVenue({"X": Instrument("X", "X")}, {"X": MIDDLE})
    took, clock = [], time.perf_counter_ns
    for number, (action, side, price, qty) in enumerate(steps):
        started = clock()
        if action == ADD:
            venue.agent_limit("X", "~m", side, price, qty, number)
        elif action == CANCEL:
            venue.agent_cancel("X", price, number)
        else:
            venue.agent_market("X", "~n", side, qty, number)
        took.append(clock() - started)
        if number % 1_000 == 0:
            venue.drain()
    return sorted(took)


def measure(ops: int = 1_000_000, rounds: int = 3) -> dict[str, float | int]:
    """Ours against SortedDict, the best of `rounds` alternating runs of each; latencies of single operations."""
    steps = flow(ops)
    ours, theirs = [], []
    for _ in range(rounds):
        took, trades = seconds(OrderBook(), steps)
        ours.append(took)
        took, their_trades = seconds(SortedDictBook(), steps)
        theirs.append(took)
        assert trades == their_trades, "the two books traded differently"
    of_book, of_venue = latencies(steps), venue_latencies(steps)
    return {
        "ops": len(steps),
        "trades": len(trades),
        "ops_per_s": round(len(steps) / min(ours)),
        "sorteddict_ops_per_s": round(len(steps) / min(theirs)),
        "ratio": round(min(theirs) / min(ours), 3),
        "p50_us": percentile(of_book, 50),
        "p99_us": percentile(of_book, 99),
        "venue_p50_us": percentile(of_venue, 50),
        "venue_p99_us": percentile(of_venue, 99),
    }


def percentile(sorted_ns: list[int], percent: int) -> float:
    return round(sorted_ns[len(sorted_ns) * percent // 100] / 1_000, 2)


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
