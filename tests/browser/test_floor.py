"""What a trader touches on the floor: marks at the chart's edge, exits, the ticket's result, messages, kill switch."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.screen import NARROW, WIDE

SYMBOL = "MSFT"
FAR_AWAY = 2_000
"""Ticks below the bid: no scale of a few hours reaches that far."""
EDGES = "ts.chart.panel().overlay.seen.placed.filter(line => line.isEdge)"


@pytest.fixture
def page(desk, screen):
    screen.open(f"{desk.url}/?symbol={SYMBOL}")
    screen.wait_text("#ticket-symbol", SYMBOL)
    yield screen
    send(screen, do="cancel_all")


def send(page, **wish):
    receipt = page.send(**wish)
    assert receipt["ok"], receipt
    return receipt


def test_an_order_off_the_scale_is_marked_at_the_edge_and_brought_into_sight(page):
    page.wait_ink("#chart-history", 5_000, 3)
    ticks = page.value(f"ts.live.state.book.{SYMBOL}.b[0][0]") - FAR_AWAY
    price = f"{ticks / 100:.2f}"
    order = {"do": "submit", "symbol": SYMBOL, "side": "buy", "type": "limit", "qty": "1", "limit": price, "tif": "gtc"}
    send(page, **order, source="ticket")
    (mark,) = page.wait_value(f"{EDGES}.length === 1 && {EDGES}", "the mark was there")
    assert mark["text"] == f"▼ {price}  Buy 1 limit"
    box = page.box("#chart-hands")
    at = (box["left"] + mark["x"] + mark["width"] / 2, box["top"] + mark["y"])
    page.drag(at)
    page.drop()
    page.wait_value(f"ts.chart.panel().stage.state.view.low < {ticks}", "the scale reached it")
    page.wait_value(f"{EDGES}.length === 0", "its mark was a line")
    page.click("#chart-fit")
    page.wait_value(f"ts.chart.panel().stage.state.view.auto && {EDGES}.length === 1", "the scale fitted itself again")


def test_nothing_moves_when_one_click_is_armed_or_an_order_asks(page):
    page.wait_text("#ticket-submit", f" {SYMBOL} at ")
    rows, button = page.box("#ladder-rows"), page.box("#ticket-submit")
    page.click("#ladder-one-click")
    page.wait_text("#ladder-one-click", "1-click ON")
    assert page.box("#ladder-rows") == rows
    page.click("#ladder-one-click")
    page.wait_text("#ladder-one-click", "1-click off")
    page.click("#ticket-submit")
    page.wait_text("#ticket-submit", "Confirm: Buy ")
    assert page.box("#ticket-submit") == button
    page.click("#ticket-leave")
    page.click("[data-act=buy]")
    page.wait_text("#ticket-submit", f"{SYMBOL} at market")


def test_why_tells_a_cancel_and_follows_what_happens_next(page):
    far = page.value(f"ts.live.state.book.{SYMBOL}.b[0][0]") - FAR_AWAY
    order = {"do": "submit", "symbol": SYMBOL, "side": "buy", "type": "limit", "qty": "2", "limit": f"{far / 100:.2f}"}
    sent = send(page, **order, tif="gtc", source="ticket")
    page.click("#blotter-tab-orders")
    row = f"#blotter-orders .ag-center-cols-container [row-id='{sent['order_id']}'] .ag-cell"
    page.click(row)
    page.wait_value("!document.getElementById('why-latest').hidden", "the order was chosen")
    page.click(f"#blotter-orders [row-id='{sent['order_id']}'] .blotter-cancel")
    page.wait_text("#why-story", "Cancelled on request.")
    page.wait_text("#why-story", "nothing of it had filled")
    page.wait_value("document.getElementById('why-latest').hidden", "it was let go")
    page.wait_text(row.replace(" .ag-cell", " [col-id=status]"), "Cancelled on request")


def test_exits_are_on_when_they_are_opened_and_sent_as_they_were_confirmed(page):
    page.click("#ticket-type-market")
    page.type("#ticket-qty", "3")
    page.click("#ticket-open-exits")
    for name in ("profit", "loss"):
        page.wait_value(f"document.getElementById('ticket-{name}-on').ariaChecked === 'true'", f"{name} was on")
    page.until(lambda: page.is_seen("#ticket-exits .payoff"), "the picture was there")
    page.click("#ticket-submit")
    page.wait_text("#ticket-submit", "Confirm: Buy 3 MSFT at market, take profit ")
    asked = page.value("ts.ticketSend.state.asked")
    bid = page.value("ts.live.state.book.MSFT.b[0][0]")
    page.wait_value("ts.live.state.book.MSFT.b[0][0] !== arguments[0]", "the market moved", 40, bid)
    assert page.text("#ticket-submit") == f"Confirm: {asked['question']}"
    sent_at = "ts.ticket.timing?.click ?? 0"
    before = page.value(sent_at)
    page.until(lambda: page.click("#ticket-submit") or page.value(sent_at) != before, "the order was sent")
    legs = "Object.values(ts.live.state.desk.orders).filter(order => order.role && order.symbol === 'MSFT')"
    found = page.wait_value(f"{legs}.length === 2 && {legs}", "both exits were there")
    placed = {each["role"]: each["limit_ticks"] or each["stop_ticks"] for each in found}
    wish = asked["wish"]
    wanted = {"take_profit": wish["take_profit"]["limit"], "stop_loss": wish["stop_loss"]["stop"]}
    assert {name: f"{ticks / 100:.2f}" for name, ticks in placed.items()} == wanted
    page.wait_text("#ticket-receipt", "filled: 3 at ")
    page.type("#ticket-qty", "4")
    page.wait_value("document.getElementById('ticket-receipt').textContent === ''", "the old result left")
    send(page, do="flatten")


def test_errors_stay_until_they_are_dismissed_and_three_messages_are_the_most(page):
    page.js("for (const n of [1, 2, 3, 4]) window.tradesim.page.toast('bad', `Refused: ${n}.`)")
    page.wait_value("document.querySelectorAll('#toasts .notice').length === 3", "three were seen")
    assert page.text("#toasts .notice-rest") == "1 more · Dismiss all"
    page.click("#toasts .notice:last-child .icon-button")
    page.until(lambda: page.texts("#toasts .notice span")[0] == "Refused: 1.", "the first was seen again")
    page.js("window.tradesim.views.go('risk')")
    page.wait_value("document.getElementById('toasts').dataset.at === 'foot'", "below a view they have their own line")
    below = page.box("#toasts")["top"]
    assert page.box("#view-risk")["bottom"] <= below + 1, "nothing of the view is covered"


def test_what_is_said_while_a_dialog_is_open_is_said_in_it_and_stays_when_it_closes(page):
    page.js("window.tradesim.page.toast('bad', 'Refused: before.')")
    page.keys("?")
    page.wait_value("document.querySelector('dialog:modal') !== null", "the list of keys was open")
    for text in ("one", "two"):
        page.js("window.tradesim.page.toast('bad', arguments[0])", f"Refused: {text}.")
    inside = "dialog:modal .notice span"
    page.until(lambda: page.texts(inside) == ["Refused: one.", "Refused: two."], "both were in the dialog")
    assert page.texts("#toasts .notice span") == ["Refused: before."]
    page.click("dialog:modal .notice .icon-button")
    page.until(lambda: page.texts(inside) == ["Refused: two."], "a press in the dialog dismissed the first")
    page.keys(Keys.ESCAPE)
    left = ["Refused: before.", "Refused: two."]
    page.until(lambda: page.texts("#toasts .notice span") == left, "the other stayed on the page")


EARLY = """
const look = setInterval(() => {
  if (!window.tradesim || !window.tradesim.views || !window.tradesim.views.go) return;
  clearInterval(look);
  window.tradesim.views.go("risk");
}, 1);
"""


def test_a_view_may_be_asked_for_before_the_page_is_made(desk, screen):
    ask = screen.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": EARLY})
    try:
        screen.open(f"{desk.url}/?symbol={SYMBOL}")
    finally:
        screen.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", ask)
    screen.wait_value("document.documentElement.dataset.view === 'risk'", "the view was opened")
    screen.wait_value("window.dash_component_api.getLayout('view').props.data === 'risk'", "the server knows")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("state", ["active", "halted"])
def test_the_kill_switch_is_in_sight_in_every_state(desk, screen, size, state):
    screen.open(f"{desk.url}/?symbol={SYMBOL}", size)
    if state == "halted":
        send(screen, do="kill", mode="freeze")
    try:
        screen.wait_value("document.getElementById('header-stop').dataset.standing === arguments[0]", "so", 20, state)
        box = screen.box("#header-stop")
        assert screen.is_seen("#header-stop") and box["width"] >= 30 and box["right"] <= size[0]
        screen.click("#header-stop")
        screen.wait_text(".popup", "Kill switch")
    finally:
        if state == "halted":
            send(screen, do="reactivate")
