"""Each panel is broken on purpose: it says so itself and mends at Retry, while the others go on."""

import pytest

from tests.browser.screen import PANELS, Screen

MOVES = {"watchlist": "#ladder-rows .ladder-row"}
ELSEWHERE = "#watchlist .watch-last"
ALIVE = {
    "header": ("#header-clock", 1),
    "ticket": ("#ticket-last, #ticket-value, #ticket-price", 1),
    "watchlist": ("#watchlist .watch-last", 3),
    "ladder": ("#ladder-rows .ladder-row", 3),
    "depth": ("#depth-mid", 1),
    "tape": ("#tape-rows .tape-row", 3),
}
STANDS_IN = {"ladder": "#ladder-fallback tr", "tape": "#tape-fallback tr", "depth": "#depth-fallback .js-plotly-plot"}
BROKEN = "broken on purpose, for a test"


@pytest.fixture(scope="module")
def opened(desk, dash_br):
    """One page for all, which lives through everything."""
    page = Screen(dash_br)
    page.open(f"{desk.url}/?symbol=AAPL")
    yield page
    page.leave()


@pytest.fixture
def page(desk, opened):
    if broken(opened) or opened.texts(".panel-note"):
        opened.open(f"{desk.url}/?symbol=AAPL")
    return opened


@pytest.mark.parametrize("panel", PANELS)
def test_a_broken_panel_says_so_alone_and_mends(desk, page, panel):
    if panel in ("ladder", "depth", "tape"):
        page.click(f"#middle-tabs-{panel}")
    page.value("ts.boundary.break(arguments[0])", panel)
    page.wait_text(f"#{panel} > .panel-fault", f"stopped: {BROKEN}.")
    assert broken(page) == [panel]
    assert page.texts(f"#{panel} > .panel-fault button") == ["Retry", "Copy details"]
    page.wait_moving(MOVES.get(panel, ELSEWHERE), 3)
    if panel in STANDS_IN:
        page.until(lambda: page.is_seen(STANDS_IN[panel]), f"something stands in for the {panel}")
    page.click(f"#{panel} > .panel-fault button")
    page.rest_pointer()
    page.until(lambda: not broken(page), "the message was gone")
    assert page.is_seen(f"#{panel}") or panel == "replay", "the panel is back"
    if panel in ALIVE:
        page.wait_moving(*ALIVE[panel], meanwhile=lambda: trade(desk))


def test_the_chart_falls_back_to_a_simple_chart_and_mends(page):
    page.wait_ink("#chart-history", 5_000, 3)
    page.value("ts.chart.break(1)")
    page.wait_text("#chart > .panel-note", "Simple chart")
    page.until(lambda: page.is_seen("#chart-simple-slot .js-plotly-plot .cartesianlayer .subplot"), "Plotly drew")
    candles = "document.querySelectorAll('#chart-simple-slot .js-plotly-plot .boxlayer path.box').length"
    page.wait_value(f"{candles} > 20 && {candles} <= 550", "candles of Plotly's own were there")
    page.wait_moving(ELSEWHERE, 3)
    mends(page)


def test_the_chart_falls_back_to_a_table_and_mends(desk, page):
    page.wait_ink("#chart-history", 5_000, 3)
    page.value("ts.chart.break(2)")
    page.wait_text("#chart > .panel-note", "Table of the last bars")
    page.until(lambda: page.is_seen("#chart-table tbody tr"), "the table was seen")
    assert 10 < len(page.texts("#chart-table tbody tr")) <= 50
    page.wait_moving("#chart-table tbody tr", meanwhile=lambda: trade(desk))
    mends(page)


def trade(desk):
    """A print on the tape: seconds may pass before the market makes one by itself."""
    desk.post("orders", symbol="AAPL", side="buy", qty="1")


def mends(page):
    page.click("#chart > .panel-note button")
    page.wait("return !document.querySelector('#chart > .panel-note')", "the note was gone")
    assert page.value("document.querySelector('#chart').dataset.level") == "0"
    page.wait_ink("#chart-history", 5_000, 3)
    page.wait_ink("#chart-live", 200)


def broken(page):
    return page.value("[...document.querySelectorAll('.panel > .panel-fault')].map(e => e.parentElement.id)")
