"""The Bots view: rows of runs and programs, and what its buttons do."""

from decimal import Decimal

import pytest

from tests.unit.ops.test_bots import order
from tests.unit.ui.test_app import components
from tests.unit.ui.test_keys import House
from tests.waiting import eventually
from tradesim.kernel.errors import Refused
from tradesim.model.commands import ArchiveAccount, Kill, OpenAccount
from tradesim.ui.panels.bots.deeds import account_of, arguments_of, limit_of
from tradesim.ui.panels.bots.ids import Bots
from tradesim.ui.panels.bots.layout import layout

SLEEPER = "import sys, time\nprint('awake', sys.argv[1:], flush=True)\ntime.sleep(60)\n"


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    yield made
    made.bots.stop_all()


def asked(house, **wish):
    return house.asked(Bots.ROWS, Bots.ASKED, {"n": 1, **wish})


def done(house, **wish):
    return house.asked(Bots.DONE, Bots.WISH, {"n": 1, **wish})


def test_the_view_has_its_places():
    found = components(layout(None))
    assert all(name in found for name in Bots)


def test_nothing_runs_yet_and_there_are_examples(house):
    told = asked(house, files=True)
    assert (told["runs"], told["programs"], told["files"], told["takes_no_files"]) == ([], [], [], "")
    assert [each["name"] for each in told["examples"]] == ["market_maker.py", "mean_reverter.py"]
    assert "files" not in asked(house)


def test_a_bot_is_handed_in_started_watched_and_stopped(house):
    kept = done(house, do="save", name="sleeper.py", content=SLEEPER)
    assert kept["ok"] and kept["message"] == "sleeper.py lies in the bots folder. It runs as you."
    assert asked(house, files=True)["files"] == [{"name": "sleeper.py", "path": kept["file"]}]
    started = done(house, do="start", file=kept["file"], limit="2", unit="m", arguments="AAPL 'a b'", account="Robots")
    assert started["ok"], started
    eventually(lambda: asked(house)["runs"][0]["line"].endswith("]"))
    (run,) = asked(house, log=started["id"])["runs"]
    assert (run["state"], run["account"], run["line"]) == ("running", "Robots", "awake ['AAPL', 'a b']")
    assert 110 < run["left_s"] <= 120 and run["code"] is None and run["profit"] == "0.00"
    assert asked(house, log=started["id"])["log"]["text"] == "awake ['AAPL', 'a b']"
    assert done(house, do="stop", id=started["id"])["ok"]
    eventually(lambda: asked(house)["runs"][0]["state"] == "stopped")
    assert asked(house)["runs"][0]["code"] == 143
    again = done(house, do="stop", id=started["id"])
    assert not again["ok"] and "does not run any more" in again["message"]
    assert house.keys.list() == (), "its key went with it"


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"do": "start"}, "choose a bot first"),
        ({"do": "start", "file": "/etc/passwd"}, "wanted a bot of the data folder's bots"),
        ({"do": "start", "file": "x.py", "limit": "soon"}, "the time limit must be a number"),
        ({"do": "start", "file": "x.py", "limit": "nan"}, "the time limit must be a number"),
        ({"do": "start", "file": "x.py", "arguments": "'"}, "the arguments cannot be split"),
        ({"do": "save", "name": "x.sh", "content": "rm"}, "wanted a Python file"),
        ({"do": "example", "name": "../bots.py"}, "there is no example"),
        ({"do": "stop", "id": "none"}, "there is no bot none"),
        ({"do": "dance"}, "wanted one of start, stop, save, example"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(house, wish, said):
    told = done(house, **wish)
    assert not told["ok"] and said in told["message"]


@pytest.mark.parametrize(
    ("file", "account", "found"),
    [
        ("/x/bots/market_maker.py", "", "market_maker"),
        ("/x/bots/market_maker.py", " Paper ", "Paper"),
        ("/x/bots/paper.py", "", "paper bot"),
        (f"/x/bots/{'m' * 60}.py", None, "m" * 40),
    ],
)
def test_a_bot_has_an_account_of_its_own_unless_one_was_chosen(file, account, found):
    assert account_of(file, {"account": account}) == found


def test_a_bot_whose_own_account_was_archived_gets_the_next_name():
    assert account_of("/x/maker.py", {}, ("Maker", "maker 2", "other")) == "maker 3"
    assert account_of(f"/x/{'m' * 60}.py", {}, ("m" * 40,)) == f"{'m' * 38} 2"
    assert account_of("/x/maker.py", {"account": "Robots"}, ("maker",)) == "Robots"
    with pytest.raises(Refused, match=r"the account Gone was archived.* take another name, such as Gone 2"):
        account_of("/x/maker.py", {"account": " Gone "}, ("gone",))


def test_after_its_account_was_archived_a_bot_is_started_in_another(house):
    kept = done(house, do="save", name="sleeper.py", content=SLEEPER)
    account = house.stage.ask(OpenAccount("sleeper"))
    house.stage.ask(ArchiveAccount(account.id))
    assert house.stage.desk.retired_names() == ("sleeper",)
    started = done(house, do="start", file=kept["file"])
    assert started["message"] == "sleeper.py runs, in the account sleeper 2."
    refused = done(house, do="start", file=kept["file"], account="Sleeper")
    assert not refused["ok"] and "such as Sleeper 2" in refused["message"]
    house.stage.ask(OpenAccount("sleeper"))
    assert house.stage.desk.retired_names() == (), "a person opened it anew"


def test_a_limit_is_read_in_its_unit():
    assert [limit_of({"limit": "1.5", "unit": unit}) for unit in "smh"] == [1.5, 90, 5_400]
    assert limit_of({"limit": " "}) is None
    assert arguments_of("a 'b c' --d=$HOME") == ["a", "b c", "--d=$HOME"]


def test_programs_stand_there_with_their_label_and_what_the_guard_says(house):
    made = house.keys.create("", "laptop")
    order(house.stage, f"alpaca:{made.key.id}", 3)
    (program,) = asked(house)["programs"]
    assert (program["key"], program["label"], program["account"]) == (made.key.id, "laptop", "Paper")
    assert (program["orders"], program["fills"], program["last"]) == (1, 1, "Buy 3 AAPL")
    assert Decimal(program["profit"]) == 0 and program["standing"] == ""
    house.stage.ask(Kill("paper", reason="enough"))
    (program,) = asked(house)["programs"]
    assert (program["standing"], program["why"]) == ("halted", "enough")


def test_an_unknown_log_is_a_sentence(house):
    assert asked(house, log="none")["log"] == {"id": "none", "text": "there is no bot none"}
