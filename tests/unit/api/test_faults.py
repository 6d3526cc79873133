"""Faults made on purpose: whom they hit, how often, who may set them, and that all is off otherwise."""

import pytest
from flask import Flask

from tests.alpaca_stage import HEADERS, Floor, served
from tradesim.api import faults as faulty
from tradesim.api.alpaca.auth import has_program_key
from tradesim.api.control import routes
from tradesim.api.control.callers import HEADER, Callers
from tradesim.api.faults import FaultKind, Faults, NewFault


@pytest.fixture
def floor():
    return Floor()


@pytest.fixture
def faults(floor):
    return Faults(floor.desk.warn)


@pytest.fixture
def client(floor, faults, monkeypatch):
    from flask import request

    from tests.alpaca_stage import OneKey

    server = served(floor)
    faulty.register(server, faults, lambda path: path.startswith("/v2"))
    asking = Callers("token", lambda: has_program_key(request.headers, OneKey()))
    routes.register(server, floor.desk, lambda: {"status": "ok"}, faults, asking)
    monkeypatch.setattr(floor.desk, "submit", lambda command, timeout_s=0: floor.ask(command))
    client = server.test_client()
    client.environ_base["HTTP_X_TRADESIM_PERSON"] = "token"
    return client


def on(client, **wanted):
    answer = client.post("/sim/v1/faults", json=wanted)
    assert answer.status_code == 201, answer.get_json()
    return answer.get_json()


def snapshot(client):
    return client.get("/v2/stocks/AAPL/snapshot", headers=HEADERS)


def test_nothing_is_on_by_default(client, faults):
    assert snapshot(client).status_code == 200
    assert client.get("/sim/v1/faults").get_json() == [] and not faults.is_on and faults.treat() is None


def test_a_rejection_has_the_words_that_were_wanted(client):
    on(client, kind="reject", route="GET /v2/stocks/*", status=422, code=42210000, message="no")
    answer = snapshot(client)
    assert (answer.status_code, answer.get_json()) == (422, {"code": 42210000, "message": "no"})
    assert client.get("/v2/clock", headers=HEADERS).status_code == 200


def test_a_count_is_exact(client):
    on(client, kind="429", route="GET /v2/*", count=2)
    answers = [snapshot(client) for _ in range(4)]
    assert [each.status_code for each in answers] == [429, 429, 200, 200]
    assert answers[0].headers["Retry-After"] == "1"
    assert client.get("/sim/v1/faults").get_json()[0]["hits"] == 2


def test_a_chance_is_the_same_for_the_same_seed():
    def fates(seed):
        made = Faults()
        made.add(NewFault(FaultKind.REJECT, probability=0.5, seed=seed))
        return [bool(made.of_request("GET /v2/clock", None)) for _ in range(50)]

    assert fates(1) == fates(1) != fates(2)
    assert 10 < sum(fates(1)) < 40


def test_a_fault_can_be_for_one_account_alone():
    made = Faults()
    made.add(NewFault(FaultKind.REJECT, account="Bot"))
    assert made.of_request("GET /v2/clock", "Bot")
    assert not made.of_request("GET /v2/clock", "") and not made.of_request("GET /v2/clock", None)


def test_what_is_aimed_at_streams_leaves_requests_alone_and_the_other_way_round():
    made = Faults()
    made.add(NewFault(FaultKind.DUPLICATE, stream="/v2/*"))
    assert not made.of_request("GET /v2/clock", "")
    assert made.of_stream("/v2/iex", "").copies == 2 and made.of_stream("/stream", "").copies == 1
    made.remove()
    made.add(NewFault(FaultKind.DROP, route="POST /v2/orders"))
    assert made.treat() is None


def test_what_becomes_of_a_message():
    made = Faults()
    made.add(NewFault(FaultKind.DELAY, stream="*", delay_ms=40))
    assert made.of_stream("/v2/iex", "").delay_s == pytest.approx(0.04)
    made.add(NewFault(FaultKind.DISCONNECT, stream="/stream"))
    assert made.of_stream("/stream", "").ends and not made.of_stream("/v2/iex", "").ends
    made.add(NewFault(FaultKind.DROP, stream="*"))
    assert made.of_stream("/v2/iex", "").copies == 0
    made.add(NewFault(FaultKind.TOO_MANY, stream="/v2/sip"))
    assert made.at_knock("/v2/sip") == 429 and made.at_knock("/v2/iex") is None


def test_a_repeated_request_is_done_twice(floor, client):
    server, seen = client.application, []

    def on_order():
        seen.append(floor.desk.status().now)
        return {"n": len(seen)}

    server._got_first_request = False
    server.add_url_rule("/v2/things", "things", on_order, methods=["POST"])
    on(client, kind="duplicate", route="POST /v2/things", count=1)
    assert client.post("/v2/things", json={"a": 1}).get_json() == {"n": 2}
    assert client.post("/v2/things", json={"a": 1}).get_json() == {"n": 3}


def test_a_halt_stops_trading_until_it_is_taken_away(floor, client):
    made = on(client, kind="halt", symbol="AAPL")
    assert floor.desk.market("AAPL").is_halted
    assert client.delete(f"/sim/v1/faults/{made['id']}").get_json()[0]["id"] == made["id"]
    assert not floor.desk.market("AAPL").is_halted
    assert client.post("/sim/v1/faults", json={"kind": "halt", "symbol": "NONE"}).status_code == 404


def test_the_status_says_that_a_fault_is_on(floor, client):
    on(client, kind="reject", route="POST /v2/orders")
    assert floor.desk.status().faults == ("A fault is injected: reject on POST /v2/orders.",)
    client.delete("/sim/v1/faults")
    assert floor.desk.status().faults == ()


def test_a_bots_key_may_not_set_or_end_faults(client):
    for ask in (client.post, client.delete):
        answer = ask("/sim/v1/faults", json={"kind": "drop"}, headers=HEADERS)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "person_needed")
    wrong = {"APCA-API-KEY-ID": "PKWRONG"}
    assert client.post("/sim/v1/faults", json={"kind": "drop"}, headers=wrong).status_code == 403
    assert client.post("/sim/v1/faults", json={"kind": "drop"}, headers={HEADER: "wrong"}).status_code == 403


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"kind": "explode"},
        {"kind": "drop", "probability": 2},
        {"kind": "drop", "count": 0},
        {"kind": "delay"},
        {"kind": "delay", "delay_ms": 10**9},
        {"kind": "reject", "status": 200},
        {"kind": "drop", "why": "?"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(client, wanted):
    answer = client.post("/sim/v1/faults", json=wanted)
    assert answer.status_code in (400, 422) and answer.get_json()["message"]


def test_there_are_never_too_many(client):
    for _ in range(faulty.MOST_FAULTS):
        on(client, kind="drop", route="GET /nothing")
    assert client.post("/sim/v1/faults", json={"kind": "drop"}).status_code == 422


def test_the_server_of_the_page_is_never_hit(floor):
    server = Flask("page")
    faults = Faults()
    faulty.register(server, faults, lambda path: path.startswith("/v2"))
    server.add_url_rule("/", "page", lambda: "page")
    faults.add(NewFault(FaultKind.REJECT))
    assert server.test_client().get("/").status_code == 200
