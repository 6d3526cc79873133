import re
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from dash import Dash, Input, Output, html
from flask import Flask

from tests.unit.ui.contrast import contrast
from tradesim.desk.desk import Desk
from tradesim.desk.views import StatusView
from tradesim.model.instrument import AssetClass, Instrument
from tradesim.model.market import SourceKind, Timeframe
from tradesim.model.series import Bars
from tradesim.ui.app import create_app
from tradesim.ui.boundary import fault, guarded, on_callback_error, placed
from tradesim.ui.document import script_hash
from tradesim.ui.ids import Page
from tradesim.ui.instruments import instruments_data
from tradesim.ui.layout import desk_layout
from tradesim.ui.panels.watchlist.closes import closes
from tradesim.ui.theme import Look, colours

ASSETS = Path(__file__).parents[3] / "assets"

APPLE = Instrument("AAPL", "Apple Inc.")
BITCOIN = Instrument("BTC/USD", "Bitcoin", AssetClass.CRYPTO, Decimal(1), Decimal("0.0001"))


class QuietDesk(Desk):
    """A desk with two instruments and nothing happening."""

    def __init__(self) -> None:
        """Nothing is opened."""

    @property
    def instruments(self) -> dict[str, Instrument]:
        return {"AAPL": APPLE, "BTC/USD": BITCOIN}

    def status(self) -> StatusView:
        return StatusView(SourceKind.SIMULATED, "seed 42", 0, 1.0, True, False, 0, None, "session-1")

    def bars(self, symbol: str, timeframe: Timeframe, limit: int = 5_000, before: int | None = None) -> Bars:
        column = np.arange(100, dtype=np.int64)[-limit:]
        return Bars(column, column, column, column, column, column)


@pytest.fixture(scope="module")
def server() -> Flask:
    server = Flask("test")
    create_app(server, QuietDesk(), str(ASSETS))
    return server


def components(root: Any) -> dict[str, Any]:
    return {root.id: root} | {part.id: part for part in root._traverse() if getattr(part, "id", None)}


def callback(server: Flask, output: str, inputs: list[dict[str, Any]]) -> Any:
    body = {
        "output": output,
        "outputs": {"id": output.split(".")[0], "property": output.split(".")[1]},
        "inputs": inputs,
        "changedPropIds": [],
    }
    return server.test_client().post("/_dash-update-component", json=body)


def test_everything_comes_from_this_server(server):
    page = server.test_client().get("/")
    assert page.status_code == 200
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page.text) == []
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert "unsafe-eval" not in policy


def test_every_inline_script_is_named_in_the_policy(server):
    page = server.test_client().get("/")
    inline = re.findall(r"<script(?![^>]*(?:src|application/json))[^>]*>(.*?)</script>", page.text, re.DOTALL)
    assert (ASSETS / "first_paint.js").read_text() in inline
    for script in inline:
        assert script_hash(script) in page.headers["Content-Security-Policy"]


def test_page_says_its_language_its_icon_and_what_it_needs(server):
    text = server.test_client().get("/").text
    assert '<html lang="en">' in text
    assert "width=device-width" in text
    assert "<noscript>" in text
    assert "/assets/favicon.svg" in text


def test_bootstrap_and_its_icons_are_served_from_the_installed_package(server):
    client = server.test_client()
    assert b"Bootstrap" in client.get("/styles/css/bootstrap.min.css").data[:200]
    assert client.get("/styles/css/font/bootstrap-icons.min.css").status_code == 200
    assert client.get("/styles/css/font/fonts/bootstrap-icons.woff2").status_code == 200


def test_styles_stay_in_their_folder(server):
    assert server.test_client().get("/styles/../../__init__.py").status_code == 404


def test_every_panel_stands_on_the_page_once():
    found = components(desk_layout(QuietDesk()))
    for panel in ("header", "watchlist", "chart", "replay", "ladder", "depth", "tape", "ticket", "blotter", "why"):
        assert "panel" in found[panel].className.split()


def test_every_store_is_there_and_the_market_is_in_it():
    found = components(desk_layout(QuietDesk()))
    assert all(name in found for name in Page)
    assert found[Page.SESSION].data == "session-1"
    assert list(found[Page.INSTRUMENTS].data) == ["AAPL", "BTC/USD"]


def test_instruments_carry_what_the_browser_needs_to_write_numbers():
    data = instruments_data({"BTC/USD": BITCOIN})
    expected = {"name": "Bitcoin", "tick": 1.0, "lot": 0.0001, "pd": 0, "qd": 4, "cls": "crypto", "cur": "USD"}
    expected["fractional"] = False
    assert data == {"BTC/USD": expected}


