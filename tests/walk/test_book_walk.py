"""The book and its watched places against counting, after every step of a seeded walk."""

import random

import pytest

from tradesim.model.market import Side
from tradesim.model.orders import OrderType, TimeInForce
from tradesim.model.venue import VenueOrder
from tradesim.venue.book import OrderBook, WatchedOrder
from tradesim.venue.queue import Place

STEPS = 800


def step(rng: random.Random, book: OrderBook) -> None:
    side = rng.choice((Side.BUY, Side.SELL))
    roll = rng.random()
    if roll < 0.5 or not book.orders:
        price = 100 - side.sign * rng.randint(1, 6)
        if rng.random() < 0.3:
            order = VenueOrder("a", "paper", "X", side, OrderType.LIMIT, TimeInForce.DAY, 7, price)
            book.add_watched(order, price, 7, Place(book.last_id + 1, book.queued(side, price)))
        else:
            book.add("~x", side, price, rng.randint(1, 50))
    elif roll < 0.75:
        book.cancel(rng.choice(list(book.orders)))
    elif roll < 0.85:
        order = book.orders[rng.choice(list(book.orders))]
        if order.qty > 1:
            book.reduce(order.id, rng.randint(1, order.qty - 1))
    else:
        head = book.head(side, 100 + side.sign * rng.randint(0, 6))
        if head is not None:
            book.fill(head, rng.randint(1, head.qty))


@pytest.mark.parametrize("seed", range(20))
def test_the_book_is_consistent_and_places_equal_the_count_before_them(seed):
    rng, book = random.Random(seed), OrderBook()
    for _ in range(STEPS):
        step(rng, book)
        book.check()
        for order in book.orders.values():
            if isinstance(order, WatchedOrder):
                assert order.place.ahead == book.ahead(order.id)
