"""The risk checks before an order is sent, one by one, with their sentences."""

import pytest
from msgspec.structs import replace

from tests.fakes import AAPL, an_order, dec
from tradesim.model.commands import SubmitOrder
from tradesim.model.market import BookTop, Level, Side
from tradesim.model.orders import LegRole, OrderClass, OrderType, Throttled, WashTrade
from tradesim.model.risk import RiskLimits, RiskState
from tradesim.trading.risk.pretrade import RiskContext, halted, refusal, replace_refusal
from tradesim.trading.valuation import Touch

TOP = BookTop((Level(9_999, 100, 1), Level(9_900, 500, 1)), (Level(10_001, 100, 1), Level(10_300, 500, 1)))
CONTEXT = RiskContext(
    instrument=AAPL,
    limits=RiskLimits(),
    touch=Touch(dec("99.99"), dec("100.01"), dec("100.00")),
    top=TOP,
    qty=dec(100),
    price=dec("100.01"),
)
BUY = SubmitOrder("paper", "AAPL", Side.BUY, qty=dec(100))
SELL = replace(BUY, side=Side.SELL)


def limited(**limits):
    return replace(CONTEXT, limits=RiskLimits(**limits))


def at(order, price):
    return replace(order, type=OrderType.LIMIT, limit_price=dec(price))


def test_without_limits_everything_passes():
    assert refusal(BUY, CONTEXT) is None
    assert refusal(at(SELL, 50), CONTEXT) is None


def test_who_is_halted_hears_why():
    assert halted(RiskState.ACTIVE, "") is None
    assert halted(RiskState.REDUCING, "") is None
    assert halted(RiskState.HALTED, "equity fell").message == (
        "trading is halted: equity fell; cancels are taken, and a person can reactivate it"
    )


def test_who_may_only_reduce_can_close_but_not_open():
    context = replace(CONTEXT, state=RiskState.REDUCING, why="the day's loss is 900.00, the limit is 800.00")
    no = refusal(BUY, context)
    assert (no.code, no.message) == (
        "risk_reducing",
        "only what reduces a position is taken: the day's loss is 900.00, the limit is 800.00; "
        "0 AAPL can be closed, 100 was asked",
    )
    assert refusal(SELL, replace(context, held=dec(100), closable=dec(100))) is None
    assert refusal(SELL, replace(context, held=dec(100), closable=dec(99))).code == "risk_reducing"
    assert replace_refusal(at(BUY, 100), context).code == "risk_reducing"


def test_orders_per_minute():
    context = replace(limited(max_orders_per_minute=60), sent=60, wait_s=12)
    no = refusal(BUY, context)
    assert isinstance(no, Throttled)
    assert (no.code, no.retry_after_s) == ("order_rate", 12)
    assert no.message == "at most 60 orders a minute may be sent, 60 were: wait 12 s"
    assert refusal(BUY, replace(context, sent=59)) is None


def test_restricted_symbols_can_only_be_closed():
    context = limited(restricted=("GME", "AAPL"))
    assert refusal(BUY, context).message == "AAPL is on the restricted list: it can only be closed"
    assert refusal(SELL, replace(context, held=dec(100), closable=dec(100))) is None
    assert refusal(replace(SELL, reduce_only=True), context) is None


def test_only_allowed_symbols_may_be_traded():
    assert refusal(BUY, limited(allowed=("MSFT", "NVDA"))).message == "only MSFT, NVDA may be traded here, was AAPL"
    assert refusal(BUY, limited(allowed=("AAPL",))) is None


def test_position_size_counts_what_is_held_and_what_is_on_its_way():
    context = replace(limited(max_position_value=dec(30_000)), held=dec(150))
    assert refusal(BUY, context) is None
    working = [an_order("o7", Side.BUY, 60), an_order("o8", Side.SELL, 60)]
    no = refusal(BUY, replace(context, working=working))
    assert (no.code, no.message) == (
        "position_size",
        "a position in AAPL may be worth 30,000.00, would be 31,003.10 with all open orders",
    )


def test_what_closes_is_never_too_large_a_position():
    context = replace(limited(max_position_value=dec(1_000)), held=dec(150), closable=dec(150))
    assert refusal(SELL, context) is None


def test_the_same_order_twice_within_the_window_is_refused():
    context = replace(limited(duplicate_window_ms=500), recent=[an_order("o1", Side.BUY, 100, "99.50")])
    no = refusal(at(BUY, "99.50"), context)
    assert no.message == "the same order was sent within 500 ms as o1: send it again later if it is meant"
    assert refusal(at(BUY, "99.51"), context) is None
    assert refusal(at(SELL, "99.50"), context) is None
    assert refusal(replace(at(BUY, "99.50"), qty=dec(99)), replace(context, qty=dec(99))) is None


