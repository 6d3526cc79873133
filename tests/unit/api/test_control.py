"""The control API by its HTTP answers: shapes, refusals, and who may ask."""

import re
import threading
from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from tests.stage import Stage
from tests.waiting import eventually
from tradesim.api import guard
from tradesim.api.control import callers, routes
from tradesim.api.control.callers import Callers
from tradesim.model.commands import OpenAccount
from tradesim.model.market import Side
from tradesim.model.orders import Rejection

PERSON = {callers.HEADER: "token"}


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def keys() -> list[str]:
    """Those that there are."""
    return []


@pytest.fixture
def client(stage: Stage, keys: list[str]) -> Iterator[FlaskClient]:
    server = Flask("test")
    guard.register(server, guard.Doorkeeper("127.0.0.1", origins=("https://desk.example",)))
    asking = Callers(
        "token",
        lambda: "Apca-Api-Key-Id" in request.headers,
        lambda: request.headers["Apca-Api-Key-Id"],
        lambda: bool(keys),
    )
    callers.register(server, asking)
    routes.register(server, stage.desk, lambda: {"status": "ok"}, callers=asking)
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            stage.desk.turn(0.01)

    thread = threading.Thread(target=run)
    thread.start()
    yield server.test_client()
    stop.set()
    thread.join()


def test_an_order_is_answered_as_it_is(client: FlaskClient) -> None:
    answer = client.post("/sim/v1/orders", json={"symbol": "AAPL", "side": "buy", "qty": "100"})
    assert answer.status_code == 201
    order = answer.get_json()
    assert (order["status"], order["filled_qty"], order["filled_avg_price"]) == ("filled", "100", "230.01")
    assert client.get(f"/sim/v1/orders/{order['id']}").get_json() == order
    assert client.get("/sim/v1/positions").get_json()[0]["position"]["qty"] == "100"
    assert client.get("/sim/v1/account").get_json()["account"]["cash"] == "76999.00"
    assert client.get("/sim/v1/fills").get_json()[0]["reason"]["model"] == "order book"
    assert client.get("/sim/v1/ledger").get_json()[0]["kind"] == "fill"


def test_numbers_may_be_numbers(client: FlaskClient) -> None:
    body = {"symbol": "AAPL", "side": "buy", "qty": 10, "type": "limit", "limit_price": 229.95}
    assert client.post("/sim/v1/orders", json=body).get_json()["limit_price"] == "229.95"


def test_a_bracket_is_sent_with_its_exits_and_a_leg_is_changed(client: FlaskClient) -> None:
    body = {
        "symbol": "AAPL",
        "side": "buy",
        "qty": 10,
        "order_class": "bracket",
        "time_in_force": "gtc",
        "take_profit": {"limit_price": "231"},
        "stop_loss": {"stop_price": 229, "time_in_force": "day"},
        "tag": "gap",
    }
    order = client.post("/sim/v1/orders", json=body).get_json()
    assert (order["order_class"], order["tag"], len(order["legs"])) == ("bracket", "gap", 2)
    profit, loss = (client.get(f"/sim/v1/orders/{leg}").get_json() for leg in order["legs"])
    assert (profit["type"], profit["limit_price"], profit["role"]) == ("limit", "231", "take_profit")
    assert (loss["type"], loss["time_in_force"], loss["status"]) == ("stop", "day", "new")
    moved = client.patch(f"/sim/v1/orders/{loss['id']}", json={"stop_price": "228.50"}).get_json()
    assert moved["stop_price"] == "228.50"
    refused = client.post("/sim/v1/orders", json={**body, "stop_loss": None})
    assert (refused.status_code, refused.get_json()["field"]) == (422, "order_class")
    wrong = client.post("/sim/v1/orders", json={**body, "stop_loss": {"stop": 1}})
    assert wrong.get_json()["code"] == "bad_request"