def test_another_market_gives_its_instruments(server):
    inputs = [
        {"id": "session", "property": "data", "value": "session-2"},
        {"id": "listed", "property": "data", "value": None},
    ]
    answer = callback(server, "instruments.data", inputs)
    assert list(answer.json["response"]["instruments"]["data"]) == ["AAPL", "BTC/USD"]


def test_sparklines_begin_with_the_closes_of_the_last_hour(server):
    assert closes(QuietDesk(), ["AAPL"]) == {"AAPL": list(range(40, 100))}
    inputs = [{"id": "instruments", "property": "data", "value": {"AAPL": {}, "GONE": {}}}]
    answer = callback(server, "watchlist-closes.data", inputs)
    assert list(answer.json["response"]["watchlist-closes"]["data"]) == ["AAPL"]


def test_panel_that_cannot_be_built_shows_why_in_its_place():
    def broken(_desk: Desk) -> html.Div:
        raise ValueError("no bars of AAPL.")

    place = placed(SimpleNamespace(__name__="tradesim.ui.panels.tape", layout=broken), QuietDesk())
    assert place.id == "tape"
    assert "Tape could not be built: no bars of AAPL." in str(place)


def test_fault_names_code_lines_but_no_folder():
    try:
        int("x")
    except ValueError as error:
        data = fault("tape", error)
    assert data["message"].startswith("invalid literal")
    assert "test_app.py" in data["stack"]
    assert "/" not in data["stack"]


def small_app() -> Flask:
    server = Flask("small")
    app = Dash("small", server=server, on_error=on_callback_error, suppress_callback_exceptions=True)
    app.layout = html.Div([html.Div(id="a"), html.Div(id="b"), html.Div(id="c")])

    @app.callback(Output("b", "children"), Output("b", "title"), Input("a", "children"))
    @guarded("tape")
    def on_guarded(_value: str) -> tuple[str, str]:
        raise ValueError("no data")

    @app.callback(Output("c", "children"), Input("a", "title"))
    def on_unguarded(_value: str) -> str:
        raise ValueError("no data")

    @app.callback(Input("a", "lang"))
    @guarded("tape")
    def on_silent(_value: str) -> None:
        raise ValueError("no data")

    return server


def test_guarded_callback_that_throws_reports_to_its_panel_and_changes_nothing():
    outputs = [{"id": "b", "property": "children"}, {"id": "b", "property": "title"}]
    body = {
        "output": "..b.children...b.title..",
        "outputs": outputs,
        "inputs": [{"id": "a", "property": "children", "value": "x"}],
        "changedPropIds": ["a.children"],
    }
    answer = small_app().test_client().post("/_dash-update-component", json=body)
    assert answer.status_code == 200
    assert answer.json["sideUpdate"]["fault"]["data"]["panel"] == "tape"
    assert "b" not in answer.json.get("response", {})


def test_callback_of_no_panel_that_throws_becomes_a_sentence():
    answer = callback(small_app(), "c.children", [{"id": "a", "property": "title", "value": "x"}])
    assert answer.json["sideUpdate"]["notice"]["data"] == {
        "kind": "bad",
        "text": "The page could not do that: no data.",
    }
    assert "Traceback" not in answer.text


TOKENS = colours((ASSETS / "tokens.css").read_text())
GROUNDS = ("bg", "surface", "raised")
INKS = ("text", "muted", "up", "down", "accent", "warn")


@pytest.mark.parametrize("look", TOKENS, ids="-".join)
@pytest.mark.parametrize("ink", INKS)
@pytest.mark.parametrize("ground", GROUNDS)
def test_every_ink_can_be_read_on_every_ground(look: Look, ink: str, ground: str):
    assert contrast(TOKENS[look][ink], TOKENS[look][ground]) >= 4.5


@pytest.mark.parametrize("look", TOKENS, ids="-".join)
@pytest.mark.parametrize("fill", ["up", "down", "accent"])
def test_what_is_written_on_a_filled_button_can_be_read(look: Look, fill: str):
    assert contrast(TOKENS[look][f"on-{fill}"], TOKENS[look][fill]) >= 4.5


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(
    "body",
    [b"", b"[" * 30_000, b"{}", b"null", b'{"output": 5}', b'{"output": "no.such"}', b'{"output": [], "inputs": 5}'],
    ids=lambda body: body[:24].decode(),
)
def test_what_asks_for_no_callback_is_refused(server, body):
    answer = server.test_client().post("/_dash-update-component", data=body, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")
