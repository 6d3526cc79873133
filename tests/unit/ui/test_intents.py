from decimal import Decimal

import pytest
from flask import Flask

from tests.stage import Stage
from tradesim.kernel.clock import NS_PER_MS
from tradesim.model import commands
from tradesim.model.market import Side
from tradesim.model.orders import OrderStatus, OrderType, Rejection, TimeInForce
from tradesim.ui import intents
from tradesim.ui.intents import COMMANDS, BadIntent, command_of, receipt, summary

LIMIT_BUY = {
    "id": "i1",
    "do": "submit",
    "symbol": "AAPL",
    "side": "buy",
    "type": "limit",
    "tif": "gtc",
    "qty": "1,00",
    "limit": "229.99",
    "post_only": True,
    "source": "ladder",
}

WISHES = {
    "submit": (
        LIMIT_BUY,
        commands.SubmitOrder(
            "paper",
            "AAPL",
            Side.BUY,
            OrderType.LIMIT,
            TimeInForce.GTC,
            qty=Decimal(100),
            limit_price=Decimal("229.99"),
            post_only=True,
            client_order_id="i1",
            source="ladder",
        ),
    ),
    "cancel": ({"order_id": "o"}, commands.CancelOrder("paper", "o")),
    "cancel_all": ({"symbol": ""}, commands.CancelAllOrders("paper", None)),
    "replace": ({"order_id": "o", "limit": "1.5"}, commands.ReplaceOrder("paper", "o", None, Decimal("1.5"))),
    "close": ({"symbol": "AAPL", "source": "chart"}, commands.ClosePosition("paper", "AAPL", "chart")),
    "flatten": ({}, commands.Flatten("paper", "ticket")),
    "play": ({}, commands.Play()),
    "pause": ({}, commands.Pause()),
    "speed": ({"speed": 10}, commands.SetSpeed(10.0)),
    "step": ({"by_ms": 250}, commands.StepMarket(250 * NS_PER_MS)),
    "seek": ({"to_ms": 1_000}, commands.SeekMarket(1_000 * NS_PER_MS)),
    "open_replay": (
        {"paths": ["a.csv"], "mapping": {"time": "t", "close": ""}},
        commands.OpenReplay(("a.csv",), (("time", "t"),)),
    ),
    "open_live": (
        {"provider": "kraken", "symbols": ["BTC/USD"], "backups": ["coinbase"]},
        commands.OpenLive("kraken", ("BTC/USD",), ("coinbase",)),
    ),
    "open_simulated": ({}, commands.OpenSimulated()),
    "halt": ({"symbol": "AAPL"}, commands.HaltTrading("AAPL")),
    "resume": ({}, commands.ResumeTrading(None)),
}


def test_every_wish_the_browser_may_have_is_tried_here():
    assert set(WISHES) == set(COMMANDS)


@pytest.mark.parametrize("do", COMMANDS)
def test_wish_becomes_its_command(do: str):
    fields, command = WISHES[do]
    assert command_of({**fields, "do": do}, "paper") == command


@pytest.mark.parametrize(
    ("wrong", "said", "field"),
    [
        ({"do": "buy"}, "do must be one of submit", "do"),
        ({"do": "open_live", "provider": "kraken"}, "symbols must be a list of names, was None", "symbols"),
        ({"do": "open_live", "provider": "kraken", "symbols": "BTC/USD"}, "was 'BTC/USD'", "symbols"),
        ({"do": ["submit"]}, "was ['submit']", "do"),
        ({"symbol": None}, "symbol must be given, was None", "symbol"),
        ({"side": "long"}, "side must be one of buy, sell, was 'long'", "side"),
        ({"side": ["buy"]}, "side must be one of buy, sell, was ['buy']", "side"),
        (
            {"type": "iceberg"},
            "type must be one of market, limit, stop, stop_limit, trailing_stop, was 'iceberg'",
            "type",
        ),
        ({"tif": "gtd"}, "tif must be one of day, gtc, ioc, fok, opg, cls, was 'gtd'", "tif"),
        ({"qty": "ten"}, "qty must be a number, was 'ten'", "qty"),
        ({"limit": "2..5"}, "limit must be a number, was '2..5'", "limit"),
        ({"do": "cancel"}, "order_id must be given, was None", "order_id"),
        ({"do": "seek", "to_ms": "noon"}, "to_ms must be milliseconds, was 'noon'", "to_ms"),
        ({"do": "seek", "to_ms": True}, "to_ms must be milliseconds, was True", "to_ms"),
        ({"do": "open_replay", "paths": "a.csv"}, "paths must be a list of recordings, was 'a.csv'", "paths"),
        ({"do": "open_replay", "paths": ["a"], "mapping": 1}, "mapping must name columns, was 1", "mapping"),
    ],
)
def test_what_is_no_wish_is_refused_with_wanted_and_found(wrong, said, field):
    with pytest.raises(BadIntent) as refused:
        command_of({**LIMIT_BUY, **wrong}, "paper")
    assert said in str(refused.value)
    assert refused.value.field == field


