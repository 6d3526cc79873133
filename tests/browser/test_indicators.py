"""Indicators: chosen in the menu, in panes below the bars, right while the market trades, kept over a reload."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.screen import NARROW

PANEL = "ts.chart.panel()"
FRAME = f"{PANEL}.stage.state.frame"
PANES = f"{FRAME}.panes.map(({{study, top, height}}) => ({{title: study.title, top, height}}))"
KEPT = "JSON.parse(localStorage.getItem('tradesim:chart'))"
FROM_ANEW = """
const {chart} = window.tradesim.chart.panel(), {chartStudies, chartIndicators} = window.tradesim;
return chart.studies.every((study) => {
  const anew = chartStudies.extend(chartStudies.study(chartIndicators.choice(study)), chart.bars, 0);
  return anew.lines.every(({of}) => {
    const [one, other] = [study[of], anew[of]].map((values) => values.subarray(chart.bars.n - 30, chart.bars.n));
    return one.every((value, at) => Math.abs(value - other[at]) < 1e-6);
  });
});
"""

# Two paints at once leave a legend that still has to be written when the pane goes.
REMOVED_BETWEEN_PAINTS = """
const {dirty} = window.tradesim.chart.panel(), remove = document.querySelector("[aria-label='Remove MACD 12 26 9']");
const paint = (times) => (dirty(7), requestAnimationFrame(() => (times ? paint(times - 1) : remove.click())));
paint(4);
"""


def open_chart(screen, desk, **how):
    screen.open(f"{desk.url}/?symbol=NVDA", **how)
    painted(screen)
    return screen


def painted(page):
    page.wait_ink("#chart-history", 5_000, 3)
    page.wait_value(f"{PANEL}.chart.bars.n > 60 && {FRAME}", "the bars were there")


def add(page, *names):
    page.click("#chart-indicators")
    for name in names:
        page.click(f"[aria-label='Add {name}']")


def titles(page):
    return [pane["title"] for pane in page.value(PANES)]


def below(page, pane, x=0.5, y=0.6):
    """A place in a pane, as pixels of the window."""
    box, width = page.box("#chart-hands"), page.value(f"{FRAME}.width")
    return box["left"] + x * width, box["top"] + pane["top"] + y * pane["height"]


@pytest.fixture
def page(desk, screen):
    open_chart(screen, desk)
    add(screen, "Bollinger", "RSI", "MACD", "ATR")
    screen.wait_text(".chart-form", "Three panes are the most.")
    screen.keys(Keys.ESCAPE)
    screen.wait_value(f"{FRAME}.panes.length === 3", "three panes were painted")
    return screen


def test_three_panes_lie_below_the_bars_and_the_time_below_them(page):
    assert titles(page) == ["RSI 14", "MACD 12 26 9", "ATR 14"]
    assert "Bollinger 20 2" in page.text("#chart-legend")
    frame = page.value(f"(({{top, height, floor}}) => ({{top, height, floor}}))({FRAME})")
    panes = page.value(PANES)
    assert frame["top"] + frame["height"] <= panes[0]["top"]
    assert abs(panes[-1]["top"] + panes[-1]["height"] - frame["floor"]) <= 1
    page.wait("return document.querySelector('#chart-graph-slot[data-told] .xtick text')", "Plotly had the times")
    labels = page.box("#chart-graph-slot .xaxislayer-above")
    assert labels["top"] >= page.box("#chart-hands")["top"] + frame["floor"] - 1
    page.wait_value(f"{PANEL}.stage.state.frame.height === {FRAME}.panes[0].top - 1 - {FRAME}.top", "they touched")


def test_values_are_told_at_the_crosshair_and_follow_the_market(page):
    pane = page.value(PANES)[0]
    page.drag(below(page, pane))
    page.drop()
    page.wait_value(f"{PANEL}.overlay.shown().hover?.pane?.study.kind === 'rsi'", "the crosshair stood in the pane")
    told = f"ts.chartPanes.text({PANEL}.chart.studies[0], {PANEL}.chart.studies[0].values[{PANEL}.overlay.pointedAt()])"
    page.wait_value(f"document.querySelector('.chart-pane-values .chart-value').textContent === {told}", "it was told")
    page.rest_pointer()
    page.wait_moving(".chart-pane-values .chart-value", 3)
    page.until(lambda: page.js(FROM_ANEW), "what was made tick by tick was what is made at once")


def test_a_pane_is_made_higher_by_hand_and_by_key_removed_and_kept_over_a_reload(page):
    before = page.value(PANES)
    box = page.box(".chart-divider")
    middle = box["left"] + box["width"] / 2, box["top"] + box["height"] / 2
    page.drag(middle, (middle[0], middle[1] - 20), (middle[0], middle[1] - 30))
    page.drop()
    page.wait_value(f"{FRAME}.panes[0].height === {before[0]['height'] + 30}", "it was 30 px higher")
    page.js("document.querySelectorAll('.chart-divider')[2].focus()")
    page.keys(Keys.ARROW_UP)
    page.wait_value(f"{FRAME}.panes[2].height === {before[2]['height'] + 8}", "a key made it higher")
    page.js(REMOVED_BETWEEN_PAINTS)
    page.wait_value(f"{FRAME}.panes.length === 2", "one pane was gone")
    page.wait_moving(".chart-value")
    heights = [pane["height"] for pane in page.value(PANES)]
    page.browser.driver.refresh()
    page.wait_live()
    painted(page)
    page.wait_value(f"{FRAME}.panes.length === 2", "two panes were there again")
    assert titles(page) == ["RSI 14", "ATR 14"]
    assert [pane["height"] for pane in page.value(PANES)] == heights


def test_a_setting_that_is_typed_is_painted_and_one_that_makes_no_sense_is_mended(page):
    page.click("#chart-indicators")
    page.type("[aria-label='Length of RSI 14']", "7\t")
    page.wait_value(f"{FRAME}.panes[0].study.title === 'RSI 7'", "the pane was of seven bars")
    page.type("[aria-label='Length of RSI 7']", "0\t")
    page.wait_value(f"{KEPT}.studies[0].period === 2", "the least was taken")


def test_a_phone_has_room_for_one_pane(desk, screen):
    open_chart(screen, desk, size=NARROW, touch=True)
    screen.tap("#chart-indicators")
    screen.tap("[aria-label='Add RSI']")
    screen.wait_text(".chart-form", "One pane has room here.")
    screen.wait_value(f"{FRAME}.panes.length === 1", "it was painted")
    assert screen.value(f"{FRAME}.panes[0].height") < screen.value(f"{FRAME}.height") / 3
    screen.tap(".chart-pane-out")
    screen.wait_value(f"{FRAME}.panes.length === 0", "a finger removed it")
