"""Less than a share: whole lots trade at the venue, the desk deals the rest at the market's price."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.stage import WITH_FRACTIONS, Stage, StillMarket
from tradesim.model.commands import CancelOrder, ClosePosition, SubmitOrder
from tradesim.model.market import Side
from tradesim.model.orders import OrderStatus, OrderType, TimeInForce

S = OrderStatus
BUY = SubmitOrder("paper", "F", Side.BUY, qty=Decimal("2.5"))


def with_fractions(**options) -> Stage:
    return Stage(source=StillMarket(instruments=WITH_FRACTIONS), **options)


def test_the_fraction_is_dealt_where_the_last_whole_share_traded() -> None:
    stage = with_fractions()
    order = stage.ask(BUY)
    assert (order.status, order.filled_qty, order.filled_avg_price) == (S.FILLED, Decimal("2.5"), Decimal("10.50"))
    fills = stage.desk.account().fills
    assert [(fill.qty, fill.reason.model) for fill in fills] == [
        (Decimal("0.5"), "desk as principal"),
        (Decimal(2), "order book"),
    ]
    assert stage.desk.account().account.cash == Decimal("99973.75")
    stage.desk._orders.state.check()


def test_less_than_a_share_is_dealt_at_the_touch() -> None:
    stage = with_fractions()
    order = stage.ask(replace(BUY, qty=Decimal("0.123456789")))
    assert (order.filled_qty, order.filled_avg_price) == (Decimal("0.123456789"), Decimal("10.50"))
    assert stage.held("F") == Decimal("0.123456789")


def test_a_limit_for_less_than_a_share_waits_for_the_touch() -> None:
    stage = with_fractions()
    order = stage.ask(replace(BUY, qty=Decimal("0.5"), type=OrderType.LIMIT, limit_price=Decimal("10.40")))
    assert (order.status, stage.held("F")) == (S.NEW, 0)
    stage.agent(Side.SELL, 1_040, 10_000, "F")
    assert stage.book(order.id).status is S.FILLED
    assert stage.book(order.id).filled_avg_price == Decimal("10.40")


def test_a_waiting_fraction_outlives_the_desk_and_can_be_cancelled() -> None:
    stage = with_fractions()
    wish = replace(
        BUY, qty=Decimal("0.5"), type=OrderType.LIMIT, limit_price=Decimal("10.40"), time_in_force=TimeInForce.GTC
    )
    order, other = stage.ask(wish), stage.ask(wish)
    assert stage.ask(CancelOrder("paper", other.id)).status is S.CANCELED
    again = with_fractions(journal=stage.journal)
    again.desk.turn()
    again.agent(Side.SELL, 1_040, 10_000, "F")
    assert again.book(order.id).status is S.FILLED


def test_what_an_ioc_cannot_fill_takes_its_fraction_along() -> None:
    stage = with_fractions()
    wish = replace(
        BUY,
        qty=Decimal("700.5"),
        type=OrderType.LIMIT,
        limit_price=Decimal("10.50"),
        time_in_force=TimeInForce.IOC,
    )
    order = stage.ask(wish)
    assert (order.status, order.filled_qty) == (S.CANCELED, 500)


def test_a_notional_becomes_nine_decimals() -> None:
    stage = with_fractions()
    order = stage.ask(SubmitOrder("paper", "F", Side.BUY, notional=Decimal(100)))
    assert (order.qty, order.notional, order.status) == (Decimal("9.523809523"), 100, S.FILLED)
    assert stage.ask(ClosePosition("paper", "F")).filled_qty == order.qty
    assert stage.held("F") == 0
    stage.desk._orders.state.check()


def test_where_fractions_are_not_traded_a_notional_buys_whole_lots() -> None:
    order = with_fractions().ask(SubmitOrder("paper", "AAPL", Side.BUY, notional=Decimal(1_000)))
    assert order.qty == 4


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"qty": Decimal("0.1234567891")}, "quantity must be a multiple of 0.000000001, was 0.1234567891"),
        ({"symbol": "AAPL"}, "quantity must be a multiple of 1, was 2.5"),
        ({"side": Side.SELL}, "a fraction cannot be sold short: 0 F is free to sell, 2.5 was asked"),
        (
            {"type": OrderType.LIMIT, "limit_price": Decimal(10), "post_only": True},
            "the quantity of post-only orders must be a multiple of 1, was 2.5",
        ),
        (
            {"type": OrderType.LIMIT, "limit_price": Decimal(10), "display_qty": Decimal(1)},
            "the quantity of iceberg orders must be a multiple of 1, was 2.5",
        ),
    ],
)
def test_fractions_that_cannot_be_dealt_are_refused(wrong, said) -> None:
    assert with_fractions().ask(replace(BUY, **wrong)).message == said
