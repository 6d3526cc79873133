"""The order book beside the same book on sortedcontainers.SortedDict, on the same orders in the same run.

45 % adds, 45 % cancels, 10 % marketable orders, on one symbol in whole ticks.
"""

import gc
import json
import random
import time
from collections.abc import Sequence

from sortedcontainers import SortedDict

from tradesim.model.instrument import Instrument
from tradesim.model.market import Side
from tradesim.venue.book import OrderBook, PriceLevel
from tradesim.venue.matching import MatchingVenue

ADD, CANCEL, TAKE = range(3)
PRELOAD = 1_000
PIECE = 20_000
MIDDLE = 10_000
BEYOND = 1_000_000
MEAN_DISTANCE = 160
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

    Like a small-tick stock (AMZN, AAPL on NASDAQ): the middle wanders, a price holds one or two orders, half of the
    sizes are 100, and every second aggressive order takes exactly the whole touch.
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
    price = middle - side.sign * (1 + int(rng.expovariate(1 / MEAN_DISTANCE)))
    qty = rng.choice((100, 100, rng.randint(1, 99), 200))
    submit(book, side, price, qty, [])
    live.append(book.last_id)
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


def play(book: OrderBook, steps: Sequence[Step], trades: list[tuple[int, int]]) -> None:
    """Live through the day; every trade is noted as (price, lots)."""
    crosses, add, cancel = book.crosses, book.add, book.cancel
    for action, side, number, qty in steps:
        if action == CANCEL:
            cancel(number)
        elif action == TAKE:
            match(book, side, number, qty, trades)
        elif not crosses(side, number):
            add("~m", side, number, qty)
        elif left := match(book, side, number, qty, trades):
            add("~m", side, number, left)


class Run:
    """One book's day in pieces, in processor time, so that other programs on the machine count little."""

    def __init__(self, book: OrderBook, steps: Sequence[Step]) -> None:
        self.trades: list[tuple[int, int]] = []
        self.seconds: list[float] = []
        gc.collect()
        for start in range(0, len(steps), PIECE):
            piece = steps[start : start + PIECE]
            started = time.process_time()
            play(book, piece, self.trades)
            self.seconds.append(time.process_time() - started)


def best_seconds(runs: Sequence[Run]) -> float:
    """The whole day, each piece in the best time that any run had for it."""
    return sum(min(times) for times in zip(*(run.seconds for run in runs), strict=True))


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


def measure(ops: int = 1_000_000, rounds: int = 5) -> dict[str, float | int]:
    """Ours against SortedDict in `rounds` alternating runs of each; latencies of single operations."""
    steps = flow(ops)
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(Run(OrderBook(), steps))
        theirs.append(Run(SortedDictBook(), steps))
        assert ours[-1].trades == theirs[-1].trades, "the two books traded differently"
    our_seconds, their_seconds = best_seconds(ours), best_seconds(theirs)
    of_book, of_venue = latencies(steps), venue_latencies(steps)
    return {
        "ops": len(steps),
        "trades": len(ours[0].trades),
        "ops_per_s": round(len(steps) / our_seconds),
        "sorteddict_ops_per_s": round(len(steps) / their_seconds),
        "ratio": round(their_seconds / our_seconds, 3),
        "p50_us": percentile(of_book, 50),
        "p99_us": percentile(of_book, 99),
        "venue_p50_us": percentile(of_venue, 50),
        "venue_p99_us": percentile(of_venue, 99),
    }


def percentile(sorted_ns: list[int], percent: int) -> float:
    return round(sorted_ns[len(sorted_ns) * percent // 100] / 1_000, 2)


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
