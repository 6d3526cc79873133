import json
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from tests.stage import Stage, StillMarkets
from tests.unit.ui.test_app import callback, components
from tradesim.desk.views import FeedView, KeyView, RecorderView, SwitchView, VendorView, WordView
from tradesim.kernel.clock import NS_PER_MS
from tradesim.kernel.errors import Refused
from tradesim.model.feed import Capability, LinkState, Listing, ProviderHealth
from tradesim.model.instrument import AssetClass
from tradesim.model.market import SourceKind
from tradesim.ui.app import create_app
from tradesim.ui.panels.providers.ids import Providers
from tradesim.ui.panels.providers.layout import layout
from tradesim.ui.panels.providers.rows import role_of, sentence

ASSETS = Path(__file__).parents[3] / "assets"
SECRET = "s3cret-key-0123456789"


class Opener(StillMarkets):
    recorded = False

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def vendors(self, open_now):
        held = "file" if self.kept.get("FINNHUB_API_KEY") else ""
        keys = (KeyView("FINNHUB_API_KEY", "Finnhub key", held),)
        return [
            VendorView("kraken", "Kraken", "a book", ("BTC/USD",), backups=("finnhub",), is_open=True),
            VendorView("finnhub", "Finnhub", "last prices", ("AAPL",), keys, refusal=None if held else "needs a key"),
        ]

    def providers(self, open_now):
        able = {Capability.BOOK: "yes", Capability.SEARCH: "not offered"}
        kraken = ProviderHealth(
            "kraken", "Kraken", LinkState.LIVE, able, last_heard=5 * NS_PER_MS, budget_left={"second": 1}
        )
        return [
            kraken,
            ProviderHealth("finnhub", "Finnhub", LinkState.WAITING, {}, error="finnhub: no answer", attempt=2),
        ]

    def switches(self, open_now):
        return [SwitchView(7 * NS_PER_MS, "book", "kraken", "finnhub", "Kraken: it is old")]

    def words(self, open_now, symbol):
        return [WordView("kraken", None, None, None, Decimal("97000.1"))]

    def probe(self, provider, open_now):
        if provider != "kraken":
            raise Refused("Finnhub: no answer")
        return "Kraken answered in 3 ms"

    def search(self, text, provider=""):
        if text == "bad":
            raise Refused("Kraken: no answer")
        return [Listing("BTC/USD", "Bitcoin", AssetClass.CRYPTO, "kraken")] if text == "btc" else []

    def recorders(self, open_now):
        on = RecorderView("kraken", "kraken 1.traffic.gz", True, 4.5, 2_048, 30, 2)
        return {"kraken": on} if self.recorded else {}

    def record(self, provider, open_now):
        if provider != "kraken":
            raise Refused(f"{provider} is not in the open market")
        self.recorded = True

    def stop_recording(self, provider, open_now):
        self.recorded = False
        return RecorderView("kraken", "kraken 1.traffic.gz", False, 4.5, 2_048, 30, 2)

    def keep_key(self, name, key):
        if name != "FINNHUB_API_KEY":
            raise Refused("no such key")
        self.kept[name] = key

    def prefer(self, order, stand_ins):
        if "mtgox" in order:
            raise Refused("no such provider")
        self.preferred = (order, stand_ins)


@pytest.fixture
def opener() -> Opener:
    return Opener()


@pytest.fixture
def server(opener) -> Flask:
    stage = Stage(markets=opener)
    server = Flask("test")
    create_app(server, stage.desk, str(ASSETS))
    return server


def asked(server: Flask, answer: Providers, question: Providers, wish: dict) -> dict:
    reply = callback(server, f"{answer}.data", [{"id": question, "property": "data", "value": wish}])
    assert reply.status_code == 200, reply.text
    return json.loads(reply.text)["response"][answer]["data"]


def test_the_dialog_stands_on_the_page_with_its_tabs() -> None:
    found = components(layout(None))
    assert {Providers.DIALOG, Providers.MARKET, Providers.STATE, Providers.KEYS} <= set(found)


def test_who_can_be_opened_is_told_without_any_key(server, opener) -> None:
    opener.kept["FINNHUB_API_KEY"] = SECRET
    told = asked(server, Providers.ROWS, Providers.ASKED, {"n": 1, "what": "market"})
    assert [row["id"] for row in told["vendors"]] == ["kraken", "finnhub"]
    assert told["vendors"][0]["backups"] == [{"id": "finnhub", "title": "Finnhub"}]
    assert told["keys"] == [{"name": "FINNHUB_API_KEY", "title": "Finnhub key", "held": "file"}]
    assert SECRET not in json.dumps(told)


def test_how_they_are_is_told_in_milliseconds(server) -> None:
    told = asked(server, Providers.ROWS, Providers.ASKED, {"n": 2, "what": "state", "symbol": "AAPL"})
    kraken, finnhub = told["providers"]
    assert (kraken["state"], kraken["can"], kraken["heard"], kraken["is_open"]) == ("live", ["book"], 5, True)
    assert kraken["cannot"] == {"search": "not offered"}
    assert (finnhub["error"], finnhub["attempt"], finnhub["is_open"]) == ("Finnhub: no answer.", 2, False)
    assert (kraken["role"], finnhub["role"]) == ("serves", "")
    assert told["switches"] == [{"at": 7, "kind": "book", "former": "Kraken", "chosen": "Finnhub", "why": "it is old"}]
    assert told["words"] == [{"provider": "Kraken", "bid": None, "ask": None, "last": "97,000.1", "said": None}]


