from collections import defaultdict
from decimal import Decimal

import pytest
from dash import Dash

from tests.stage import Stage
from tradesim.model.commands import OpenAccount, SubmitOrder
from tradesim.model.market import Side
from tradesim.ui.panels import blotter, why
from tradesim.ui.panels.blotter.columns import COLUMNS
from tradesim.ui.panels.blotter.ids import Blotter, Tab
from tradesim.ui.panels.blotter.layout import grid
from tradesim.ui.panels.blotter.ledger import booked
from tradesim.ui.panels.blotter.lots import told
from tradesim.ui.panels.why.ids import Why


@pytest.fixture
def stage():
    stage = Stage()
    for side, qty in ((Side.BUY, 150), (Side.SELL, 50)):
        stage.ask(SubmitOrder("paper", "AAPL", side, qty=Decimal(qty)))
    stage.pass_ms(1)
    return stage


def test_ledger_rows_sum_to_zero_in_every_entry_and_unit(stage):
    sums: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for row in booked(stage.desk, None)["rows"]:
        sums[row["seq"], row["unit"]] += Decimal(row["amount"])
    assert sums
    assert set(sums.values()) == {Decimal(0)}


def test_ledger_agrees_with_the_fills(stage):
    account = stage.desk.account()
    rows = booked(stage.desk, None)["rows"]
    shares = sum(Decimal(row["amount"]) for row in rows if (row["book"], row["unit"]) == ("position", "AAPL"))
    cash = sum(Decimal(row["amount"]) for row in rows if row["book"] == "cash")
    assert shares == sum(fill.signed_qty for fill in account.fills) == 100
    assert cash == account.account.cash


def test_only_what_is_new_is_sent_again(stage):
    first = booked(stage.desk, None)
    known = {"session": first["session"], "account": first["account"], "after": first["last"]}
    assert booked(stage.desk, known)["rows"] == []
    stage.ask(SubmitOrder("paper", "AAPL", Side.BUY, qty=Decimal(1)))
    stage.pass_ms(1)
    fresh = booked(stage.desk, known)
    assert {row["seq"] for row in fresh["rows"]} == {fresh["last"]}
    assert fresh["entries"] == first["entries"] + 1


def test_open_lots_are_told_and_closed_ones_when_they_are_wished(stage):
    held = told(stage.desk, None)
    assert (held["account"], held["count"], held["is_closed"]) == ("paper", len(held["rows"]), False)
    assert sum(Decimal(row["size"]) for row in held["rows"]) == 100
    assert {(row["symbol"], row["side"], row["term"]) for row in held["rows"]} == {("AAPL", "Long", "Short-term")}
    closed = told(stage.desk, {"is_closed": True})
    (gone,) = closed["rows"]
    assert (closed["count"], closed["is_closed"], gone["qty"]) == (held["count"], True, 50)
    assert gone["rpl"] == pytest.approx((gone["exit"] - gone["price"]) * 50)
    assert gone["closed"] >= gone["opened"]


def test_the_lots_are_the_chosen_accounts(stage):
    bot = stage.ask(OpenAccount("Bot", Decimal(5_000))).id
    assert told(stage.desk, {"is_closed": "yes"}, bot) == {"account": bot, "is_closed": False, "count": 0, "rows": []}


@pytest.mark.parametrize("wish", [None, 7, {}, {"after": "x"}, {"session": "other", "account": "paper", "after": 99}])
def test_a_page_that_knows_another_market_gets_everything(stage, wish):
    assert len(booked(stage.desk, wish)["rows"]) == len(booked(stage.desk, None)["rows"]) > 0


def test_every_id_the_browser_needs_is_in_the_skeleton(stage):
    text = str(blotter.layout(stage.desk).to_plotly_json())
    assert [each for each in Blotter if f"'{each.value}'" not in text] == []
    parts = ("button", "counter", "pane", "place", "empty", "wanted")
    assert [getattr(tab, part) for tab in Tab for part in parts if f"'{getattr(tab, part)}'" not in text] == []
    text = str(why.layout(stage.desk).to_plotly_json())
    assert [each for each in Why if f"'{each.value}'" not in text] == []


@pytest.mark.parametrize("tab", Tab)
def test_a_grid_is_community_and_takes_no_rows_through_dash(tab):
    made = grid(tab)
    assert not getattr(made, "enableEnterpriseModules", False)
    assert getattr(made, "rowData", None) is None
    assert made.getRowId == "params.data.id"


@pytest.mark.parametrize("tab", Tab)
def test_every_column_is_named_once(tab):
    names = [column.get("colId") or column["field"] for column in COLUMNS[tab]]
    assert len(names) == len(set(names))


def posted(app: Dash, output: str, source: str, value: object, account: str | None = None):
    name, prop = output.split(".")
    body = {
        "output": output,
        "outputs": {"id": name, "property": prop},
        "inputs": [{"id": source, "property": "data", "value": value}],
        "changedPropIds": [f"{source}.data"],
        "state": [{"id": "account", "property": "data", "value": account}] if account is not None else [],
    }
    reply = app.server.test_client().post("/_dash-update-component", json=body)
    return reply.get_json()["response"][name][prop]


def test_the_callbacks_answer_over_http(stage):
    app = Dash("blotter")
    app.layout = blotter.layout(stage.desk)
    blotter.register(app, stage.desk)
    assert len(posted(app, "blotter-ledger-rows.data", "blotter-ledger-wish", None, "")["rows"]) > 0
    assert posted(app, "blotter-lots-rows.data", "blotter-lots-wish", {"is_closed": False}, "")["count"] > 0
    for tab in Tab:
        made = posted(app, f"{tab.place}.children", tab.wanted, {"at": 1})
        assert (made["namespace"], made["props"]["id"]) == ("dash_ag_grid", tab.grid)


def test_the_ledger_is_the_chosen_accounts(stage):
    bot = stage.ask(OpenAccount("Bot", Decimal(5_000))).id
    found = booked(stage.desk, None, bot)
    assert found["account"] == bot
    assert [row["amount"] for row in found["rows"] if row["book"] == "cash"] == ["5000"]
    assert booked(stage.desk, None)["account"] == "paper"
    assert booked(stage.desk, None, "no-such")["account"] == "paper"
