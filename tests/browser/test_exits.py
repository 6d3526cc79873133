"""Exits by hand: a bracket from the ticket to either end, a trailing stop that follows, a stop moved on the chart.

Another account of the same desk trades against the market until the price is there.
"""

from contextlib import contextmanager
from decimal import Decimal
from uuid import uuid4

import pytest
import requests
from selenium.webdriver.common.keys import Keys

from tests.browser.serving import Serving

SYMBOL = "AAPL"
QTY = 10
TICK = Decimal("0.01")
STEP_MS = 10
PUSHES = 20
PUSH_LOTS = 4_000
ROW = "#blotter-orders .ag-row[row-id='{}']"


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    with Serving(tmp_path_factory.mktemp("data")) as serving:
        yield serving


@pytest.fixture(scope="module")
def mover(floor):
    """The id of a rich stranger's account."""
    return intent(floor, do="open_account", name="Mover", cash="900000000")["account_id"]


@pytest.fixture
def page(floor, screen):
    intent(floor, do="flatten")
    screen.until(lambda: not floor.get("positions"), "nothing was held")
    screen.open(f"{floor.url}/?symbol={SYMBOL}")
    screen.wait_text("#ticket-symbol", SYMBOL)
    return screen


@pytest.mark.parametrize(
    ("ended", "profit", "loss", "side"),
    [("take_profit", 4, 900, "buy"), ("stop_loss", 900, 4, "sell")],
    ids=["profit is taken", "loss is stopped"],
)
def test_a_bracket_from_the_ticket_ends_at_one_exit_and_cancels_the_other(
    floor, page, mover, ended, profit, loss, side
):
    page.click("#ticket-type-market")
    page.type("#ticket-qty", str(QTY))
    page.click("#ticket-open-exits")
    give_exit(page, "profit", "ticks", profit)
    give_exit(page, "loss", "ticks", loss)
    page.until(lambda: page.is_seen("#ticket-exits .payoff"), "the picture of its ends was there")
    page.wait_value("document.querySelectorAll('.payoff-exit').length === 2", "both ends were in it")
    with standing(floor):
        confirm(page, f"Buy {QTY} {SYMBOL} at market, take profit ")
        page.until(lambda: step(floor) or len(roles(floor)) == 2, "both exits worked")
        page.click("#blotter-tab-orders")
        page.until(lambda: len(page.texts("#blotter-orders .blotter-leg")) >= 2, "the blotter nested them")
    push(floor, page, mover, side, lambda: leg(floor, ended)["status"] == "filled")
    other = "stop_loss" if ended == "take_profit" else "take_profit"
    page.until(lambda: leg(floor, other)["status"] == "canceled", "the other was cancelled")
    assert not floor.get("positions"), "what was bought is sold, once"
    page.wait_value("ts.chart.panel().overlay.seen.lines.length === 0", "the chart's lines left")
    assert page.text("#why-story")


def test_a_trailing_stop_follows_the_market_on_chart_and_in_the_orders(floor, page, mover):
    page.click("#ticket-side-sell")
    page.click("#ticket-type-trailing_stop")
    page.type("#ticket-qty", str(QTY))
    page.type("#ticket-trail", "0.1")
    confirm(page, f"Sell {QTY} {SYMBOL} on a stop that trails by 0.1 %")
    order = page.until(lambda: next(iter(open_orders(floor)), None), "it waited")
    first = Decimal(order["stop_price"])
    found = f"ts.chart.panel().overlay.seen.lines.find(line => line.id === '{order['id']}')"
    assert "trails 0.1 %" in page.wait_value(found, "the chart had its line")["text"]
    page.wait_text(ROW.format(order["id"]), "Waits for its trigger")
    push(floor, page, mover, "buy", lambda: Decimal(now(floor, order)["stop_price"]) > first)
    page.wait_value(f"{found}?.ticks > {int(first / TICK)}", "its line had risen")
    floor.delete(f"orders/{order['id']}")