@pytest.mark.parametrize(
    ("provider", "is_ok", "said"),
    [("kraken", True, "Kraken answered in 3 ms"), ("finnhub", False, "Finnhub: no answer")],
)
def test_a_test_says_what_came(server, provider: str, is_ok: bool, said: str) -> None:
    told = asked(server, Providers.TESTED, Providers.TEST, {"n": 1, "provider": provider})
    assert told == {"provider": provider, "ok": is_ok, "message": said}


@pytest.mark.parametrize(
    ("text", "symbols", "said"),
    [("btc", ["BTC/USD"], ""), ("zz", [], "Nothing is called “zz” there."), ("bad", [], "Kraken: no answer")],
)
def test_search_finds_or_says_why_not(server, text: str, symbols: list, said: str) -> None:
    told = asked(server, Providers.FOUND, Providers.SEARCH, {"n": 4, "provider": "kraken", "text": text})
    assert ([each["symbol"] for each in told["found"]], told["message"], told["n"]) == (symbols, said, 4)


def test_a_recording_is_begun_shown_and_ended(server) -> None:
    def say(is_on: bool, provider: str = "kraken") -> dict:
        return asked(server, Providers.RECORDED, Providers.RECORD, {"n": 1, "provider": provider, "on": is_on})

    def shown() -> list:
        told = asked(server, Providers.ROWS, Providers.ASKED, {"n": 2, "what": "state", "symbol": "AAPL"})
        return [row["recording"] for row in told["providers"]]

    assert shown() == [None, None]
    assert say(True) == {"provider": "kraken", "ok": True, "message": ""}
    name = "kraken 1.traffic.gz"
    on = {"name": name, "is_on": True, "seconds": 4.5, "bytes": 2048, "frames": 30, "answers": 2, "fault": ""}
    assert shown() == [on, None]
    assert say(True, "finnhub") == {"provider": "finnhub", "ok": False, "message": "finnhub is not in the open market"}
    assert say(False)["message"].startswith(f"{name} is kept with the recordings")


def test_a_key_is_kept_and_never_said_again(server, opener, caplog) -> None:
    caplog.set_level("DEBUG")
    told = asked(server, Providers.KEPT, Providers.KEEP, {"n": 1, "name": "FINNHUB_API_KEY", "key": SECRET})
    assert told == {"name": "FINNHUB_API_KEY", "ok": True, "message": "Kept, and never shown again."}
    assert opener.kept["FINNHUB_API_KEY"] == SECRET
    assert SECRET not in caplog.text
    refused = asked(server, Providers.KEPT, Providers.KEEP, {"n": 2, "name": "HOME", "key": SECRET})
    assert refused == {"name": "HOME", "ok": False, "message": "no such key"}


def test_the_order_of_providers_is_kept_or_refused(server, opener) -> None:
    wish = {"n": 1, "order": ["finnhub", "kraken"], "stand_ins": ["kraken"]}
    assert asked(server, Providers.PREFERRED, Providers.PREFER, wish) == {"ok": True, "message": "Kept."}
    assert opener.preferred == (["finnhub", "kraken"], ["kraken"])
    refused = asked(server, Providers.PREFERRED, Providers.PREFER, {"n": 2, "order": ["mtgox"], "stand_ins": None})
    assert refused == {"ok": False, "message": "no such provider"}


def test_the_first_visit_is_told_whom_it_can_reach_without_a_key(server) -> None:
    told = asked(server, Providers.REACHED, Providers.REACH, {"n": 1})
    said = {"provider": "kraken", "ok": True, "message": "Kraken answered in 3 ms", "title": "Kraken"}
    assert told == {"reached": [said]}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kraken: the connection was refused", "Kraken: the connection was refused."),
        ("Kraken: too many requests!", "Kraken: too many requests!"),
        ("no answer", "No answer."),
        ("krakens are fish", "Krakens are fish."),
    ],
)
def test_an_error_is_a_sentence_with_the_vendors_own_name(text: str, told: str) -> None:
    assert sentence(text, "kraken", "Kraken") == told


def test_nobody_serves_what_is_stale() -> None:
    live = FeedView("Kraken", 1, "Coinbase", 1, SourceKind.LIVE, shown_id="kraken", told_id="coinbase")
    stale = FeedView("Kraken", 1, "Coinbase", 1, SourceKind.STALE, shown_id="kraken", told_id="coinbase")
    names = ("kraken", "coinbase", "binance", "finnhub")
    said = [[role_of(name, names[:3], feed) for name in names] for feed in (live, stale)]
    assert said == [["serves", "serves", "stands by", ""], ["served last", "served last", "stands by", ""]]