def test_an_order_can_be_replaced_and_cancelled(client: FlaskClient) -> None:
    body = {"symbol": "AAPL", "side": "buy", "qty": "10", "type": "limit", "limit_price": "229.95"}
    order_id = client.post("/sim/v1/orders", json=body).get_json()["id"]
    replaced = client.patch(f"/sim/v1/orders/{order_id}", json={"limit_price": "229.90"}).get_json()
    assert replaced["limit_price"] == "229.90"
    assert client.delete(f"/sim/v1/orders/{order_id}").get_json()["status"] == "canceled"


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"{", 400, "the body is not what was wanted"),
        (b"", 400, "the body is not what was wanted"),
        (b"\xff\xfe", 400, "the body is not"),
        (b"[" * 5_000, 400, "the body must be an object; was a list"),
        (b'{"symbol": "AAPL"}', 400, "side is missing"),
        (b'{"symbol": "AAPL", "side": "hold", "qty": "1"}', 400, "side must be one of buy, sell; was 'hold'"),
        (
            b'{"symbol": "AAPL", "side": "buy", "qty": "1", "size": 3}',
            400,
            "the body has no field 'size'",
        ),
        (b'{"symbol": "AAPL", "side": "buy", "qty": "NaN"}', 422, "quantity must be above 0"),
        (b'{"symbol": "AAPL", "side": "buy", "qty": "1e400"}', 422, "quantity must be above 0"),
        (b'{"symbol": "AAPL", "side": "buy", "qty": "-5"}', 422, "quantity must be above 0"),
        (b'{"symbol": "XXX", "side": "buy", "qty": "1"}', 404, "XXX is not traded here"),
        (b'{"symbol": "AAPL", "side": "buy"}', 422, "either a quantity or a notional"),
        (b'{"symbol": "AAPL", "side": "buy", "qty": "' + b"1" * 20_000 + b'"}', 413, "at most 16,384 bytes"),
    ],
)
def test_a_bad_body_gets_a_sentence(client: FlaskClient, body: bytes, status: int, words: str) -> None:
    answer = client.post("/sim/v1/orders", data=body)
    assert answer.status_code == status
    assert words in answer.get_json()["message"]


def test_what_does_not_exist_is_said(client: FlaskClient) -> None:
    assert client.get("/sim/v1/orders/x").status_code == 404
    assert client.get("/sim/v1/book/XXX").status_code == 404
    assert client.delete("/sim/v1/positions/AAPL").status_code == 404
    assert client.get("/sim/v1/bars/AAPL?timeframe=3m").get_json()["field"] == "timeframe"


def test_the_book_has_both_sides(client: FlaskClient) -> None:
    book = client.get("/sim/v1/book/AAPL").get_json()
    assert book["bids"][0] == {"price": "229.99", "qty": "100", "orders": 1}
    assert len(book["asks"]) == 10


def test_a_foreign_page_may_not_trade(client: FlaskClient) -> None:
    body = {"symbol": "AAPL", "side": "buy", "qty": "1"}
    refused = client.post("/sim/v1/orders", json=body, headers={"Origin": "https://evil.example"})
    assert refused.status_code == 403
    assert "https://evil.example" in refused.get_json()["message"]
    for origin in ("http://localhost", "https://desk.example"):
        assert client.post("/sim/v1/orders", json=body, headers={"Origin": origin}).status_code == 201


def test_a_foreign_name_for_this_machine_is_refused(client: FlaskClient) -> None:
    assert client.get("/sim/v1/status", headers={"Host": "evil.example"}).status_code == 403
    assert client.get("/sim/v1/status", headers={"Host": "127.0.0.1:8050"}).status_code == 200


def test_the_clock_of_a_simulated_market_stands_steps_and_goes_faster_but_never_jumps(client: FlaskClient) -> None:
    assert client.post("/sim/v1/pause").status_code == 200
    assert client.get("/sim/v1/clock").get_json()["is_playing"] is False
    begun = client.get("/sim/v1/clock").get_json()["now"]
    assert client.post("/sim/v1/step", json={"by_ms": 5}).get_json() == begun + 5_000_000
    assert client.post("/sim/v1/speed", json={"speed": 10}).status_code == 200
    assert client.post("/sim/v1/play").status_code == 200
    assert client.get("/sim/v1/clock").get_json()["speed"] == 10
    answer = client.post("/sim/v1/seek", json={"to": begun + 1})
    assert answer.status_code == 422 and "only a replay can jump" in answer.get_json()["message"]


def test_below_sim_v1_everything_is_json(client: FlaskClient) -> None:
    for answer in (client.get("/sim/v1/nope"), client.put("/sim/v1/orders"), client.get("/sim/v1/")):
        assert answer.status_code == 404
        assert "there is no" in answer.get_json()["message"]


