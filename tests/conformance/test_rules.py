"""Rules beside the common case, by alpaca-py: 6, 7, 29, 39, 40, 49, 52, auctions, intents, capped stops."""

from datetime import date
from decimal import Decimal
from types import MappingProxyType
from unittest.mock import ANY

import pytest
from alpaca.trading.enums import PositionIntent, TimeInForce
from alpaca.trading.requests import (
    GetCalendarRequest,
    GetOrdersRequest,
    ReplaceOrderRequest,
    StopLossRequest,
    StopOrderRequest,
    TakeProfitRequest,
)
from msgspec.structs import replace

from tests.conformance.house import HoursMarket, still_house
from tests.conformance.orders import BUY, DAY, GTC, SELL, limit, market, refused, with_exits
from tests.conformance.test_updates import following
from tests.stage import INSTRUMENTS, StillMarket
from tests.waiting import eventually
from tradesim.model.accounts import DayTradeRule
from tradesim.model.commands import ConfigureAccount, ResetAccount
from tradesim.model.events import CashMoved
from tradesim.model.instrument import Instrument
from tradesim.model.market import Auction, Side

HOUR_MS = 3_600_000
PENNY = Instrument("PENY", "Penny", tick_size=Decimal("0.0001"))
HARD = Instrument("HARD", "Hard to borrow", easy_to_borrow=False)


class WideMarket(StillMarket):
    """A share of less than a dollar and one that nobody lends, beside the usual two."""

    def __init__(self, start):
        super().__init__(start, instruments=MappingProxyType({**INSTRUMENTS, "PENY": PENNY, "HARD": HARD}))


@pytest.fixture
def wide():
    with still_house(make=WideMarket) as served:
        yield served


@pytest.mark.parametrize(
    ("price", "is_fine"), [("0.4510", True), ("0.4511", True), ("0.45115", False), ("0.0001", True), ("0.99999", False)]
)
def test_below_a_dollar_four_digits_are_the_grid(wide, price, is_fine):
    """29"""
    client = wide.trading()
    asked = {"symbol": "PENY", "side": "buy", "type": "limit", "time_in_force": "day", "qty": "10"}

    def send():
        return client.post("/orders", {**asked, "limit_price": price})

    if not is_fine:
        assert refused(send)[:3] == (
            422,
            42210000,
            f"invalid limit_price {price}. sub-penny increment does not fulfill minimum pricing criteria",
        )
        return
    if Decimal(price) < Decimal("0.4"):
        assert refused(send)[0] == 403
        return
    sent = send()
    assert Decimal(sent["limit_price"]) == Decimal(price)
    filled = client.get_order_by_id(sent["id"])
    assert filled.filled_avg_price == "0.4501"
    assert client.get_account().cash == "99995.5"


def test_an_opening_sale_is_valued_three_percent_above_the_ask(client):
    """49"""
    before = Decimal(client.get_account().buying_power)
    room = int(before / (Decimal("230.01") * Decimal("1.03")))
    status, code, message, body = refused(lambda: client.submit_order(market(room + 1, SELL)))
    assert (status, code, message) == (403, 40310000, "insufficient buying power")
    assert Decimal(body["cost_basis"]) == (Decimal("230.01") * Decimal("1.03") * (room + 1)).quantize(Decimal("0.01"))
    resting = client.submit_order(limit(100, 232, SELL))
    reserved = before - Decimal(client.get_account().buying_power)
    assert reserved == Decimal("230.01") * Decimal("1.03") * 100
    client.cancel_order_by_id(resting.id)
    high = client.submit_order(limit(100, 240, SELL))
    assert before - Decimal(client.get_account().buying_power) == 240 * 100
    client.cancel_order_by_id(high.id)


def test_what_nobody_lends_is_not_sold_short(wide):
    """49"""
    client = wide.trading()
    asset = client.get_asset("HARD")
    assert (asset.easy_to_borrow, asset.shortable) == (False, True)
    assert refused(lambda: client.submit_order(market(1, SELL, "HARD")))[:3] == (
        403,
        40310000,
        'asset "HARD" cannot be sold short',
    )
    client.submit_order(market(5, BUY, "HARD"))
    assert client.submit_order(market(5, SELL, "HARD")).status.value == "filled"


def test_margin_is_measured_during_the_day_where_that_rule_holds():
    """52"""
    with still_house(starting_cash=Decimal(10_000)) as house:
        client, account = house.trading(), house.desk.account().account
        rules = replace(account.rules, maintenance=Decimal("0.60"), day_trade_rule=DayTradeRule.INTRADAY_MARGIN)
        house.desk.submit(ConfigureAccount(account.id, rules))
        assert client.submit_order(market(60)).status.value == "filled"
        assert refused(lambda: client.submit_order(market(15)))[:2] == (403, 40310000)
        client.submit_order(market(60, SELL))
        for _ in range(5):
            client.submit_order(market(5))
            assert client.submit_order(market(5, SELL)).status.value == "filled"


