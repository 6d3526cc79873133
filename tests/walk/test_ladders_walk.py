"""Open orders of every kind at random: what is kept up as they change is what all of them add up to, to the digit."""

import random
from decimal import Decimal

import msgspec
import pytest
from msgspec.structs import replace

from tests.fakes import INSTRUMENTS, a_fill, an_account, an_order
from tests.plainly import require_the_same
from tradesim.model.events import (
    AccountConfigured,
    AccountOpened,
    OrderAccepted,
    OrderActivated,
    OrderCanceled,
    OrderFilled,
    OrderHeld,
    OrderReplaced,
)
from tradesim.model.market import Side
from tradesim.model.orders import LegRole, OrderClass, OrderStatus, OrderType
from tradesim.trading.state import TradingState
from tradesim.trading.valuation import Touch
from tradesim.venue.fees import CRYPTO_BASE_TIER, EQUITY_MAKER_TAKER

STEPS = 220


def taker_fee(instrument, price, qty, liquidity):
    model = CRYPTO_BASE_TIER if "/" in instrument.symbol else EQUITY_MAKER_TAKER
    return model.fee(instrument, price, qty, liquidity)


class Walk:
    def __init__(self, seed):
        self.rng, self.state, self.step_no = random.Random(seed), TradingState(), 0
        rules = an_account().rules
        self.state.apply(AccountOpened(an_account(rules=replace(rules, multiplier=Decimal(4))), 0))
        self.touches = {}
        self.look()

    @property
    def portfolio(self):
        return self.state.portfolio("paper")

    def step(self):
        self.step_no += 1
        moves = [self.one, self.one, self.group, self.fill, self.fill, self.change, self.end, self.wake, self.look]
        self.rng.choice(moves)()
        if self.rng.random() < 0.04:
            chosen = Decimal(self.rng.choice((1, 2, 4)))
            rules = replace(self.portfolio.account.rules, multiplier=chosen)
            self.state.apply(AccountConfigured("paper", rules, self.step_no))
        if self.rng.random() < 0.04:
            self.state = TradingState.load(msgspec.json.encode(self.state.dump()))

    def check(self):
        withouts = self.rng.sample(sorted(self.portfolio.open), min(3, len(self.portfolio.open)))
        touches = self.touches if self.rng.random() < 0.9 else {}
        require_the_same(self.portfolio, touches, INSTRUMENTS, withouts, taker_fee)

    def look(self):
        """The market moves, or one side of it goes away."""
        for symbol, instrument in INSTRUMENTS.items():
            low = self.rng.choice((1, 1, 1, 50))
            bid, ask = (instrument.price(self.rng.randint(9_000, 11_000) // low) for _ in range(2))
            sides = self.rng.choice(((bid, ask, bid), (bid, ask, bid), (bid, None, bid), (None, None, None)))
            self.touches[symbol] = Touch(*sides)

    def price(self, symbol):
        return INSTRUMENTS[symbol].price(self.rng.randint(9_000, 11_000) // self.rng.choice((1, 1, 1, 8, 50)))

    def order(self, name, **given):
        symbol = given.pop("symbol", None) or self.rng.choice(sorted(INSTRUMENTS))
        kind = given.pop("type", None) or self.rng.choice(list(OrderType))
        has_limit = kind in (OrderType.LIMIT, OrderType.STOP_LIMIT)
        qty = Decimal(self.rng.randint(1, 300_000)) / 1_000
        return an_order(
            name,
            given.pop("side", None) or self.rng.choice(list(Side)),
            given.pop("qty", None) or qty,
            self.price(symbol) if has_limit else None,
            **{
                "symbol": symbol,
                "type": kind,
                "stop_price": self.price(symbol) if kind.waits_for_trigger and self.rng.random() < 0.8 else None,
                "trail_percent": Decimal("1.5") if kind is OrderType.TRAILING_STOP else None,
                "reduce_only": self.rng.random() < 0.1,
                **given,
            },
        )

    def accept(self, order):
        self.state.apply(OrderAccepted(order, self.step_no))

    def one(self):
        self.accept(self.order(f"o{self.step_no}"))

    def group(self):
        names = [f"o{self.step_no}{each}" for each in "abc"]
        class_ = self.rng.choice((OrderClass.BRACKET, OrderClass.OCO))
        parent = self.order(names[0], order_class=class_)
        out = parent.side if class_ is OrderClass.OCO else parent.side.opposite
        same = {"symbol": parent.symbol, "qty": parent.qty, "side": out, "parent_id": parent.id, "order_class": class_}
        stop = self.order(names[2], type=OrderType.STOP, role=LegRole.STOP_LOSS, **same)
        legs = [stop]
        if class_ is OrderClass.OCO:
            parent = replace(parent, role=LegRole.TAKE_PROFIT)
        else:
            legs.insert(0, self.order(names[1], type=OrderType.LIMIT, role=LegRole.TAKE_PROFIT, **same))
        self.accept(replace(parent, legs=tuple(leg.id for leg in legs)))
        for leg in legs:
            self.accept(leg)
            if class_ is OrderClass.BRACKET:
                self.state.apply(OrderHeld("paper", leg.id, OrderStatus.HELD, self.step_no))

    def chosen(self, is_held=False):
        found = [each for each in self.portfolio.open.values() if (each.status is OrderStatus.HELD) == is_held]
        return self.rng.choice(found) if found else None

    def fill(self):
        order = self.chosen()
        if order is not None:
            whole = self.rng.random() < 0.5
            qty = order.remaining if whole else (order.remaining / 3).quantize(Decimal("0.001")) or order.remaining
            fill = a_fill(order, qty, self.price(order.symbol), id_=f"f{self.step_no}")
            self.state.apply(OrderFilled(fill, self.step_no))

    def change(self):
        order = self.chosen()
        if order is not None:
            qty = order.filled_qty + Decimal(self.rng.randint(1, 300))
            limit = None if order.limit_price is None else self.price(order.symbol)
            self.state.apply(OrderReplaced("paper", order.id, qty, limit, False, self.step_no))

    def end(self):
        order = self.chosen(is_held=self.rng.random() < 0.2)
        if order is not None:
            self.state.apply(OrderCanceled("paper", order.id, "client", "by hand", self.step_no))

    def wake(self):
        order = self.chosen(is_held=True)
        if order is not None:
            self.state.apply(OrderActivated("paper", order.id, self.step_no))


@pytest.mark.parametrize("seed", range(12))
def test_what_is_kept_up_is_what_all_open_orders_add_up_to(seed, monkeypatch):
    monkeypatch.setattr("tradesim.trading.portfolio.KEPT_ORDERS", 12)
    walk = Walk(seed)
    for _ in range(STEPS):
        walk.step()
        walk.check()
    assert len(walk.portfolio.open) > 5
