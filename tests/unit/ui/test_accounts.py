from decimal import Decimal

import pytest
from flask import Flask

from tests.stage import Stage
from tradesim.model.commands import Kill, OpenAccount, SubmitOrder
from tradesim.model.market import Side
from tradesim.ui import accounts


@pytest.fixture
def stage():
    return Stage()


def test_the_accounts_of_the_open_market_are_listed_its_own_first(stage):
    bot = stage.ask(OpenAccount("Bot", Decimal(5_000))).id
    stage.ask(SubmitOrder("paper", "AAPL", Side.BUY, qty=Decimal(10)))
    stage.pass_ms(1)
    stage.ask(Kill(bot))
    found = accounts.accounts_data(stage.desk)
    assert found["own"] == "paper" and found["session"] == stage.desk.status().session_id
    own, other = found["accounts"]
    assert (own["id"], own["is_own"], own["positions"], own["state"]) == ("paper", True, 1, "active")
    assert (other["name"], other["equity"], other["positions"], other["state"]) == ("Bot", "5000", 0, "halted")
    assert other["rules"]["day_trade_rule"] == "off"


def test_the_page_asks_for_them_over_http(stage):
    server = Flask("accounts")
    accounts.register(server, stage.desk)
    found = server.test_client().get(accounts.PATH).get_json()
    assert [each["id"] for each in found["accounts"]] == ["paper"]