@pytest.mark.parametrize(
    ("tif", "kind", "hours_to_call", "hours_to_end"),
    [(TimeInForce.OPG, Auction.OPEN, 22.5, 1.0), (TimeInForce.CLS, Auction.CLOSE, 29.75, 0.4)],
)
def test_orders_for_an_auction_trade_at_its_one_price(tif, kind, hours_to_call, hours_to_end):
    with still_house(make=HoursMarket) as house:
        client = house.trading()
        house.pass_ms(10 * HOUR_MS)
        with following(house, raw=True) as updates:
            order = client.submit_order(limit(40, 231, time_in_force=tif))
            beyond = client.submit_order(limit(5, 200, time_in_force=tif))
            assert order.status.value == "accepted"
            house.pass_ms((hours_to_call - 10) * HOUR_MS)
            venue = house.market.venue
            house.desk._thread.ask(lambda: venue.call_auction("AAPL", kind, house.clock.now()))
            house.desk._thread.ask(lambda: venue.agent_auction("AAPL", "~n", Side.SELL, 23_000, 40, house.clock.now()))
            house.pass_ms(hours_to_end * HOUR_MS)
            eventually(lambda: client.get_order_by_id(order.id).status.value == "filled")
            eventually(lambda: client.get_order_by_id(beyond.id).status.value in ("canceled", "expired"))
        prices = {each["price"] for each in updates if each["event"] in ("fill", "partial_fill")}
        assert len(prices) == 1
        asked = {"symbols": "AAPL", "start": "2026-01-01"}
        found = house.trading().get("/stocks/auctions", asked)["auctions"]["AAPL"]
        letter = kind.value.lower()
        told = [cross for day in found for cross in day[letter]]
        assert [Decimal(str(cross["p"])) for cross in told] == [Decimal(min(prices))]
        assert told[0]["c"] == ("O" if kind is Auction.OPEN else "6") and told[0]["s"] >= 40


def test_orders_for_an_auction_are_refused_where_there_is_none(client):
    assert refused(lambda: client.submit_order(market(1, time_in_force=TimeInForce.OPG)))[0] == 422


def test_stops_that_buy_shares_have_a_limit(client):
    """4 % above a stop below 50 dollars, 2.5 % above another; those that sell stay market orders."""
    stop = client.submit_order(StopOrderRequest(symbol="AAPL", qty=5, side=BUY, time_in_force=GTC, stop_price=240))
    assert (stop.type.value, stop.stop_price, stop.limit_price) == ("stop_limit", "240", "246")
    moved = client.replace_order_by_id(stop.id, ReplaceOrderRequest(stop_price=244))
    assert (moved.stop_price, moved.limit_price) == ("244", "250.1")
    client.cancel_orders()
    client.submit_order(market(5))
    sale = client.submit_order(StopOrderRequest(symbol="AAPL", qty=5, side=SELL, time_in_force=GTC, stop_price=220))
    assert (sale.type.value, sale.limit_price) == ("stop", None)


def test_the_stop_of_a_short_bracket_is_capped_too(client):
    entry = client.submit_order(with_exits(3, 231, 225, 236, SELL))
    loss = next(leg for leg in entry.legs if leg.stop_price)
    assert (loss.type.value, loss.limit_price) == ("stop_limit", "241.9")


def test_an_order_does_to_the_position_what_it_says(client):
    opens = client.submit_order(market(5, position_intent=PositionIntent.BUY_TO_OPEN))
    assert opens.position_intent is PositionIntent.BUY_TO_OPEN
    message = "position intent mismatch, inferred: sell_to_close, specified: sell_to_open"
    wrong = market(5, SELL, position_intent=PositionIntent.SELL_TO_OPEN)
    assert refused(lambda: client.submit_order(wrong))[:3] == (422, 42210000, message)
    assert client.submit_order(market(5, SELL)).position_intent is PositionIntent.SELL_TO_CLOSE
    assert client.submit_order(market(5, SELL)).position_intent is PositionIntent.SELL_TO_OPEN
    assert client.submit_order(market(5)).position_intent is PositionIntent.BUY_TO_CLOSE


def test_a_bracket_may_meet_an_own_order(client):
    """51"""
    client.submit_order(limit(10, 229.5))
    assert refused(lambda: client.submit_order(limit(10, 229.4, SELL)))[0] == 403
    entry = client.submit_order(with_exits(3, 229.4, 225, 236, SELL))
    assert (entry.status.value, entry.filled_avg_price) == ("filled", "229.99")


def test_a_cancel_and_a_change_that_come_too_late_are_told():
    """39 40"""
    with still_house(latency_ms=5) as house:
        client = house.trading()
        with following(house, raw=True) as updates:
            first = client.submit_order(limit(10, 229.99))
            second = client.submit_order(limit(10, 229.99))
            house.pass_ms(6)
            client.replace_order_by_id(first.id, ReplaceOrderRequest(limit_price=229.5))
            client.cancel_order_by_id(second.id)
            house.agent(Side.SELL, 22_999, 200)
            house.pass_ms(6)
            eventually(lambda: "order_cancel_rejected" in [update["event"] for update in updates])
            events = [(update["event"], update["order"]["id"]) for update in updates]
    assert ("order_replace_rejected", str(first.id)) in events
    assert ("order_cancel_rejected", str(second.id)) in events
    assert [event for event, _ in events].count("fill") == 2


