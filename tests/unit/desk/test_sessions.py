"""A market with hours: what waits for its session, what is collected for an auction, and what ends."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from tests.fakes import ManualClock
from tests.stage import Stage, StillMarket
from tradesim.kernel.clock import NS_PER_MS, NS_PER_SECOND
from tradesim.model.commands import CancelOrder, HaltTrading, ReplaceOrder, SubmitOrder
from tradesim.model.market import Side
from tradesim.model.orders import ExitLeg, OrderClass, OrderStatus, OrderType, Rejection, TimeInForce
from tradesim.simulator.hours import ExchangeHours

S = OrderStatus
ZONE = ZoneInfo("America/New_York")
BUY = SubmitOrder("paper", "AAPL", Side.BUY, qty=Decimal(10))
LIMIT = replace(BUY, type=OrderType.LIMIT, limit_price=Decimal("229.50"))
MINUTE_MS = 60_000


def at(hour: int, minute: int = 0, day: int = 5) -> int:
    return int(datetime(2026, 1, day, hour, minute, tzinfo=ZONE).timestamp()) * NS_PER_SECOND


def stage_at(hour: int, minute: int = 0, day: int = 5, **rest) -> Stage:
    now = at(hour, minute, day)
    return Stage(clock=ManualClock(now), source=StillMarket(now, hours=ExchangeHours()), **rest)


def until(stage: Stage, hour: int, minute: int = 0, day: int = 5) -> None:
    stage.pass_ms((at(hour, minute, day) - stage.clock.now()) // NS_PER_MS)


def test_an_order_outside_its_session_waits_and_is_sent_when_it_opens() -> None:
    stage = stage_at(7, latency_ms=5)
    order = stage.ask(replace(BUY, time_in_force=TimeInForce.GTC, type=OrderType.LIMIT, limit_price=Decimal("230.05")))
    assert order.status is S.ACCEPTED
    until(stage, 9, 27)
    assert stage.book(order.id).status is S.ACCEPTED
    until(stage, 9, 31)
    assert stage.book(order.id).status is S.FILLED
    assert stage.kinds(order.id)[:3] == ["OrderAccepted", "OrderHeld", "OrderActivated"]


def test_a_market_order_of_the_night_trades_in_the_opening_auction() -> None:
    stage = stage_at(2)
    order = stage.ask(BUY)
    assert order.status is S.ACCEPTED
    until(stage, 9, 29)
    assert stage.book(order.id).status is S.NEW
    assert stage.desk.market("AAPL").indicative.imbalance >= 0
    until(stage, 9, 31)
    fill = stage.desk.account().fills[0]
    assert (fill.qty, fill.reason.model) == (10, "call auction")


def test_only_an_extended_order_trades_before_the_open() -> None:
    stage = stage_at(8)
    marketable = replace(LIMIT, limit_price=Decimal("230.05"))
    assert stage.ask(marketable).status is S.ACCEPTED
    assert stage.ask(replace(marketable, extended_hours=True)).status is S.FILLED


def test_at_night_an_extended_order_waits_for_the_early_session() -> None:
    stage = stage_at(1)
    order = stage.ask(replace(LIMIT, limit_price=Decimal("230.05"), extended_hours=True))
    assert order.status is S.ACCEPTED
    until(stage, 4, 1)
    assert stage.book(order.id).status is S.FILLED


def test_day_orders_end_with_their_session_and_extended_ones_with_the_late_one() -> None:
    stage = stage_at(15)
    day, late = stage.ask(LIMIT), stage.ask(replace(LIMIT, extended_hours=True))
    stop = stage.ask(replace(BUY, type=OrderType.STOP, stop_price=Decimal(231)))
    until(stage, 16, 1)
    assert [stage.book(each.id).status for each in (day, late, stop)] == [S.EXPIRED, S.NEW, S.EXPIRED]
    assert stage.book(day.id).ended_at == at(16)
    until(stage, 20, 1)
    assert stage.book(late.id).status is S.EXPIRED


def test_a_day_order_of_the_evening_is_for_the_next_session() -> None:
    stage = stage_at(17)
    order = stage.ask(LIMIT)
    until(stage, 10, day=6)
    assert stage.book(order.id).status is S.NEW
    until(stage, 16, 1, day=6)
    assert stage.book(order.id).status is S.EXPIRED


def test_over_a_weekend_a_day_order_waits() -> None:
    stage = stage_at(12, day=10)
    order = stage.ask(LIMIT)
    until(stage, 12, day=11)
    assert stage.book(order.id).status is S.ACCEPTED
    again = Stage(
        journal=stage.journal,
        clock=ManualClock(at(11, day=12)),
        source=StillMarket(at(11, day=12), hours=ExchangeHours()),
    )
    again.desk.turn()
    assert again.book(order.id).status is S.NEW


def test_a_lasting_order_leaves_the_venue_overnight_and_returns() -> None:
    stage = stage_at(15)
    order = stage.ask(replace(LIMIT, time_in_force=TimeInForce.GTC))
    until(stage, 16, 1)
    assert stage.book(order.id).status is S.ACCEPTED
    assert order.id not in stage.desk.account().queue
    until(stage, 9, 31, day=6)
    assert stage.book(order.id).status is S.NEW
    assert order.id in stage.desk.account().queue


def test_what_waits_for_its_session_is_changed_and_cancelled_at_once() -> None:
    stage = stage_at(7, latency_ms=5)
    order = stage.ask(LIMIT)
    assert stage.ask(ReplaceOrder("paper", order.id, qty=Decimal(7))).qty == 7
    assert stage.ask(CancelOrder("paper", order.id)).status is S.CANCELED


def test_good_till_cancelled_ends_after_ninety_days() -> None:
    stage = Stage()
    order = stage.ask(replace(LIMIT, time_in_force=TimeInForce.GTC))
    assert (order.expires_at - stage.clock.now()) // (86_400 * NS_PER_SECOND) == 90
    stage.pass_ms(91 * 86_400_000)
    assert (stage.book(order.id).status, stage.book(order.id).reason) == (
        S.EXPIRED,
        "Good till cancelled ends after 90 days.",
    )
    again = Stage()
    order = again.ask(replace(LIMIT, time_in_force=TimeInForce.GTC))
    later = Stage(journal=again.journal, clock=ManualClock(again.clock.now() + 91 * 86_400 * NS_PER_SECOND))
    later.desk.turn()
    assert later.book(order.id).status is S.EXPIRED


@pytest.mark.parametrize(
    ("tif", "collected", "held"), [(TimeInForce.OPG, (9, 28), (9, 30)), (TimeInForce.CLS, (15, 50), (16, 0))]
)
def test_an_order_for_an_auction_waits_is_collected_and_trades_at_its_price(tif, collected, held) -> None:
    stage = stage_at(collected[0] - 1, 10)
    order = stage.ask(replace(BUY, time_in_force=tif))
    assert order.status is S.ACCEPTED
    until(stage, *collected)
    assert stage.book(order.id).status is S.NEW
    until(stage, held[0], held[1])
    found = stage.book(order.id)
    assert (found.status, found.filled_avg_price) == (S.FILLED, Decimal("230.01"))
    assert stage.desk.market("AAPL").tape[-1].aggressor is None


def test_what_an_auction_leaves_of_an_order_for_it_alone_is_cancelled() -> None:
    stage = stage_at(9, 28)
    order = stage.ask(replace(LIMIT, time_in_force=TimeInForce.OPG))
    assert order.status is S.NEW
    until(stage, 9, 31)
    assert stage.book(order.id).status is S.CANCELED
    assert stage.book(order.id).reason == "The auction is over: what it could not trade was cancelled."


def test_a_market_without_hours_holds_no_auction() -> None:
    refused = Stage().ask(replace(BUY, time_in_force=TimeInForce.OPG))
    assert refused.field == "time_in_force"
    assert refused.message == (
        "AAPL trades around the clock and has no opening or closing auction: it takes no opg orders"
    )


def test_stops_are_not_reached_outside_the_session() -> None:
    stage = stage_at(15)
    stop = stage.ask(replace(BUY, type=OrderType.STOP, stop_price=Decimal(231), time_in_force=TimeInForce.GTC))
    until(stage, 17)
    stage.print(23_200)
    assert stage.book(stop.id).triggered_at is None
    until(stage, 9, 31, day=6)
    stage.print(23_200)
    assert stage.book(stop.id).triggered_at is not None


def test_a_bracket_sent_at_night_lives_through_the_open() -> None:
    stage = stage_at(3)
    order = stage.ask(
        replace(
            BUY,
            order_class=OrderClass.BRACKET,
            time_in_force=TimeInForce.GTC,
            take_profit=ExitLeg(limit_price=Decimal(232)),
            stop_loss=ExitLeg(stop_price=Decimal(229)),
        )
    )
    assert [stage.book(leg).status for leg in order.legs] == [S.HELD, S.HELD]
    until(stage, 9, 31)
    assert [stage.book(leg).status for leg in order.legs] == [S.NEW, S.NEW]
    until(stage, 17)
    assert [stage.book(leg).status for leg in order.legs] == [S.ACCEPTED, S.NEW]


@pytest.mark.parametrize("wrong", [{"type": OrderType.MARKET, "limit_price": None}, {"time_in_force": TimeInForce.IOC}])
def test_extended_hours_are_for_limits_that_last(wrong) -> None:
    refused = Stage().ask(replace(LIMIT, extended_hours=True, **wrong))
    assert isinstance(refused, Rejection)
    assert refused.field == "extended_hours"


@pytest.mark.parametrize("type_", [OrderType.STOP, OrderType.MARKET])
def test_a_day_order_that_arrives_after_the_close_is_over(type_) -> None:
    stage = stage_at(15, 59, latency_ms=2_000)
    stage.pass_ms(59_000)
    order = stage.ask(replace(BUY, type=type_, stop_price=Decimal(231) if type_ is OrderType.STOP else None))
    if type_ is OrderType.STOP:
        stage.print(23_200)
        assert stage.book(order.id).triggered_at is not None
    until(stage, 16, 1)
    assert stage.book(order.id).status is S.EXPIRED
    until(stage, 10, day=6)
    assert not stage.desk.account().positions


def test_a_day_stop_that_a_halt_kept_from_trading_ends_with_its_day() -> None:
    stage = stage_at(15, 59)
    order = stage.ask(
        replace(
            BUY,
            order_class=OrderClass.OTO,
            stop_loss=ExitLeg(stop_price=Decimal(229)),
        )
    )
    stage.ask(HaltTrading("AAPL"))
    stage.print(22_890)
    stage.pass_ms(100)
    assert stage.book(order.legs[0]).status is S.ACCEPTED
    until(stage, 16, 1)
    assert stage.book(order.legs[0]).status is S.EXPIRED


FRIDAY = 9


@pytest.mark.parametrize(
    ("wish", "now", "first"),
    [
        (LIMIT, at(18), at(9, 30, day=6)),
        (LIMIT, at(18, day=FRIDAY), at(9, 30, day=12)),
        (LIMIT, at(11), None),
        (replace(LIMIT, extended_hours=True), at(18), None),
        (replace(LIMIT, extended_hours=True), at(21), at(4, day=6)),
        (replace(BUY, time_in_force=TimeInForce.OPG), at(11), at(9, 30, day=6)),
        (replace(BUY, time_in_force=TimeInForce.CLS), at(11), at(16)),
        (replace(BUY, time_in_force=TimeInForce.CLS), at(15, 55), at(16)),
        (replace(BUY, time_in_force=TimeInForce.CLS), at(18), at(16, day=6)),
    ],
)
def test_the_estimate_says_when_an_order_can_first_trade(wish, now, first) -> None:
    stage = Stage(clock=ManualClock(now), source=StillMarket(now, hours=ExchangeHours()))
    assert stage.desk.estimate(wish).trades_from == first


def test_nothing_of_an_order_that_waits_for_its_session_meets_the_present_book() -> None:
    found = stage_at(18).desk.estimate(LIMIT)
    assert (found.fills_now, found.rests, found.queue_ahead, found.value) == (0, 0, None, Decimal("2295.00"))


def test_where_a_market_never_closes_an_order_can_trade_now() -> None:
    assert Stage().desk.estimate(LIMIT).trades_from is None


@pytest.mark.parametrize(
    ("order", "sent", "back", "ends"),
    [
        (replace(BUY, time_in_force=TimeInForce.CLS), at(14), at(11, day=6), True),
        (replace(BUY, time_in_force=TimeInForce.CLS), at(14), at(15), False),
        (replace(BUY, time_in_force=TimeInForce.OPG), at(8), at(11), True),
        (replace(BUY, time_in_force=TimeInForce.OPG), at(8), at(9), False),
        (replace(LIMIT, time_in_force=TimeInForce.IOC), at(8), at(11, day=6), True),
        (replace(BUY, time_in_force=TimeInForce.FOK), at(8), at(9), False),
    ],
)
def test_what_was_sent_for_one_session_does_not_wait_for_another(order, sent, back, ends) -> None:
    first = Stage(clock=ManualClock(sent), source=StillMarket(sent, hours=ExchangeHours()))
    sent_order = first.ask(order)
    assert sent_order.status is S.ACCEPTED
    again = Stage(journal=first.journal, clock=ManualClock(back), source=StillMarket(back, hours=ExchangeHours()))
    again.desk.turn()
    assert (again.book(sent_order.id).status is S.EXPIRED) is ends
