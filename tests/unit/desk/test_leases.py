"""What programs ask about by single questions is wanted until nobody has asked for ten minutes."""

from decimal import Decimal

import pytest
from flask import Flask

from tests.fakes import ManualClock
from tests.stage import Stage
from tradesim.api import leasing
from tradesim.api.control import callers, routes
from tradesim.api.control.callers import Callers
from tradesim.desk.leases import LEASE_NS, Leases
from tradesim.model.commands import SubmitOrder
from tradesim.model.market import Side


def test_a_lease_ends_by_itself_and_each_question_renews_it() -> None:
    clock = ManualClock(0)
    leases = Leases(clock.now)
    leases.renew(["A", "B"])
    clock.advance(LEASE_NS)
    leases.renew(["B"])
    assert sorted(leases.held()) == ["A", "B"]
    clock.advance(1)
    assert leases.held() == ["B"]
    clock.advance(LEASE_NS)
    assert leases.held() == []


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_an_order_leases_its_symbol_be_it_refused_or_not(stage: Stage) -> None:
    stage.desk.post(SubmitOrder("paper", "AAPL", Side.BUY, qty=Decimal(10**9)))
    stage.desk.post(SubmitOrder("paper", "NOBODY", Side.BUY, qty=Decimal(1)))
    assert stage.desk.providers.leases.held() == ["AAPL"]


def test_what_is_asked_over_an_api_is_leased_however_it_is_written(stage: Stage) -> None:
    server = Flask("test")
    asking = Callers("token", lambda: False, lambda: None, lambda: False)
    routes.register(server, stage.desk, dict, None, asking)
    leasing.register(server, stage.desk)
    server.add_url_rule("/latest", view_func=lambda: "", endpoint="latest")
    client, held = server.test_client(), stage.desk.providers.leases.held
    person = {callers.HEADER: "token"}
    client.get("/sim/v1/bars/NOBODY", headers=person)
    assert held() == []
    assert client.get("/sim/v1/bars/AAPL", headers=person).status_code == 200 and held() == ["AAPL"]
    client.get("/latest?symbols=btcusd,XYZ")
    assert held() == ["AAPL", "BTC/USD"]
