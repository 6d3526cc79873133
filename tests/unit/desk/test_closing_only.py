"""What was sent to close a position never opens one: exits, closing orders, and several of them in one sweep."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.stage import WITH_FRACTIONS, Stage, StillMarket
from tradesim.model.commands import ClosePosition, HaltTrading, ResumeTrading, SubmitOrder
from tradesim.model.market import Side
from tradesim.model.orders import ExitLeg, OrderClass, OrderStatus, OrderType, Rejection, TimeInForce

BUY = SubmitOrder("paper", "AAPL", Side.BUY, qty=Decimal(100))
SELL = replace(BUY, side=Side.SELL, type=OrderType.LIMIT, limit_price=Decimal("230.05"), time_in_force=TimeInForce.GTC)
BRACKET = replace(
    BUY,
    time_in_force=TimeInForce.GTC,
    order_class=OrderClass.BRACKET,
    take_profit=ExitLeg(limit_price=Decimal("230.50")),
    stop_loss=ExitLeg(stop_price=Decimal("229.00")),
)
COIN = SubmitOrder("paper", "BTC/USD", Side.BUY, qty=Decimal(1))


def test_the_exits_of_a_position_that_was_closed_by_hand_end() -> None:
    stage = Stage()
    group = stage.ask(BRACKET)
    stage.ask(ClosePosition("paper", "AAPL"))
    assert [stage.book(leg).status for leg in group.legs] == [OrderStatus.CANCELED] * 2
    stage.agent(Side.BUY, 23_060, 5_000)
    stage.print(22_890)
    assert stage.held() == 0


def test_exits_on_their_way_find_the_position_closed() -> None:
    stage = Stage(latency_ms=5)
    group = stage.ask(BRACKET)
    stage.pass_ms(5)
    stage.ask(ClosePosition("paper", "AAPL"))
    stage.print(22_890)
    stage.pass_ms(50)
    assert not any(stage.book(leg).is_open for leg in group.legs)
    assert stage.held() == 0


def test_a_sale_of_coins_never_goes_short() -> None:
    stage = Stage()
    stage.ask(COIN)
    exit_ = replace(COIN, side=Side.SELL, type=OrderType.LIMIT, limit_price=Decimal("97000.50"))
    resting = stage.ask(replace(exit_, limit_price=Decimal("97005.00"), time_in_force=TimeInForce.GTC))
    stage.ask(ClosePosition("paper", "BTC/USD"))
    assert stage.book(resting.id).status is OrderStatus.CANCELED
    stage.agent(Side.BUY, 9_700_600, 100_000, "BTC/USD")
    assert stage.held("BTC/USD") == 0


PLAIN = replace(SELL, limit_price=Decimal("230.50"))


@pytest.mark.parametrize("latency_ms", [0, 5])
def test_a_plain_limit_that_was_to_close_opens_no_short_after_the_position_was_closed(latency_ms) -> None:
    stage = Stage(latency_ms=latency_ms)
    stage.ask(BUY)
    stage.pass_ms(10)
    limit = stage.ask(PLAIN)
    stop = stage.ask(replace(SELL, type=OrderType.STOP, limit_price=None, stop_price=Decimal("229.00")))
    stage.pass_ms(10)
    stage.ask(ClosePosition("paper", "AAPL"))
    stage.pass_ms(10)
    assert stage.held() == 0
    for order in (limit, stop):
        found = stage.book(order.id)
        assert (found.status, found.reason) == (OrderStatus.CANCELED, "The position that it was to reduce was closed.")
    stage.agent(Side.BUY, 23_060, 9_000)
    stage.print(22_890)
    stage.pass_ms(10)
    assert stage.held() == 0


def test_what_is_left_of_a_position_is_left_to_the_orders_that_were_to_close_it() -> None:
    stage = Stage()
    stage.ask(BUY)
    older = stage.ask(replace(PLAIN, qty=Decimal(60)))
    newer = stage.ask(replace(PLAIN, qty=Decimal(40)))
    flips = stage.ask(replace(PLAIN, qty=Decimal(10), limit_price=Decimal("231.00")))
    stage.ask(ClosePosition("paper", "AAPL", qty=Decimal(30)))
    assert [(stage.book(each.id).qty, stage.book(each.id).reduce_only) for each in (older, newer, flips)] == [
        (60, True),
        (10, True),
        (10, False),
    ]
    stage.agent(Side.BUY, 23_055, 9_000)
    assert stage.held() == 0
    stage.agent(Side.BUY, 23_100, 9_000)
    assert stage.held() == -10, "this one was sent to open a short"


def test_a_close_that_is_refused_leaves_the_other_orders_as_they_are() -> None:
    stage = Stage()
    stage.ask(BUY)
    limit = stage.ask(PLAIN)
    stage.ask(HaltTrading("AAPL"))
    assert isinstance(stage.ask(ClosePosition("paper", "AAPL")), Rejection)
    assert not stage.book(limit.id).reduce_only


def test_a_bound_order_that_is_hit_in_the_same_moment_as_the_close_sells_no_more_than_is_held() -> None:
    """The stranger's sweep meets the limit between the arrival of the close and the desk's hearing of it."""
    stage = Stage(latency_ms=5)
    stage.ask(BUY)
    stage.pass_ms(10)
    stage.ask(PLAIN)
    stage.pass_ms(10)
    stage.ask(ClosePosition("paper", "AAPL"))
    venue = stage.desk._opening.market.source.venue
    arrive, bought = venue.submit, []

    def arrive_before_a_sweep(order, now):
        arrive(order, now)
        bought.append(venue.agent_market("AAPL", "~stranger", Side.BUY, 9_000, now))

    venue.submit = arrive_before_a_sweep
    stage.pass_ms(10)
    assert (stage.held(), bought) == (0, [900]), "nine levels of a hundred are left, and the limit gives nothing"


@pytest.mark.parametrize("comes_to_something", [True, False])
def test_a_plain_limit_that_is_on_its_way_when_a_close_is_sent_arrives_whole_before_it(comes_to_something) -> None:
    stage = Stage(latency_ms=5)
    stage.ask(BUY)
    stage.pass_ms(10)
    limit = stage.ask(PLAIN)
    stage.pass_ms(1)
    close = stage.ask(ClosePosition("paper", "AAPL"))
    stage.pass_ms(4)
    assert (stage.book(limit.id).status, stage.book(limit.id).remaining) == (OrderStatus.NEW, 100)
    if not comes_to_something:
        stage.ask(HaltTrading("AAPL"))
    stage.pass_ms(1)
    if comes_to_something:
        assert (stage.held(), stage.book(close.id).status) == (0, OrderStatus.FILLED)
        assert stage.book(limit.id).reason == "The position that it was to reduce was closed."
        return
    stage.ask(ResumeTrading("AAPL"))
    stage.agent(Side.BUY, 23_060, 9_000)
    assert (stage.book(close.id).status, stage.book(limit.id).status) == (OrderStatus.REJECTED, OrderStatus.FILLED)
    assert stage.held() == 0


def closed_in_vain(qty: Decimal | None = None) -> tuple[Stage, str]:
    """A hundred are held, and to be sold at a limit; a closing order is on its way into a halt. The limit's id."""
    stage = Stage(latency_ms=5)
    stage.ask(BUY)
    stage.pass_ms(10)
    limit = stage.ask(PLAIN)
    stage.pass_ms(10)
    stage.ask(ClosePosition("paper", "AAPL", qty=qty))
    return stage, limit.id


