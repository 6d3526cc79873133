"""The desk under a finger: on a phone upright and on its side, and on a tablet."""

import pytest

from tests.browser.screen import NARROW

ON_ITS_SIDE, TABLET, TABLET_ON_ITS_SIDE = (844, 390), (768, 1024), (1024, 768)
SIZES = {"phone": NARROW, "phone on its side": ON_ITS_SIDE, "tablet": TABLET, "tablet on its side": TABLET_ON_ITS_SIDE}
SHEETS = ("ticket", "middle", "dock", "watchlist")
VIEWS = ("performance", "journal", "risk", "bots", "keys")
PANES = ("market", "order", "state", "keys")
FINGER_PX = 44
KEYBOARD_PX = 336

# What is seen and reaches beyond the window, unless it lies in what scrolls or is clipped by itself.
BEYOND = """
const beyond = [];
for (const each of document.querySelectorAll("body *")) {
  if (each.closest("canvas, svg, .skip-link, .programs-scroll, .why-steps, pre")) continue;
  if (!each.checkVisibility({visibilityProperty: true})) continue;
  const box = each.getBoundingClientRect();
  if (!box.width || !box.height || box.bottom < 0 || box.top > innerHeight) continue;
  if (box.right <= innerWidth + 1 && box.left >= -1) continue;
  beyond.push(`${each.id || each.className || each.tagName} ${box.left}..${box.right}`);
}
const {scrollWidth} = document.scrollingElement;
return scrollWidth > innerWidth ? [`the page is ${scrollWidth} px wide`, ...beyond] : beyond;
"""
# Buttons and fields of a place that are in sight and smaller than a finger, with their sizes.
SMALL = """
const [place, least] = arguments;
return [...document.querySelector(place).querySelectorAll("button, input, select")]
  .filter((each) => each.checkVisibility({visibilityProperty: true, opacityProperty: true}) && each.type !== "checkbox")
  .map((each) => [each.id || each.className, each.getBoundingClientRect()])
  .filter(([, box]) => box.height && box.height < least - 0.5)
  .map(([name, box]) => `${name} ${box.width}x${box.height}`);
"""
# Controls of the open sheet that a message covers.
COVERED = """
const sheet = document.querySelector(".slot.is-open");
return [...sheet.querySelectorAll("button, input, select")].filter((each) => {
  const {left, top, width, height} = each.getBoundingClientRect();
  const found = document.elementFromPoint(left + width / 2, top + height / 2);
  return found && found.closest("#toasts");
}).map((each) => each.id || each.className);
"""
LETTERS = """
const typed = "input:not([type=radio], [type=checkbox], [type=range]), select, textarea";
return [...document.querySelectorAll(typed)].map((each) => parseFloat(getComputedStyle(each).fontSize));
"""
TYPE = """
const [selector, covered] = arguments;
Object.defineProperty(visualViewport, "height", {configurable: true, get: () => innerHeight - covered});
document.querySelector(selector).focus();
visualViewport.dispatchEvent(new Event("resize"));
"""
POINTED, NEWEST = "ts.chart.panel().overlay.pointedAt()", "ts.chart.panel().chart.bars.n - 1"
GO_TO_NOW = "#chart-now"
ROW = "#blotter-orders .ag-center-cols-container .ag-row[row-id='{}']"
REST = """
const ts = window.tradesim, limit = ((ts.live.state.market.AAPL.l - 500) / 100).toFixed(2);
const order = {do: "submit", symbol: "AAPL", side: "buy", type: "limit", qty: "70", limit, tif: "gtc"};
return ts.intents.send({...order, source: "ticket"}, {quiet: true}).then((receipt) => receipt.order_id);
"""

ROUND_TRIP = """
const order = (side) => ({do: "submit", symbol: "AAPL", side, type: "market", qty: "10", tif: "day", source: "ticket"});
const sent = (side) => window.tradesim.intents.send(order(side), {quiet: true}).then((receipt) => receipt.ok);
return sent("buy").then((bought) => bought && sent("sell"));
"""


@pytest.fixture(params=SIZES.values(), ids=SIZES)
def held(request, desk, screen):
    screen.open(f"{desk.url}/?symbol=AAPL", request.param, touch=True)
    return screen


@pytest.fixture
def phone(desk, screen):
    screen.open(f"{desk.url}/?symbol=AAPL", NARROW, touch=True)
    return screen


def test_nothing_reaches_beyond_the_window(held):
    assert held.js(ROUND_TRIP)
    fits(held, "the desk")
    for sheet in SHEETS:
        held.open_sheet(sheet)
        fits(held, sheet)
    held.tap(".bar-button[data-sheet=more]")
    held.until(lambda: held.is_seen(".popup"), "More was open")
    fits(held, "More")
    held.js("window.tradesim.header.closePopup()")
    for view in VIEWS:
        held.js("window.tradesim.views.go(arguments[0])", view)
        held.until(lambda view=view: held.is_seen(f"#view-{view}"), f"{view} was open")
        if view == "journal":
            held.until(lambda: held.is_seen("#journal-grid .ag-row"), "the journal had its round trip")
        fits(held, view)
    held.js("window.tradesim.views.go('desk')")
    for pane in PANES:
        held.js("window.tradesim.page.emit('open-providers', {pane: arguments[0]})", pane)
        held.until(lambda: held.is_seen("dialog[open]"), "the dialog was open")
        fits(held, f"market data: {pane}")


