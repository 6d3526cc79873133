"""The desk on a live market: orders trade in what is shown, and are refused when that cannot be trusted."""

from decimal import Decimal
from typing import Any

import pytest

from tests.fakes import MemoryJournal
from tests.live_house import SYMBOL, House
from tradesim.desk.desk import Desk
from tradesim.desk.orders import TradingRules
from tradesim.desk.ports import LiveMarket, MarketSource
from tradesim.model.commands import ReplaceOrder, SubmitOrder
from tradesim.model.market import Side, SourceKind
from tradesim.model.orders import Order, OrderStatus, OrderType, Rejection, TimeInForce

BOOK = ([(100, 2)], [("100.01", 1), ("100.02", 4)])
BUY = SubmitOrder("live", SYMBOL, Side.BUY, qty=Decimal("1.5"))
REST = SubmitOrder("live", SYMBOL, Side.BUY, OrderType.LIMIT, TimeInForce.GTC, Decimal(1), limit_price=Decimal(99))


class Opener:
    def bars(self, source: Any) -> Any:
        return source.bars

    def feeds(self, source: Any) -> Any:
        return source.feeds(source._clock.now())


class LiveDesk:
    def __init__(self) -> None:
        self.house = House("alpha").open()
        rules = TradingRules(latency_ns=lambda: 0, fee=lambda *_: Decimal(0))
        opener: Any = Opener()
        self.desk = Desk(opener, MemoryJournal(), rules, self.house.clock, 1, self.house.source)

    def say(self, *events: Any) -> None:
        """Heard a moment later: a desk whose clock stands still looks at nothing new."""
        for event in events:
            self.house[event.origin.provider].hear([event])
        self.house.clock.advance(1)
        self.desk.turn()

    def ask(self, command: Any) -> Any:
        answer = self.desk.post(command)
        self.desk.turn()
        return answer.result(0)

    def wait(self, seconds: float) -> None:
        self.house.clock.advance(int(seconds * 10**9))
        self.desk.turn()
        while self.desk.is_behind:
            self.desk.turn()


@pytest.fixture
def live() -> LiveDesk:
    staged = LiveDesk()
    staged.say(staged.house["alpha"].book_of(*BOOK))
    return staged


def test_a_live_source_is_a_market_source(live: LiveDesk) -> None:
    source: MarketSource = live.house.source
    assert isinstance(source, LiveMarket)
    status = live.desk.status()
    assert status.source is SourceKind.LIVE and status.title == "Alpha live" and not status.faults


def test_a_market_order_walks_the_live_book(live: LiveDesk) -> None:
    order = live.ask(BUY)
    assert isinstance(order, Order) and order.status is OrderStatus.FILLED
    prices = sorted((fill.price, fill.qty) for fill in live.desk.account().fills)
    assert prices == [(Decimal("100.01"), 1), (Decimal("100.02"), Decimal("0.5"))]


def test_on_a_stale_quote_orders_are_refused_with_its_age(live: LiveDesk) -> None:
    resting = live.ask(REST)
    live.wait(31)
    refused = live.ask(BUY)
    assert isinstance(refused, Rejection) and refused.code == "untrusted_quote" and "31 s old" in refused.message
    assert live.desk.status().source is SourceKind.STALE and "31 s old" in live.desk.status().faults[0]
    assert isinstance(live.ask(ReplaceOrder("live", resting.id, limit_price=Decimal(98))), Rejection)
    assert live.desk.order(resting.id).status is OrderStatus.NEW  # type: ignore[union-attr]
    live.say(live.house["alpha"].book_of(*BOOK))
    assert isinstance(live.ask(BUY), Order)


def test_while_a_book_is_fetched_again_orders_are_refused_and_resting_ones_are_kept(live: LiveDesk) -> None:
    resting = live.ask(REST)
    live.say(live.house["alpha"].reset())
    assert isinstance(live.ask(BUY), Rejection)
    assert live.desk.order(resting.id).status is OrderStatus.NEW  # type: ignore[union-attr]
    assert live.desk.market(SYMBOL).top == ((), ())  # type: ignore[union-attr]


def test_a_trade_through_a_resting_order_fills_it(live: LiveDesk) -> None:
    resting = live.ask(REST)
    live.say(live.house["alpha"].trade("98.99", 5, "t1"))
    assert live.desk.order(resting.id).status is OrderStatus.FILLED  # type: ignore[union-attr]
    assert live.desk.market(SYMBOL).last == 9_899  # type: ignore[union-attr]
    assert live.desk.market(SYMBOL).volume == 50_000  # type: ignore[union-attr]
