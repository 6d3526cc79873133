"""`make screenshots`: the README's pictures, taken from the running desk with a few orders on it."""

import time
from pathlib import Path

from selenium import webdriver

from tests.bench.desk_app import desk_app
from tests.bench.page import IS_LIVE, browser, wait_for

FOLDER = Path(__file__).parents[1] / "docs" / "screenshots"
SHOTS = (
    ("desk-dark-1440", 1440, 900, "dark"),
    ("desk-light-1440", 1440, 900, "light"),
    ("desk-dark-1920", 1920, 1080, "dark"),
    ("desk-dark-390", 390, 844, "dark"),
)
TRADE = """
const order = { do: "submit", symbol: "AAPL", source: "ticket" };
const send = (wish) => window.tradesim.intents.send({ ...order, ...wish }, { quiet: true });
const touch = window.tradesim.live.state.book.AAPL, price = (ticks) => (ticks / 100).toFixed(2);
send({ side: "buy", type: "market", qty: "300" });
send({ side: "buy", type: "limit", qty: "100", limit: price(touch.b[0][0] - 4), tif: "gtc" });
send({ side: "sell", type: "limit", qty: "200", limit: price(touch.a[0][0] + 6), tif: "gtc" });
"""
SETTLE_S = 8


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with desk_app() as app, browser() as driver:
        for number, (name, width, height, theme) in enumerate(SHOTS):
            emulate(driver, width, height, theme)
            driver.get(f"{app.url}/?symbol=AAPL")
            wait_for(driver, IS_LIVE)
            driver.execute_script("document.getElementById('providers-dialog').close()")
            if not number:
                driver.execute_script(TRADE)
            time.sleep(SETTLE_S)
            driver.save_screenshot(str(FOLDER / f"{name}.png"))
            print(f"{name}.png, {width} x {height}, {theme}")


def emulate(driver: webdriver.Chrome, width: int, height: int, theme: str) -> None:
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    scheme = {"name": "prefers-color-scheme", "value": theme}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})


if __name__ == "__main__":
    main()