def test_the_chart_and_the_open_sheet_share_a_tablet(desk, screen):
    screen.open(f"{desk.url}/?symbol=AAPL", TABLET_ON_ITS_SIDE, touch=True)
    screen.until(lambda: screen.is_seen("#ticket"), "the ticket was open from the start")
    assert screen.box("#slot-chart")["right"] <= screen.box("#slot-ticket")["x"] + 1
    screen.open_sheet("dock")
    screen.until(
        lambda: screen.box("#slot-chart")["bottom"] <= screen.box("#slot-dock")["y"] + 1, "the chart was above"
    )
    assert screen.box("#why")["x"] >= screen.box("#blotter")["right"]


def test_an_order_is_seen_whole_and_cancelled_from_its_row(phone):
    phone.open_sheet("dock")
    phone.tap("#blotter-tab-orders")
    order = phone.js(REST)
    row = ROW.format(order)
    phone.until(lambda: phone.is_seen(row), "the order stood in the blotter")
    said = phone.text(row)
    assert all(part in said for part in ("AAPL", "Buy 70", "Limit GTC", "at ", "Working")), said
    phone.tap(row)
    phone.wait_text("dialog[open]", "From")
    assert phone.texts("dialog[open] .dialog-actions button") == ["Why", "Into the ticket", "Cancel"]
    phone.tap("dialog[open] .dialog-actions button")
    phone.until(lambda: phone.is_seen("#why") and not phone.is_seen("#blotter"), "Why took the sheet")
    phone.tap(".why-back")
    cross = f"#blotter-orders .ag-pinned-right-cols-container .ag-row[row-id='{order}'] .blotter-cancel"
    phone.until(lambda: phone.is_seen(cross), "the orders were back")
    assert phone.box(cross)["right"] <= NARROW[0]
    phone.tap(cross)
    phone.wait_value("ts.live.state.desk.orders[arguments[0]].status === 'canceled'", "it was cancelled", 30, order)


def test_controls_are_as_large_as_a_finger_and_letters_too_large_to_zoom(phone):
    for sheet, place in (("ticket", "#ticket"), ("dock", "#blotter .blotter-head"), ("watchlist", "#watchlist")):
        phone.open_sheet(sheet)
        assert phone.js(SMALL, place, FINGER_PX) == []
    assert min(phone.js(LETTERS)) >= 16


def test_a_message_covers_no_control_of_a_sheet(phone):
    for sheet in SHEETS:
        phone.open_sheet(sheet)
        phone.js("for (const text of ['One.', 'Two.', 'Three.']) window.tradesim.page.toast('bad', text)")
        phone.until(lambda: phone.is_seen("#toasts .notice"), "a message was seen")
        assert phone.js(COVERED) == []


def test_more_tells_what_is_true_now(phone):
    phone.tap(".bar-button[data-sheet=more]")
    phone.wait_moving(".popup dd", 1)


def test_the_keyboard_leaves_what_sends_the_order_in_sight(phone):
    phone.open_sheet("ticket")
    phone.js(TYPE, "#ticket-qty", KEYBOARD_PX)
    room = NARROW[1] - KEYBOARD_PX
    phone.until(lambda: phone.box("#ticket-submit")["bottom"] <= room, "the button stood above the keyboard")
    assert 0 < phone.box("#ticket-qty")["y"] < phone.box("#ticket-submit")["y"]
    assert not phone.is_seen("#bottom-bar")
    phone.js(TYPE, "#ticket-qty", 0)
    phone.until(lambda: phone.is_seen("#bottom-bar"), "the bar was back")


def test_confirm_is_where_the_button_was_and_leaving_is_told(phone):
    phone.open_sheet("ticket")
    phone.wait_value("/ at /.test(document.querySelector('#ticket-submit').textContent)", "the ticket had its price")
    button = phone.box("#ticket-submit")
    phone.click("#ticket-submit")
    phone.wait_text("#ticket-submit", "Confirm: ")
    assert phone.box("#ticket-submit") == button
    leave = phone.value("document.querySelector('#ticket-leave').getBoundingClientRect().bottom")
    assert leave <= phone.value("document.querySelector('#ticket-submit').getBoundingClientRect().top")
    phone.click("#ticket-leave")
    phone.wait_text("#ticket-receipt", "Left, nothing was sent")


def test_a_resting_finger_takes_the_crosshair_and_a_moving_one_the_chart(phone):
    box = phone.box("#chart-hands")
    x, y = box["x"] + 120, box["y"] + 250
    phone.wait_ink("#chart-live", 200)
    phone.finger((x, y))
    phone.wait_value(f"{POINTED} < {NEWEST}", "the crosshair stood under the finger")
    first = phone.value(POINTED)
    phone.slide(*((x - 12 * step, y) for step in range(1, 8)))
    phone.wait_value(f"{POINTED} < arguments[0]", "the crosshair went along", 30, first)
    phone.lift()
    assert not phone.is_seen(GO_TO_NOW)
    phone.finger((x, y), *((x + 12 * step, y) for step in range(1, 12)))
    phone.lift()
    phone.until(lambda: phone.is_seen(GO_TO_NOW), "the chart was moved")


def test_a_finger_scrolls_a_list_and_opens_nothing(phone):
    phone.open_sheet("watchlist")
    box = phone.box("#watchlist-rows")
    x, y = box["x"] + 100, box["y"] + 200
    chosen = phone.value("ts.page.symbol")
    phone.finger((x, y), *((x, y - 16 * step) for step in range(1, 12)))
    phone.lift()
    phone.wait_value("document.querySelector('#watchlist-rows').scrollTop > 40", "the list was scrolled")
    assert phone.value("ts.page.symbol") == chosen


def fits(screen, what):
    screen.until(lambda: screen.js(BEYOND) == [], f"{what} fitted the window: {screen.js(BEYOND)[:5]}")
