import threading
from decimal import Decimal

import pytest
from flask import Flask
from msgspec.structs import replace

from tests.stage import Stage
from tradesim.kernel.clock import NS_PER_MS
from tradesim.model import commands
from tradesim.model.accounts import AccountRules, DayTradeRule
from tradesim.model.market import Side
from tradesim.model.orders import ExitLeg, OrderClass, OrderStatus, OrderType, Rejection, TimeInForce
from tradesim.model.risk import KillMode, RiskLimits, RiskState
from tradesim.ui import intents
from tradesim.ui.intents import COMMANDS, as_wished, command_of, receipt, summary, wording
from tradesim.ui.wishes import BadIntent

LIMIT_BUY = {
    "id": "i1",
    "do": "submit",
    "symbol": "AAPL",
    "side": "buy",
    "type": "limit",
    "tif": "gtc",
    "qty": "100",
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
    "cancel": ({"order_id": "o", "alone": True}, commands.CancelOrder("paper", "o", alone=True)),
    "cancel_all": ({"symbol": ""}, commands.CancelAllOrders("paper", None)),
    "replace": (
        {"order_id": "o", "limit": "1.5", "stop": "2", "trail": "0.5", "tif": "gtc"},
        commands.ReplaceOrder("paper", "o", None, Decimal("1.5"), Decimal(2), Decimal("0.5"), TimeInForce.GTC),
    ),
    "close": ({"symbol": "AAPL", "source": "chart"}, commands.ClosePosition("paper", "AAPL", "chart")),
    "flatten": ({}, commands.Flatten("paper", "ticket")),
    "use_account": ({"name": "Bot"}, commands.UseAccount("Bot")),
    "open_account": (
        {"name": "Bot", "cash": "25,000", "rules": {"multiplier": "4", "day_trade_rule": "legacy_pdt"}},
        commands.OpenAccount(
            "Bot", Decimal(25_000), AccountRules(multiplier=Decimal(4), day_trade_rule=DayTradeRule.LEGACY_PDT)
        ),
    ),
    "configure_account": (
        {"rules": {"shorting_enabled": False}},
        commands.ConfigureAccount("paper", AccountRules(shorting_enabled=False)),
    ),
    "reset_account": ({"cash": ""}, commands.ResetAccount("paper", None)),
    "archive_account": ({}, commands.ArchiveAccount("paper")),
    "move_cash": ({"amount": "-20", "memo": "lunch"}, commands.MoveCash("paper", Decimal(-20), "lunch")),
    "kill": ({"mode": "flatten", "scope": "desk"}, commands.Kill("", KillMode.FLATTEN)),
    "reactivate": ({}, commands.Reactivate("paper")),
    "set_limits": ({"limits": {"max_day_loss": "500"}}, commands.SetRiskLimits("paper", RiskLimits())),
    "annotate": (
        {"trip_id": "t", "note": "too early", "tags": ["setup:gap", "late"]},
        commands.AnnotateTrip("paper", "t", "too early", ("setup:gap", "late")),
    ),
    "play": ({}, commands.Play()),
    "pause": ({}, commands.Pause()),
    "speed": ({"speed": 10}, commands.SetSpeed(10.0)),
    "step": ({"by_ms": 250, "bars": 2}, commands.StepMarket(250 * NS_PER_MS, 2)),
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


BRACKET = {
    **LIMIT_BUY,
    "class": "bracket",
    "take_profit": {"limit": "240"},
    "stop_loss": {"stop": "220", "limit": "219", "tif": "gtc"},
    "display_qty": "10",
    "extended_hours": True,
    "post_only": False,
    "tag": "gap",
}


def test_a_wish_may_have_exits_and_more():
    found = command_of(BRACKET, "paper")
    assert found.order_class is OrderClass.BRACKET
    assert found.take_profit == ExitLeg(limit_price=Decimal(240))
    assert found.stop_loss == ExitLeg(Decimal(219), Decimal(220), time_in_force=TimeInForce.GTC)
    assert (found.display_qty, found.extended_hours, found.tag) == (10, True, "gap")
    trail = command_of({**LIMIT_BUY, "type": "trailing_stop", "limit": None, "trail_percent": "1.5"}, "paper")
    assert (trail.type, trail.trail_percent) == (OrderType.TRAILING_STOP, Decimal("1.5"))


@pytest.mark.parametrize(
    ("wrong", "said", "field"),
    [
        ({"class": "basket"}, "class must be one of simple, bracket, oco, oto, was 'basket'", "class"),
        ({"take_profit": "240"}, "take_profit must be an object, was '240'", "take_profit"),
        ({"stop_loss": {"stop": "x"}}, "stop_loss: stop must be a number, was 'x'", "stop_loss"),
        ({"stop_loss": {"tif": "gtd"}}, "stop_loss: tif must be one of", "stop_loss"),
        ({"trail": "far"}, "trail must be a number, was 'far'", "trail"),
    ],
)
def test_wrong_exits_are_named(wrong, said, field):
    with pytest.raises(BadIntent) as refused:
        command_of({**BRACKET, **wrong}, "paper")
    assert said in str(refused.value)
    assert refused.value.field == field


def test_a_stop_is_told_in_a_traders_words(desk):
    wish = {**LIMIT_BUY, "post_only": False}
    said = [
        receipt(desk, {**wish, "id": "1", "type": "stop", "stop": "231", "limit": None})["message"],
        receipt(desk, {**wish, "id": "2", "type": "stop_limit", "stop": "231", "limit": "232"})["message"],
        receipt(desk, {**wish, "id": "3", "type": "trailing_stop", "trail": "2", "limit": None})["message"],
    ]
    assert said == [
        "Buy 100 AAPL on a stop at 231: working",
        "Buy 100 AAPL on a stop at 231, at 232: working",
        "Buy 100 AAPL on a stop that trails by 2: working",
    ]


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
        ({"qty": "0,01"}, "qty must be a number, was '0,01': decimals stand behind a point", "qty"),
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


@pytest.mark.parametrize("source", ["margin_call", "kill switch", "api", "alpaca:PKFIRST"])
@pytest.mark.parametrize("intent", [{}, {"do": "close", "symbol": "AAPL"}, {"do": "flatten"}], ids=str)
def test_an_intent_cannot_call_itself_what_the_desk_and_programs_are_called(desk, source, intent):
    found = receipt(desk, {**LIMIT_BUY, **intent, "source": source})
    assert (found["ok"], found["code"], found["field"]) == (False, "bad_request", "source")


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
        "Changing to: Buy 100 AAPL at 229.98",
        "Cancelling: Buy 100 AAPL at 229.98",
        "Cancelling no orders",
        "Buy 100 AAPL at market: filled",
        "Cancelling all, 1 order sent to close positions",
        "Done",
    ]


