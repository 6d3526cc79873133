"""The API view: keys as rows, the one answer with a secret, and what is never said."""

import json
from pathlib import Path

import pytest
from flask import Flask, request

from tests.stage import Stage
from tests.unit.ui.test_app import callback, components
from tradesim.api import trial
from tradesim.ops.bots import Bots
from tradesim.storage.apikeys import ApiKeys
from tradesim.ui.app import create_app
from tradesim.ui.panels.keys.ids import Keys
from tradesim.ui.panels.keys.layout import layout
from tradesim.ui.programs import Programs

ASSETS = Path(__file__).parents[3] / "assets"
NOW = 1_767_625_200_000_000_000


class House:
    """A page with programs, on a still market; `/v2/account` is a stand-in that knows the keys."""

    def __init__(self, folder: Path) -> None:
        self.stage = Stage()
        self.keys = ApiKeys(folder, lambda: NOW)
        self.bots = Bots(folder, lambda: "http://127.0.0.1:9", self.keys, self.stage.desk)
        self.server = Flask("test")

        @self.server.get("/v2/account")
        def on_account() -> tuple[dict, int]:
            shown = request.headers["APCA-API-KEY-ID"], request.headers["APCA-API-SECRET-KEY"]
            name = self.keys.account_of(*shown)
            return ({"account": name}, 200) if name is not None else ({"message": "unauthorized."}, 401)

        self.programs = Programs(self.keys, self.bots, lambda *pair: trial.answer(self.server, *pair))
        create_app(self.server, self.stage.desk, str(ASSETS), self.programs)

    def asked(self, answer: str, question: str, wish: dict) -> dict:
        reply = callback(self.server, f"{answer}.data", [{"id": question, "property": "data", "value": wish}])
        assert reply.status_code == 200, reply.text
        return json.loads(reply.text)["response"][answer]["data"]


@pytest.fixture
def house(tmp_path) -> House:
    return House(tmp_path)


def test_the_view_has_its_places_and_links_to_both_documents():
    found = components(layout(None))
    assert all(name in found for name in Keys)
    assert "/docs/api" in str(layout(None)) and "/alpaca/openapi.json" in str(layout(None))


def test_a_new_key_is_tried_out_and_its_secret_is_in_that_answer_alone(house, caplog):
    caplog.set_level("DEBUG")
    made = house.asked(Keys.MADE, Keys.MAKE, {"n": 1, "account": " Robots ", "label": "laptop"})
    assert made["ok"] and made["account"] == "Robots"
    assert made["trial"]["status"] == 200 and json.loads(made["trial"]["body"]) == {"account": "Robots"}
    secret = made["secret"]
    assert house.keys.account_of(made["id"], secret) == "Robots"
    rows = house.asked(Keys.ROWS, Keys.ASKED, {"n": 2})
    assert rows["keys"] == [
        {
            "id": made["id"],
            "account": "Robots",
            "label": "laptop",
            "is_bots": False,
            "created": NOW // 1_000_000,
            "used": NOW // 1_000_000,
            "today": 2,
        }
    ]
    client = house.server.test_client()
    pages = [client.get(path).text for path in ("/", "/_dash-layout", "/_dash-dependencies")]
    for said in (json.dumps(rows), caplog.text, *pages):
        assert secret not in said


def test_a_key_is_revoked_or_the_reason_is_told(house):
    made = house.asked(Keys.MADE, Keys.MAKE, {"n": 1})
    told = house.asked(Keys.REVOKED, Keys.REVOKE, {"n": 2, "id": made["id"]})
    assert told == {"n": 2, "id": made["id"], "ok": True, "message": f"{made['id']} opens nothing any more."}
    assert house.keys.list() == ()
    again = house.asked(Keys.REVOKED, Keys.REVOKE, {"n": 3, "id": made["id"]})
    assert not again["ok"] and "there is no key" in again["message"]
    assert trial.answer(house.server, made["id"], made["secret"])[0] == 401


@pytest.mark.parametrize("wish", [{"account": "x" * 65}, {"label": "x" * 65}, {"label": "a\nb"}])
def test_names_that_cannot_be_kept_are_refused_in_a_sentence(house, wish):
    told = house.asked(Keys.MADE, Keys.MAKE, {"n": 1, **wish})
    assert not told["ok"] and "must have at most 64 letters" in told["message"]
    assert house.keys.list() == ()


def test_an_emptied_store_makes_nothing(house):
    reply = callback(house.server, f"{Keys.MADE}.data", [{"id": Keys.MAKE, "property": "data", "value": None}])
    assert reply.status_code == 200 and house.keys.list() == ()


def test_keys_of_bots_are_told_apart(house):
    house.keys.create("", "bot 12ab")
    assert house.asked(Keys.ROWS, Keys.ASKED, {"n": 1})["keys"][0]["is_bots"]
