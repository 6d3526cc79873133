"""Accounts and risk by hand: the switch is pulled and put back, a limit halts, another account is chosen and traded."""

import pytest
import requests
from selenium.webdriver.common.keys import Keys

from tests.browser.screen import NARROW
from tests.browser.serving import Serving

SYMBOL = "AAPL"
FLAG = "ts.live.state.risk[ts.page.account || 'paper'].state"
OPEN_ORDERS = "Object.values(ts.live.state.desk.orders).filter((o) => o.status === 'new').length"
HELD = "ts.live.state.desk.positions.map((p) => p.symbol + ' ' + Number(p.qty))"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with Serving(tmp_path_factory.mktemp("data")) as serving:
        yield serving


@pytest.fixture
def page(desk, screen):
    requests.put(f"{desk.url}/sim/v1/risk/paper", json={"max_day_loss": None}, headers=desk.as_person, timeout=60)
    for account in ("", "paper"):
        desk.post("reactivate", account=account)
    screen.open(f"{desk.url}/?symbol={SYMBOL}")
    screen.wait_text("#ticket-symbol", SYMBOL)
    send(screen, do="flatten")
    screen.wait_value(f"{HELD}.length === 0", "nothing was held")
    return screen


def test_the_kill_switch_cancels_and_refuses_until_it_is_put_back(desk, page):
    send(page, type="limit", qty="10", limit="200.00", tif="gtc")
    page.wait_value(f"{OPEN_ORDERS} === 1", "the order was working")
    page.click("#header-stop")
    page.click("[data-mode=cancel]")
    page.answer("Cancel all in Paper, and halt?", "Cancel all and halt")
    page.wait_value(f"{OPEN_ORDERS} === 0", "the order was cancelled")
    page.wait_text("#header-standing", "HALTED by you")
    page.wait_value("document.getElementById('header-stop').dataset.standing === 'halted'", "the switch said so")
    assert page.is_seen("#header-stop .stop-word") and page.text("#header-stop") == "Kill switch"
    page.wait_text("#ticket-submit", "Halted: only cancels are taken. Reactivate in Risk")
    assert page.value("document.getElementById('ticket-submit').disabled"), "the button takes no press"
    assert page.value("document.querySelector('[data-act=buy]').disabled"), "nor does the ladder's"
    assert page.text("#ticket-value") == "–", "nothing is estimated that would be refused"
    refused = send(page, type="market", qty="10")["message"]
    assert "trading is halted: the kill switch was pulled" in refused
    assert not open_orders(desk)
    press_named(page, "#header-standing", "Reactivate")
    page.wait_value("document.getElementById('header-standing').hidden", "the strip was gone")
    page.wait_text("#ticket-submit", f"Buy 100 {SYMBOL}")
    sent = send(page, type="limit", qty="10", limit="200.00", tif="gtc")
    assert sent["ok"], sent
    page.wait_value(f"{OPEN_ORDERS} === 1", "an order was taken again")
    desk.delete("orders")