def test_a_change_is_told_in_its_new_terms_while_the_order_is_still_the_old_one(desk):
    order_id = receipt(desk, LIMIT_BUY)["order_id"]
    order = next(each for each in desk.account("").orders if each.id == order_id)
    assert wording(as_wished(order, {"limit": "229.97", "qty": "80"})) == "Buy 80 AAPL at 229.97"
    trailing = replace(order, type=OrderType.TRAILING_STOP, limit_price=None, trail_percent=Decimal(1))
    assert wording(as_wished(trailing, {"trail": "0.5"})) == "Buy 100 AAPL on a stop that trails by 0.5 %"


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


@pytest.mark.parametrize("body", [b"", b"{", b'{"do": "play"}', b"[" + b"1," * 50 + b"1]", b"[" * 30_000])
def test_what_is_no_batch_is_refused(desk, body):
    server = Flask("intents")
    intents.register(server, desk)
    answer = server.test_client().post("/page/intents", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert "a list of up to 50 intents" in answer.get_json()["message"]


@pytest.mark.parametrize("field", ["symbol", "tag", "source", "id"])
def test_text_that_cannot_be_written_down_does_not_reach_the_desk(desk, field):
    """A journal that cannot write it would stop the market."""
    server = Flask("intents")
    intents.register(server, desk)
    answer = server.test_client().post("/page/intents", json=[{**LIMIT_BUY, field: "\ud800"}])
    assert answer.status_code == 400


@pytest.mark.parametrize("amount", ["1e30", "-1e30", "1e-30", "1e999999"])
def test_money_beyond_all_measure_is_refused(amount):
    stage = Stage()
    for wish in ({"do": "move_cash", "amount": amount}, {"do": "reset_account", "cash": amount}):
        assert answered(stage, wish)["code"] in ("amount", "cash")


def test_an_intent_may_name_its_account():
    stage = Stage()
    told = answered(stage, {"id": "a", "do": "open_account", "name": "Bot", "cash": "5000"})
    assert (told["ok"], told["message"], told["account_id"]) == (True, "Bot: 5,000.00 USD", "paper-bot")
    answered(stage, {"do": "configure_account", "account": "paper-bot", "rules": {"multiplier": "1"}})
    answered(stage, {"do": "configure_account", "account": "paper-bot", "rules": {"shorting_enabled": False}})
    rules = stage.desk.account("paper-bot").account.rules
    assert (rules.multiplier, rules.shorting_enabled) == (1, False), "what is not named stays as it was"
    order = {"do": "submit", "symbol": "AAPL", "side": "buy", "qty": "1", "account": "paper-bot"}
    assert answered(stage, order)["status"] == "filled"
    assert stage.desk.account("paper-bot").positions and not stage.desk.account().positions
    no = answered(stage, {**order, "account": "nobody"})
    assert (no["code"], no["message"]) == (
        "bad_request",
        "Refused: account must be the id of an account, was 'nobody'",
    )


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"rules": 1}, "rules must be an object, was 1"),
        ({"rules": {"leverage": 2}}, "a rule must be one of multiplier, maintenance"),
        ({"rules": {"shorting_enabled": "no"}}, "shorting_enabled must be true or false, was 'no'"),
        ({"rules": {"multiplier": "many"}}, "multiplier must be a number, was 'many'"),
        ({"rules": {"lot_method": "best"}}, "lot_method must be one of fifo, lifo, specific, was 'best'"),
    ],
)
def test_a_rule_that_is_none_is_refused(said, message):
    with pytest.raises(BadIntent) as refused:
        command_of({"do": "configure_account", **said}, "paper")
    assert str(refused.value).startswith(message)


