"""Clients who do anything at any time among the agents: books stay sound, whole and in the market."""

import random

import pytest

from tradesim.kernel.clock import NS_PER_MS
from tradesim.model.market import Side
from tradesim.model.orders import OrderType, TimeInForce
from tradesim.model.venue import VenueOrder
from tradesim.simulator.hours import AlwaysOpen
from tradesim.simulator.score import WEDNESDAY_OPEN
from tradesim.simulator.simulator import Simulator
from tradesim.simulator.universe import UNIVERSE
from tradesim.venue.matching import MatchingVenue

SYMBOLS = ("AAPL", "F", "META", "BTC/USD")


def wild_order(rng, name, venue):
    symbol, side = rng.choice(SYMBOLS), rng.choice(list(Side))
    touch = venue.best_ask(symbol) if side is Side.BUY else venue.best_bid(symbol)
    qty = rng.choice([1, 100, 5_000, 100_000])
    if touch is None or rng.random() < 0.4:
        return VenueOrder(name, "paper", symbol, side, OrderType.MARKET, TimeInForce.IOC, qty)
    price = max(1, touch[0] + rng.randint(-30, 30))
    return VenueOrder(name, "paper", symbol, side, OrderType.LIMIT, TimeInForce.GTC, qty, price)


def assert_in_the_market(venue, simulator):
    venue.check()
    for symbol, floor in simulator.floors.items():
        book = venue.book(symbol)
        assert all(floor.orders[order_id].left == book.orders[order_id].qty for order_id in floor.orders)
        top = venue.top(symbol, 1)
        assert not (top.bids and top.asks) or top.bids[0].price < top.asks[0].price


@pytest.mark.parametrize("seed", range(4))
def test_agents_survive_any_client(seed):
    rng = random.Random(seed)
    profiles = [UNIVERSE[symbol] for symbol in SYMBOLS]
    venue = MatchingVenue({p.symbol: p.instrument for p in profiles}, {p.symbol: p.price for p in profiles})
    now = WEDNESDAY_OPEN
    simulator = Simulator(venue, profiles, dict.fromkeys(SYMBOLS, AlwaysOpen()), seed, now)
    for turn in range(150):
        now += rng.randint(1, 400) * NS_PER_MS
        simulator.advance(now)
        venue.submit(wild_order(rng, f"o{turn}", venue), now)
        if rng.random() < 0.5:
            venue.cancel(f"o{rng.randint(0, turn)}", now)
        assert_in_the_market(venue, simulator)
    simulator.advance(now + 60_000 * NS_PER_MS)
    assert_in_the_market(venue, simulator)
    for symbol in SYMBOLS:
        assert min(len(side) for side in venue.top(symbol, 50)) >= 20


@pytest.mark.parametrize("seed", range(2))
def test_client_orders_at_the_same_times_give_the_same_market_however_time_is_cut(seed):
    outcomes = []
    for cuts in (1, 7):
        rng = random.Random(seed)
        profiles = [UNIVERSE[symbol] for symbol in SYMBOLS]
        venue = MatchingVenue({p.symbol: p.instrument for p in profiles}, {p.symbol: p.price for p in profiles})
        now = WEDNESDAY_OPEN
        simulator = Simulator(venue, profiles, dict.fromkeys(SYMBOLS, AlwaysOpen()), seed, now)
        for turn in range(40):
            step = rng.randint(1, 700) * NS_PER_MS
            for cut in range(1, cuts + 1):
                simulator.advance(now + step * cut // cuts)
            now += step
            venue.submit(wild_order(rng, f"o{turn}", venue), now)
        outcomes.append((venue.drain().items, [venue.top(symbol, 50) for symbol in SYMBOLS]))
    assert outcomes[0] == outcomes[1]