@pytest.mark.parametrize("limit", ["abc", "²", "0", "-1", "10001", "9" * 5_000])
@pytest.mark.parametrize("address", ["bars/AAPL", "journal"])
def test_a_strange_limit_is_named(client: FlaskClient, address: str, limit: str) -> None:
    answer = client.get(f"/sim/v1/{address}?limit={limit}")
    assert (answer.status_code, answer.get_json()["field"]) == (400, "limit")


def test_an_origin_that_is_no_address_is_foreign(client: FlaskClient) -> None:
    assert client.post("/sim/v1/orders", json={}, headers={"Origin": "http://["}).status_code == 403


def test_a_large_body_is_refused_unread(client: FlaskClient) -> None:
    answer = client.post("/sim/v1/orders", data=b"x" * 2_000_000)
    assert answer.status_code == 413
    assert "at most" in answer.get_json()["message"]


def test_money_is_shown_without_the_dust_of_divisions(stage: Stage, client: FlaskClient) -> None:
    for qty in ("30", "70"):
        client.post("/sim/v1/orders", json={"symbol": "AAPL", "side": "buy", "qty": qty})
    client.post("/sim/v1/orders", json={"symbol": "AAPL", "side": "sell", "qty": "33"})
    shown = client.get("/sim/v1/positions").get_data(as_text=True) + client.get("/sim/v1/account").get_data(
        as_text=True
    )
    assert "E-" not in shown
    assert not [number for number in shown.split('"') if number.count(".") == 1 and len(number.split(".")[1]) > 9]


def guarded(keeper: guard.Doorkeeper) -> FlaskClient:
    server = Flask("guarded")
    guard.register(server, keeper)
    server.add_url_rule("/healthz", "health", lambda: "ok")
    for path in ("/", "/v2"):
        server.add_url_rule(path, path, lambda: "page", methods=["GET", "POST"])
    return server.test_client()


@pytest.mark.parametrize("own", ["127.0.0.1", "0.0.0.0"])
@pytest.mark.parametrize("hosts", [(), ("other.example",)], ids=["no hosts", "hosts"])
def test_where_programs_find_the_desk_it_answers_to_that_name(own: str, hosts: tuple[str, ...]) -> None:
    client = guarded(guard.Doorkeeper(own, hosts, own_name="desk.example:8443"))
    assert client.get("/", headers={"Host": "desk.example:8443"}).status_code == 200
    assert client.get("/", headers={"Host": "evil.example:8443"}).status_code == 403


def test_a_password_is_asked_of_everybody_but_the_platform() -> None:
    client = guarded(guard.Doorkeeper("0.0.0.0", password="open sesame"))
    assert client.get("/").status_code == 401
    assert client.get("/", auth=("anyone", "wrong")).status_code == 401
    assert client.get("/", auth=("anyone", "open sesame")).status_code == 200
    assert client.get("/healthz").status_code == 200


def test_only_our_own_names_are_answered_to() -> None:
    client = guarded(guard.Doorkeeper("0.0.0.0", hosts=("desk.example",)))
    assert client.get("/", headers={"Host": "desk.example"}).status_code == 200
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 403


@pytest.mark.parametrize("host", ["MyDesk.Example", "mydesk.example.:8443", "OTHER.example:80", "[FE80::1]:80"])
def test_a_name_is_the_same_in_any_case_with_any_port_and_with_a_dot(host: str) -> None:
    hosts = ("mydesk.EXAMPLE.", "other.example:443", "fe80::1")
    for keeper in (guard.Doorkeeper("0.0.0.0", hosts=hosts), guard.Doorkeeper("127.0.0.1", hosts=hosts)):
        assert guarded(keeper).get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["localhost.", "LOCALHOST:8050", "[::1]:8050", "127.0.0.1"])
@pytest.mark.parametrize("own", ["localhost", "LocalHost.", "::1", "0.0.0.0"])
def test_this_machine_is_known_by_each_of_its_names(own: str, host: str) -> None:
    assert guarded(guard.Doorkeeper(own)).get("/", headers={"Host": host}).status_code == 200
    assert guarded(guard.Doorkeeper(own, ("desk.example",))).get("/", headers={"Host": host}).status_code == 200
    assert guarded(guard.Doorkeeper(own)).get("/", headers={"Host": "evil.example"}).status_code == 403


