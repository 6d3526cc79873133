"""Drawings on the chart: drawn by hand, kept over a reload, at the same times and prices in every timeframe."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.screen import NARROW

SYMBOL = "NVDA"
KEPT = f"JSON.parse(localStorage.getItem('tradesim:drawings:{SYMBOL}') || '[]')"
PENCIL = "ts.chart.panel().draw.pencil"
SHAPES = f"({PENCIL}.shown()?.shapes ?? [])"


@pytest.fixture
def page(desk, screen):
    screen.open(f"{desk.url}/?symbol={SYMBOL}")
    painted(screen)
    return screen


def painted(page):
    page.wait_ink("#chart-history", 5_000, 3)
    page.wait_value("ts.chart.panel().chart.bars.n > 60", "the bars were there")


def at(page, x, y):
    """A place of the plot, in shares of its size, as pixels of the window."""
    box = page.box("#chart-hands")
    frame = page.value("ts.chart.panel().stage.state.frame")
    return box["left"] + frame["left"] + x * frame["width"], box["top"] + frame["top"] + y * frame["height"]


def press(page, place):
    page.drag(place)
    page.drop()


def draw(page, tool, *places):
    page.click("#chart-draw")
    page.js(
        "[...document.querySelectorAll('.chart-draw-menu button')]"
        ".find(each => each.firstChild.nextSibling.data === arguments[0]).click()",
        tool,
    )
    page.wait_value(f"{PENCIL}.isArmed()", f"{tool} was in the hand")
    for place in places:
        press(page, place)


def test_a_trend_line_is_there_after_a_reload_and_at_every_timeframe_and_leaves_by_a_key(page):
    page.chord(Keys.ALT, "t")
    page.wait_text("#chart-drawing", "Trend line: press its first point")
    press(page, at(page, 0.3, 0.6))
    page.wait_text("#chart-drawing", "Trend line: press its second point")
    press(page, at(page, 0.6, 0.4))
    (line,) = page.wait_value(f"{KEPT}.length === 1 && {KEPT}", "it was kept")
    assert line["kind"] == "trend"
    assert line["points"][0]["at"] < line["points"][1]["at"]
    assert line["points"][0]["price"] < line["points"][1]["price"]
    page.browser.driver.refresh()
    page.wait_live()
    painted(page)
    assert page.value(f"{PENCIL}.shelf.state.drawings") == [line]
    page.wait_value(f"{SHAPES}.length === 1", "it was seen again")
    for frame, seconds in (("5m", 300), ("1m", 60)):
        page.js("window.tradesim.chart.panel().chooseFrame(arguments[0])", frame)
        is_there = f"ts.chart.panel().chart.bars.n > 60 && {SHAPES}.length === 1"
        page.wait_value(is_there, f"it was seen in bars of {frame}")
        assert page.value(KEPT) == [line], "what is kept does not change with the timeframe"
        stands_where_it_was_drawn(page, line, seconds)
    page.wait_moving("#chart-last")
    x, y = middle_of_line(page)
    press(page, (x, y))
    page.wait_text("#chart-drawing", "Trend line")
    page.keys("?")
    page.wait_text("dialog[open]", "Fibonacci retracement")
    page.keys(Keys.ESCAPE)
    page.wait_value("document.querySelector('dialog[open]') === null", "Esc belonged to the dialog")
    press(page, (x, y))
    page.keys(Keys.DELETE)
    page.wait_value(f"{KEPT}.length === 0 && {SHAPES}.length === 0", "it was gone")
    page.chord(Keys.CONTROL, "z")
    page.wait_value(f"{KEPT}.length === 1", "it was brought back")
    page.wait_moving("#chart-last")


def stands_where_it_was_drawn(page, line, seconds):
    """Both ends are in the bar that holds their moment, and at their price."""
    ends = page.value(
        f"""(() => {{
          const {{ chart, stage }} = ts.chart.panel();
          const {{ tick }} = ts.page.instruments.{SYMBOL};
          return {SHAPES}[0].handles.map(([x, y]) => {{
            const bar = Math.floor(ts.chartPaint.barAt(stage.state.frame, x) - chart.bars.base + 1e-6);
            return {{ start: chart.bars.start[bar], price: ts.chartPaint.ticksAt(stage.state.frame, y) * tick }};
          }});
        }})()"""
    )
    for end, point in zip(ends, line["points"], strict=True):
        assert 0 <= point["at"] - end["start"] < seconds * 1_000
        assert abs(end["price"] - point["price"]) < 1e-6


def middle_of_line(page):
    box = page.box("#chart-hands")
    (a, b) = page.value(f"{SHAPES}[0].handles")
    return box["left"] + (a[0] + b[0]) / 2, box["top"] + (a[1] + b[1]) / 2


def test_a_drawing_is_dragged_measured_noted_and_hidden(page):
    draw(page, "Rectangle", at(page, 0.3, 0.3), at(page, 0.5, 0.5))
    (box,) = page.wait_value(f"{KEPT}.length === 1 && {KEPT}", "it was kept")
    left, top = at(page, 0.3, 0.4)
    page.drag((left, top), (left + 40, top), (left + 80, top + 30))
    page.drop()
    moved = page.wait_value(f"{KEPT}[0].points[0].at !== {box['points'][0]['at']} && {KEPT}[0]", "it had moved")
    assert moved["points"][0]["price"] < box["points"][0]["price"]
    draw(page, "Measure", at(page, 0.6, 0.6), at(page, 0.8, 0.4))
    (words, bars) = page.wait_value(f"{PENCIL}.shown().measure?.words", "it told")
    assert words.startswith("+")
    assert "bars" in bars
    press(page, at(page, 0.85, 0.8))
    page.wait_value(f"{PENCIL}.state.measure === null", "a press took it away")
    draw(page, "Note", at(page, 0.6, 0.2))
    page.wait_value("document.activeElement.classList.contains('chart-note')", "the form had the focus")
    page.keys("Why here?", Keys.ENTER)
    page.wait_value(f"{KEPT}.some(each => each.text === 'Why here?')", "the note was kept")
    draw(page, "Horizontal line", at(page, 0.6, 0.7))
    page.wait_value(f"{KEPT}.length === 3", "three stood")
    page.js(f"const ts = window.tradesim; {PENCIL}.set({{isHidden: true}})")
    page.wait_value(f"{PENCIL}.shown() === null", "all were hidden")
    assert page.value(f"{KEPT}.length") == 3


def test_a_drawing_gets_a_colour_a_line_and_a_lock_by_mouse_and_keys_and_keeps_them(page):
    draw(page, "Horizontal line", at(page, 0.5, 0.3))
    page.wait_value(f"{KEPT}.length === 1", "it was kept")
    page.click("#chart-drawing [aria-label^='Colour']")
    page.click(".chart-style-menu .chart-pop-item:has([data-ink=red])")
    page.wait_value(f"{KEPT}[0].style?.color === 'red'", "it was red")
    page.keys(Keys.TAB, Keys.ENTER)
    page.wait_value("document.activeElement.textContent === 'Solid'", "the lines were offered")
    page.keys(Keys.ARROW_DOWN, Keys.ENTER)
    style = page.wait_value(f"{KEPT}[0].style?.stroke && {KEPT}[0].style", "it was dashed")
    assert style == {"color": "red", "stroke": "dashed"}
    page.keys(Keys.TAB, Keys.ENTER)
    page.wait_value(f"{KEPT}[0].isLocked === true", "it was locked")
    page.driver.refresh()
    page.wait_live()
    painted(page)
    page.wait_value(f"{SHAPES}.length === 1", "it was seen again")
    y = page.value(f"{SHAPES}[0].handles[0][1]")
    page.until(lambda: page.rule("#chart-live", y, "chart-ink-red") > 0.3, "a red line was painted")
    page.js("document.querySelector('#chart-hands').focus()")
    page.chord(Keys.ALT, "c")
    page.wait_text("#chart-drawing", "Horizontal line")
    page.keys(Keys.DELETE)
    page.wait_text("#toasts", "is locked")
    page.click("#chart-drawing [aria-label^='Locked']")
    page.keys(Keys.DELETE)
    page.wait_value(f"{KEPT}.length === 0", "it was gone")


def test_an_order_in_the_hand_comes_before_a_drawing_beneath_it(page):
    bid = page.value(f"ts.live.state.book.{SYMBOL}.b[0][0]")
    price = f"{(bid - 6) / 100:.2f}"
    order = {"do": "submit", "symbol": SYMBOL, "side": "buy", "type": "limit", "qty": "1", "limit": price, "tif": "gtc"}
    receipt = page.send(**order, source="ticket")
    line = "ts.chart.panel().overlay.seen.placed.find(each => each.id === arguments[0] && !each.isEdge)"
    found = page.wait_value(line, "its line was there", 30, receipt["order_id"])
    place = {"at": page.value("ts.chart.panel().chart.bars.start[ts.chart.panel().chart.bars.n - 5]")}
    page.js(
        f"const ts = window.tradesim; {PENCIL}.shelf.add({{id: 'x', kind: 'line', points: [arguments[0]]}})",
        {**place, "price": float(price)},
    )
    page.wait_value(f"{SHAPES}.length === 1", "a line lay on it")
    box = page.box("#chart-hands")
    x, y = box["left"] + found["x"] + found["width"] + 60, box["top"] + found["y"]
    page.drag((x, y), (x, y + 20), (x, y + 40))
    assert page.value("ts.chart.panel().overlay.seen.drag?.moved"), "the order is in the hand"
    assert page.value(f"{PENCIL}.state.held") is None
    page.keys(Keys.ESCAPE)
    page.drop()
    page.send(do="cancel_all")


def test_on_a_phone_the_menu_is_whole_and_a_line_is_drawn(desk, screen):
    screen.open(f"{desk.url}/?symbol={SYMBOL}", NARROW)
    painted(screen)
    screen.click("#chart-draw")
    menu, chart = screen.box(".chart-draw-menu"), screen.box("#chart")
    assert chart["left"] <= menu["left"]
    assert menu["right"] <= chart["right"]
    assert menu["bottom"] <= chart["bottom"]
    screen.keys(Keys.ESCAPE)
    draw(screen, "Trend line")
    start, end = at(screen, 0.2, 0.6), at(screen, 0.7, 0.3)
    screen.drag(start, ((start[0] + end[0]) / 2, start[1]), end)
    screen.drop()
    screen.wait_value(f"{KEPT}.length === 1", "one stroke drew it")
