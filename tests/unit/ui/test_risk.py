from decimal import Decimal

import pytest
from dash import Dash
from msgspec.structs import fields

from tests.stage import Stage
from tradesim.model.commands import Kill, OpenAccount, SetRiskLimits, SubmitOrder
from tradesim.model.market import Side
from tradesim.model.risk import RiskLimits
from tradesim.ui.panels import risk
from tradesim.ui.panels.risk.facts import facts
from tradesim.ui.panels.risk.ids import Risk
from tradesim.ui.panels.risk.limits import AFTER, BEFORE


@pytest.fixture
def stage():
    return Stage()


def test_every_limit_has_its_words_once():
    named = [each.name for each in (*BEFORE, *AFTER) if each.name]
    assert sorted(named) == sorted(each.name for each in fields(RiskLimits))


def test_every_id_is_in_the_skeleton(stage):
    text = str(risk.layout(stage.desk).to_plotly_json())
    assert [each for each in Risk if f"'{each.value}'" not in text] == []


def test_facts_have_what_was_set_and_what_holds(stage):
    stage.ask(SetRiskLimits("paper", RiskLimits(max_day_loss=Decimal(500), restricted=("GME",))))
    stage.ask(SetRiskLimits("", RiskLimits(max_day_loss=Decimal(400))))
    found = facts(stage.desk)
    assert found["account"] == "paper"
    own, held = found["limits"]["account"]["own"], found["limits"]["account"]["held"]
    assert (own["max_day_loss"], held["max_day_loss"], own["restricted"]) == ("500", "400", ["GME"])
    assert (own["max_drawdown"], own["wash_trades_allowed"], own["max_order_qty"]) == (None, True, "10000000")
    assert found["limits"]["desk"]["own"]["max_day_loss"] == "400"


def test_facts_have_sources_and_changes(stage):
    stage.ask(SubmitOrder("paper", "AAPL", Side.BUY, qty=Decimal(1), source="ladder"))
    stage.ask(Kill("paper", reason="enough"))
    found = facts(stage.desk)
    whole, ladder = found["sources"]
    assert (whole["source"], ladder["source"], ladder["paces"][0]) == ("", "ladder", ["orders", 1, 250])
    assert found["changes"][0] | {"at": 0} == {
        "account": "paper",
        "name": "Paper",
        "state": "halted",
        "cause": "kill_switch",
        "message": "enough",
        "by": "person",
        "at": 0,
    }


def test_facts_are_the_chosen_accounts(stage):
    bot = stage.ask(OpenAccount("Bot", Decimal(5_000))).id
    stage.ask(SetRiskLimits(bot, RiskLimits(max_open_orders=3)))
    found = facts(stage.desk, bot)
    assert (found["account"], found["limits"]["account"]["own"]["max_open_orders"]) == (bot, "3")
    assert found["sources"] == []
    assert facts(stage.desk, "replay-gone")["account"] == "paper"


@pytest.mark.parametrize(("view", "is_answered"), [("risk", True), ("desk", False)])
def test_the_desk_is_asked_only_while_the_view_is_open(view, is_answered):
    stage = Stage()
    app = Dash("risk")
    app.layout = risk.layout(stage.desk)
    risk.register(app, stage.desk)
    values = {"risk-tick.n_intervals": 1, "risk-wish.data": None, "view.data": view, "account.data": ""}
    body = {
        "output": "risk-facts.data",
        "outputs": {"id": "risk-facts", "property": "data"},
        "inputs": [
            {"id": name.split(".")[0], "property": name.split(".")[1], "value": value} for name, value in values.items()
        ],
        "changedPropIds": ["risk-tick.n_intervals"],
    }
    reply = app.server.test_client().post("/_dash-update-component", json=body)
    assert reply.status_code == (200 if is_answered else 204)
