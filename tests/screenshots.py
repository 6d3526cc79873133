"""`make screenshots`: the README's pictures, taken from the running desk with a few orders on it.

`python -m tests.screenshots desk`, `views`, `live` or `programs` takes one part of them.
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import requests
from selenium import webdriver

from tests import history
from tests.bench.desk_app import desk_app
from tests.bench.page import IS_LIVE, browser, wait_for
from tests.browser.serving import NOWHERE
from tests.fake_vendors import FakeVendors
from tests.noon import VARIABLE, shift_s

FOLDER = Path(__file__).parents[1] / "docs" / "screenshots"
WIDE, WIDEST, NARROW = (1440, 900), (1920, 1080), (390, 844)
Size = tuple[int, int]
SHOTS = (
    ("desk-dark-1440", WIDE, "dark"),
    ("desk-light-1440", WIDE, "light"),
    ("desk-dark-1920", WIDEST, "dark"),
    ("desk-dark-390", NARROW, "dark"),
)
STALE_SHOTS = (("live-stale-light-1440", WIDE, "light"), ("live-stale-dark-390", NARROW, "dark"))
TRADE = """
const order = { do: "submit", symbol: "AAPL", source: "ticket" };
const send = (wish) => window.tradesim.intents.send({ ...order, ...wish }, { quiet: true });
const touch = window.tradesim.live.state.book.AAPL, price = (ticks) => (ticks / 100).toFixed(2);
send({ side: "buy", type: "market", qty: "300" });
send({ side: "buy", type: "limit", qty: "100", limit: price(touch.b[0][0] - 4), tif: "gtc" });
send({ side: "sell", type: "limit", qty: "200", limit: price(touch.a[0][0] + 6), tif: "gtc" });
"""
RISK = """
const ts = window.tradesim, send = (wish) => ts.intents.send(wish, { quiet: true });
send({ do: "open_account", name: "Swing", cash: "50000" });
send({ do: "submit", symbol: "MSFT", side: "sell", type: "market", qty: "60", source: "ladder" });
const limits = { max_day_loss: "500", max_exposure: "1.5", max_drawdown: "0.05", max_order_value: "100000" };
send({ do: "set_limits", limits });
send({ do: "kill", mode: "freeze", reason: "lunch" });
setTimeout(() => send({ do: "reactivate" }), 1000);
ts.views.go("risk");
"""
LEAVE = "window.tradesim.welcome.leave()"
OPEN = "window.tradesim.page.emit('open-providers', {{pane: '{}'}})"
BADGE_IS = "return document.getElementById('header-source').textContent === '{}'"
SERVED_BY = "return document.querySelector('#chart .source-name').textContent === '{}'"
RECORDED_ON = "live-providers-dark-1440"
RECORD = """
const button = document.querySelector('[data-provider="polygon"] [data-part="record"]');
if (!button) return false;
if (button.getAttribute("aria-pressed") !== "true") button.click();
return button.getAttribute("aria-pressed") === "true";
"""
LIVE = ("live", "alpaca", "AAPL", "MSFT", "--backup", "polygon", "--backup", "finnhub")
CREATE_KEY = """
document.getElementById("keys-label").value = "laptop";
document.getElementById("keys-account").value = "Robots";
document.getElementById("keys-create").click();
document.getElementById("keys-tab-python").click();
"""
KEY_SHOWN = "return [...document.querySelectorAll('#keys-made-box dd code')].map((each) => each.textContent)"
IS_KEY_SHOWN = "return document.querySelectorAll('#keys-made-box dd code').length === 2"
START_BOT = """
document.getElementById("bots-arguments").value = arguments[0];
window.tradesim.botsAccount.paint();
document.getElementById("bots-account").value = "Robots";
document.getElementById("bots-limit").value = "30";
document.getElementById("bots-start").click();
"""
KEYS_SEEN_S, BOTS_S = 6, 45
OPEN_NOTED = """
const rows = [...document.querySelectorAll("#journal-grid .ag-row")];
window.tradesim.journal.open(rows.find((each) => /AAPL.*patient/.test(each.textContent)).getAttribute("row-id"));
"""
VIEW_SHOTS = (
    ("performance-dark-1440", WIDE, "dark", "performance", ""),
    ("journal-light-1440", WIDE, "light", "journal", OPEN_NOTED),
)
SETTLE_S = 8
PAINT_S = 2.5
STALE_S = 30


def main(part: str = "") -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    if part in ("", "desk"):
        simulated()
    if part in ("", "views"):
        views()
    if part in ("", "live"):
        live()
    if part in ("", "programs"):
        programs()


def simulated() -> None:
    with desk_app(TRADESIM_PROVIDER_URLS=NOWHERE) as app, browser() as driver:
        for number, (name, size, theme) in enumerate(SHOTS):
            visit(driver, app.url, size, theme)
            driver.execute_script(LEAVE)
            if not number:
                driver.execute_script(TRADE)
            time.sleep(SETTLE_S)
            take(driver, name)
        visit(driver, app.url, WIDE, "dark")
        driver.execute_script(LEAVE)
        driver.execute_script(RISK)
        time.sleep(SETTLE_S)
        take(driver, "risk-dark-1440")


def views() -> None:
    """After a month of trading."""
    with TemporaryDirectory() as folder, browser() as driver:
        history.write(Path(folder))
        with desk_app(TRADESIM_PROVIDER_URLS=NOWHERE, TRADESIM_DATA=folder) as app:
            for name, size, theme, shown, script in VIEW_SHOTS:
                visit(driver, app.url, size, theme)
                driver.execute_script(f"{LEAVE}; window.tradesim.views.go('{shown}')")
                time.sleep(SETTLE_S)
                driver.execute_script(script)
                time.sleep(PAINT_S)
                take(driver, name)


def live() -> None:
    """Shares on vendors of this machine: well, with the first one gone, with all of them gone; and a first visit."""
    shift = shift_s(time.time())
    with FakeVendors(shift) as vendors, browser() as driver:
        own = {**vendors.environment, VARIABLE: str(shift)}
        with desk_app(*LIVE, program=("-m", "tests.noon"), **own) as app:
            visit(driver, app.url, WIDE, "dark")
            driver.execute_script(TRADE)
            time.sleep(SETTLE_S)
            take(driver, "live-desk-dark-1440")
            vendors["alpaca"].kill()
            wait_for(driver, SERVED_BY.format("Polygon"))
            panes(driver, app.url)
            vendors["polygon"].kill()
            vendors["finnhub"].kill()
            wait_for(driver, BADGE_IS.format("STALE"), STALE_S)
            for name, size, theme in STALE_SHOTS:
                visit(driver, app.url, size, theme)
                time.sleep(PAINT_S)
                take(driver, name)
    with desk_app(TRADESIM_PROVIDER_URLS=NOWHERE) as app, browser() as driver:
        for name, size in (("live-first-visit-dark-1440", WIDE), ("live-first-visit-dark-390", NARROW)):
            visit(driver, app.url, size, "dark", forget=True)
            time.sleep(PAINT_S)
            take(driver, name)


def programs() -> None:
    """A key that was just made, and two bots at work beside a program with that key."""
    with desk_app(TRADESIM_PROVIDER_URLS=NOWHERE) as app, browser() as driver:
        visit(driver, app.url, WIDE, "dark")
        driver.execute_script(LEAVE)
        driver.execute_script("window.tradesim.views.go('keys')")
        wait_for(driver, "return Boolean(document.getElementById('keys-create'))")
        driver.execute_script(CREATE_KEY)
        wait_for(driver, IS_KEY_SHOWN)
        pair = driver.execute_script(KEY_SHOWN)
        trade_with(app.url, *pair)
        time.sleep(KEYS_SEEN_S)
        take(driver, "keys-dark-1440")
        emulate(driver, *WIDE, "light")
        driver.execute_script("window.tradesim.views.go('bots')")
        for name, wanted in (("mean_reverter.py", "AAPL 100 30 1"), ("market_maker.py", "MSFT 50")):
            start_example(driver, name, wanted)
        time.sleep(BOTS_S)
        take(driver, "bots-light-1440")


def trade_with(url: str, key: str, secret: str) -> None:
    """As a client of Alpaca's does, with a key of this desk."""
    order = {"symbol": "NVDA", "qty": "25", "type": "market", "time_in_force": "day"}
    for side in ("buy", "sell", "buy"):
        requests.post(f"{url}/v2/orders", json={**order, "side": side}, auth=(key, secret), timeout=10)
        time.sleep(0.5)


