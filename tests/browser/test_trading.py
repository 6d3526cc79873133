"""Orders by hand: the ticket buys and the ledger agrees; an order rests in ladder and chart, is dragged, cancelled."""

from decimal import Decimal

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.serving import Serving

SYMBOL = "AAPL"
QTY = 12
TICK = Decimal("0.01")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """One that nobody has traded on: the ledger is compared with every fill."""
    with Serving(tmp_path_factory.mktemp("trading")) as serving:
        yield serving


@pytest.fixture
def page(desk, screen):
    for order in open_orders(desk):
        desk.delete(f"orders/{order['id']}")
    screen.open(f"{desk.url}/?symbol=MSFT")
    screen.choose(SYMBOL)
    screen.wait_text("#ticket-symbol", SYMBOL)
    return screen


def test_a_market_order_fills_and_the_ledger_agrees_to_the_cent(desk, page):
    before = {fill["id"] for fill in desk.get("fills")}
    page.keys("b")
    page.wait_value("document.activeElement.id === 'ticket-qty'", "the quantity had the focus")
    page.type("#ticket-qty", str(QTY))
    page.click("#ticket-type-market")
    page.wait_text("#ticket-submit", f"Buy {QTY} {SYMBOL}")
    confirm(page, f"Buy {QTY} {SYMBOL}")
    page.until(lambda: len(desk.get("fills")) > len(before), "the order filled")
    page.wait_text("#ticket-receipt", f"filled: {QTY} at ")
    position_is_shown(desk, page)
    fill_is_shown(desk, page, before)
    ledger_agrees(desk, page)


def test_a_limit_order_rests_in_ladder_and_chart_and_is_cancelled(desk, page):
    widen_price_scale(page)
    price = rest(desk, page, 5)
    order = only_open_order(desk)
    assert (order["side"], Decimal(order["limit_price"]), Decimal(order["qty"])) == ("buy", price, 5)
    row = f"[...document.querySelectorAll('#ladder-rows .ladder-row')].find(r => r.textContent.includes('{price}'))"
    page.wait_value(f"{row}?.querySelector('.is-own-buy').textContent.match(/●\\s5/)", "the ladder showed it")
    line = wait_line(page, order["id"])
    assert "Buy 5" in line["text"]
    page.until(lambda: line_share(page, order["id"], "up") > 0.3, "the chart drew its dashed line")
    page.click("#blotter-tab-orders")
    mine = f"#blotter-orders [row-id='{order['id']}']"
    page.until(lambda: page.is_seen(f"{mine} .blotter-cancel"), "the blotter offered to cancel it")
    page.click(f"{mine} .blotter-cancel")
    page.until(lambda: desk.get(f"orders/{order['id']}")["status"] == "canceled", "the server had it cancelled")
    page.wait_value(f"!ts.chart.panel().overlay.seen.placed.some(each => each.id === '{order['id']}')", "its line left")
    page.wait_value("document.querySelectorAll('.ladder-own:not([hidden])').length === 0", "the ladder forgot it")
    assert Decimal(desk.get("account")["reserved"]) == 0


def test_an_order_is_dragged_on_the_chart_to_another_price(desk, page):
    widen_price_scale(page)
    price = rest(desk, page, 3)
    order = only_open_order(desk)
    line = wait_line(page, order["id"])
    x, y = on_screen(page, line["x"] + 12, line["y"])
    target = f"ts.chartPaint.yOf(ts.chart.panel().stage.state.frame, {int(price / TICK)} - 10)"
    _, lower = on_screen(page, 0, page.value(target))
    page.drag((x, y), (x, (y + lower) / 2), (x, lower))
    wanted = page.value("ts.chart.panel().overlay.seen.drag")
    assert wanted and wanted["moved"], "the line is in the hand"
    moved = wanted["to"] * TICK
    assert price - 14 * TICK <= moved <= price - 6 * TICK
    assert Decimal(only_open_order(desk)["limit_price"]) == price, "nothing is sent before the hand lets go"
    page.drop()
    page.until(lambda: Decimal(only_open_order(desk)["limit_price"]) == moved, f"the order stood at {moved}")
    page.wait_value(f"ts.live.state.desk.orders['{order['id']}']?.limit_ticks === {wanted['to']}", "the page knew")
    page.until(lambda: not wait_line(page, order["id"])["isPending"], "the line stood at its new price")
    line = wait_line(page, order["id"])
    assert line["ticks"] == wanted["to"]
    page.drag(on_screen(page, line["x"] + line["width"] - 10, line["y"]))
    page.drop()
    page.until(lambda: desk.get(f"orders/{order['id']}")["status"] == "canceled", "the line's cross cancelled it")