def test_limits_are_set_by_name_and_the_rest_stays():
    stage = Stage()
    said = {"max_day_loss": "5,000", "max_orders_per_minute": "60", "restricted": ["GME"], "wash_trades_allowed": False}
    told = answered(stage, {"do": "set_limits", "limits": said})
    assert (told["ok"], told["message"]) == (True, "The limits are set")
    answered(stage, {"do": "set_limits", "limits": {"max_day_loss": None, "max_open_orders": "5"}})
    found = stage.desk.risk("paper").own_limits
    assert found == RiskLimits(
        max_orders_per_minute=60, restricted=("GME",), wash_trades_allowed=False, max_open_orders=5
    )
    desk = answered(stage, {"do": "set_limits", "scope": "desk", "limits": {"max_drawdown": "0.05"}})
    assert desk["message"] == "The desk's limits are set"
    assert stage.desk.risk().own_limits.max_drawdown == Decimal("0.05")
    assert stage.desk.risk("paper").own_limits.max_drawdown is None


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({}, "limits must be an object with a limit in it, was None"),
        ({"limits": {"max_luck": "1"}}, "a limit must be one of allowed, duplicate_window_ms"),
        ({"limits": {"max_order_qty": ""}}, "max_order_qty must be a number, was ''"),
        ({"limits": {"max_open_orders": "1.5"}}, "max_open_orders must be a whole number, was 1.5"),
        ({"limits": {"max_open_orders": "1e999999"}}, "max_open_orders must be a whole number, was 1E+999999"),
        ({"limits": {"restricted": "GME"}}, "restricted must be a list of names, was 'GME'"),
        ({"limits": {"wash_trades_allowed": 1}}, "wash_trades_allowed must be true or false, was 1"),
        ({"limits": {"max_drawdown": "5"}}, "max_drawdown must be a fraction below 1 (0.05 is 5 %), was 5"),
        ({"scope": "all", "limits": {"max_drawdown": "0.5"}}, "scope must be desk or left out, was 'all'"),
    ],
)
def test_a_limit_that_is_none_is_refused(said, message):
    told = answered(Stage(), {"do": "set_limits", **said})
    assert not told["ok"]
    assert told["message"].startswith(f"Refused: {message}")


def test_the_kill_switch_is_pulled_and_put_back_by_a_person():
    stage = Stage()
    answered(stage, LIMIT_BUY)
    told = answered(stage, {"do": "kill", "mode": "cancel"})
    assert told["message"] == "Halted: only cancels are taken (the kill switch was pulled)"
    view = stage.desk.risk("paper")
    assert (view.state, view.by, view.is_desks) == (RiskState.HALTED, "person", False)
    assert not any(order.is_open for order in stage.desk.orders())
    no = answered(stage, {**LIMIT_BUY, "id": "i2"})
    assert (no["code"], no["message"].split(":")[1]) == ("risk_halted", " trading is halted")
    assert answered(stage, {"do": "reactivate"})["message"] == "Active: orders are taken"
    assert answered(stage, {**LIMIT_BUY, "id": "i3"})["ok"]


def test_the_whole_desk_is_halted_by_its_own_scope():
    stage = Stage()
    answered(stage, {"do": "kill", "mode": "freeze", "scope": "desk", "reason": "lunch"})
    view = stage.desk.risk("paper")
    assert (view.state, view.message, view.is_desks) == (RiskState.HALTED, "lunch", True)
    answered(stage, {"do": "reactivate", "scope": "desk"})
    assert stage.desk.risk("paper").state is RiskState.ACTIVE
    assert [(each.account_id, each.state) for each in stage.desk.risk_changes()] == [
        ("", RiskState.ACTIVE),
        ("", RiskState.HALTED),
    ]


def answered(stage, intent):
    """As the page's route does, with the market thread driven by hand."""
    answers = []
    asking = threading.Thread(target=lambda: answers.append(receipt(stage.desk, intent)))
    asking.start()
    while asking.is_alive():
        stage.desk.turn(0.01)
    asking.join()
    return answers[0]


def test_a_sale_may_name_its_lots_and_only_by_a_list_of_names():
    intent = {**LIMIT_BUY, "side": "sell", "lots": ["f1", "f2"]}
    assert command_of(intent, "paper").lots == ("f1", "f2")
    with pytest.raises(BadIntent, match="lots must be a list of names"):
        command_of({**intent, "lots": "f1"}, "paper")
