"""Durable first: what happens when the journal cannot be written, and when the desk starts again."""

import threading
from decimal import Decimal

from msgspec.structs import replace

from tests.fakes import ManualClock, MemoryJournal
from tests.stage import START, Stage, StillMarket, a_bracket
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.commands import CancelOrder, ReplaceOrder, SubmitOrder
from tradesim.model.market import SessionState, Side
from tradesim.model.orders import OrderStatus, OrderType, Rejection, TimeInForce

BUY = SubmitOrder("paper", "AAPL", Side.BUY, qty=Decimal(100))
REST = SubmitOrder(
    "paper", "AAPL", Side.BUY, OrderType.LIMIT, TimeInForce.GTC, Decimal(50), limit_price=Decimal("229.90")
)
REST_TODAY = SubmitOrder("paper", "AAPL", Side.BUY, OrderType.LIMIT, qty=Decimal(50), limit_price=Decimal("229.90"))
DAY_S = 86_400


class StubbornJournal(MemoryJournal):
    """Fails to write while `full`, although it looked healthy."""

    full = False

    def append(self, events, entries) -> int:
        self.fault = "no space left on device" if self.full else None
        return super().append(events, entries)

    def health(self) -> str:
        return "ok"


def heal(journal: StubbornJournal) -> None:
    journal.full = False
    journal.fault = None


def test_an_order_is_answered_after_the_journal_has_it() -> None:
    stage = Stage()
    before = stage.journal.last_seq
    order = stage.ask(BUY)
    assert order.status is OrderStatus.FILLED
    assert stage.journal.last_seq == before + 2


def test_one_turn_is_one_commit() -> None:
    stage = Stage()
    before = stage.journal.appends
    replies = [stage.desk.post(REST) for _ in range(10)]
    stage.desk.turn()
    assert all(reply.result(0).status is OrderStatus.NEW for reply in replies)
    assert stage.journal.appends == before + 1


def test_who_asked_is_answered_before_those_who_watch_are_called() -> None:
    stage, seen = Stage(), []
    reply = stage.desk.post(REST)
    stage.desk.on_change(lambda: seen.append((reply.done(), stage.desk.account().orders[0].id)))
    stage.desk.turn()
    assert seen == [(True, reply.result(0).id)]


def test_who_asked_finds_in_the_views_what_came_of_it() -> None:
    stage, seen = Stage(), []
    reply = stage.desk.post(REST)
    look = threading.Thread(target=lambda: seen.append(stage.desk.account().orders[0] is reply.result()))
    reply.add_done_callback(lambda _: look.start())
    stage.desk.turn()
    look.join()
    assert seen == [True]


def test_a_journal_that_ails_refuses_orders_and_lets_cancels_through() -> None:
    stage = Stage()
    resting = stage.ask(REST)
    stage.journal.health = lambda: "the disk is full"
    answer = stage.ask(BUY)
    assert answer == Rejection("journal_unavailable", "orders are refused: the disk is full")
    assert stage.desk.status().journal == "the disk is full"
    assert stage.ask(CancelOrder("paper", resting.id)).status is OrderStatus.CANCELED


def test_what_could_not_be_written_is_held_told_to_nobody_and_written_later() -> None:
    stage = Stage(journal=StubbornJournal())
    shown = stage.desk.account()
    stage.journal.full = True
    reply = stage.desk.post(BUY)
    stage.desk.turn()
    assert not reply.done()
    assert stage.desk.account() is shown
    assert "no space left" in stage.desk.status().journal
    refused = stage.ask(REST)
    assert refused.code == "journal_unavailable"
    heal(stage.journal)
    stage.desk._turns._retry_at = 0
    stage.desk.turn()
    assert reply.result(0).status is OrderStatus.FILLED
    assert stage.desk.status().journal == "ok"
    assert stage.desk.account().positions[0].position.qty == 100
    assert len(stage.journal.events) == 3