def test_a_stop_is_dragged_on_the_chart(floor, page):
    last = Decimal(floor.get(f"book/{SYMBOL}")["bids"][0]["price"])
    stop = last - 20 * TICK
    page.wait_ink("#chart-history", 5_000, 3)
    page.js("document.querySelector('#chart-hands').focus()")
    page.keys(*[Keys.ARROW_DOWN] * 8)
    page.wait_value("ts.chart.panel().stage.state.view.auto === false", "the scale was held")
    page.click("#ticket-side-sell")
    page.click("#ticket-type-stop")
    page.type("#ticket-qty", str(QTY))
    page.type("#ticket-stop", str(stop))
    confirm(page, f"Sell {QTY} {SYMBOL} on a stop at {stop}")
    order = page.until(lambda: next(iter(open_orders(floor)), None), "it waited")
    found = f"ts.chart.panel().overlay.seen.placed.find(line => line.id === '{order['id']}')"
    line = page.wait_value(found, "the chart had its line")
    box = page.box("#chart-hands")
    lower = page.value(f"ts.chartPaint.yOf(ts.chart.panel().stage.state.frame, {int(stop / TICK)} - 15)")
    x, y, to = box["left"] + line["x"] + 12, box["top"] + line["y"], box["top"] + lower
    page.drag((x, y), (x, (y + to) / 2), (x, to))
    wanted = page.value("ts.chart.panel().overlay.seen.drag")
    assert wanted and wanted["moved"], "the line is in the hand"
    page.drop()
    moved = wanted["to"] * TICK
    page.until(lambda: Decimal(now(floor, order)["stop_price"]) == moved, f"the stop stood at {moved}")
    page.wait_text(ROW.format(order["id"]), str(moved))
    floor.delete(f"orders/{order['id']}")


@pytest.mark.parametrize(
    ("word", "kept"), [("Only the take profit", {"stop_loss"}), ("All exits", set())], ids=["alone", "with the stop"]
)
def test_a_cancel_of_one_exit_asks_for_the_other(floor, page, word, kept):
    last = Decimal(floor.get(f"book/{SYMBOL}")["bids"][0]["price"])
    exits = {"take_profit": {"limit": str(last + 5)}, "stop_loss": {"stop": str(last - 5)}}
    terms = {"side": "buy", "type": "market", "qty": str(QTY), "tif": "gtc"}
    assert intent(floor, do="submit", symbol=SYMBOL, **{"class": "bracket"}, **terms, **exits)["ok"]
    page.until(lambda: len(roles(floor)) == 2, "both exits worked")
    page.click("#blotter-tab-orders")
    profit = leg(floor, "take_profit")["id"]
    page.click(f"{ROW.format(profit)} .blotter-cancel")
    page.answer("Cancel the take profit", "Leave it")
    assert set(roles(floor)) == {"take_profit", "stop_loss"}
    page.until(lambda: not page.is_seen("dialog[open]"), "the question was gone")
    page.click(f"{ROW.format(profit)} .blotter-cancel")
    page.answer(f"{QTY} {SYMBOL} stay unprotected", word)
    page.until(lambda: set(roles(floor)) == kept, f"{kept or 'nothing'} was left")


def give_exit(page, name, mode, value):
    page.js(
        "const at = document.getElementById(`ticket-${arguments[0]}-mode`);"
        "at.value = arguments[1]; at.dispatchEvent(new Event('change'));",
        name,
        mode,
    )
    page.type(f"#ticket-{name}-value", str(value))
    page.wait_value(f"document.getElementById('ticket-{name}-on').ariaChecked === 'true'", "it was switched on")


def confirm(page, sentence):
    sent_at = "ts.ticket.timing?.click ?? 0"
    before = page.value(sent_at)
    page.wait_text("#ticket-submit", sentence)
    page.click("#ticket-submit")
    page.wait_text("#ticket-submit", f"Confirm: {sentence}")
    page.until(lambda: page.click("#ticket-submit") or page.value(sent_at) != before, "the order was sent")


@contextmanager
def standing(floor):
    """The market's clock stands, so that no exit can be reached while somebody still looks at it."""
    intent(floor, do="pause")
    try:
        yield
    finally:
        intent(floor, do="play")


def step(floor):
    intent(floor, do="step", by_ms=STEP_MS)


def push(floor, page, mover, side, is_there):
    """The stranger trades until the price is there."""
    for _ in range(PUSHES):
        order = {"do": "submit", "symbol": SYMBOL, "side": side, "type": "market", "qty": str(PUSH_LOTS)}
        intent(floor, account=mover, **order)
        try:
            return page.until(is_there, "the price was there", 1)
        except AssertionError:
            continue
    return page.until(is_there, "the price was there")


def intent(floor, **wish):
    wishes, ours = [{"id": str(uuid4()), **wish}], {"Origin": floor.url}
    (receipt,) = requests.post(f"{floor.url}/page/intents", json=wishes, headers=ours, timeout=60).json()
    assert receipt["ok"], receipt
    return receipt


def open_orders(floor):
    return [each for each in floor.get("orders") if each["status"] in ("held", "accepted", "new", "pending_new")]


def roles(floor):
    return {each["role"]: each for each in open_orders(floor) if each["role"] and each["status"] == "new"}


def leg(floor, role):
    """The newest exit of that kind."""
    return max((each for each in floor.get("orders") if each["role"] == role), key=lambda each: each["created_at"])


def now(floor, order):
    return floor.get(f"orders/{order['id']}")