@pytest.fixture
def desk():
    stage = Stage()
    stage.desk.start()
    yield stage.desk
    stage.desk.stop()


def test_receipt_names_the_order_and_how_it_stands(desk):
    found = receipt(desk, LIMIT_BUY)
    assert (found["id"], found["ok"], found["status"]) == ("i1", True, OrderStatus.NEW)
    assert found["message"] == "Buy 100 AAPL at 229.99: working"
    assert desk.order(found["order_id"]).client_order_id == "i1"


def test_receipt_of_a_refusal_has_the_sentence_and_the_field(desk):
    found = receipt(desk, {**LIMIT_BUY, "limit": "229.995"})
    assert (found["ok"], found["code"], found["field"]) == (False, "limit_price", "limit_price")
    assert found["message"] == "Refused: limit price must be a multiple of 0.01, was 229.995"


def test_receipt_of_nonsense_is_a_refusal_too(desk):
    found = receipt(desk, {"id": 7, "do": None})
    assert (found["id"], found["ok"], found["code"]) == (7, False, "bad_request")


def test_words_of_the_other_deeds(desk):
    order_id = receipt(desk, LIMIT_BUY)["order_id"]
    said = [
        receipt(desk, {"id": "r", "do": "replace", "order_id": order_id, "limit": "229.98"})["message"],
        receipt(desk, {"id": "c", "do": "cancel", "order_id": order_id})["message"],
        receipt(desk, {"id": "a", "do": "cancel_all"})["message"],
        receipt(desk, {"id": "m", **{**LIMIT_BUY, "id": "m", "type": "market", "limit": None, "post_only": False}})[
            "message"
        ],
        receipt(desk, {"id": "f", "do": "flatten"})["message"],
        receipt(desk, {"id": "h", "do": "halt", "symbol": "AAPL"})["message"],
    ]
    assert said == [
        "Changing: Buy 100 AAPL at 229.98",
        "Cancelling: Buy 100 AAPL at 229.98",
        "Cancelling no orders",
        "Buy 100 AAPL at market: filled",
        "Cancelling all, 1 order sent to close positions",
        "Done",
    ]


def test_the_first_refused_of_several_is_told():
    assert summary("flatten", [Rejection("halted", "trading is halted")]) == (
        "Cancelling all, no orders sent to close positions; refused: trading is halted"
    )


def test_a_batch_is_answered_over_http_in_its_order(desk):
    server = Flask("intents")
    intents.register(server, desk)
    batch = [{"id": "x", "do": "cancel", "order_id": "none"}, LIMIT_BUY, "hello"]
    answers = server.test_client().post("/page/intents", json=batch).get_json()
    assert [(each["id"], each["ok"]) for each in answers] == [("x", False), ("i1", True), (None, False)]
    assert answers[0]["message"] == "Refused: there is no order none"


@pytest.mark.parametrize("body", [b"", b"{", b'{"do": "play"}', b"[" + b"1," * 50 + b"1]"])
def test_what_is_no_batch_is_refused(desk, body):
    server = Flask("intents")
    intents.register(server, desk)
    answer = server.test_client().post("/page/intents", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert "a list of up to 50 intents" in answer.get_json()["message"]