def test_a_position_is_halved_and_turned_from_its_row(desk, page):
    for held in desk.get("positions"):
        desk.delete(f"positions/{held['position']['symbol']}")
    page.send(do="submit", symbol=SYMBOL, side="buy", type="market", tif="day", qty="10")
    page.click("#blotter-tab-positions")
    for word, qty in (("Close 50 %", 5), ("Reverse to short", -5)):
        page.until(lambda: page.is_seen("#blotter-positions .blotter-close"), "the row offered to close it")
        page.click("#blotter-positions .blotter-close")
        page.answer(f"{SYMBOL} at market?", word)
        page.until(lambda want=qty: held_of(desk) == want, f"{qty} were held")


def held_of(desk):
    return sum(Decimal(each["position"]["qty"]) for each in desk.get("positions"))


def test_what_cannot_be_is_refused_in_the_field_and_nothing_is_sent(desk, page):
    known = len(desk.get("orders"))
    page.type("#ticket-qty", "0.1234567891")
    page.wait_text("#ticket-refusal-qty", "multiple of 0.000000001, was 0.1234567891")
    assert page.value("document.querySelector('#ticket-qty').getAttribute('aria-invalid')") == "true"
    page.type("#ticket-qty", "900000")
    page.wait_text("#ticket-submit", "Buy 900,000 AAPL")
    page.wait_value("document.querySelector('#ticket-submit').classList.contains('is-faulty')", "the button stood back")
    page.click("#ticket-submit")
    page.wait_value(
        "/may be worth at most 1,000,000.00, was/.test(document.querySelector('#ticket').textContent)", "it said why"
    )
    assert "Confirm" not in page.text("#ticket-submit")
    assert len([each for each in desk.get("orders") if each["status"] != "rejected"]) == known


def confirm(page, sentence):
    """The button asks once, then sends; a second press that follows too fast counts as a double click."""
    sent_at = "ts.ticket.timing?.click ?? 0"
    before = page.value(sent_at)
    page.wait_text("#ticket-submit", sentence)
    page.click("#ticket-submit")
    page.wait_text("#ticket-submit", f"Confirm: {sentence}")
    assert page.value(sent_at) == before, "nothing is sent before the question is answered"
    page.until(lambda: page.click("#ticket-submit") or page.value(sent_at) != before, "the order was sent")


def rest(desk, page, qty):
    """Send a limit order a dozen ticks below the touch through the ticket; its price."""
    best = Decimal(desk.get(f"book/{SYMBOL}")["bids"][0]["price"])
    price = best - 12 * TICK
    page.keys("b")
    page.click("#ticket-type-limit")
    page.type("#ticket-qty", str(qty))
    page.type("#ticket-price", str(price))
    confirm(page, f"Buy {qty} {SYMBOL} at {price}")
    page.until(lambda: any(order["status"] == "new" for order in open_orders(desk)), "the order rested")
    return price


def open_orders(desk):
    return [each for each in desk.get("orders") if each["status"] in ("pending_new", "new", "partially_filled")]


def only_open_order(desk):
    (order,) = open_orders(desk)
    return order


