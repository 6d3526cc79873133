"""Connections that break at the worst moment, made to break by the desk's own faults: 78 of the list.

What a bot was not told it finds over REST, exactly once, and everything agrees afterwards.
"""

from decimal import Decimal

import pytest
import requests

from tests.conformance.orders import limit, refused
from tests.conformance.reckoning import every_order, paged, require_money_holds, require_orders_hold, signed
from tests.conformance.test_updates import following
from tests.waiting import eventually
from tradesim.api.faults import FaultKind, NewFault
from tradesim.model.market import Side


def fills_of(updates):
    return {each["execution_id"]: each for each in updates if each["event"] in ("fill", "partial_fill")}


def listeners_of(house):
    return {listener for each in list(house.facade.updates._listeners.values()) for listener in list(each)}


@pytest.mark.parametrize("kind", [FaultKind.DISCONNECT, FaultKind.DROP])
def test_what_a_stream_lost_in_the_middle_of_a_fill_is_found_over_rest(house, client, kind):
    """78"""
    order = client.submit_order(limit(600, 229.99))
    eventually(lambda: client.get_order_by_id(order.id).status.value == "new")
    with following(house, raw=True) as updates:
        house.agent(Side.SELL, 22_999, 150)
        eventually(lambda: len(fills_of(updates)) >= 1)
        heard, former = len(fills_of(updates)), listeners_of(house)
        house.faults.add(NewFault(kind, stream="/stream", count=1 if kind is FaultKind.DISCONNECT else 3))
        for _ in range(3):
            house.agent(Side.SELL, 22_999, 50)
        house.faults.remove()
        eventually(lambda: listeners_of(house) - (former if kind is FaultKind.DISCONNECT else set()))
        house.agent(Side.SELL, 22_999, 7)
        eventually(lambda: any(each["qty"] == "7" for each in fills_of(updates).values()))
    fills = paged(client, "/account/activities/FILL", direction="asc")
    known = {row["id"].partition("::")[2]: row for row in fills}
    told = fills_of(updates)
    assert told.keys() < known.keys() and len(told) > heard
    assert len(known) == len(fills) == 5
    found = client.get_order_by_id(order.id)
    assert Decimal(found.filled_qty) == sum(signed(row) for row in fills) == 207
    require_orders_hold(fills, every_order(client), [])
    require_money_holds(house, fills, client)


def test_an_order_whose_answer_was_lost_is_found_by_the_clients_own_id_and_never_sent_twice(house, client):
    """78"""
    house.faults.add(NewFault(FaultKind.DISCONNECT, route="POST /v2/orders", count=1))
    wish = limit(10, 230.5, client_order_id="only-once")
    with pytest.raises(requests.exceptions.ConnectionError):
        client.submit_order(wish)
    assert refused(lambda: client.submit_order(wish))[:3] == (422, 40010001, "client_order_id must be unique")
    found = client.get_order_by_client_id("only-once")
    assert (found.status.value, found.filled_qty) == ("filled", "10")
    assert client.get_open_position("AAPL").qty == "10"


def test_an_order_that_was_lost_on_its_way_can_be_sent_again(house, client):
    """78"""
    house.faults.add(NewFault(FaultKind.DROP, route="POST /v2/orders", count=1))
    wish = limit(10, 230.5, client_order_id="only-once")
    with pytest.raises(requests.exceptions.ConnectionError):
        client.submit_order(wish)
    assert client.get_orders() == []
    assert client.submit_order(wish).filled_qty == "10"
    assert client.get_open_position("AAPL").qty == "10"
