"""From command to fact: what the desk answers, records and shows."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.stage import Stage
from tradesim.model.commands import (
    CancelAllOrders,
    CancelOrder,
    ClosePosition,
    ConfigureAccount,
    Flatten,
    HaltTrading,
    ReplaceOrder,
    ResumeTrading,
    SubmitOrder,
)
from tradesim.model.market import Side
from tradesim.model.orders import Liquidity, Order, OrderStatus, OrderType, Rejection, TimeInForce

BUY_100 = SubmitOrder("paper", "AAPL", Side.BUY, qty=Decimal(100))
LIMIT = replace(BUY_100, type=OrderType.LIMIT, limit_price=Decimal("229.95"))


def test_a_market_order_fills_from_the_book_and_the_ledger_agrees() -> None:
    stage = Stage()
    order = stage.ask(BUY_100)
    assert (order.status, order.filled_avg_price) == (OrderStatus.FILLED, Decimal("230.01"))
    view = stage.desk.account()
    assert view.account.cash == Decimal("76999.00")
    assert view.positions[0].position.qty == 100
    assert view.positions[0].mark == Decimal("229.99")
    assert view.equity == Decimal("99998.00")
    assert [posting.amount for posting in stage.desk.ledger()[0].postings if posting.book == "cash"] == [
        Decimal("-23001.00")
    ]


def test_an_order_larger_than_the_touch_walks_the_book() -> None:
    stage = Stage()
    order = stage.ask(replace(BUY_100, qty=Decimal(150)))
    prices = [fill.price for fill in reversed(stage.desk.account().fills)]
    assert order.status is OrderStatus.FILLED
    assert prices == [Decimal("230.01"), Decimal("230.02")]


def test_a_fill_says_what_the_book_was_before_and_after() -> None:
    stage = Stage()
    stage.ask(BUY_100)
    fill = stage.desk.account().fills[0]
    assert fill.liquidity is Liquidity.TAKER
    assert fill.reason.model == "order book"
    assert fill.reason.before.asks[0].price == 23_001
    assert fill.reason.after.asks[0].price == 23_002


def test_a_resting_order_knows_its_place_and_what_became_of_those_ahead() -> None:
    stage = Stage()
    order = stage.ask(LIMIT)
    assert order.status is OrderStatus.NEW
    assert stage.desk.account().queue[order.id].ahead == 100
    stage.agent(Side.SELL, 22_995, 550)
    fill = stage.desk.account().fills[0]
    assert (fill.qty, fill.liquidity) == (Decimal(50), Liquidity.MAKER)
    assert (fill.reason.ahead_at_entry, fill.reason.ahead_traded) == (100, 100)
    assert stage.desk.order(order.id).status is OrderStatus.PARTIALLY_FILLED


def test_what_an_ioc_cannot_trade_is_cancelled() -> None:
    stage = Stage()
    order = stage.ask(replace(LIMIT, limit_price=Decimal("230.01"), qty=Decimal(150), time_in_force=TimeInForce.IOC))
    assert (order.status, order.filled_qty) == (OrderStatus.CANCELED, 100)
    assert "Immediate or cancel" in order.reason


def test_a_fok_that_cannot_be_filled_whole_trades_nothing() -> None:
    stage = Stage()
    order = stage.ask(replace(LIMIT, limit_price=Decimal("230.01"), qty=Decimal(150), time_in_force=TimeInForce.FOK))
    assert (order.status, order.filled_qty) == (OrderStatus.CANCELED, 0)


def test_a_post_only_order_that_would_trade_is_rejected_with_the_touch() -> None:
    stage = Stage()
    order = stage.ask(replace(LIMIT, limit_price=Decimal("230.05"), post_only=True))
    assert order.status is OrderStatus.REJECTED
    assert "230.01" in order.reason


def test_less_quantity_keeps_the_place_and_a_new_price_loses_it() -> None:
    stage = Stage()
    order = stage.ask(LIMIT)
    stage.agent(Side.BUY, 22_995, 30)
    stage.ask(ReplaceOrder("paper", order.id, qty=Decimal(60)))
    assert stage.desk.account().queue[order.id].ahead == 100
    stage.ask(ReplaceOrder("paper", order.id, qty=Decimal(80)))
    assert stage.desk.account().queue[order.id].ahead == 130
    stage.ask(ReplaceOrder("paper", order.id, limit_price=Decimal("229.97")))
    assert stage.desk.order(order.id).limit_price == Decimal("229.97")
    assert stage.desk.account().queue[order.id].ahead == 100


def test_a_cancelled_order_is_gone_from_the_book() -> None:
    stage = Stage()
    order = stage.ask(LIMIT)
    assert stage.ask(CancelOrder("paper", order.id)).status is OrderStatus.CANCELED
    assert stage.desk.market("AAPL").top.bids[4].qty == 100
    again = stage.ask(CancelOrder("paper", order.id))
    assert isinstance(again, Rejection)
    assert "already canceled" in again.message


def test_cancel_all_may_be_for_one_symbol() -> None:
    stage = Stage()
    stage.ask(LIMIT)
    stage.ask(
        SubmitOrder("paper", "BTC/USD", Side.BUY, OrderType.LIMIT, qty=Decimal("0.1"), limit_price=Decimal(96_000))
    )
    assert len(stage.ask(CancelAllOrders("paper", "AAPL"))) == 1
    assert len([order for order in stage.desk.account().orders if order.is_open]) == 1


def test_flatten_cancels_everything_and_closes_every_position() -> None:
    stage = Stage()
    stage.ask(BUY_100)
    stage.ask(LIMIT)
    sent = stage.ask(Flatten("paper"))
    assert [order.side for order in sent] == [Side.SELL]
    assert not stage.desk.account().positions
    assert not [order for order in stage.desk.account().orders if order.is_open]


def test_closing_what_is_not_held_is_refused() -> None:
    answer = Stage().ask(ClosePosition("paper", "AAPL"))
    assert answer == Rejection("no_position", "there is no position in AAPL to close", "symbol")


def test_latency_keeps_an_order_on_its_way() -> None:
    stage = Stage(latency_ms=8)
    order = stage.ask(BUY_100)
    assert order.status is OrderStatus.PENDING_NEW
    stage.pass_ms(7)
    assert stage.desk.order(order.id).status is OrderStatus.PENDING_NEW
    stage.pass_ms(1)
    assert stage.desk.order(order.id).status is OrderStatus.FILLED
    assert stage.desk.account().fills[0].reason.latency_ns == 8_000_000


def test_a_cancel_behind_its_order_never_overtakes_it() -> None:
    stage = Stage(latency_ms=8)
    order = stage.ask(BUY_100)
    stage.ask(CancelOrder("paper", order.id))
    stage.pass_ms(20)
    assert stage.desk.order(order.id).status is OrderStatus.FILLED


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        (replace(BUY_100, symbol="NOPE"), "unknown_symbol", "NOPE is not traded here"),
        (replace(BUY_100, account_id="x"), "unknown_account", "there is no account x"),
        (replace(BUY_100, qty=Decimal("0.5")), "qty", "quantity must be a multiple of 1, was 0.5"),
        (replace(BUY_100, qty=Decimal(2_000)), "buying_power", "buying power"),
        (replace(LIMIT, limit_price=Decimal("229.955")), "limit_price", "multiple of 0.01, was 229.955"),
        (replace(LIMIT, limit_price=Decimal("500")), "price_band", "limit price must be within 20 % of"),
        (SubmitOrder("paper", "BTC/USD", Side.SELL, qty=Decimal(1)), "short", "cannot be sold short"),
    ],
)
def test_a_refusal_is_a_sentence_and_changes_nothing(command: SubmitOrder, code: str, words: str) -> None:
    stage = Stage(starting_cash=Decimal(100_000))
    answer = stage.ask(command)
    assert isinstance(answer, Rejection)
    assert answer.code == code
    assert words in answer.message
    assert not stage.desk.account().orders


def test_a_halt_refuses_orders_and_lets_cancels_through() -> None:
    stage = Stage()
    resting = stage.ask(LIMIT)
    stage.ask(HaltTrading("AAPL"))
    assert stage.desk.market("AAPL").is_halted
    assert stage.ask(BUY_100).code == "halted"
    assert stage.ask(CancelOrder("paper", resting.id)).status is OrderStatus.CANCELED
    stage.ask(ResumeTrading("AAPL"))
    assert stage.ask(BUY_100).status is OrderStatus.FILLED


def test_an_estimate_is_what_then_happens() -> None:
    stage = Stage()
    asked = replace(BUY_100, qty=Decimal(150))
    reply = stage.desk._inbox.put(lambda: stage.desk._orders.estimate(asked, stage.desk._opening.market))
    stage.desk.turn()
    estimate = reply.result(0)
    order = stage.ask(asked)
    assert isinstance(order, Order)
    assert estimate.avg_price == order.filled_avg_price
    assert estimate.fills_now == 150
    assert estimate.slippage_ticks == Decimal("0.33")
    assert estimate.refusal is None


def test_the_same_commands_give_the_same_facts() -> None:
    first, second = Stage(), Stage()
    for stage in (first, second):
        stage.ask(BUY_100)
        stage.ask(LIMIT)
        stage.agent(Side.SELL, 22_990, 500)
        stage.ask(Flatten("paper"))
    assert first.events == second.events


def test_a_trailing_purchase_needs_and_reserves_what_its_stop_would_cost() -> None:
    stage = Stage()
    account = stage.desk._orders.state.portfolio("paper").account
    stage.ask(ConfigureAccount("paper", replace(account.rules, multiplier=Decimal(1))))
    trail = SubmitOrder(
        "paper", "AAPL", Side.BUY, OrderType.TRAILING_STOP, TimeInForce.GTC, qty=Decimal(400), trail_percent=Decimal(50)
    )
    assert isinstance(stage.ask(trail), Rejection)
    taken = stage.ask(replace(trail, qty=Decimal(200)))
    assert taken.status is OrderStatus.NEW
    assert stage.desk.account().reserved == Decimal(200) * Decimal("345.00")


def test_an_estimate_tells_what_may_open_though_a_position_is_held() -> None:
    stage = Stage()

    def opens(order: SubmitOrder) -> Decimal:
        reply = stage.desk._inbox.put(lambda: stage.desk._orders.estimate(order, stage.desk._opening.market))
        stage.desk.turn()
        return reply.result(0).opens

    assert opens(BUY_100) == 100
    stage.ask(BUY_100)
    sale = replace(BUY_100, side=Side.SELL)
    assert (opens(sale), opens(replace(sale, qty=Decimal(150)))) == (0, 50)
    stage.ask(replace(sale, type=OrderType.LIMIT, limit_price=Decimal("231.00")))
    assert (opens(sale), opens(replace(sale, reduce_only=True))) == (100, 0)
