"""What no program should send is refused with a sentence; nothing of it is a fault of ours."""

import pytest
import requests
from flask import Flask

from tests.conformance.house import still_house
from tests.stage import Stage
from tradesim.api.control import bot_routes
from tradesim.api.control.callers import HEADER, Callers
from tradesim.ops.bots import BOTS_FOLDER, Bots
from tradesim.storage.apikeys import ApiKeys

ORDER = {"symbol": "AAPL", "side": "buy", "type": "market", "time_in_force": "day", "qty": "1"}


@pytest.fixture(scope="module")
def house():
    with still_house() as served:
        yield served


def ask(house, method, path, **more):
    return requests.request(method, house.url + path, auth=(house.api_key, house.secret), timeout=60, **more)


@pytest.mark.parametrize(
    "changed",
    [
        {"qty": "1e30"},
        {"qty": "9" * 40},
        {"type": "limit", "limit_price": "1e30"},
        {"qty": None, "notional": "1e40"},
        {"symbol": "BTC/USD", "time_in_force": "gtc", "qty": "1e12"},
        {"type": "trailing_stop", "trail_percent": "1e30"},
    ],
    ids=str,
)
def test_an_order_beyond_all_measure_is_refused(house, changed):
    answer = ask(house, "POST", "/v2/orders", json={**ORDER, **changed})
    assert answer.status_code in (403, 422) and answer.json()["message"]


@pytest.mark.parametrize(
    "query",
    [
        "start=0001-01-01&end=0001-01-02",
        "start=0001-01-01",
        "end=0001-01-01&period=9999A",
        "start=9999-12-31&end=9999-12-31",
        "end=9999-12-31",
        "start=0001-01-01&timeframe=1D",
    ],
)
def test_a_history_of_any_time_is_answered(house, query):
    assert ask(house, "GET", f"/v2/account/portfolio/history?{query}").status_code in (200, 422)


@pytest.fixture
def bots(tmp_path):
    keys = ApiKeys(tmp_path, lambda: 1_000)
    server = Flask("bots")
    bot_routes.register(server, Bots(tmp_path, lambda: "http://127.0.0.1:9", keys, Stage().desk), Callers("token"))
    (tmp_path / BOTS_FOLDER / "a.py").write_text("print(1)\n")
    return server.test_client(), keys


@pytest.mark.parametrize(
    "body",
    [
        {"path": "a.py", "arguments": ["x\0y"]},
        {"path": "a.py", "arguments": ["x" * 4_000_000]},
        {"path": "a\0.py"},
        {"path": "x" * 5_000 + ".py"},
        {"path": "a.py", "account": "\0"},
    ],
    ids=["arguments", "much", "path", "long", "account"],
)
def test_a_bot_that_cannot_be_started_leaves_no_key(bots, body):
    client, keys = bots
    answer = client.post("/sim/v1/bots", json=body, headers={HEADER: "token"})
    assert (answer.status_code, answer.json["code"]) in ((422, "refused"), (413, "too_large"), (400, "too_large"))
    assert keys.list() == ()


def test_an_order_does_not_grow_with_every_replacement(house, monkeypatch):
    monkeypatch.setattr("tradesim.api.alpaca.rules.MOST_REVISIONS", 3)
    resting = {**ORDER, "type": "limit", "limit_price": "200"}
    id_ = ask(house, "POST", "/v2/orders", json=resting).json()["id"]
    for price in ("201", "202", "203"):
        answer = ask(house, "PATCH", f"/v2/orders/{id_}", json={"limit_price": price})
        assert answer.status_code == 200
        id_ = answer.json()["id"]
    refused = ask(house, "PATCH", f"/v2/orders/{id_}", json={"limit_price": "204"})
    assert refused.status_code == 422 and "can be replaced 3 times" in refused.json()["message"]
    assert ask(house, "DELETE", f"/v2/orders/{id_}").status_code == 204
