"""From `python app.py` to a live, painted page, and from a click to a painted fill, in headless Chromium."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.options import Options

from tests.bench.desk_app import desk_app, percentile
from tests.waiting import PATIENCE_S

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--window-size=1440,900",
)
IS_LIVE = """
const ts = window.tradesim;
if (!ts || !ts.live || ts.live.state.connection.state !== "live") return false;
const canvas = document.querySelector("#chart canvas");
const row = document.querySelector(".ladder-row .is-price");
const isLadderShown = window.innerWidth > 1279;
if (!canvas || !canvas.width || (isLadderShown && (!row || !row.textContent))) return false;
const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
for (let at = 3; at < pixels.length; at += 4000) if (pixels[at]) return true;
return false;
"""
SEND = """
const done = arguments[0], ts = window.tradesim, begun = performance.now();
const known = ts.live.state.desk.fills.length, marks = {};
const stop = ts.live.on("desk", () => {
  const fills = ts.live.state.desk.fills;
  if (marks.filled || !fills.length || fills.length === known) return;
  marks.filled = performance.now() - begun;
  requestAnimationFrame(() => requestAnimationFrame(() => {
    stop();
    done({ ...marks, painted: performance.now() - begun });
  }));
});
const order = { do: "submit", symbol: ts.page.symbol, side: "buy", type: "market", qty: "1", source: "bench" };
ts.intents.send(order, { quiet: true }).then(() => { marks.durable = performance.now() - begun; });
"""
CLICKS = 25


def measure(clicks: int = CLICKS) -> dict[str, Any]:
    """`start_s` with the browser already running; click figures in ms: answer durable, fill known, fill painted."""
    with browser() as driver, desk_app() as app:
        driver.get(app.url)
        wait_for(driver, IS_LIVE)
        start_s = time.monotonic() - app.started_at
        timings = [driver.execute_async_script(SEND) for _ in range(clicks)]
        memory_mb = app.get("/healthz")["memory_mb"]
    return {
        "start_s": start_s,
        "memory_mb": memory_mb,
        **{
            f"click_to_{mark}_{name}_ms": percentile([each[mark] for each in timings if mark in each], share)
            for mark in ("durable", "filled", "painted")
            for name, share in (("p50", 50), ("p95", 95))
        },
    }


@contextmanager
def browser() -> Iterator[webdriver.Chrome]:
    options = Options()
    for flag in FLAGS:
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options)
    driver.set_script_timeout(PATIENCE_S)
    try:
        yield driver
    finally:
        driver.quit()


def wait_for(driver: webdriver.Chrome, script: str, limit_s: float = PATIENCE_S) -> None:
    begun = time.monotonic()
    while not driver.execute_script(script):
        if time.monotonic() - begun > limit_s:
            raise RuntimeError(f"the page was not live within {limit_s:g} s")
        time.sleep(0.02)