def test_what_a_dividend_was_a_share_is_told(house, client):
    account = house.desk.account().account
    now, amounts = house.clock.now(), (Decimal("1.25"), Decimal(5), Decimal("0.25"))
    paid = CashMoved("d1", account.id, "dividend", amounts[0], "paid", now, "AAPL", *amounts[1:])
    house.desk._thread.ask(lambda: house.desk._orders.record(paid))
    row = eventually(lambda: client.get("/account/activities/DIV"))[0]
    assert (row["per_share_amount"], row["qty"], row["symbol"], row["net_amount"]) == ("0.25", "5", "AAPL", "1.25")


def test_orders_and_activities_of_long_ago_are_found(monkeypatch):
    """What memory has forgotten the journal has."""
    with still_house() as house:
        client = house.trading()
        monkeypatch.setattr("tradesim.desk.desk.KEPT_FILLS", 4)
        ids = []
        for _ in range(4):
            ids += [client.submit_order(market(1)).id, client.submit_order(market(1, SELL)).id]
        whole = client.get("/account/activities/FILL")
        portfolio = house.desk._orders.state.portfolios[house.desk.account().account.id]
        house.desk._thread.ask(lambda: [portfolio.fills.popleft() for _ in range(4)])
        house.desk._thread.ask(lambda: [portfolio.closed.pop(order_id) for order_id in list(portfolio.closed)[:4]])
        house.facade.updates._records.clear()
        house.facade.updates._seeded.clear()
        assert client.get("/account/activities/FILL") == whole and len(whole) == 8
        assert {order.id for order in client.get_orders(GetOrdersRequest(status="all"))} == set(ids)


def test_an_account_that_was_reset_has_no_past(house, client):
    client.submit_order(market(3))
    resting = client.submit_order(limit(3, 200))
    house.pass_ms(1)
    house.desk.submit(ResetAccount(house.desk.account().account.id))
    assert client.get("/account/activities") == [] and client.get_orders(GetOrdersRequest(status="all")) == []
    assert refused(lambda: client.get_order_by_id(resting.id))[0] == 404
    client.submit_order(market(2))
    assert client.get_open_position("AAPL").qty == "2"
    assert len(client.get("/account/activities/FILL")) == 1


def test_the_clock_turns_with_the_session_and_the_calendar_knows_short_days():
    """6 7"""
    with still_house(make=HoursMarket) as house:
        client = house.trading()
        assert client.get_clock().is_open
        house.pass_ms(6.1 * HOUR_MS)
        closed = client.get_clock()
        assert not closed.is_open and closed.timestamp.utcoffset().total_seconds() == -5 * 3_600
        assert (closed.next_open.hour, closed.next_open.minute, closed.next_close.hour) == (9, 30, 16)
        house.desk._thread.ask(lambda: house.desk._opening.market.board.touch(("AAPL",)))
        house.pass_ms(17.5 * HOUR_MS)
        assert client.get_clock().is_open
        found = client.get_calendar(GetCalendarRequest(start=date(2026, 11, 25), end=date(2026, 11, 29)))
        assert [(str(day.date), day.close.hour) for day in found] == [
            ("2026-11-25", 16),
            ("2026-11-26", 16),
            ("2026-11-27", 13),
        ]


def test_a_bracket_may_be_entered_by_a_stop_below_its_profit(house, client):
    """42: the stop gets a limit 2.5 % above it, and the exits are measured from the stop."""
    order = {
        "symbol": "AAPL",
        "qty": 5,
        "side": BUY,
        "time_in_force": DAY,
        "stop_price": 231,
        "order_class": "bracket",
        "take_profit": TakeProfitRequest(limit_price=232),
    }
    taken = client.submit_order(StopOrderRequest(**order, stop_loss=StopLossRequest(stop_price=230.5)))
    assert (taken.status.value, taken.limit_price) == ("new", "236.77")
    no = refused(lambda: client.submit_order(StopOrderRequest(**order, stop_loss=StopLossRequest(stop_price=231))))
    assert (no[0], no[1], no[2]) == (422, 42210000, "stop_loss.stop_price must be <= base_price - 0.01")
    assert no[3]["base_price"] == "231"


def test_the_exits_of_a_market_order_are_measured_from_the_last_trade(house, client):
    """42"""
    house.deal(23_000)

    def entered(profit, loss):
        exits = {"take_profit": TakeProfitRequest(limit_price=profit), "stop_loss": StopLossRequest(stop_price=loss)}
        return refused(lambda: client.submit_order(market(5, order_class="bracket", **exits)))

    assert entered(230, 229)[2:] == ("take_profit.limit_price must be >= base_price + 0.01", ANY)
    assert entered(232, 230)[2:] == ("stop_loss.stop_price must be <= base_price - 0.01", ANY)
    assert entered(232, 230)[3]["base_price"] == "230"