def start_example(driver: webdriver.Chrome, name: str, wanted: str) -> None:
    wait_for(driver, f"return Boolean(document.querySelector('[data-example=\"{name}\"]'))")
    driver.execute_script(f"document.querySelector('[data-example=\"{name}\"]').click()")
    wait_for(driver, f"return document.getElementById('bots-file').value.endsWith('{name}')")
    driver.execute_script(START_BOT, wanted)
    wait_for(driver, f"return document.getElementById('bots-log-title').textContent === 'Log of {name}'")


def panes(driver: webdriver.Chrome, url: str) -> None:
    """The dialog after a failover, as wide and as narrow as it gets."""
    for name, size, theme, pane in (
        ("live-providers-dark-1440", WIDE, "dark", "state"),
        ("live-order-light-1440", WIDE, "light", "order"),
        ("live-market-light-1440", WIDE, "light", "market"),
        ("live-providers-light-390", NARROW, "light", "state"),
        ("live-order-dark-390", NARROW, "dark", "order"),
    ):
        visit(driver, url, size, theme)
        driver.execute_script(OPEN.format(pane))
        if name == RECORDED_ON:
            wait_for(driver, RECORD)
            time.sleep(SETTLE_S)
        time.sleep(PAINT_S)
        take(driver, name)


def visit(driver: webdriver.Chrome, url: str, size: Size, theme: str, forget: bool = False) -> None:
    emulate(driver, *size, theme)
    driver.get(f"{url}/?symbol=AAPL")
    wait_for(driver, IS_LIVE)
    if forget:
        driver.execute_script("localStorage.clear()")
        driver.refresh()
        wait_for(driver, IS_LIVE)


def take(driver: webdriver.Chrome, name: str) -> None:
    driver.save_screenshot(str(FOLDER / f"{name}.png"))
    print(f"{name}.png", flush=True)


def emulate(driver: webdriver.Chrome, width: int, height: int, theme: str) -> None:
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    scheme = {"name": "prefers-color-scheme", "value": theme}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})


if __name__ == "__main__":
    main(*sys.argv[1:2])
