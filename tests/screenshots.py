"""`make screenshots`: the README's pictures, taken from the running desk with a few orders on it.

`python -m tests.screenshots desk` or `live` takes one part of them.
"""

import sys
import time
from pathlib import Path

from selenium import webdriver

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
LEAVE = "document.getElementById('providers-dialog').close()"
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
SETTLE_S = 8
PAINT_S = 2.5
STALE_S = 30


def main(part: str = "") -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    if part in ("", "desk"):
        simulated()
    if part in ("", "live"):
        live()


def simulated() -> None:
    with desk_app(TRADESIM_PROVIDER_URLS=NOWHERE) as app, browser() as driver:
        for number, (name, size, theme) in enumerate(SHOTS):
            visit(driver, app.url, size, theme)
            driver.execute_script(LEAVE)
            if not number:
                driver.execute_script(TRADE)
            time.sleep(SETTLE_S)
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
