"""The Performance view: figures that say nothing of too little, plots, tables, and callbacks that rest while closed."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from dash import Dash, no_update

from tests.stage import Stage
from tests.unit.desk.test_performance import traded
from tradesim.ui import wording
from tradesim.ui.panels import performance
from tradesim.ui.panels.performance import figures, tables, view
from tradesim.ui.panels.performance.callbacks import drawn
from tradesim.ui.panels.performance.ids import Performance
from tradesim.ui.panels.performance.layout import PERIODS
from tradesim.ui.panels.performance.tiles import tile_list, tiles
from tradesim.ui.plots import colors_of, dressed, soft
from tradesim.ui.theme import Look, look_of

ASSETS = Path(__file__).parents[3] / "assets"


@pytest.fixture(scope="module")
def stage() -> Stage:
    return traded()


@pytest.fixture(scope="module")
def colors():
    return colors_of(Dash("colours", assets_folder=str(ASSETS)))


def test_numbers_are_written_as_on_the_page():
    assert wording.signed(Decimal("-1234.5")) == "−1,234.50"
    assert wording.signed(Decimal("-0.001")) == "0.00"
    assert [wording.percent(each) for each in (None, 0.0125, -0.5)] == ["–", "+1.25 %", "−50.00 %"]
    assert [wording.duration(s * 10**9) for s in (45, 720, 12_000, 10_800, 352_800)] == [
        "45 s",
        "12 min",
        "3 h 20 min",
        "3 h",
        "4 d 2 h",
    ]
    assert wording.price(Decimal("229.8333")) == "229.8333"
    assert wording.quantity(Decimal("1200.500")) == "1,200.5"


def test_every_figure_has_its_formula_and_says_nothing_of_too_little(stage):
    found = {tile.name: tile for tile in tiles(stage.desk.review.performance())}
    assert all(tile.formula.endswith(".") for tile in found.values())
    assert found["Net P&L"].value == "−1.20"
    assert found["Trades"].value == "1"
    assert found["Profit factor"].value == "0.00"
    assert [found[name].value for name in ("Sharpe", "Sortino", "Calmar")] == ["–"] * 3
    assert "Shown from 5 days on, now 1." in found["Sharpe"].formula


def test_an_account_that_never_traded_shows_dashes():
    found = {tile.name: tile.value for tile in tiles(Stage().desk.review.performance())}
    assert [found[name] for name in ("Win rate", "Expectancy", "Profit factor", "Average hold", "Turnover")] == [
        "–"
    ] * 5


def test_every_tip_has_a_name_of_its_own(stage):
    tips = [tile.children[3].id for tile in tile_list(stage.desk.review.performance()).children]
    assert len(tips) == len(set(tips)) == 14


def test_bins_are_of_one_readable_width_with_an_edge_at_nothing():
    found = figures.bins([-37.0, -1.0, 0.0, 3.0, 41.0])
    assert {round(each.high - each.low, 6) for each in found} == {2.0}
    assert any(each.low == 0 for each in found)
    assert sum(each.trips for each in found) == 5
    assert figures.bins([]) == []
    assert len(figures.bins([5.0])) == 1


@pytest.mark.parametrize(("least", "step"), [(0, 1), (0.03, 0.05), (1, 1), (1.2, 2), (7, 10), (2_100, 5_000)])
def test_steps_are_easily_read(least, step):
    assert figures.step_of(least) == pytest.approx(step)


def test_equity_and_drawdown_share_an_axis(stage, colors):
    found = stage.desk.review.performance()
    figure = figures.curve(found, colors(None), "America/New_York")
    equity, fall = figure["data"]
    assert equity["x"] == fall["x"]
    assert (fall["yaxis"], figure["layout"]["xaxis"]["anchor"]) == ("y2", "y2")
    assert len(equity["y"]) == len(found.equity)
    assert max(fall["y"]) <= 0


def test_a_point_knows_its_trip_and_says_won_or_lost_by_its_shape(stage, colors):
    trips = stage.desk.review.round_trips()
    won, lost = figures.excursions(trips, "USD", colors(None))["data"]
    assert (won["x"], lost["customdata"][0][0]) == ([], trips[0].trip.id)
    assert won["marker"]["symbol"] != lost["marker"]["symbol"]


def test_months_are_told_by_number_and_sign(stage):
    text = str(tables.months_table(stage.desk.review.performance()).to_plotly_json())
    assert "'Jan'" in text
    assert f"'{date.fromtimestamp(stage.clock.now() / 1e9).year}'" in text


def test_groups_name_hours_days_and_places(stage):
    text = str([each.to_plotly_json() for each in tables.group_tables(stage.desk.review.performance())])
    for word in ("AAPL", "Long", "Ticket", "Weekday of entry", ":00"):
        assert word in text
    assert "Tag your orders" in text


def test_figures_follow_the_theme(colors):
    assert look_of({"theme": "light", "palette": "colourblind"}) == Look("light", "colourblind")
    assert look_of({"theme": "pink"}) == look_of(None) == Look("dark", "usual")
    dark, light = colors(None), colors({"theme": "light", "palette": "usual"})
    assert dark["up"] != light["up"]
    assert dressed([], light)["layout"]["font"]["color"] == light["muted"]
    assert soft("#ff0080", 0.5) == "rgba(255,0,128,0.5)"


def test_what_the_page_asks_for_and_is_not_there_becomes_the_default(stage):
    assert view.wish_of(stage.desk, "nobody", "2W") == view.Wish("", "all")
    assert view.wish_of(stage.desk, "paper", "1D") == view.Wish("paper", "1D")
    for period in PERIODS:
        view.performance_of(stage.desk, view.Wish("", period))


def test_trades_are_drawn_again_only_when_there_are_others(stage, colors):
    *_, trades, seen = drawn(stage.desk, view.Wish("", "all"), None, None, colors)
    assert trades is not no_update
    *_, trades, again = drawn(stage.desk, view.Wish("", "all"), None, seen, colors)
    assert (trades, again) == (no_update, seen)
    *_, trades, _ = drawn(stage.desk, view.Wish("", "all"), {"theme": "light", "palette": "usual"}, seen, colors)
    assert trades is not no_update


def due(stage: Stage, opened: str):
    app = Dash("performance", assets_folder=str(ASSETS), suppress_callback_exceptions=True)
    app.layout = performance.layout(stage.desk)
    performance.register(app, stage.desk)
    outputs = [(Performance.ACCOUNT, "children"), (Performance.EXPORTS, "children"), (Performance.SUMMARY, "children")]
    outputs += [(Performance.CURVES, "children"), (Performance.TRADES, "children"), (Performance.SEEN, "data")]
    given = [("view", opened), ("account", ""), (Performance.PERIOD, "all"), ("look", None)]
    body = {
        "output": "..{}..".format("...".join(f"{name}.{prop}" for name, prop in outputs)),
        "outputs": [{"id": name, "property": prop} for name, prop in outputs],
        "inputs": [{"id": name, "property": "data", "value": value} for name, value in given]
        + [{"id": Performance.TICK, "property": "n_intervals", "value": 1}],
        "state": [{"id": Performance.SEEN, "property": "data", "value": None}],
        "changedPropIds": ["view.data"],
    }
    return app.server.test_client().post("/_dash-update-component", json=body)


def test_the_callback_answers_over_http_while_the_view_is_open(stage):
    found = due(stage, "performance").get_json()["response"]
    assert found["performance-account"]["children"] == "Paper, USD"
    assert "account=paper&format=csv" in str(found["performance-exports"])
    assert found["performance-trades"]["children"]["props"]["className"] == "performance-trades"


def test_nothing_is_computed_while_the_view_is_closed(stage, monkeypatch):
    monkeypatch.setattr(stage.desk.review, "performance", None)
    assert due(stage, "desk").status_code == 204 or "performance-seen" not in str(due(stage, "desk").get_json())


def test_every_id_the_browser_needs_is_in_the_skeleton(stage):
    text = str(performance.layout(stage.desk).to_plotly_json())
    made_later = {Performance.CURVE, Performance.DAYS, Performance.RESULTS, Performance.EXCURSIONS}
    assert [each for each in Performance if each not in made_later and f"'{each.value}'" not in text] == []