def halted(stage: Stage) -> None:
    stage.ask(HaltTrading("AAPL"))
    stage.pass_ms(10)
    stage.ask(ResumeTrading("AAPL"))


def test_an_order_is_as_it_was_sent_when_the_close_that_bound_it_came_to_nothing() -> None:
    stage, limit = closed_in_vain()
    assert stage.book(limit).reduce_only
    halted(stage)
    assert (stage.held(), stage.book(limit).reduce_only, stage.book(limit).bound_by) == (100, False, ())
    stage.ask(replace(BUY, side=Side.SELL, qty=Decimal(50)))
    stage.pass_ms(10)
    stage.agent(Side.BUY, 23_060, 9_000)
    stage.pass_ms(10)
    assert stage.held() == -50, "at the venue too it is a plain order again"


def test_an_order_that_two_closes_bound_stays_bound_when_one_of_them_closed_something() -> None:
    stage, limit = closed_in_vain(Decimal(60))
    stage.pass_ms(3)
    second = stage.ask(ClosePosition("paper", "AAPL", qty=Decimal(40)))
    assert len(stage.book(limit).bound_by) == 2
    stage.ask(HaltTrading("AAPL"))
    stage.pass_ms(3)
    stage.ask(ResumeTrading("AAPL"))
    assert (stage.book(limit).reduce_only, stage.book(limit).bound_by) == (True, (second.id,))
    stage.pass_ms(10)
    assert (stage.held(), stage.book(limit).qty) == (60, 60)
    stage.ask(replace(BUY, side=Side.SELL, qty=Decimal(50)))
    stage.pass_ms(10)
    stage.agent(Side.BUY, 23_060, 9_000)
    stage.pass_ms(10)
    assert stage.held() == 0


