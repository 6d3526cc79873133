"""Random orders in a market of prints alone: nobody takes more of a print than it has, no touch fills what rests."""

import random

import pytest

from tradesim.model.instrument import Instrument
from tradesim.model.market import Side, Trade
from tradesim.model.orders import Liquidity, OrderType, TimeInForce
from tradesim.model.venue import Canceled, Execution, Replaced, Rested, VenueOrder, VenueRefusal
from tradesim.venue.admission import SelfTrade
from tradesim.venue.shadow import ShadowVenue

SYMBOL = "TEST"
STEPS = 1_500


class Prints:
    """Orders of two clients, changed and cancelled at random, between prints that wander."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        policy = self.rng.choice(list(SelfTrade))
        self.venue = ShadowVenue({SYMBOL: Instrument(SYMBOL, "Test")}, self_trade=policy)
        self.open: dict[str, VenueOrder] = {}
        self.left: dict[str, int] = {}
        self.price, self.count, self.fills = 1_000, 0, 0

    def step(self) -> None:
        self.count += 1
        roll = self.rng.random()
        if roll < 0.35:
            self.submit()
        elif roll < 0.45 and self.open:
            self.venue.cancel(self.rng.choice(list(self.open)), self.count)
        elif roll < 0.6 and self.open:
            self.change(self.open[self.rng.choice(list(self.open))])
        elif roll < 0.63:
            (self.venue.resume if self.venue.is_halted(SYMBOL) else self.venue.halt)(SYMBOL, self.count)
        else:
            self.print()
            return
        self.listen(None)

    def submit(self) -> None:
        rng, name = self.rng, f"o{self.count}"
        kind = rng.choice([OrderType.MARKET, *[OrderType.LIMIT] * 3])
        price = None if kind is OrderType.MARKET else self.price + rng.randint(-6, 6)
        tif, owner = rng.choice(list(TimeInForce)), rng.choice(["one", "two"])
        side, qty = rng.choice(list(Side)), rng.randint(1, 30)
        order = VenueOrder(name, owner, SYMBOL, side, kind, tif, qty, price)
        self.open[name], self.left[name] = order, qty
        self.venue.submit(order, self.count)

    def change(self, order: VenueOrder) -> None:
        qty = max(1, self.left[order.id] + self.rng.randint(-9, 9))
        self.venue.replace(order.id, qty, self.price + self.rng.randint(-6, 6), self.count)

    def print(self) -> None:
        self.price = max(900, self.price + self.rng.choice([-3, -1, 0, 0, 1, 3]))
        trade = Trade(SYMBOL, self.count, self.price, self.rng.choice([0, 1, 5, 40]), None, self.count)
        self.venue.on_trade(trade)
        self.listen(trade)

    def listen(self, trade: Trade | None) -> None:
        executions = []
        for item in self.venue.drain().items:
            match item:
                case Execution():
                    executions.append(item)
                    self.left[item.order_id] -= item.qty
                    assert self.left[item.order_id] >= 0
                    if not self.left[item.order_id]:
                        del self.open[item.order_id]
                case Canceled():
                    assert item.qty == self.left[item.order_id], "what is cancelled is what was open"
                    del self.open[item.order_id]
                case Replaced():
                    self.left[item.order_id] = item.qty
                case Rested():
                    assert item.qty == self.left[item.order_id]
                case VenueRefusal():
                    assert item.code in ("halted", "price")
                    if item.order_id == f"o{self.count}":
                        del self.open[item.order_id]
        self.judge(executions, trade)

    def judge(self, executions: list[Execution], trade: Trade | None) -> None:
        self.fills += len(executions)
        executions = [each for each in executions if each.trade_id]
        assert trade is not None or not executions, "between prints only clients trade with each other"
        if trade is not None and trade.qty:
            assert sum(each.qty for each in executions) <= trade.qty
        for each in executions:
            assert trade is not None
            through = (each.price - trade.price) * each.side.sign
            assert through > 0 if each.liquidity is Liquidity.MAKER else through == 0


@pytest.mark.parametrize("seed", range(15))
def test_prints_are_shared_and_what_rests_is_only_traded_through(seed: int):
    walk = Prints(seed)
    for _ in range(STEPS):
        walk.step()
        walk.venue.check()
    assert walk.fills > 100
