"""The desk on a live market: orders trade in what is shown, and are refused when that cannot be trusted."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from tests.fakes import MemoryJournal
from tests.live_house import SYMBOL, House
from tradesim.desk.desk import Desk
from tradesim.desk.orders import TradingRules
from tradesim.desk.ports import LiveMarket, MarketSource
from tradesim.model.commands import ReplaceOrder, SubmitOrder
from tradesim.model.feed import Feed
from tradesim.model.market import SessionState, Side, SourceKind
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
    def __init__(
        self,
        symbol: str = SYMBOL,
        latency_s: float = 0,
        starts_after_s: float = 0,
        names: Sequence[str] = ("alpha",),
    ) -> None:
        self.house = House(*names, feed=Feed.CRYPTO if symbol == SYMBOL else Feed.IEX)
        self.house.clock.advance(int(starts_after_s * 10**9))
        self.house.open((symbol,))
        rules = TradingRules(latency_ns=lambda: int(latency_s * 10**9), fee=lambda *_: Decimal(0))
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

    def status_of(self, order: Order) -> OrderStatus:
        found = self.desk.order(order.id)
        assert found is not None
        return found.status

    @property
    def fills(self) -> list[tuple[Decimal, Decimal]]:
        return [(fill.price, fill.qty) for fill in self.desk.account().fills]


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


def test_a_cancelled_print_leaves_strip_and_tape(live: LiveDesk) -> None:
    alpha = live.house["alpha"]
    live.say(alpha.trade(100, 1, "t1"), alpha.trade(104, 2, "t2"), alpha.trade("100.01", 1, "t3"))
    former = live.desk.market(SYMBOL)
    live.say(alpha.correction("t2"))
    view = live.desk.market(SYMBOL)
    assert view and former and (view.last, view.high, view.low, view.volume) == (10_001, 10_001, 10_000, 20_000)
    assert [trade.price for trade in view.tape] == [10_000, 10_001] and view.revision != former.revision
    assert live.desk.ticks(SYMBOL).minutes().trades.tolist() == [2]  # type: ignore[union-attr]
    live.say(alpha.correction("t3", alpha.trade("100.05", 4, "t4")))
    view = live.desk.market(SYMBOL)
    assert view and (view.last, view.high, view.volume) == (10_005, 10_005, 50_000)
    assert [(trade.price, trade.qty) for trade in view.tape] == [(10_000, 10_000), (10_005, 40_000)]
    assert view.last_qty == 40_000
    live.say(alpha.correction("t4"), alpha.correction("t1"))
    view = live.desk.market(SYMBOL)
    assert view and (view.last, view.high, view.tape) == (None, None, ())


def test_a_band_that_began_at_a_cancelled_print_goes_back(live: LiveDesk) -> None:
    alpha = live.house["alpha"]
    live.say(alpha.trade(100, 1, "t1"))
    live.wait(31)
    live.say(alpha.book_of(*BOOK), alpha.trade(104, 1, "t2"))
    assert live.desk.market(SYMBOL).band_reference == 10_400  # type: ignore[union-attr]
    live.say(alpha.correction("t2"))
    assert live.desk.market(SYMBOL).band_reference == 10_000  # type: ignore[union-attr]


def test_a_stop_that_a_print_reaches_waits_until_the_quote_is_young_again(live: LiveDesk) -> None:
    stop = live.ask(
        SubmitOrder("live", SYMBOL, Side.BUY, OrderType.STOP, TimeInForce.GTC, Decimal(1), stop_price=Decimal(105))
    )
    live.wait(300)
    live.say(live.house["alpha"].trade(106, 5, "t1"))
    assert live.status_of(stop) is OrderStatus.NEW and not live.fills
    live.say(live.house["alpha"].book_of([(106, 2)], [("106.01", 3)]))
    assert live.status_of(stop) is OrderStatus.FILLED and live.fills == [(Decimal("106.01"), 1)]


def test_an_order_of_the_night_waits_for_the_first_quote_of_the_day() -> None:
    live = LiveDesk("AAPL", starts_after_s=8 * 3600 - 60)
    live.say(replace(live.house["alpha"].quote_of(100, "100.1", 1000), symbol="AAPL"))
    live.wait(7200)
    order = live.ask(SubmitOrder("live", "AAPL", Side.BUY, qty=Decimal(10)))
    live.wait(11.6 * 3600)
    assert live.house.source.session("AAPL", live.house.clock.now()) is SessionState.REGULAR
    assert live.status_of(order) is OrderStatus.NEW and not live.fills
    live.say(replace(live.house["alpha"].quote_of(103, "103.1", 1000), symbol="AAPL"))
    assert live.status_of(order) is OrderStatus.FILLED and live.fills == [(Decimal("103.1"), 10)]


def test_an_order_for_the_day_that_waits_for_a_quote_ends_with_the_day() -> None:
    live = LiveDesk("AAPL", latency_s=2, starts_after_s=3.9 * 3600)
    live.say(replace(live.house["alpha"].quote_of(100, "100.1", 1000), symbol="AAPL"))
    live.wait(59)
    order = live.ask(SubmitOrder("live", "AAPL", Side.BUY, qty=Decimal(10)))
    live.wait(4)
    assert live.status_of(order) is OrderStatus.NEW
    live.wait(600)
    assert live.status_of(order) is OrderStatus.EXPIRED and not live.fills


def test_what_must_trade_at_once_is_over_when_the_quote_is_too_old_on_arrival() -> None:
    live = LiveDesk(latency_s=2)
    live.say(live.house["alpha"].book_of(*BOOK))
    live.wait(29)
    order = live.ask(SubmitOrder("live", SYMBOL, Side.BUY, time_in_force=TimeInForce.IOC, qty=Decimal(1)))
    live.wait(3)
    found = live.desk.order(order.id)
    assert found is not None and found.status is OrderStatus.CANCELED and not live.fills
    assert found.reason is not None and "32 s old" in found.reason


def test_a_change_is_refused_when_the_quote_is_too_old_on_arrival() -> None:
    live = LiveDesk(latency_s=2)
    live.say(live.house["alpha"].book_of(*BOOK))
    resting = live.ask(REST)
    live.wait(29)
    live.ask(ReplaceOrder("live", resting.id, limit_price=Decimal(101)))
    live.wait(3)
    found = live.desk.order(resting.id)
    assert found is not None and found.status is OrderStatus.NEW and found.limit_price == 99 and not live.fills


def test_on_a_crossed_quote_orders_are_refused_and_what_arrives_waits(live: LiveDesk) -> None:
    alpha = live.house["alpha"]
    stop = live.ask(
        SubmitOrder("live", SYMBOL, Side.BUY, OrderType.STOP, TimeInForce.GTC, Decimal(1), stop_price=Decimal(105))
    )
    live.say(alpha.book_of([(101, 2)], [(100, 3)]), alpha.trade(106, 5, "t1"))
    refused = live.ask(BUY)
    assert isinstance(refused, Rejection) and "BTC/USD is crossed" in refused.message
    assert live.status_of(stop) is OrderStatus.NEW and not live.fills
    live.say(alpha.book_of([(100, 2)], [(101, 3)]))
    assert live.status_of(stop) is OrderStatus.FILLED and live.fills == [(101, 1)]