@pytest.mark.parametrize("host", ["10.0.0.7:8050", "desk.internal", "evil.example.", "[fe80::1]:8050"])
@pytest.mark.parametrize("hosts", [(), ("desk.example",)], ids=["no hosts", "hosts"])
@pytest.mark.parametrize("own", ["127.0.0.1", "0.0.0.0"])
def test_the_platform_looks_at_every_name(own: str, hosts: tuple[str, ...], host: str) -> None:
    client = guarded(guard.Doorkeeper(own, hosts=hosts, password="open sesame"))
    assert client.get("/healthz", headers={"Host": host}).status_code == 200
    assert client.get("/", headers={"Host": host}).status_code in (401, 403)


@pytest.mark.parametrize(
    ("keeper", "host", "path", "status"),
    [
        (guard.Doorkeeper("0.0.0.0"), "evil.example:8050", "/", 403),
        (guard.Doorkeeper("0.0.0.0"), "192.168.1.7:8050", "/", 200),
        (guard.Doorkeeper("0.0.0.0"), "[fe80::1]:8050", "/", 200),
        (guard.Doorkeeper("0.0.0.0"), "localhost:8050", "/", 200),
        (guard.Doorkeeper("0.0.0.0", hosts=("desk.example",)), "desk.example", "/", 200),
        (guard.Doorkeeper("0.0.0.0", has_own_keys=lambda path: path == "/v2"), "desk.example", "/v2", 200),
    ],
)
def test_nobody_trades_or_looks_at_a_name_that_might_be_anothers(keeper, host, path, status) -> None:
    client = guarded(keeper)
    origin = {"Host": host, "Origin": f"http://{host}"}
    socket = {"Upgrade": "websocket", "Connection": "Upgrade"}
    for answer in (
        client.get(path, headers={"Host": host}),
        client.open(path, method="HEAD", headers={"Host": host}),
        client.post(path, headers=origin),
    ):
        assert answer.status_code == status
        assert status == 200 or not answer.data or "TRADESIM_HOSTS" in answer.get_json()["message"]
    upgrade = client.get(path, headers={**origin, **socket}).status_code
    assert (upgrade == 403) == (status == 403), "let in, it finds no socket here"
    assert client.get("/healthz", headers={"Host": host}).status_code == 200, "the platform asks by any name"


def test_who_has_the_password_trades_at_any_name() -> None:
    client = guarded(guard.Doorkeeper("0.0.0.0", password="open sesame"))
    assert client.post("/", headers={"Host": "desk.example"}, auth=("anyone", "open sesame")).status_code == 200


def test_the_clock_the_seed_and_the_sessions_are_told(client: FlaskClient) -> None:
    clock = client.get("/sim/v1/clock").get_json()
    assert clock["is_playing"] and clock["can_be_moved"] and clock["now"] >= clock["start"]
    assert client.get("/sim/v1/seed").get_json() == {"seed": None, "title": "still"}
    sessions = client.get("/sim/v1/sessions").get_json()
    assert [each["symbol"] for each in sessions["instruments"]] == ["AAPL", "BTC/USD"]


def test_why_a_fill_happened_is_said_in_words(client: FlaskClient) -> None:
    order = client.post("/sim/v1/orders", json={"symbol": "AAPL", "side": "buy", "qty": "150"}).get_json()
    first, second = client.get(f"/sim/v1/reasons/{order['id']}").get_json()
    assert first["fill"]["price"] == "230.01" and second["fill"]["price"] == "230.02"
    assert first["words"][0] == "Bought 100 AAPL at 230.01, matched by the order book."
    assert "It took liquidity: 100 stood first at 230.01." in first["words"]
    assert client.get("/sim/v1/reasons/none").status_code == 404


def test_a_resting_order_says_what_became_of_the_queue(stage: Stage, client: FlaskClient) -> None:
    body = {"symbol": "AAPL", "side": "buy", "qty": "10", "type": "limit", "limit_price": "229.99"}
    order = client.post("/sim/v1/orders", json=body).get_json()
    stage.desk._thread.ask(
        lambda: stage.market.venue.agent_limit("AAPL", "~o", Side.SELL, 22_999, 110, stage.clock.now())
    )
    eventually(lambda: client.get(f"/sim/v1/reasons/{order['id']}").get_json())
    words = client.get(f"/sim/v1/reasons/{order['id']}").get_json()[0]["words"]
    assert "It rested in the book with 100 before it; 100 of that traded and 0 was cancelled." in words


