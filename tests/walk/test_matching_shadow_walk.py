"""A shadow venue fed by a real book: what it believes of our queue against the truth that only the book knows."""

import random

import pytest

from tradesim.model.instrument import Instrument
from tradesim.model.market import Side, Trade
from tradesim.model.orders import Liquidity, OrderType, TimeInForce
from tradesim.model.venue import Canceled, Execution, VenueOrder
from tradesim.venue.matching import MatchingVenue
from tradesim.venue.queue_model import ConservativeQueue, PowerQueue
from tradesim.venue.shadow import ShadowVenue

SYMBOL = "TEST"
STEPS = 600


class Tape:
    """A market of random agents, told to a shadow venue as prints and level totals."""

    def __init__(self, seed, queue_model):
        self.rng = random.Random(seed)
        instruments = {SYMBOL: Instrument(SYMBOL, "Test")}
        self.market = MatchingVenue(instruments)
        self.shadow = ShadowVenue(instruments, queue_model=queue_model)
        self.book = self.market.book(SYMBOL)
        self.told = {side: {} for side in Side}
        self.sent = {}
        self.before = {}
        self.filled = {}
        self.count = 0

    def move(self):
        self.count += 1
        side, roll = self.rng.choice(list(Side)), self.rng.random()
        if roll < 0.55 or not self.book.orders:
            price = 1000 - side.sign * self.rng.randint(-1, 5)
            self.market.agent_limit(SYMBOL, f"~{self.count}", side, price, self.rng.randint(1, 30), self.count)
        elif roll < 0.85:
            self.market.agent_cancel(SYMBOL, self.rng.choice(list(self.book.orders)), self.count)
        else:
            self.market.agent_market(SYMBOL, "~n", side, self.rng.randint(1, 60), self.count)
        self.tell()

    def tell(self):
        executed = {}
        for trade in self.market.drain().items:
            assert isinstance(trade, Trade)
            hit = trade.aggressor.opposite
            executed[hit, trade.price] = executed.get((hit, trade.price), 0) + trade.qty
            self.shadow.on_trade(trade, hit)
        for side, half in ((Side.BUY, self.book.bids), (Side.SELL, self.book.asks)):
            now = {price: level.qty for price, level in half.levels.items()}
            for price in sorted(set(now) | set(self.told[side])):
                if now.get(price, 0) != self.told[side].get(price, 0) or (side, price) in executed:
                    traded = executed.get((side, price), 0)
                    self.shadow.on_level(SYMBOL, side, price, now.get(price, 0), self.count, traded)
            self.told[side] = now

    def order(self):
        side, name = self.rng.choice(list(Side)), f"o{self.count}"
        half = self.book.bids if side is Side.BUY else self.book.asks
        if not half.keys:
            return
        price = self.rng.choice(list(half.levels))
        qty = self.rng.randint(1, 20)
        order = VenueOrder(name, "paper", SYMBOL, side, OrderType.LIMIT, TimeInForce.GTC, qty, price, post_only=True)
        self.sent[name] = order
        self.before[name] = list(half.levels[price].orders.values())
        self.shadow.submit(order, self.count)

    def truly_ahead(self, name):
        return sum(order.qty for order in self.before[name] if self.book.orders.get(order.id) is order)

    def listen(self):
        for item in self.shadow.drain().items:
            match item:
                case Execution():
                    self.filled[item.order_id] = self.filled.get(item.order_id, 0) + item.qty
                    assert self.filled[item.order_id] <= self.sent[item.order_id].qty
                    assert item.price == self.sent[item.order_id].price
                    assert item.liquidity is Liquidity.MAKER
                    reason = item.reason
                    assert reason.ahead_at_entry == reason.ahead_traded + reason.ahead_canceled
                case Canceled():
                    raise AssertionError(item)


@pytest.mark.parametrize("model", [PowerQueue(3), ConservativeQueue()], ids=["power", "conservative"])
@pytest.mark.parametrize("seed", range(20))
def test_the_shadow_is_consistent_and_the_conservative_one_never_ahead_of_the_truth(seed, model):
    tape = Tape(seed, model)
    for step in range(STEPS):
        tape.move()
        if step % 12 == 0:
            tape.order()
        tape.listen()
        tape.shadow.check()
        for name in tape.sent:
            position = tape.shadow.queue_position(name)
            if position is not None:
                assert position.behind >= 0
                if isinstance(model, ConservativeQueue):
                    assert position.ahead >= tape.truly_ahead(name)
    assert sum(tape.filled.values()) > 20
