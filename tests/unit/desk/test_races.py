"""Orders and changes that pass each other on the way: no check is ever passed by being early."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.fakes import ManualClock
from tests.stage import START, Stage, StillMarket
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import Refused
from tradesim.model.commands import (
    CancelOrder,
    ClosePosition,
    Flatten,
    OpenReplay,
    ReplaceOrder,
    SetRiskLimits,
    SubmitOrder,
)
from tradesim.model.market import SessionState, Side
from tradesim.model.orders import OrderStatus, OrderType, Rejection, TimeInForce
from tradesim.model.risk import RiskLimits

BUY = SubmitOrder("paper", "AAPL", Side.BUY, qty=Decimal(100))
REST = replace(BUY, type=OrderType.LIMIT, limit_price=Decimal("229.90"), time_in_force=TimeInForce.GTC)
EXIT = replace(REST, side=Side.SELL, limit_price=Decimal("231.00"))
COIN = SubmitOrder("paper", "BTC/USD", Side.BUY, qty=Decimal("0.1"))
HOUR_MS = 3_600_000


def test_flatten_closes_although_an_exit_rests() -> None:
    stage = Stage(latency_ms=5)
    stage.ask(COIN)
    stage.pass_ms(10)
    stage.ask(replace(COIN, side=Side.SELL, type=OrderType.LIMIT, limit_price=Decimal(98_000)))
    stage.pass_ms(10)
    sent = stage.ask(Flatten("paper"))
    assert not [answer for answer in sent if isinstance(answer, Rejection)]
    stage.pass_ms(10)
    assert not stage.desk.account().positions
    assert not [order for order in stage.desk.account().orders if order.is_open]


def test_a_close_on_its_way_never_turns_the_position_around() -> None:
    stage = Stage(latency_ms=5)
    stage.ask(BUY)
    stage.pass_ms(10)
    stage.ask(replace(EXIT, limit_price=Decimal("230.00"), qty=Decimal(60)))
    stage.pass_ms(10)
    closing = stage.ask(ClosePosition("paper", "AAPL"))
    stage.agent(Side.BUY, 23_000, 60)
    stage.pass_ms(10)
    assert not stage.desk.account().positions
    assert (stage.desk.order(closing.id).qty, stage.desk.order(closing.id).status) == (40, OrderStatus.FILLED)


def test_a_close_that_finds_nothing_left_is_cancelled() -> None:
    stage = Stage(latency_ms=5)
    stage.ask(BUY)
    stage.pass_ms(10)
    first, second = stage.ask(ClosePosition("paper", "AAPL")), stage.ask(ClosePosition("paper", "AAPL"))
    stage.pass_ms(10)
    assert stage.desk.order(first.id).status is OrderStatus.FILLED
    assert stage.desk.order(second.id).status is OrderStatus.CANCELED
    assert "was closed while" in stage.desk.order(second.id).reason
    assert not stage.desk.account().positions


def test_what_was_bought_in_two_orders_can_be_closed_in_one() -> None:
    stage = Stage(limits=RiskLimits(max_order_value=Decimal(30_000)))
    stage.ask(BUY)
    stage.ask(BUY)
    assert stage.ask(ClosePosition("paper", "AAPL")).status is OrderStatus.FILLED


def test_replaces_in_one_latency_window_cannot_outrun_buying_power() -> None:
    stage = Stage(latency_ms=5)
    orders = [stage.ask(replace(REST, qty=Decimal(1))) for _ in range(4)]
    stage.pass_ms(10)
    answers = [stage.ask(ReplaceOrder("paper", order.id, qty=Decimal(800))) for order in orders]
    assert [answer.code for answer in answers if isinstance(answer, Rejection)] == ["buying_power"] * 3
    assert 183_000 < stage.desk.account().reserved < 200_000
    stage.pass_ms(10)
    assert sorted(order.qty for order in stage.desk.account().orders) == [1, 1, 1, 800]
    assert 183_000 < stage.desk.account().reserved < 200_000


def test_a_change_is_asked_about_once_more_when_a_restart_makes_it_good() -> None:
    stage = Stage(latency_ms=5)
    order = stage.ask(replace(REST, qty=Decimal(1)))
    stage.pass_ms(10)
    stage.ask(ReplaceOrder("paper", order.id, qty=Decimal(800)))
    stage.ask(SetRiskLimits("paper", RiskLimits(max_order_qty=Decimal(500))))
    again = Stage(journal=stage.journal)
    again.desk.turn()
    found = again.book(order.id)
    assert (found.qty, found.requested, found.status) == (1, None, OrderStatus.NEW)


def test_a_coin_is_never_short_however_the_orders_are_timed() -> None:
    stage = Stage(latency_ms=5)
    stage.ask(replace(COIN, qty=Decimal("0.5")))
    stage.pass_ms(10)
    resting = stage.ask(replace(COIN, side=Side.SELL, type=OrderType.LIMIT, limit_price=Decimal(97_000)))
    stage.pass_ms(10)
    stage.ask(ReplaceOrder("paper", resting.id, qty=Decimal("0.5")))
    stage.ask(replace(COIN, side=Side.SELL, qty=Decimal("0.4")))
    stage.pass_ms(10)
    held = stage.desk.account().positions
    assert all(each.position.qty >= 0 for each in held)


def test_a_coin_is_bought_with_its_fee() -> None:
    def quarter_percent(_instrument, price, qty, _liquidity) -> Decimal:
        return (price * qty * Decimal("0.0025")).quantize(Decimal("0.01"))

    stage = Stage(fee=quarter_percent)
    whole = stage.ask(SubmitOrder("paper", "BTC/USD", Side.BUY, notional=Decimal(100_000)))
    assert whole.code == "buying_power"
    stage.ask(SubmitOrder("paper", "BTC/USD", Side.BUY, notional=Decimal(99_000)))
    assert stage.desk.account().account.cash >= 0


def test_an_acknowledged_cancel_outlives_the_desk() -> None:
    stage = Stage(latency_ms=5)
    order = stage.ask(REST)
    stage.pass_ms(10)
    stage.ask(CancelOrder("paper", order.id))
    again = Stage(journal=stage.journal)
    again.desk.turn()
    assert again.desk.order(order.id).status is OrderStatus.CANCELED


def test_an_acknowledged_replace_outlives_the_desk() -> None:
    stage = Stage(latency_ms=5)
    order = stage.ask(REST)
    stage.pass_ms(10)
    stage.ask(ReplaceOrder("paper", order.id, limit_price=Decimal("229.80")))
    again = Stage(journal=stage.journal)
    again.desk.turn()
    assert again.desk.order(order.id).limit_price == Decimal("229.80")
    assert again.desk.account().queue[order.id].price == 22_980


def test_what_was_to_trade_at_once_is_not_sent_again_later() -> None:
    stage = Stage(latency_ms=5)
    market = stage.ask(BUY)
    ioc = stage.ask(replace(REST, limit_price=Decimal("230.05"), time_in_force=TimeInForce.IOC))
    again = Stage(journal=stage.journal, clock=ManualClock(START + 3 * 86_400 * NS_PER_SECOND))
    again.desk.turn()
    for order in (market, ioc):
        assert again.desk.order(order.id).status is OrderStatus.CANCELED
    assert not again.desk.account().fills


def test_a_day_order_closed_over_the_close_has_expired() -> None:
    stage = Stage()
    order = stage.ask(replace(REST, time_in_force=TimeInForce.DAY))
    evening = StillMarket(START + 8 * HOUR_MS * 1_000_000)
    evening.session_state = SessionState.POST
    again = Stage(journal=stage.journal, clock=ManualClock(evening.start), source=evening)
    again.desk.turn()
    assert again.desk.order(order.id).status is OrderStatus.EXPIRED


def test_the_day_begins_anew_after_nights_without_the_desk() -> None:
    stage = Stage()
    stage.ask(BUY)
    assert stage.desk.account().day_pl == Decimal("-2.00")
    again = Stage(journal=stage.journal, clock=ManualClock(START + 2 * 86_400 * NS_PER_SECOND))
    assert again.desk.account().day_pl == 0


def test_a_snapshot_that_does_not_add_up_is_set_aside() -> None:
    stage = Stage()
    stage.ask(BUY)
    stage.desk._save_snapshot()
    dump = stage.journal.kept_snapshot.state
    forged = replace(dump.portfolios[0], account=replace(dump.portfolios[0].account, cash=Decimal(998_849)))
    stage.journal.kept_snapshot = replace(stage.journal.kept_snapshot, state=replace(dump, portfolios=(forged,)))
    assert Stage(journal=stage.journal).desk.account().account.cash == Decimal("76999.00")


def test_a_ledger_that_was_changed_behind_our_back_is_refused() -> None:
    stage = Stage()
    stage.ask(BUY)
    del stage.journal.kept_entries[-1]
    with pytest.raises(Refused, match="ledger is not what its events add up to"):
        Stage(journal=stage.journal)


def test_a_market_is_never_seen_with_another_ones_account() -> None:
    stage = Stage()
    stage.desk.post(OpenReplay(("day",)))
    seen = []
    stage.desk.subscribe(lambda _events: seen.append((stage.desk.status().account_id, stage.desk.account().account.id)))
    stage.desk.turn()
    assert all(market == account for market, account in seen) and seen
    assert stage.desk.account().account.id == stage.desk.status().account_id


def test_a_market_order_on_its_way_cannot_be_replaced() -> None:
    stage = Stage(latency_ms=5)
    order = stage.ask(BUY)
    assert stage.ask(ReplaceOrder("paper", order.id, qty=Decimal(5))).code == "not_replaceable"
