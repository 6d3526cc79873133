"""Alpaca's own rules and words, for orders through its facade alone."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from tests.fakes import AAPL, INSTRUMENTS, dec
from tests.unit.trading.test_checks import TOP, a_state, asked
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.market import SessionState, Side
from tradesim.model.orders import ExitLeg, OrderClass, OrderType, TimeInForce
from tradesim.trading.checks import context_for, refusal
from tradesim.trading.valuation import touch_of

SHARES = {**INSTRUMENTS, "AAPL": replace(AAPL, fractionable=True)}
AT_NOON = int(datetime(2026, 1, 5, 12, tzinfo=ZoneInfo("America/New_York")).timestamp()) * NS_PER_SECOND
NEARLY_CLOSED = int(datetime(2026, 1, 5, 15, 55, tzinfo=ZoneInfo("America/New_York")).timestamp()) * NS_PER_SECOND
BRACKET = asked(
    limit_price=100,
    order_class=OrderClass.BRACKET,
    take_profit=ExitLeg(limit_price=dec(105)),
    stop_loss=ExitLeg(stop_price=dec(95)),
)
GTC, IOC, CLS = TimeInForce.GTC, TimeInForce.IOC, TimeInForce.CLS


def said(order, now=AT_NOON, session=SessionState.REGULAR):
    touch = touch_of(SHARES[order.symbol], TOP, 10_000)
    context = context_for(
        replace(order, is_strict=True),
        a_state().portfolio("paper"),
        SHARES,
        {order.symbol: touch},
        TOP,
        session=session,
        now=now,
    )
    no = refusal(replace(order, is_strict=True), context)
    return no and no.message


def test_what_alpaca_takes_is_taken():
    for order in (asked(), asked(limit_price=100), BRACKET, asked(qty="0.5"), asked(notional=50)):
        assert said(order) is None


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        (replace(asked(), qty=None), "qty or notional is required"),
        (asked(qty=1, notional=1), "only one of qty or notional is accepted"),
        (asked(qty=0), "qty must be > 0"),
        (asked(notional="0.5"), "notional must be >= 1.00"),
        (
            asked(limit_price="100.123"),
            "invalid limit_price 100.123. sub-penny increment does not fulfill minimum pricing criteria",
        ),
        (
            asked(type=OrderType.STOP, stop_price=dec("101.005")),
            "invalid stop_price 101.005. sub-penny increment does not fulfill minimum pricing criteria",
        ),
        (asked(qty="0.5", time_in_force=GTC), "fractional orders must be DAY orders"),
        (asked(Side.SELL, qty="0.5"), "fractional orders cannot be sold short"),
        (asked(symbol="MSFT", qty="0.5"), 'asset "MSFT" is not fractionable'),
        (asked(extended_hours=True), 'only type="limit" is allowed for extended hours orders'),
        (replace(BRACKET, extended_hours=True), 'only type="limit" is allowed for extended hours orders'),
        (
            asked(limit_price=100, extended_hours=True, time_in_force=IOC),
            "extended hours order must be DAY or GTC limit orders",
        ),
        (replace(BRACKET, stop_loss=ExitLeg(trail_price=dec(1))), "trailing stop orders must be simple orders"),
        (replace(BRACKET, time_in_force=IOC), "bracket orders must be DAY or GTC orders"),
        (replace(BRACKET, stop_loss=None), "bracket orders require both take_profit and stop_loss"),
        (
            replace(BRACKET, order_class=OrderClass.OTO),
            "oto orders require exactly one of take_profit and stop_loss",
        ),
        (
            replace(BRACKET, stop_loss=ExitLeg(stop_price=dec(100))),
            "stop price must not be greater than base price 100 - 0.01",
        ),
        (asked(symbol="BTC/USD", qty="0.5"), "invalid crypto time_in_force"),
        (
            asked(symbol="BTC/USD", qty="0.5", time_in_force=GTC, extended_hours=True),
            'only type="limit" is allowed for extended hours orders',
        ),
        (
            asked(symbol="BTC/USD", type=OrderType.STOP, stop_price=dec(100), time_in_force=GTC),
            "invalid order type for crypto order",
        ),
    ],
)
def test_alpacas_refusals_are_in_its_words(order, sentence):
    assert said(order) == sentence


def test_an_auction_has_a_cut_off():
    order = asked(time_in_force=CLS)
    assert said(order) is None
    assert said(order, NEARLY_CLOSED) == "CLS orders are not accepted between 15:50 and 19:00 ET"


def test_nobody_else_is_held_to_them():
    order = asked(qty="0.5", time_in_force=GTC)
    touch = touch_of(SHARES["AAPL"], TOP, 10_000)
    context = context_for(order, a_state().portfolio("paper"), SHARES, {"AAPL": touch}, TOP)
    assert refusal(order, context) is None
