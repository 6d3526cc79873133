"""An order on its way: what it meets when it arrives, and where a recording ends before it does."""

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from tests.stage import START, WITH_FRACTIONS, Stage, StillMarket
from tradesim.desk import window as room
from tradesim.desk.window import Window
from tradesim.kernel.clock import NS_PER_MS, NS_PER_SECOND
from tradesim.model.commands import CancelOrder, SubmitOrder
from tradesim.model.market import Side, SourceKind
from tradesim.model.orders import OrderStatus

LATENCY_MS = 5


class MarketThatRises(StillMarket):
    """All that is offered in F goes to 10.90 at `at`, without a print."""

    at: int | None = None

    def next_due(self) -> int | None:
        return self.at

    def advance(self, to: int) -> None:
        if self.at is None or to < self.at:
            return
        at, self.at = self.at, None
        book = self.venue._listings["F"].book
        for order in [each for each in book.orders.values() if each.side is Side.SELL]:
            self.venue.agent_cancel("F", order.id, at)
        self.venue.agent_limit("F", "~maker", Side.SELL, 1_090, 500, at)


def test_an_order_meets_the_market_as_it_is_when_it_arrives() -> None:
    market = MarketThatRises(instruments=WITH_FRACTIONS)
    stage = Stage(latency_ms=LATENCY_MS, source=market)
    order = stage.ask(SubmitOrder("paper", "F", Side.BUY, qty=Decimal("0.5")))
    market.at = stage.clock.now() + (LATENCY_MS - 1) * NS_PER_MS
    stage.clock.advance(2 * LATENCY_MS * NS_PER_MS)
    stage.desk.turn()
    assert stage.book(order.id).filled_avg_price == Decimal("10.90")


def ended_replay() -> Stage:
    source = StillMarket(START, SourceKind.REPLAY, START + NS_PER_SECOND)
    return Stage(latency_ms=LATENCY_MS, source=source)


def test_an_order_on_its_way_when_the_recording_ends_arrives_at_its_last_moment() -> None:
    stage = ended_replay()
    stage.clock.advance(NS_PER_SECOND - NS_PER_MS)
    account = stage.desk.status().account_id
    order = stage.ask(SubmitOrder(account, "AAPL", Side.BUY, qty=Decimal(1)))
    stage.clock.advance(NS_PER_SECOND)
    stage.desk.turn()
    assert stage.desk.status().is_ended
    assert stage.desk.order(order.id).status is OrderStatus.FILLED


def test_what_is_ordered_after_the_end_meets_the_last_book_and_leaves_the_thread_in_peace() -> None:
    stage = ended_replay()
    stage.clock.advance(2 * NS_PER_SECOND)
    stage.desk.turn()
    account = stage.desk.status().account_id
    order = stage.ask(SubmitOrder(account, "AAPL", Side.BUY, qty=Decimal(1)))
    assert order.status is OrderStatus.FILLED
    assert stage.ask(CancelOrder(account, order.id)).code == "not_open"
    assert stage.desk._beat() > 0


def test_who_looks_behind_drawn_blinds_waits_for_the_new_view_and_is_told_when_there_is_none(monkeypatch) -> None:
    window, seen = Window("old"), []
    window.draw()
    assert window.look() == "old", "who draws them sees what there is"
    looks = threading.Thread(target=lambda: seen.append(window.look()))
    looks.start()
    window.show("new")
    window.open()
    looks.join()
    assert seen == ["new"]
    window.draw()
    monkeypatch.setattr(room, "PATIENCE_S", 0.01)
    with ThreadPoolExecutor(1) as impatient, pytest.raises(TimeoutError, match="found none"):
        impatient.submit(window.look).result()