def widen_price_scale(page):
    """By the chart's keys, so that prices below the market are on it and it stays as it is."""
    page.wait_ink("#chart-history", 5_000, 3)
    page.js("document.querySelector('#chart-hands').focus()")
    page.keys(*[Keys.ARROW_DOWN] * 6)
    page.wait_value("ts.chart.panel().stage.state.view.auto === false", "the scale was held")


def wait_line(page, order_id):
    """The order's line as it is painted: {x, y, width, text, ticks, isPending}, in pixels of the chart."""
    found = f"ts.chart.panel().overlay.seen.placed.find(line => line.id === '{order_id}')"
    return page.wait_value(found, "the chart had the order's line")


def line_share(page, order_id, color):
    return page.rule("#chart-live", wait_line(page, order_id)["y"], color)


def on_screen(page, x, y):
    box = page.box("#chart-hands")
    return box["left"] + x, box["top"] + y


def position_is_shown(desk, page):
    page.click("#blotter-tab-positions")
    page.until(lambda: page.is_seen("#blotter-positions .ag-row"), "the blotter had a position")
    (found,) = desk.get("positions")
    held = found["position"]
    row = page.text("#blotter-positions .ag-center-cols-container .ag-row")
    assert held["symbol"] == SYMBOL
    assert SYMBOL in row
    assert "Long" in row
    assert str(int(Decimal(held["qty"]))) in row
    assert page.state("desk.positions.map(each => [each.symbol, each.qty])") == [[SYMBOL, held["qty"]]]


def fill_is_shown(desk, page, before):
    fresh = [fill for fill in desk.get("fills") if fill["id"] not in before]
    assert sum(Decimal(fill["qty"]) for fill in fresh) == QTY
    page.click("#blotter-tab-fills")
    page.until(lambda: len(page.texts("#blotter-fills .ag-center-cols-container .ag-row")) >= 1, "the blotter had it")
    shown = page.text("#blotter-fills .ag-center-cols-container .ag-row")
    for fill in fresh:
        assert f"{Decimal(fill['price']):,.2f}" in shown
    marks = page.value("ts.chart.panel().overlay.seen.marks.filter(mark => mark.side === 'buy').length")
    assert marks >= 1, "the chart marks it"


def ledger_agrees(desk, page):
    """Every entry sums to zero; cash, shares and fees are what the account, the position and the fills say."""
    ledger, account, fills = desk.get("ledger"), desk.get("account")["account"], desk.get("fills")
    booked: dict[tuple[str, str], Decimal] = {}
    for entry in ledger:
        sums: dict[str, Decimal] = {}
        for leg in entry["postings"]:
            amount = Decimal(leg["amount"])
            sums[leg["unit"]] = sums.get(leg["unit"], Decimal(0)) + amount
            key = (leg["book"], leg["unit"])
            booked[key] = booked.get(key, Decimal(0)) + amount
        assert not any(sums.values()), entry
    cash = booked[("cash", "USD")]
    paid = sum(Decimal(fill["qty"]) * Decimal(fill["price"]) + Decimal(fill["fee"]) for fill in fills)
    assert cash == Decimal(account["cash"])
    assert cash == Decimal(account["starting_cash"]) - paid
    assert booked[("position", SYMBOL)] == sum(Decimal(fill["qty"]) for fill in fills)
    page.wait_value(f"Number(ts.live.state.desk.account.cash) === {cash}", "the page had the same cash")
    page.click("#blotter-tab-ledger")
    legs = sum(len(entry["postings"]) for entry in ledger)
    page.until(lambda: page.is_seen("#blotter-ledger .ag-row"), "the blotter had the ledger")
    count = "dash_ag_grid.getApi('blotter-ledger').getDisplayedRowCount()"
    page.wait_value(f"{count} === {legs}", f"the blotter had {legs} legs")
    newest = max(ledger, key=lambda entry: entry["seq"])
    assert newest["memo"] in page.text("#blotter-ledger .ag-center-cols-container .ag-row")
