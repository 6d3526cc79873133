"""The facade's door: whose account a key opens, and where its orders say that they come from."""

from base64 import b64encode

import pytest
from flask import Flask

from tests.stage import Stage
from tests.waiting import eventually
from tradesim.api.alpaca import facade
from tradesim.api.alpaca.door import Door
from tradesim.bootstrap import revoke_archived
from tradesim.model.commands import ArchiveAccount, OpenAccount
from tradesim.storage.apikeys import ApiKeys
from tradesim.storage.drawer import Drawer

ORDER = {"symbol": "AAPL", "qty": "1", "side": "buy", "type": "market", "time_in_force": "day"}


class House:
    """A desk that runs, its keys, and a client who knocks."""

    def __init__(self, folder):
        self.stage = Stage()
        self.desk, self.keys = self.stage.desk, ApiKeys(folder, lambda: 1_000)
        server = Flask("house")
        self.lines = facade.register(server, self.desk, Door(self.keys), Drawer(folder / "drawer.json"))
        self.client = server.test_client()
        self.desk.start()

    def ask(self, path, made, body=None, **headers):
        shown = {"APCA-API-KEY-ID": made.key.id, "APCA-API-SECRET-KEY": made.secret, **headers}
        return self.client.open(path, method="POST" if body else "GET", json=body, headers=shown)


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    yield house
    house.lines.stop()
    house.desk.stop()


def test_a_key_opens_its_account_at_its_first_use_but_never_one_that_was_archived(house):
    made = house.keys.create("Robot")
    assert house.ask("/v2/account", made).get_json()["cash"] == "100000"
    robot = house.desk.account_id_of("Robot")
    house.desk.submit(ArchiveAccount(robot))
    answer = house.ask("/v2/account", made)
    assert (answer.status_code, answer.get_json()["message"]) == (403, "account Robot is archived")
    assert house.ask("/v2/orders", made, ORDER).status_code == 403
    assert robot not in house.desk.accounts()
    assert house.desk.submit(OpenAccount("Robot")).id != robot, "a person may use the name again"


def test_an_order_says_by_which_key_it_came_whatever_else_is_shown(house):
    made, bot = house.keys.create(), house.keys.create("", "bot mean.py")
    forged = "Basic " + b64encode(b"any:x").decode()
    for shown, wanted in (
        (lambda: house.ask("/v2/orders", made, ORDER, Authorization=forged), f"alpaca:{made.key.id}"),
        (lambda: bearing(house, made), f"alpaca:{made.key.id}"),
        (lambda: house.ask("/v2/orders", bot, ORDER), f"alpaca:{bot.key.id}/mean.py"),
    ):
        answer = shown()
        assert answer.status_code == 200, answer.get_json()
        assert house.desk.orders()[0].source == wanted
    assert [each.source for each in house.desk.risk_sources("paper")] == ["", f"alpaca:{made.key.id}", "mean.py"]


def bearing(house, made):
    return house.client.post("/v2/orders", json=ORDER, headers={"Authorization": f"Bearer {made.secret}"})


def test_archiving_an_account_revokes_its_keys_and_no_others(house):
    house.desk.subscribe(lambda events: revoke_archived(house.desk, house.keys, events))
    gone, kept = house.keys.create("robot"), house.keys.create("Other")
    house.desk.submit(ArchiveAccount(house.desk.submit(OpenAccount("Robot")).id))
    eventually(lambda: house.ask("/v2/account", gone).status_code == 401)
    assert [key.id for key in house.keys.list()] == [kept.key.id]


def test_what_the_facade_refuses_by_itself_counts_for_the_runaway_guard(house):
    made = house.keys.create()
    for wrong in ({**ORDER, "symbol": "NONE"}, {**ORDER, "qty": "-1"}, {**ORDER, "side": "up"}):
        assert house.ask("/v2/orders", made, wrong).status_code in (403, 422)
    (_, seen) = house.desk.risk_sources("paper")
    assert seen.source == f"alpaca:{made.key.id}"
    assert {each.measure: each.count for each in seen.paces}["refusals"] == 3
