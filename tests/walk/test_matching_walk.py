"""Seeded order flow through the matching venue and through a naive book: same prints, same tops, same queues."""

import random

import pytest

from tradesim.model.instrument import Instrument
from tradesim.model.market import Side, Trade
from tradesim.model.orders import OrderType, TimeInForce
from tradesim.model.venue import Canceled, Execution, Replaced, Rested, VenueOrder, VenueRefusal
from tradesim.venue.admission import SelfTrade
from tradesim.venue.matching import MatchingVenue

STEPS = 700
SYMBOL = "TEST"
OWNERS = ("~a", "~b", "~c")
CLIENTS = ("one", "two")
RESTING = (TimeInForce.DAY, TimeInForce.GTC)


class NaiveBook:
    """One flat list of [id, owner, side, price, lots] in order of arrival, searched afresh for every match."""

    def __init__(self, self_trade):
        self.rows = []
        self.trades = []
        self.self_trade = self_trade

    def best(self, side, limit):
        """The row that an order on `side` meets first."""
        met = [row for row in self.rows if row[2] is not side and (limit - row[3]) * side.sign >= 0]
        return min(met, key=lambda row: row[3] * side.sign, default=None)

    def enter(self, name, owner, side, limit, qty, rests, all_or_nothing=False):
        if all_or_nothing and self.reachable(owner, side, limit) < qty:
            return
        while qty and (row := self.best(side, limit)):
            if row[1] == owner and self.self_trade is SelfTrade.CANCEL_NEWEST:
                return
            if row[1] == owner:
                self.rows.remove(row)
                continue
            lots = min(qty, row[4])
            self.trades.append((row[3], lots, side))
            qty -= lots
            row[4] -= lots
            if not row[4]:
                self.rows.remove(row)
        if qty and rests:
            self.rows.append([name, owner, side, limit, qty])

    def reachable(self, owner, side, limit):
        found = 0
        rows = [row for row in self.rows if row[2] is not side and (limit - row[3]) * side.sign >= 0]
        for row in sorted(rows, key=lambda row: row[3] * side.sign):
            if row[1] != owner:
                found += row[4]
            elif self.self_trade is SelfTrade.CANCEL_NEWEST:
                break
        return found

    def row(self, name):
        return next((row for row in self.rows if row[0] == name), None)

    def cancel(self, name):
        self.rows = [row for row in self.rows if row[0] != name]

    def replace(self, name, qty, price):
        row = self.row(name)
        if price == row[3] and qty <= row[4]:
            row[4] = qty
        else:
            self.rows.remove(row)
            self.enter(name, row[1], row[2], price, qty, rests=True)

    def ahead(self, name):
        found = 0
        mine = self.row(name)
        for row in self.rows:
            if row is mine:
                return found
            if row[2] is mine[2] and row[3] == mine[3]:
                found += row[4]
        raise AssertionError(name)

    def top(self, side, levels):
        prices = sorted({row[3] for row in self.rows if row[2] is side}, key=lambda price: -price * side.sign)
        at = {price: [row[4] for row in self.rows if row[2] is side and row[3] == price] for price in prices}
        return tuple((price, sum(at[price]), len(at[price])) for price in prices[:levels])


