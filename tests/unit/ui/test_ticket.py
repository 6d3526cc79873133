from decimal import Decimal
from typing import Any

import pytest
from dash import Dash

from tests.stage import Stage
from tradesim.model.commands import OpenAccount
from tradesim.model.orders import Liquidity
from tradesim.ui.panels import ticket
from tradesim.ui.panels.ticket.estimates import answer
from tradesim.ui.panels.ticket.ids import Ticket

MADE_IN_THE_BROWSER = {Ticket.QTY, Ticket.PRICE, Ticket.STOP, Ticket.TRAIL}


@pytest.fixture
def desk():
    stage = Stage()
    stage.desk.start()
    yield stage.desk
    stage.desk.stop()


def wish(**changes: Any) -> dict[str, Any]:
    form = {"key": 4, "symbol": "AAPL", "side": "buy", "type": "limit", "tif": "day", "qty": "250", "limit": "230.02"}
    return {**form, "post_only": False, **changes}


def test_estimate_walks_the_book_as_it_is_now(desk):
    assert answer(desk, wish()) == {
        "key": 4,
        "value": "57504.00",
        "fee": "0",
        "avg": "230.015",
        "fills_now": 200,
        "rests": 50,
        "slippage_ticks": "0.50",
        "queue_ahead": 0,
        "buying_power_after": "142496.00",
        "refusal": None,
        "field": None,
        "side": "buy",
        "opens": "250",
    }


@pytest.mark.parametrize(
    ("changes", "said", "field"),
    [
        ({"qty": "1.5"}, "quantity must be a multiple of 1, was 1.5", "qty"),
        ({"limit": "230.005"}, "limit price must be a multiple of 0.01, was 230.005", "limit_price"),
        ({"qty": "5000"}, "buying power 200,000.00 is less than 1,150,100.00", "qty"),
        ({"symbol": "XYZ"}, "XYZ is not traded here", "symbol"),
        ({"qty": "ten"}, "qty must be a number, was 'ten'", "qty"),
        ({"side": "hold"}, "side must be one of buy, sell, was 'hold'", "side"),
    ],
    ids=["lots", "ticks", "power", "symbol", "number", "side"],
)
def test_what_would_be_refused_is_said_before_it_is_sent(desk, changes, said, field):
    found = answer(desk, wish(**changes))
    assert (found["key"], found["refusal"], found["field"]) == (4, said, field)


def test_estimating_changes_nothing(desk):
    before = desk.account().version
    answer(desk, wish())
    assert desk.account().version == before
    assert desk.account().orders == ()


def test_a_form_that_is_no_form_is_answered_too(desk):
    assert answer(desk, None)["refusal"] == "the form must be an object, was NoneType"


def test_a_busy_desk_is_no_refusal():
    class BusyDesk:
        def status(self) -> Any:
            return type("Status", (), {"account_id": "paper"})

        def estimate(self, order: Any) -> Any:
            raise TimeoutError

    assert answer(BusyDesk(), wish()) == {"key": 4, "refusal": None, "field": None, "busy": True}


def test_every_id_the_browser_needs_is_in_the_skeleton(desk):
    text = str(ticket.layout(desk).to_plotly_json())
    assert [each for each in Ticket if each not in MADE_IN_THE_BROWSER and f"'{each.value}'" not in text] == []


def test_refusals_are_announced(desk):
    parts = {part.id: part for part in ticket.layout(desk)._traverse() if getattr(part, "id", None)}
    for place in (Ticket.REFUSAL, Ticket.REFUSAL_QTY, Ticket.REFUSAL_PRICE):
        assert parts[place].role == "alert"


def test_the_callback_answers_over_http(desk):
    app = Dash("ticket")
    app.layout = ticket.layout(desk)
    ticket.register(app, desk)
    body = {
        "output": "ticket-answer.data",
        "outputs": {"id": "ticket-answer", "property": "data"},
        "inputs": [
            {"id": "ticket-wish", "property": "data", "value": wish()},
            {"id": "account", "property": "data", "value": ""},
        ],
        "changedPropIds": ["ticket-wish.data"],
    }
    reply = app.server.test_client().post("/_dash-update-component", json=body)
    found = reply.get_json()["response"]["ticket-answer"]["data"]
    assert (found["key"], found["fills_now"], found["refusal"]) == (4, 200, None)


def test_the_estimate_is_the_chosen_accounts(desk):
    small = desk.submit(OpenAccount("Small", Decimal(1_000))).id
    assert "buying power" in answer(desk, wish(), small)["refusal"]
    assert answer(desk, wish())["refusal"] is None
    assert "account must be" in answer(desk, wish(), "no-such")["refusal"]


def test_the_exits_fees_are_told_with_the_estimate():
    stage = Stage(fee=lambda _instrument, price, qty, liquidity: price * qty * Decimal(FEES[liquidity]))
    stage.desk.start()
    try:
        bracket = {
            "class": "bracket",
            "take_profit": {"limit": "240.00", "tif": "gtc"},
            "stop_loss": {"stop": "220.00", "limit": "219.95"},
        }
        found = answer(stage.desk, wish(qty="100", **bracket))
        assert found["refusal"] is None
        assert {name: Decimal(fee) for name, fee in found["exit_fees"].items()} == {
            "take_profit": Decimal("24.00"),
            "stop_loss": Decimal("43.99"),
        }
        assert "exit_fees" not in answer(stage.desk, wish())
    finally:
        stage.desk.stop()


FEES = {Liquidity.MAKER: "0.001", Liquidity.TAKER: "0.002"}


@pytest.mark.parametrize(
    ("terms", "kind"),
    [
        ({"type": "stop", "stop": "231.00", "limit": None}, "stop"),
        ({"type": "stop_limit", "stop": "231.00", "limit": "231.05"}, "stop_limit"),
        ({"type": "trailing_stop", "trail_percent": "0.5", "limit": None}, "trailing_stop"),
        ({"type": "market", "limit": None, "tif": "ioc"}, "market"),
    ],
    ids=["stop", "stop limit", "trail", "market"],
)
def test_every_type_has_an_estimate(desk, terms, kind):
    found = answer(desk, wish(qty="10", **terms))
    assert found["refusal"] is None, kind
    assert Decimal(found["value"]) > 0
    assert found["fee"] == "0"