def test_beginning_anew_gives_a_fresh_account_and_market(client: FlaskClient) -> None:
    client.post("/sim/v1/orders", json={"symbol": "AAPL", "side": "buy", "qty": "100"})
    before = client.get("/sim/v1/status").get_json()["session_id"]
    account = client.post("/sim/v1/reset", json={"seed": 7, "cash": "5000"}, headers=PERSON).get_json()
    assert account["account"]["cash"] == "5000" and client.get("/sim/v1/positions").get_json() == []
    assert client.get("/sim/v1/status").get_json()["session_id"] != before
    assert client.post("/sim/v1/reset", json={"cash": "-1"}, headers=PERSON).status_code == 400


def test_a_step_may_say_how_far(client: FlaskClient) -> None:
    assert client.post("/sim/v1/step", json={"by_ms": -1}).status_code == 400
    assert client.post("/sim/v1/step", json={"by_ms": 5}).status_code == 200


def test_the_document_names_every_route_that_there_is(client: FlaskClient) -> None:
    document = client.get("/sim/v1/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    described = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    served = {
        (re.sub(r"<(?:path:)?(\w+)>", r"{\1}", str(rule)), method)
        for rule in client.application.url_map.iter_rules()
        for method in rule.methods or set()
        if str(rule).startswith("/sim/v1") and method not in ("HEAD", "OPTIONS")
    }
    unknown = {("/sim/v1/", each) for each in routes.METHODS} | {("/sim/v1/{rest}", each) for each in routes.METHODS}
    assert served - described == {("/sim/v1/openapi.json", "GET")} | unknown


def test_limits_are_read_set_and_only_raised_by_a_person(client: FlaskClient) -> None:
    assert set(client.get("/sim/v1/risk").get_json()) == {"desk", "paper"}
    answer = client.put("/sim/v1/risk/paper", json={"max_day_loss": "500", "restricted": ["GME"]})
    assert (answer.status_code, answer.get_json()["limits"]["max_day_loss"]) == (200, "500")
    refused = client.put("/sim/v1/risk/Paper", json={"max_day_loss": None})
    assert (refused.status_code, refused.get_json()["code"]) == (403, "person_needed")
    raised = client.put("/sim/v1/risk/Paper", json={"max_day_loss": None}, headers=PERSON).get_json()
    assert (raised["limits"]["max_day_loss"], raised["limits"]["restricted"]) == (None, ["GME"])
    desk = client.put("/sim/v1/risk", json={"max_open_orders": 5}, headers=PERSON).get_json()
    assert desk["account_id"] == ""
    view = client.get("/sim/v1/risk/paper").get_json()
    assert (view["limits"]["max_open_orders"], view["own_limits"]["max_open_orders"]) == (5, 1000)
    assert {"name", "title", "used", "limit", "unit", "share"} == set(view["uses"][0])
    for by in ("person", "limit", "guard"):
        claimed = client.put("/sim/v1/risk/paper", json={"max_day_loss": "1", "by": by})
        assert (claimed.status_code, claimed.get_json()["code"]) == (403, "person_needed")
    wrong = {callers.HEADER: "tokens"}
    assert client.put("/sim/v1/risk/paper", json={"max_open_orders": 2_000}, headers=wrong).status_code == 403
    assert client.get("/sim/v1/risk/nobody").status_code == 404
    assert client.put("/sim/v1/risk/paper", json={"max_open_orders": "many"}).status_code == 400
    assert (
        client.put("/sim/v1/risk/paper", json={"max_drawdown": 7}, headers=PERSON).get_json()["field"] == "max_drawdown"
    )