def test_a_limit_passed_reduces_the_account_and_says_so(desk, page):
    page.js("window.tradesim.views.go('risk')")
    page.until(lambda: page.is_seen("#risk-limits [name=max_day_loss]"), "the limits were there")
    page.wait_value("document.querySelector('[name=max_order_value]').value !== ''", "what was set was shown")
    page.type("[name=max_order_value]", "50,000")
    page.type("[name=max_day_loss]", "0.01")
    page.wait_text("#risk-deeds", "2 limits changed, not set yet")
    press_named(page, "#risk-deeds", "Set the limits")
    page.wait_value("document.getElementById('risk-deeds').hidden", "they were set")
    assert desk.get("risk/paper")["own_limits"]["max_order_value"] == "50000"
    page.js("window.tradesim.views.go('desk')")
    large = send(page, type="market", qty="5000")
    assert "an order may be worth at most 50,000.00" in large["message"]
    assert send(page, type="market", qty="20")["ok"]
    page.wait_value(f"{FLAG} === 'reducing'", "the spread cost more than the limit")
    page.wait_text("#header-standing", "REDUCING by a limit")
    page.wait_text("#header-standing", "the day's loss is")
    page.wait_text("#ticket-submit", "Reducing: only what closes is taken")
    assert page.value("document.getElementById('ticket-submit').disabled")
    assert "only what reduces a position is taken" in send(page, type="market", qty="10")["message"]
    page.wait_text("#header-standing", "The limit is still passed")
    assert page.value("document.querySelector('#header-standing .quiet-button').disabled"), "it cannot go on yet"
    page.js("window.tradesim.views.go('risk')")
    page.wait_text("#risk-states", "Reducing")
    page.wait_text("[data-limit=max_day_loss] .limit-used", "of 0.01")
    page.wait_text("#risk-history", "the day's loss is")
    page.type("[name=max_day_loss]", Keys.BACKSPACE)
    press_named(page, "#risk-deeds", "Set the limit")
    page.answer("Allow Paper more?", "Raise")
    page.wait_value("document.getElementById('risk-deeds').hidden", "it was raised")
    press_named(page, "#risk-states", "Reactivate")
    page.wait_value(f"{FLAG} === 'active'", "it trades again")
    send(page, do="flatten")


def test_another_account_is_opened_chosen_and_traded(desk, page):
    send(page, type="market", qty="10")
    page.wait_value(f"{HELD}.includes('{SYMBOL} 10')", "the first account held it")
    page.click("#header-account")
    press_named(page, ".popup", "New account…")
    page.type("dialog[open] [name=name]", "Swing")
    page.click("dialog[open] .main-button")
    page.wait_text("#header-account", "Swing")
    page.wait_value("ts.page.account === 'paper-swing' && ts.live.state.desk.account.name === 'Swing'", "it was chosen")
    assert page.value(HELD) == []
    assert send(page, symbol="MSFT", type="market", qty="5")["ok"]
    page.wait_value(f"{HELD}.includes('MSFT 5')", "the order went to the chosen account")
    assert "MSFT" not in [each["position"]["symbol"] for each in desk.get("positions")]
    page.driver.refresh()
    page.wait_live()
    page.wait_text("#header-account", "Swing")
    page.click("#header-account")
    page.click("[data-account=paper]")
    page.wait_text("#header-account", "Paper")
    page.wait_value(f"{HELD}.includes('{SYMBOL} 10')", "the first account's position was shown again")
    send(page, do="flatten")


def test_on_a_narrow_screen_accounts_and_the_switch_are_there(desk, page, screen):
    screen.open(desk.url, NARROW, "light")
    assert screen.is_seen("#header-account")
    assert screen.value("document.documentElement.scrollWidth <= innerWidth")
    screen.click("#header-stop")
    screen.click("[data-mode=freeze]")
    screen.answer("Freeze in Paper, and halt?", "Freeze and halt")
    screen.wait_text("#header-standing", "HALTED by you")
    assert screen.value("document.documentElement.scrollWidth <= innerWidth")
    press_named(screen, "#header-standing", "Reactivate")
    screen.wait_value(f"{FLAG} === 'active'", "it trades again")


def send(page, **wish):
    """An order as the page's code sends it; the receipt."""
    return page.send(**{"do": "submit", "symbol": "AAPL", "side": "buy", "source": "ticket"} | wish)


def press_named(page, place, name):
    def pressed():
        found = page.browser.find_elements(f"{place} button")
        buttons = [each for each in found if name in each.text and each.is_enabled()]
        return bool(buttons) and buttons[0].click() is None

    page.until(pressed, f"{place} had a button called {name} that takes a press")


def open_orders(desk):
    return [order for order in desk.get("orders") if order["status"] in ("new", "partially_filled", "pending_new")]
