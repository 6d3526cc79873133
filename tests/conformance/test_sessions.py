"""Hours, lifetimes and the day-trade rule, by alpaca-py: 23, 24, 34, 52 of the list; and 77, the same bytes twice."""

from decimal import Decimal

import msgspec
from alpaca.trading.requests import ReplaceOrderRequest
from msgspec.structs import replace

from tests.conformance.house import HoursMarket, still_house
from tests.conformance.orders import GTC, IOC, SELL, limit, market, refused, status
from tests.waiting import eventually
from tradesim.model.accounts import DayTradeRule
from tradesim.model.commands import ConfigureAccount
from tradesim.model.market import SessionState

HOUR_MS = 3_600_000


def set_session(house, state):
    house.desk._thread.ask(lambda: setattr(house.market, "session_state", state))
    house.pass_ms(1_000)


def test_an_order_outside_the_session_is_accepted_and_new_at_the_open():
    """24"""
    with still_house(make=HoursMarket) as house:
        client = house.trading()
        house.pass_ms(7 * HOUR_MS)
        order = client.submit_order(limit(10, 229))
        assert order.status.value == "accepted"
        assert client.get_orders()[0].id == order.id
        assert refused(lambda: client.replace_order_by_id(order.id, ReplaceOrderRequest(limit_price=228)))[0] == 422
        house.pass_ms(16.4 * HOUR_MS)
        assert status(client, order) == "accepted"
        house.pass_ms(0.2 * HOUR_MS)
        eventually(lambda: status(client, order) == "new")


def test_extended_hours_orders_trade_before_the_open(house, client):
    """34"""
    set_session(house, SessionState.PRE)
    waits = client.submit_order(limit(10, 231))
    trades = client.submit_order(limit(10, 231, extended_hours=True))
    assert (waits.status.value, trades.status.value, trades.extended_hours) == ("accepted", "filled", True)
    message = refused(lambda: client.submit_order(limit(10, 231, extended_hours=True, time_in_force=IOC)))[2]
    assert message == "extended hours order must be DAY or GTC limit orders"


def test_good_till_cancelled_has_an_end_far_away(client):
    """23"""
    order = client.submit_order(limit(1, 229, time_in_force=GTC))
    assert order.expires_at is not None
    assert 85 <= (order.expires_at - order.created_at).days <= 95


def test_the_fourth_day_trade_is_denied_where_the_old_rule_holds():
    """52"""
    with still_house(starting_cash=Decimal(10_000)) as house:
        client = house.trading()
        account = house.desk.account()
        rules = replace(account.account.rules, day_trade_rule=DayTradeRule.LEGACY_PDT)
        house.desk.submit(ConfigureAccount(account.account.id, rules))
        for _ in range(3):
            client.submit_order(market(1))
            client.submit_order(market(1, SELL))
        assert client.get_account().daytrade_count == 3
        client.submit_order(market(1))
        assert refused(lambda: client.submit_order(market(1, SELL)))[:3] == (
            403,
            40310100,
            "trade denied due to pattern day trading protection",
        )
        house.desk.submit(ConfigureAccount(account.account.id, replace(rules, day_trade_rule=DayTradeRule.OFF)))
        client.submit_order(market(1, SELL))


def played(keys):
    """One little day: what the desk wrote down of it. `keys` is the folder of the bot's key."""
    facts = []
    with still_house(latency_ms=5, keys=keys) as house:
        house.desk.subscribe(facts.extend)
        client = house.trading(raw_data=True)
        for step in range(10):
            order = client.submit_order(limit(5, round(229.9 + step / 100, 2), client_order_id=f"mine-{step}"))
            house.pass_ms(10)
            if step % 3 == 0:
                client.replace_order_by_id(order["id"], ReplaceOrderRequest(limit_price=round(229.5 + step / 100, 2)))
            house.pass_ms(10)
        client.cancel_orders()
        house.pass_ms(10)
        client.submit_order(market(3, SELL))
        house.pass_ms(10)
    return b"\n".join(msgspec.json.encode([type(fact).__name__, fact], order="sorted") for fact in facts)


def test_the_same_bot_twice_leaves_the_same_bytes(tmp_path):
    """77"""
    first = played(tmp_path / "keys")
    assert played(tmp_path / "keys") == first and first.count(b"OrderFilled") >= 1