def test_the_kill_switch_and_the_way_back(client: FlaskClient) -> None:
    killed = client.post("/sim/v1/kill", json={"account": "paper", "mode": "flatten", "reason": "enough"}).get_json()
    assert (killed["state"], killed["cause"], killed["message"]) == ("halted", "kill_switch", "enough")
    refused = client.post("/sim/v1/orders", json={"symbol": "AAPL", "side": "buy", "qty": "1"})
    assert (refused.status_code, refused.get_json()["code"]) == (422, "risk_halted")
    assert client.post("/sim/v1/reactivate", json={"account": "paper"}).status_code == 403
    back = client.post("/sim/v1/reactivate", json={"account": "paper"}, headers=PERSON).get_json()
    assert back["state"] == "active"
    assert client.post("/sim/v1/kill", json={"mode": "freeze"}).status_code == 403
    assert client.post("/sim/v1/kill", json={"mode": "freeze"}, headers=PERSON).get_json()["state"] == "halted"


def test_who_sends_too_fast_is_told_how_long_to_wait(client: FlaskClient) -> None:
    client.put("/sim/v1/risk/paper", json={"max_orders_per_minute": 1})
    body = {"symbol": "AAPL", "side": "buy", "qty": "1", "type": "limit", "limit_price": "229.95"}
    assert client.post("/sim/v1/orders", json=body).status_code == 201
    refused = client.post("/sim/v1/orders", json=body)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == str(refused.get_json()["retry_after_s"])


def test_performance_and_journal(client: FlaskClient) -> None:
    for side in ("buy", "sell"):
        assert client.post("/sim/v1/orders", json={"symbol": "AAPL", "side": side, "qty": "10"}).status_code == 201
    found = client.get("/sim/v1/performance?period=1W").get_json()
    assert (found["figures"]["trips"], found["figures"]["net_pl"]) == (1, "-0.20")
    assert client.get("/sim/v1/performance?period=soon").status_code == 422
    (trip,) = client.get("/sim/v1/journal").get_json()
    assert (trip["symbol"], trip["side"], trip["fills"], trip["tags"]) == ("AAPL", "buy", 2, [])
    address = f"/sim/v1/journal/{trip['id']}"
    said = client.patch(address, json={"note": "test", "tags": ["setup:probe"]}).get_json()
    assert (said["note"], said["setup"]) == ("test", "probe")
    whole = client.get(f"{address}?account=Paper").get_json()
    assert (whole["note"], len(whole["fills"]), whole["matches"][0]["pl"]) == ("test", 2, "-0.20")
    assert client.get("/sim/v1/journal/nothing").status_code == 404
    assert client.patch("/sim/v1/journal/nothing", json={"note": "?"}).status_code == 404
    assert client.patch(address, json={"notes": "?"}).status_code == 400
    assert client.get("/sim/v1/journal?account=nobody").status_code == 404
    assert client.get("/sim/v1/journal?limit=0").status_code == 400
    export = client.get("/sim/v1/journal?format=csv")
    assert (export.mimetype, b"setup:probe" in export.data) == ("text/csv", True)
    assert client.get("/sim/v1/journal?format=parquet").data[:4] == b"PAR1"
    assert client.get("/sim/v1/journal?format=xml").status_code == 400


def test_a_bots_key_is_never_a_person_and_is_for_its_own_account(client: FlaskClient, stage: Stage) -> None:
    bot = stage.desk.submit(OpenAccount("Bot")).id
    headers = {**PERSON, "APCA-API-KEY-ID": "Bot"}
    for path, body in (
        ("put risk/Bot", {"max_open_orders": 2_000}),
        ("put risk/paper", {"max_open_orders": 5}),
        ("put risk", {"max_open_orders": 5}),
        ("post kill", {"account": "paper"}),
        ("post kill", {}),
        ("post reactivate", {"account": "Bot"}),
        ("post reset", {}),
        ("post replay", {"paths": ["day"]}),
        ("delete replay", {}),
        ("post faults", {"kind": "drop"}),
        ("delete faults", {}),
    ):
        method, _, rest = path.partition(" ")
        answer = client.open(f"/sim/v1/{rest}", method=method.upper(), json=body, headers=headers)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "person_needed"), path
    lower = client.put("/sim/v1/risk/Bot", json={"max_open_orders": 5, "by": "my bot"}, headers=headers)
    assert lower.get_json()["limits"]["max_open_orders"] == 5
    killed = client.post("/sim/v1/kill", json={"account": bot, "by": "my bot"}, headers=headers).get_json()
    assert (killed["state"], killed["by"]) == ("halted", "my bot")


