"""Orders by alpaca-py on a still market, where every fill can be told beforehand: 15-40, 47-51, 54, 55."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from alpaca.trading.enums import QueryOrderStatus
from alpaca.trading.requests import GetOrderByIdRequest, GetOrdersRequest, ReplaceOrderRequest

from tests.conformance.house import still_house
from tests.conformance.orders import FOK, GTC, IOC, SELL, limit, market, refused, status
from tests.waiting import eventually
from tradesim.model.commands import Kill, SubmitOrder
from tradesim.model.market import Side


def test_a_market_order_is_pending_then_filled():
    """15"""
    with still_house(latency_ms=5) as house:
        client = house.trading()
        order = client.submit_order(market(10))
        assert (order.status.value, order.filled_qty, order.filled_avg_price) == ("pending_new", "0", None)
        house.pass_ms(6)
        found = client.get_order_by_id(order.id)
        assert (found.status.value, found.filled_qty, found.filled_avg_price) == ("filled", "10", "230.01")
        assert found.filled_at is not None and found.qty == "10"


def test_a_limit_order_rests(client):
    """16"""
    order = client.submit_order(limit(10, 229.5))
    assert (order.status.value, order.limit_price, order.type.value) == ("new", "229.5", "limit")
    assert [each.id for each in client.get_orders()] == [order.id]


def test_a_generous_limit_pays_what_the_book_asks(client):
    """17"""
    order = client.submit_order(limit(10, 230.5))
    assert (order.status.value, order.filled_avg_price) == ("filled", "230.01")


def test_a_large_order_walks_the_book_to_an_exact_average(client):
    """18"""
    order = client.submit_order(limit(250, 230.5))
    assert (order.status.value, order.filled_qty, order.filled_avg_price) == ("filled", "250", "230.018")
    fills = client.get("/account/activities/FILL", {"direction": "asc"})
    assert [(each["type"], each["qty"], each["price"], each["cum_qty"], each["leaves_qty"]) for each in fills] == [
        ("partial_fill", "100", "230.01", "100", "150"),
        ("partial_fill", "100", "230.02", "200", "50"),
        ("fill", "50", "230.03", "250", "0"),
    ]


def test_what_the_book_does_not_have_rests_or_goes_by_time_in_force(client):
    """19"""
    rests = client.submit_order(limit(150, 230.01))
    assert (rests.status.value, rests.filled_qty) == ("partially_filled", "100")
    client.cancel_orders()
    gone = client.submit_order(limit(150, 230.02, time_in_force=IOC))
    assert (gone.status.value, gone.filled_qty, gone.qty) == ("canceled", "100", "150")
    assert gone.canceled_at is not None


def test_immediate_or_cancel(client):
    """20"""
    assert client.submit_order(limit(10, 229, time_in_force=IOC)).status.value == "canceled"
    assert client.submit_order(limit(10, 230.01, time_in_force=IOC)).status.value == "filled"


def test_fill_or_kill(client):
    """21"""
    killed = client.submit_order(limit(101, 230.01, time_in_force=FOK))
    assert (killed.status.value, killed.filled_qty) == ("canceled", "0")
    assert client.submit_order(limit(100, 230.01, time_in_force=FOK)).status.value == "filled"


@pytest.mark.parametrize(
    ("price", "is_fine"), [(229.5, True), (229.501, False), (229.5001, False), (0.9999, True), (0.99991, False)]
)
def test_sub_pennies_are_for_less_than_a_dollar(client, price, is_fine):
    """28 29"""
    wanted = limit(1, price)
    if is_fine and price > 1:
        assert client.submit_order(wanted).limit_price == "229.5"
        return
    status_, code, message, _ = refused(lambda: client.submit_order(wanted))
    is_increment = "sub-penny increment does not fulfill minimum pricing criteria" in message
    assert (status_ in (403, 422), is_increment or price == 0.9999) == (True, True)
    if price == 229.501:
        assert (status_, code) == (422, 42210000)
        assert message == "invalid limit_price 229.501. sub-penny increment does not fulfill minimum pricing criteria"


def test_the_form_of_an_order_is_refused_in_alpacas_words(client):
    """30, 32, 33, 34"""
    both = {"symbol": "AAPL", "qty": 1, "notional": 10, "side": "buy", "type": "market", "time_in_force": "day"}
    assert refused(lambda: client.post("/orders", both))[:3] == (
        422,
        40010001,
        "only one of qty or notional is accepted",
    )
    for changes, code, message in (
        ({"notional": None, "qty": None}, 40010001, "qty or notional is required"),
        ({"notional": 0.5, "qty": None}, 40010001, "notional must be >= 1.00"),
        ({"notional": None, "qty": -1}, 42210000, "qty must be > 0"),
        ({"notional": None, "qty": 1.5, "time_in_force": "gtc"}, 42210000, "fractional orders must be DAY orders"),
        (
            {"notional": None, "extended_hours": True},
            40010001,
            'only type="limit" is allowed for extended hours orders',
        ),
        ({"notional": None, "symbol": "NOPE"}, 42210000, 'asset "NOPE" not found'),
        ({"notional": None, "symbol": "BTC/USD"}, 42210000, "invalid crypto time_in_force"),
        ({"notional": None, "qty": 1.5, "side": "sell"}, 42210000, "fractional orders cannot be sold short"),
    ):
        body = {**both, **changes}
        assert refused(lambda body=body: client.post("/orders", body))[:3] == (422, code, message)


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"[" * 10_000, b'{"qty": NaN}', b'"x"', b"1" * 100_000])
def test_garbage_is_refused_in_json(house, body):
    import requests

    for path, method in (("/v2/orders", "POST"), ("/v2/watchlists", "POST"), ("/v2/account/configurations", "PATCH")):
        answer = requests.request(method, house.url + path, data=body, auth=(house.api_key, house.secret), timeout=60)
        assert answer.status_code in (400, 413, 422)
        assert isinstance(answer.json()["code"], int) and answer.json()["message"]


def test_a_client_order_id_is_used_once_also_after_the_cancel(client):
    """35"""
    first = client.submit_order(limit(1, 229, client_order_id="mine"))
    client.cancel_order_by_id(first.id)
    assert refused(lambda: client.submit_order(limit(1, 229, client_order_id="mine")))[:3] == (
        422,
        40010001,
        "client_order_id must be unique",
    )


def test_an_order_is_found_by_the_clients_own_id(client):
    """36"""
    order = client.submit_order(limit(1, 229, client_order_id="mine"))
    assert client.get_order_by_client_id("mine").id == order.id
    assert refused(lambda: client.get_order_by_client_id("other"))[:2] == (404, 40410000)


def test_orders_are_listed_by_every_filter(house, client):
    """37"""
    filled = client.submit_order(market(1))
    house.pass_ms(1_000)
    resting = client.submit_order(limit(1, 229))
    house.pass_ms(1_000)
    coin = client.submit_order(limit(0.01, 96_000, symbol="BTC/USD", time_in_force=GTC))

    def ids(**filters):
        return [order.id for order in client.get_orders(GetOrdersRequest(**filters))]

    everything, closed = QueryOrderStatus.ALL, QueryOrderStatus.CLOSED
    assert ids() == [coin.id, resting.id]
    assert ids(status=closed) == [filled.id]
    assert ids(status=everything) == [coin.id, resting.id, filled.id]
    assert ids(status=everything, direction="asc", limit=2) == [filled.id, resting.id]
    assert ids(status=everything, symbols=["AAPL"]) == [resting.id, filled.id]
    assert ids(status=everything, symbols=["BTCUSD"]) == [coin.id]
    assert ids(status=everything, side=SELL) == []
    assert ids(status=everything, after=filled.submitted_at, nested=True) == [coin.id, resting.id]
    assert ids(status=everything, until=coin.submitted_at) == [resting.id, filled.id]
    assert ids(status=everything, after=filled.submitted_at + timedelta(milliseconds=500), until=coin.submitted_at) == [
        resting.id
    ]
    rows = client.get("/orders", {"status": "all", "before_order_id": str(coin.id)})
    assert [row["id"] for row in rows] == [str(resting.id), str(filled.id)]


def test_what_does_not_exist_is_not_found(client):
    nobody = uuid4()
    assert refused(lambda: client.get_order_by_id(nobody))[:3] == (404, 40410000, f"order not found for {nobody}")
    assert refused(lambda: client.cancel_order_by_id(nobody))[0] == 404
    assert refused(lambda: client.replace_order_by_id(nobody, ReplaceOrderRequest(qty=1)))[0] == 404
    assert client.get_order_by_id is not None


def test_cancels_are_answered_with_nothing_and_what_is_over_is_told(house, client):
    """40"""
    order = client.submit_order(limit(1, 229))
    assert client.cancel_order_by_id(order.id) is None
    eventually(lambda: status(client, order) == "canceled")
    done = client.submit_order(market(1))
    assert refused(lambda: client.cancel_order_by_id(done.id))[:3] == (
        422,
        42210000,
        'order is already in "filled" state',
    )
    for price in (229, 228):
        client.submit_order(limit(1, price))
    answers = client.cancel_orders()
    assert sorted(answer.status for answer in answers) == [200, 200]
    assert client.get_orders() == []


def test_a_foreign_order_does_not_exist(house, client):
    other = house.trading(*house.key_for("Second"))
    order = client.submit_order(limit(1, 229))
    assert refused(lambda: other.get_order_by_id(order.id))[0] == 404
    assert refused(lambda: other.cancel_order_by_id(order.id))[0] == 404
    assert status(client, order) == "new"


def test_more_than_is_held_cannot_be_sold_and_the_answer_says_how_much(client):
    """50"""
    client.submit_order(market(10))
    resting = client.submit_order(limit(7, 240, SELL))
    code, number, message, body = refused(lambda: client.submit_order(limit(5, 241, SELL)))
    assert (code, number) == (403, 40310000)
    assert message == "insufficient qty available for order (requested: 5, available: 3)"
    assert {name: body[name] for name in ("available", "existing_qty", "held_for_orders", "symbol")} == {
        "available": "3",
        "existing_qty": "10",
        "held_for_orders": "7",
        "symbol": "AAPL",
    }
    assert body["related_orders"] == [str(resting.id)]
    assert client.get_open_position("AAPL").qty_available == "3"
    assert refused(lambda: client.close_position("AAPL"))[0] == 403


def test_open_orders_reserve_and_cancels_release(client):
    """48"""
    order = client.submit_order(limit(100, 200))
    assert client.get_account().buying_power == "180000"
    client.cancel_order_by_id(order.id)
    eventually(lambda: client.get_account().buying_power == "200000")


def test_short_selling_has_its_rules(house, client):
    """49"""
    assert refused(lambda: client.submit_order(market(1, SELL, "BTC/USD", GTC)))[0] == 403
    assert client.submit_order(market(5, SELL)).status.value == "filled"
    other = house.trading(*house.key_for("Careful"))
    other.patch("/account/configurations", {"no_shorting": True})
    assert refused(lambda: other.submit_order(market(5, SELL)))[:3] == (
        403,
        40310000,
        "account is not allowed to short",
    )
    other.patch("/account/configurations", {"no_shorting": False, "max_margin_multiplier": "1"})
    assert refused(lambda: other.submit_order(market(5, SELL)))[2] == "account is not allowed to short"
    assert other.get_account().shorting_enabled is False


def test_a_halt_is_a_refusal_by_risk(house, client):
    """47"""
    house.desk.submit(Kill(house.desk.account().account.id))
    status, code, message = refused(lambda: client.submit_order(market(5)))[:3]
    assert (status, code) == (403, 40310000) and message.startswith("trading is halted")


def test_a_position_is_closed_by_quantity_percentage_and_whole(client):
    """54"""
    from alpaca.trading.requests import ClosePositionRequest

    client.submit_order(market(10))
    by_qty = client.close_position("AAPL", ClosePositionRequest(qty="3"))
    assert (by_qty.qty, by_qty.side.value, by_qty.status.value) == ("3", "sell", "filled")
    by_part = client.close_position("AAPL", ClosePositionRequest(percentage="50"))
    assert by_part.qty == "3"
    assert client.get_open_position("AAPL").qty == "4"
    assert client.close_position("AAPL").qty == "4"
    assert refused(lambda: client.close_position("AAPL"))[0] == 404


def test_everything_is_closed_at_once(client):
    """55"""
    client.submit_order(market(10))
    client.submit_order(market(0.5, symbol="BTC/USD", time_in_force=GTC))
    client.submit_order(limit(10, 240, SELL))
    rows = client.delete("/positions", {"cancel_orders": True})
    assert [(row["symbol"], row["status"], type(row["status"])) for row in rows] == [
        ("AAPL", 200, int),
        ("BTCUSD", 200, int),
    ]
    assert all(row["body"]["id"] and row["body"]["status"] for row in rows)
    assert client.get_all_positions() == [] and client.get_orders() == []
    client.submit_order(market(10))
    client.submit_order(limit(10, 240, SELL))
    answer = refused(lambda: client.close_all_positions(cancel_orders=False))
    assert answer[0] == 500


def test_a_replaced_order_has_a_new_name_and_both_know_each_other(house, client):
    """38"""
    order = client.submit_order(limit(10, 229))
    changed = client.replace_order_by_id(order.id, ReplaceOrderRequest(limit_price=229.5, qty=12))
    assert changed.id != order.id and changed.replaces == order.id
    now, before = client.get_order_by_id(changed.id), client.get_order_by_id(order.id)
    assert (now.status.value, now.limit_price, now.qty) == ("new", "229.5", "12")
    assert (before.status.value, before.replaced_by, before.limit_price) == ("replaced", changed.id, "229")
    assert before.replaced_at is not None
    assert [each.id for each in client.get_orders()] == [changed.id]
    closed = client.get_orders(GetOrdersRequest(status=QueryOrderStatus.CLOSED))
    assert [each.id for each in closed] == [order.id]
    assert refused(lambda: client.cancel_order_by_id(order.id))[2] == 'order is already in "replaced" state'
    client.cancel_order_by_id(changed.id)
    assert client.get_order_by_id(changed.id, GetOrderByIdRequest(nested=True)).status.value == "canceled"


def test_parts_that_were_filled_before_a_replacement_are_not_counted_twice(house, client):
    """38"""
    order = client.submit_order(limit(150, 230.01))
    assert order.filled_qty == "100"
    changed = client.replace_order_by_id(order.id, ReplaceOrderRequest(limit_price=230.02))
    before, now = client.get_order_by_id(order.id), client.get_order_by_id(changed.id)
    assert (before.filled_qty, before.filled_avg_price) == ("100", "230.01")
    assert (now.qty, now.filled_qty, now.filled_avg_price, now.status.value) == ("50", "50", "230.02", "filled")
    by_order = {}
    for fill in client.get("/account/activities/FILL"):
        by_order[fill["order_id"]] = by_order.get(fill["order_id"], 0) + float(fill["qty"])
    assert by_order == {str(order.id): 100, str(changed.id): 50}


def test_a_replacement_that_comes_too_late_is_rejected():
    """39"""
    with still_house(latency_ms=5) as house:
        client = house.trading()
        order = client.submit_order(limit(10, 229.99))
        house.pass_ms(6)
        wished = client.replace_order_by_id(order.id, ReplaceOrderRequest(limit_price=229.5))
        assert (wished.status.value, wished.replaces) == ("pending_new", order.id)
        assert status(client, order) == "pending_replace"
        house.agent(Side.SELL, 22_999, 200)
        house.pass_ms(6)
        assert status(client, order) == "filled"
        assert status(client, wished) == "rejected"


def test_a_day_order_ends_with_the_day(house, client):
    """22"""
    day = client.submit_order(limit(1, 229))
    stays = client.submit_order(limit(1, 229, time_in_force=GTC))
    house.pass_ms(15 * 3_600_000)
    assert status(client, day) == "expired"
    assert client.get_order_by_id(day.id).expired_at is not None
    assert status(client, stays) == "new"


def test_a_dollar_amount_buys_to_nine_digits(client):
    """31"""
    order = client.submit_order(market(notional=500))
    found = client.get_order_by_id(order.id)
    assert (found.status.value, found.notional, found.qty) == ("filled", "500", None)
    assert found.filled_qty == "2.173818529"


def test_an_order_that_could_meet_an_own_one_is_a_wash(client):
    """51"""
    resting = client.submit_order(limit(10, 229.5))
    code, number, message, body = refused(lambda: client.submit_order(limit(10, 229.4, SELL)))
    assert (code, number, message) == (403, 40310000, "potential wash trade detected. use complex orders")
    assert body["existing_order_id"] == str(resting.id)
    assert body["detail"].startswith(f"your own order {str(resting.id)[:8]}")


def test_a_change_is_a_wash_where_it_could_meet_an_own_order_and_only_there(house, client):
    """38, 51"""
    house.desk.submit(SubmitOrder("paper", "AAPL", Side.BUY, qty=Decimal(10)))
    bid = client.submit_order(limit(10, 229))
    ask = client.submit_order(limit(10, 231, SELL))
    bid = client.replace_order_by_id(bid.id, ReplaceOrderRequest(limit_price=229.5))
    ask = client.replace_order_by_id(ask.id, ReplaceOrderRequest(limit_price=230.5, qty=5))
    wanted = (403, 40310000, "potential wash trade detected. use complex orders")
    for order, price, other in ((ask, 229.5, bid), (bid, 230.6, ask)):
        change = ReplaceOrderRequest(limit_price=price)
        *said, body = refused(lambda order=order, change=change: client.replace_order_by_id(order.id, change))
        assert tuple(said) == wanted
        assert body["existing_order_id"] == str(other.id)
    assert [status(client, each) for each in (bid, ask)] == ["new", "new"]