def test_an_order_that_two_closes_bound_in_vain_is_as_it_was_sent() -> None:
    stage, limit = closed_in_vain(Decimal(60))
    stage.ask(ClosePosition("paper", "AAPL", qty=Decimal(40)))
    halted(stage)
    assert (stage.held(), stage.book(limit).reduce_only) == (100, False)


def test_an_order_stays_bound_when_another_one_was_sent_meanwhile_that_counts_on_it() -> None:
    stage, limit = closed_in_vain()
    stage.ask(replace(PLAIN, limit_price=Decimal("231.00")))
    halted(stage)
    assert (stage.held(), stage.book(limit).reduce_only) == (100, True)


def test_an_order_is_released_also_when_the_desk_stopped_before_the_close_arrived() -> None:
    stage, limit = closed_in_vain()
    later = Stage(stage.journal, latency_ms=5, clock=stage.clock)
    later.pass_ms(10)
    assert (later.held(), later.book(limit).reduce_only) == (100, False)


def test_two_reduce_only_orders_in_one_sweep_close_once() -> None:
    stage = Stage()
    stage.configure(shorting_enabled=False)
    stage.ask(BUY)
    orders = [
        stage.ask(replace(SELL, limit_price=price, reduce_only=True)) for price in map(Decimal, ("230.05", "230.06"))
    ]
    stage.agent(Side.BUY, 23_020, 5_000)
    assert stage.held() == 0
    assert [stage.book(each.id).status for each in orders] == [OrderStatus.FILLED, OrderStatus.CANCELED]


def test_a_sweep_that_takes_part_of_the_position_leaves_the_rest_to_the_next() -> None:
    stage = Stage()
    stage.ask(BUY)
    first = stage.ask(replace(SELL, qty=Decimal(60), limit_price=Decimal("230.05"), reduce_only=True))
    second = stage.ask(replace(SELL, limit_price=Decimal("230.06"), reduce_only=True))
    stage.agent(Side.BUY, 23_020, 5_000)
    assert stage.held() == 0
    assert [stage.book(each.id).filled_qty for each in (first, second)] == [60, 40]


def test_a_fraction_is_closed_only_as_far_as_it_is_held() -> None:
    stage = Stage(source=StillMarket(instruments=WITH_FRACTIONS))
    buy = SubmitOrder("paper", "F", Side.BUY, qty=Decimal("10.5"))
    stage.ask(buy)
    exit_ = replace(SELL, symbol="F", qty=Decimal("10.5"), limit_price=Decimal("10.55"), reduce_only=True)
    stage.ask(exit_)
    stage.ask(replace(buy, side=Side.SELL, qty=Decimal("0.5"), reduce_only=True))
    stage.agent(Side.BUY, 1_056, 10_000, "F")
    assert stage.held("F") == 0


def test_a_cut_keeps_the_fraction() -> None:
    stage = Stage(source=StillMarket(instruments=WITH_FRACTIONS))
    buy = SubmitOrder("paper", "F", Side.BUY, qty=Decimal("10.5"))
    stage.ask(buy)
    exit_ = replace(SELL, symbol="F", qty=Decimal("10.5"), limit_price=Decimal("10.60"), reduce_only=True)
    order = stage.ask(exit_)
    stage.ask(replace(buy, side=Side.SELL, qty=Decimal(5), reduce_only=True))
    assert stage.book(order.id).qty == Decimal("5.5")
    stage.ask(replace(buy, side=Side.SELL, qty=Decimal(5), reduce_only=True))
    assert (stage.book(order.id).qty, stage.book(order.id).status) == (Decimal("0.5"), OrderStatus.NEW)
    stage.agent(Side.BUY, 1_060, 10_000, "F")
    assert stage.held("F") == 0
    assert stage.book(order.id).status is OrderStatus.FILLED


def test_a_position_that_is_turned_leaves_no_exit_behind() -> None:
    stage = Stage(latency_ms=5)
    group = stage.ask(BRACKET)
    stage.pass_ms(50)
    stage.ask(replace(BUY, side=Side.SELL, qty=Decimal(200)))
    stage.pass_ms(50)
    stage.print(22_890)
    stage.pass_ms(50)
    assert stage.held() == -100
    assert [stage.book(leg).status for leg in group.legs] == [OrderStatus.CANCELED] * 2