class Pair:
    """The same action on both books."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        policy = list(SelfTrade)[seed % 2]
        self.venue = MatchingVenue({SYMBOL: Instrument(SYMBOL, "Test")}, self_trade=policy)
        self.naive = NaiveBook(policy)
        self.prints = []
        self.reports = []
        self.agent_ids = {}
        self.count = 0

    def act(self):
        self.count += 1
        side, name = self.rng.choice((Side.BUY, Side.SELL)), f"o{self.count}"
        price = 100_000 - side.sign * self.rng.randint(-2, 8)
        action = self.rng.choices(
            (
                self.agent_limit,
                self.agent_market,
                self.agent_cancel,
                self.client,
                self.client_cancel,
                self.client_replace,
            ),
            (40, 8, 25, 20, 4, 8),
        )[0]
        action(name, side, price, self.rng.randint(1, 40))

    def agent_limit(self, name, side, price, qty):
        owner = self.rng.choice(OWNERS)
        order_id = self.venue.agent_limit(SYMBOL, owner, side, price, qty, self.count)
        self.naive.enter(name, owner, side, price, qty, rests=True)
        assert bool(order_id) == (self.naive.row(name) is not None)
        if order_id:
            self.agent_ids[name] = order_id

    def agent_market(self, name, side, price, qty):
        before = len(self.naive.trades)
        filled = self.venue.agent_market(SYMBOL, "~m", side, qty, self.count)
        self.naive.enter(name, "~m", side, 200_000 if side is Side.BUY else 1, qty, rests=False)
        assert filled == sum(lots for _, lots, _ in self.naive.trades[before:])

    def agent_cancel(self, name, side, price, qty):
        if self.agent_ids:
            chosen = self.rng.choice(list(self.agent_ids))
            was_there = self.naive.row(chosen) is not None
            assert self.venue.agent_cancel(SYMBOL, self.agent_ids.pop(chosen), self.count) == was_there
            self.naive.cancel(chosen)

    def client(self, name, side, price, qty):
        owner, tif = self.rng.choice(CLIENTS), self.rng.choice(list(TimeInForce))
        kind = self.rng.choice((OrderType.LIMIT, OrderType.LIMIT, OrderType.MARKET))
        self.venue.submit(VenueOrder(name, owner, SYMBOL, side, kind, tif, qty, price), self.count)
        if kind is OrderType.MARKET:
            price = 200_000 if side is Side.BUY else 1
        rests = kind is OrderType.LIMIT and tif in RESTING
        self.naive.enter(name, owner, side, price, qty, rests, tif is TimeInForce.FOK)

    def open_clients(self):
        return [row for row in self.naive.rows if row[1] in CLIENTS]

    def client_cancel(self, name, side, price, qty):
        if rows := self.open_clients():
            chosen = self.rng.choice(rows)
            self.venue.cancel(chosen[0], self.count)
            self.naive.cancel(chosen[0])

    def client_replace(self, name, side, price, qty):
        if rows := self.open_clients():
            chosen = self.rng.choice(rows)
            price = chosen[3] + self.rng.choice((0, 0, 1, -1, 4))
            self.venue.replace(chosen[0], qty, price, self.count)
            self.naive.replace(chosen[0], qty, price)

    def compare(self):
        items = self.venue.drain().items
        self.prints += [(item.price, item.qty, item.aggressor) for item in items if isinstance(item, Trade)]
        self.reports += [item for item in items if not isinstance(item, Trade)]
        assert self.prints == self.naive.trades
        top = self.venue.top(SYMBOL, 5)
        assert top.bids == self.naive.top(Side.BUY, 5)
        assert top.asks == self.naive.top(Side.SELL, 5)
        for row in self.open_clients():
            position = self.venue.queue_position(row[0])
            assert position.ahead == self.naive.ahead(row[0])
            assert position.ahead + row[4] + position.behind == position.level_qty


@pytest.mark.parametrize("seed", range(20))
def test_prints_tops_and_queues_equal_those_of_a_naive_book(seed):
    pair = Pair(seed)
    for _ in range(STEPS):
        pair.act()
        pair.compare()
        pair.venue.check()
    assert len(pair.prints) > 100


@pytest.mark.parametrize("seed", range(20))
def test_every_lot_of_a_client_is_accounted_for_by_its_reports(seed):
    pair = Pair(seed)
    open_qty = {}
    original = pair.venue.submit

    def submit(order, now):
        open_qty[order.id] = order.qty
        original(order, now)

    pair.venue.submit = submit
    for _ in range(STEPS):
        pair.act()
        pair.compare()
    for report in pair.reports:
        match report:
            case Execution():
                open_qty[report.order_id] -= report.qty
            case Replaced():
                open_qty[report.order_id] = report.qty
            case Canceled():
                open_qty[report.order_id] -= report.qty
                assert open_qty[report.order_id] == 0
            case Rested():
                assert report.qty == open_qty[report.order_id]
            case VenueRefusal():
                raise AssertionError(report)
    assert {k: v for k, v in open_qty.items() if v} == {row[0]: row[4] for row in pair.open_clients()}


def test_the_same_seed_gives_the_same_day():
    days = []
    for _ in range(2):
        pair = Pair(7)
        for _ in range(STEPS):
            pair.act()
            pair.compare()
        days.append((pair.prints, pair.reports))
    assert days[0] == days[1]