def test_a_trailing_stop_is_the_same_wherever_it_stands_now():
    trail = replace(BUY, type=OrderType.TRAILING_STOP, trail_price=dec(5))
    former = replace(an_order("o1", Side.BUY, 100), limit_price=None, stop_price=dec(95))
    former = replace(former, type=OrderType.TRAILING_STOP, trail_price=dec(5))
    context = replace(limited(duplicate_window_ms=500), recent=[former])
    assert refusal(trail, context).code == "duplicate"
    assert refusal(replace(trail, trail_price=dec(4)), context) is None
    assert refusal(BUY, replace(context, recent=[replace(former, stop_price=None)])) is None


@pytest.mark.parametrize(
    ("order", "qty", "message"),
    [
        (at(BUY, "103.01"), 100, "the limit price may reach at most 102.01, 2 % through the touch, was 103.01"),
        (at(SELL, "97.00"), 100, "the limit price may reach at least 97.99, 2 % through the touch, was 97.00"),
        (
            BUY,
            101,
            "a market order may reach at most 102.01, 2 % through the touch; 101 AAPL would trade as far as 103.00",
        ),
    ],
    ids=["buy limit", "sell limit", "market"],
)
def test_the_collar_holds_what_reaches_too_far_through_the_touch(order, qty, message):
    no = refusal(order, replace(limited(price_collar=dec("0.02")), qty=dec(qty)))
    assert (no.code, no.message) == ("price_collar", message)


@pytest.mark.parametrize("order", [at(BUY, "102.01"), at(BUY, "50"), at(SELL, "150"), BUY, SELL], ids=str)
def test_the_collar_lets_pass_what_rests_or_trades_near_the_touch(order):
    assert refusal(order, limited(price_collar=dec("0.02"))) is None


STOP = replace(BUY, type=OrderType.STOP, stop_price=dec(101))
RESTING_SELL = an_order("o9", Side.SELL, 10, "100.50")


@pytest.mark.parametrize(
    ("order", "other", "is_wash"),
    [
        (BUY, RESTING_SELL, True),
        (at(BUY, "100.50"), RESTING_SELL, True),
        (at(BUY, "100.49"), RESTING_SELL, False),
        (STOP, RESTING_SELL, True),
        (at(BUY, "99"), an_order("o9", Side.SELL, 10, None), True),
        (at(BUY, "99"), an_order("o9", Side.SELL, 10, None, type=OrderType.STOP, stop_price=dec(98)), True),
        (at(SELL, "99"), an_order("o9", Side.BUY, 10, "99"), True),
        (at(SELL, "99.01"), an_order("o9", Side.BUY, 10, "99"), False),
        (at(SELL, "100"), RESTING_SELL, False),
        (replace(BUY, order_class=OrderClass.BRACKET), RESTING_SELL, False),
        (replace(BUY, type=OrderType.TRAILING_STOP, trail_price=dec(1)), RESTING_SELL, False),
        (BUY, replace(RESTING_SELL, order_class=OrderClass.OCO, role=LegRole.TAKE_PROFIT), False),
        (BUY, replace(RESTING_SELL, type=OrderType.TRAILING_STOP), False),
    ],
)
def test_the_wash_matrix(order, other, is_wash):
    context = replace(limited(wash_trades_allowed=False), working=[other])
    no = refusal(order, context)
    assert (no is not None) == is_wash
    if no:
        assert isinstance(no, WashTrade)
        assert (no.existing_order_id, no.opposite) == ("o9", other.type.value)
        assert "your own order o9" in no.message


def test_wash_trades_are_checked_where_the_limits_or_the_client_ask_for_it():
    context = replace(CONTEXT, working=[RESTING_SELL])
    assert refusal(BUY, context) is None
    no = refusal(replace(BUY, is_strict=True), context)
    assert (
        no.message == "your own order o9 from the API, sell limit 10 @ 100.50, would trade with it: cancel that first"
    )


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "o9, sell"),
        ("ticket", "o9 from the ticket, sell"),
        ("api", "o9 from the API, sell"),
        ("alpaca:PK1", "o9 from key PK1, sell"),
        ("alpaca:PK1/market_maker.py", "o9 from market_maker.py, sell"),
    ],
)
def test_a_wash_trade_says_whose_order_it_would_meet(source, said):
    context = replace(CONTEXT, working=[replace(RESTING_SELL, source=source)])
    assert (
        f"your own order {said} limit 10 @ 100.50, would trade"
        in refusal(replace(BUY, is_strict=True), context).message
    )


def test_a_wash_trade_names_a_long_id_by_its_beginning_and_a_stop_by_its_trigger():
    stop = replace(RESTING_SELL, id="0123456789abcdef", type=OrderType.STOP, stop_price=dec("99"), limit_price=None)
    no = refusal(replace(BUY, is_strict=True), replace(CONTEXT, working=[stop]))
    assert no.existing_order_id == "0123456789abcdef"
    assert no.message.startswith("your own order 01234567… from the API, sell stop 10 on a trigger at 99.00, would")