def test_where_programs_share_the_market_a_person_alone_moves_its_clock_and_halts_it(client, stage, keys) -> None:
    bot = stage.desk.submit(OpenAccount("Bot")).id
    doors: tuple[tuple[str, dict[str, object] | None], ...] = (
        ("post pause", None),
        ("post step", {"by_ms": 5}),
        ("post speed", {"speed": 2}),
        ("post play", None),
        ("post halt?symbol=AAPL", None),
        ("post resume", None),
        ("put risk/Bot", {"max_open_orders": 5}),
        ("post kill", {"account": bot}),
    )

    def knock(door: str, body: object, headers: dict[str, str]) -> int:
        method, _, rest = door.partition(" ")
        return client.open(f"/sim/v1/{rest}", method=method.upper(), json=body, headers=headers).status_code

    assert {door: knock(door, body, {}) for door, body in doors[:6]} == {door: 200 for door, _ in doors[:6]}
    keys.append("PKSOMEBODY")
    for headers, wanted in (({}, 403), ({"APCA-API-KEY-ID": "Paper"}, 403), (PERSON, 200)):
        assert {door: knock(door, body, headers) for door, body in doors} == {door: wanted for door, _ in doors}
    assert knock("put risk/paper", {"max_open_orders": 5}, {}) == 200, "its own account is the desk's own"
    assert client.get("/sim/v1/clock").status_code == 200


def test_the_pages_doors_are_for_the_page(client: FlaskClient) -> None:
    for door in callers.PAGE_DOORS:
        ours, key = {"Origin": "http://localhost"}, {"APCA-API-KEY-ID": "Bot"}
        assert [client.post(door, json=[], headers=each).status_code for each in ({}, {**ours, **key})] == [403, 403]
        assert client.post(door, json=[], headers=ours).status_code == 404, "let in, and here nobody serves it"


@pytest.mark.parametrize("which", ["lots", "lots/closed"])
def test_lots_of_a_symbol_that_there_is_not_are_refused(client: FlaskClient, which: str) -> None:
    answer = client.get(f"/sim/v1/{which}?symbol=nope")
    assert (answer.status_code, answer.get_json()["message"]) == (404, "there is no nope in this market")
    assert client.get(f"/sim/v1/{which}?symbol=AAPL").get_json() == []


def test_lots_are_told_at_the_mark_and_a_sale_may_name_one(client: FlaskClient) -> None:
    for _ in range(2):
        client.post("/sim/v1/orders", json={"symbol": "AAPL", "side": "buy", "qty": "10"})
    first, second = client.get("/sim/v1/lots").get_json()
    assert (first["qty"], first["price"], first["cost"], first["is_long_term"]) == ("10", "230.01", "2300.10", False)
    mark = client.get("/sim/v1/positions").get_json()[0]["mark"]
    assert Decimal(first["unrealized_pl"]) == (Decimal(mark) - Decimal("230.01")) * 10 and first["age_ns"] >= 0
    sale = {"symbol": "AAPL", "side": "sell", "qty": "4", "lots": [second["id"]]}
    assert client.post("/sim/v1/orders", json=sale).get_json()["lots"] == [second["id"]]
    assert [each["qty"] for each in client.get("/sim/v1/lots?symbol=AAPL").get_json()] == ["10", "6"]
    (closed,) = client.get("/sim/v1/lots/closed").get_json()
    assert (closed["lot_id"], closed["qty"], closed["held_ns"]) == (
        second["id"],
        "4",
        closed["closed_at"] - closed["opened_at"],
    )
    assert Decimal(closed["realized_pl"]) == (Decimal(closed["closing_price"]) - Decimal("230.01")) * 4
    answer = client.post("/sim/v1/orders", json={**sale, "lots": ["nothing"]})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "lots")


def test_lots_of_an_account_are_its_own(client: FlaskClient, stage: Stage) -> None:
    client.post("/sim/v1/orders", json={"symbol": "AAPL", "side": "buy", "qty": "10"})
    assert not isinstance(stage.desk.submit(OpenAccount("Bot")), Rejection)
    assert client.get("/sim/v1/lots?account=Bot").get_json() == []
    for route in ("lots", "lots/closed"):
        answer = client.get(f"/sim/v1/{route}?account=nobody")
        assert (answer.status_code, answer.get_json()["code"]) == (404, "unknown_account")