def test_starting_again_is_replaying_the_journal() -> None:
    stage = Stage()
    stage.ask(BUY)
    resting = stage.ask(REST)
    again = Stage(journal=stage.journal, clock=ManualClock(START + 60 * NS_PER_SECOND))
    again.desk.turn()
    before, after = stage.desk.account(), again.desk.account()
    assert after.account == before.account
    assert after.positions == before.positions
    assert again.desk.ledger() == stage.desk.ledger()
    assert again.desk.order(resting.id).status is OrderStatus.NEW
    assert again.desk.account().queue[resting.id].ahead == 100


def test_a_snapshot_and_the_rest_give_the_same_state() -> None:
    stage = Stage()
    stage.ask(BUY)
    stage.desk._save_snapshot()
    stage.ask(BUY)
    again = Stage(journal=stage.journal)
    assert again.desk.account().account == stage.desk.account().account
    assert again.desk.account().fills == stage.desk.account().fills


def test_a_day_order_left_open_overnight_has_expired() -> None:
    stage = Stage()
    today, lasting = stage.ask(REST_TODAY), stage.ask(REST)
    again = Stage(journal=stage.journal, clock=ManualClock(START + DAY_S * NS_PER_SECOND))
    again.desk.turn()
    assert again.desk.order(today.id).status is OrderStatus.EXPIRED
    assert again.desk.order(lasting.id).status is OrderStatus.NEW


def test_at_midnight_day_orders_end_and_the_day_p_and_l_begins_anew() -> None:
    stage = Stage()
    stage.ask(BUY)
    order = stage.ask(REST_TODAY)
    assert stage.desk.account().day_pl == Decimal("-2.00")
    stage.pass_ms(14 * 3_600_000)
    assert stage.desk.order(order.id).status is OrderStatus.EXPIRED
    assert stage.desk.account().day_pl == 0


def test_where_there_are_hours_day_orders_end_at_the_close() -> None:
    market = StillMarket()
    stage = Stage(source=market)
    order = stage.ask(REST_TODAY)
    market.session_state = SessionState.POST
    stage.pass_ms(2 * 3_600_000)
    assert stage.desk.order(order.id).status is OrderStatus.NEW
    stage.pass_ms(2 * 3_600_000)
    assert stage.desk.order(order.id).status is OrderStatus.EXPIRED


def a_day_later(stage: Stage) -> Stage:
    again = Stage(journal=stage.journal, clock=ManualClock(START + DAY_S * NS_PER_SECOND))
    again.desk.turn()
    return again


def restarted(stage: Stage) -> Stage:
    again = Stage(journal=stage.journal, clock=stage.clock)
    again.desk.turn()
    return again


def test_an_order_that_is_for_the_day_since_today_works_on_after_a_restart() -> None:
    first = Stage()
    order = first.ask(REST)
    stage = a_day_later(first)
    stage.ask(ReplaceOrder("paper", order.id, time_in_force=TimeInForce.DAY))
    again = restarted(stage)
    assert again.book(order.id).status is OrderStatus.NEW
    again.pass_ms(24 * 3_600_000)
    assert again.book(order.id).status is OrderStatus.EXPIRED


def test_exits_for_the_day_outlive_a_restart_on_the_day_of_their_entry() -> None:
    first = Stage()
    wish = a_bracket("240", "220", type=OrderType.LIMIT, limit_price=REST.limit_price, time_in_force=TimeInForce.GTC)
    exits = {name: replace(getattr(wish, name), time_in_force=TimeInForce.DAY) for name in ("take_profit", "stop_loss")}
    order = first.ask(replace(wish, **exits))
    stage = a_day_later(first)
    stage.agent(Side.SELL, 22_900, 10_000)
    assert stage.book(order.id).status is OrderStatus.FILLED
    assert [leg.status for leg in restarted(stage).legs(order)] == [OrderStatus.NEW, OrderStatus.NEW]
