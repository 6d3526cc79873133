"""What an update of the ladder costs the browser: every price and size of 40 rows changes, 20 times a second."""

import logging
import shutil
import tempfile
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from dash import Dash, dcc, html
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from werkzeug.serving import make_server

from tradesim.ui.ids import Page
from tradesim.ui.panels import ladder

ASSETS = Path(__file__).parents[2] / "assets"
ROOMS = ("book", "boundary", "fingers", "format", "freshness", "keys", r"ladder\w*", "page", "painter")
ROOMS += ("source_chip", "standing", "tokens", "why_story")
NEEDED = rf"({'|'.join(ROOMS)})\.|shell\.css"
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--window-size=420,1040",
)
RATE_HZ = 20
UPDATES = 100

MARKET = """
const ts = window.tradesim, handlers = {};
const live = {state: {status: {source: "simulated", symbols: ["A"]}, market: {A: {}}, book: {}, tape: {}, bars: {},
    risk: {}, feeds: {}, desk: {account: {}, orders: {}, queue: {}, fills: []}, connection: {state: "live"}},
  on: (kind, fn) => (handlers[kind] = handlers[kind] || []).push(fn), want() {}, marketNow: () => 0, silence: () => 0};
window.bench = {updates: 0, frames: 0, next(n) {
  const far = n % 2 ? 22000 : 23000, size = (i) => 100 + ((i * 7919 + n * 104729) % 1900);
  const levels = (side) => Array.from({length: 50}, (_, i) => [far + (side > 0 ? i + 1 : -i), size(i + 50 * side), 3]);
  live.state.book.A = {b: levels(0), a: levels(1), ts: n};
  live.state.market.A = {l: far, ls: size(n), lt: n};
  for (const fn of [...(handlers.book || []), ...(handlers.market || [])]) fn("A", {});
  this.updates = n;
}};
bench.next(0);
ts.live = live;
ts.dom = {element: (tag) => document.createElement(tag)};
ts.page.setInstruments({A: {name: "A", tick: 0.01, lot: 1, pd: 2, qd: 0, cls: "us_equity", cur: "USD"}}, "bench");
const frame = () => { bench.frames += 1; requestAnimationFrame(frame); };
requestAnimationFrame(frame);
"""
START = "bench.timer = setInterval(() => bench.next(bench.updates + 1), 1000 / arguments[0]);"
STATE = """return {updates: bench.updates, frames: bench.frames, at: performance.now(),
  rows: document.querySelectorAll(".ladder-row").length,
  text: document.getElementById("ladder-rows").textContent,
  faults: tradesim.boundary.log.map((fault) => fault.message)};"""


def measure(updates: int = UPDATES) -> dict[str, Any]:
    """`task_ms` is the main thread's processor time (script, style, layout, paint) an update, less the idle page's."""
    server, thread = serve(page())
    driver = browser()
    try:
        driver.get(f"http://127.0.0.1:{server.server_port}/")
        wait_for(driver, "return !!document.getElementById('ladder-rows') && !!window.tradesim.page")
        driver.execute_script(MARKET)
        wait_for(driver, "return document.querySelector('.ladder-row .is-price').textContent !== ''")
        return figures(driver, updates)
    finally:
        driver.quit()
        server.shutdown()
        thread.join(timeout=5)


def figures(driver: webdriver.Chrome, updates: int) -> dict[str, Any]:
    idle_s, idle_task = spent(driver, lambda: time.sleep(2))
    before = driver.execute_script(STATE)
    driver.execute_script(START, RATE_HZ)
    busy_s, busy_task = spent(driver, lambda: time.sleep(updates / RATE_HZ))
    driver.execute_script("clearInterval(bench.timer)")
    after = driver.execute_script(STATE)
    done = after["updates"] - before["updates"]
    seconds = (after["at"] - before["at"]) / 1000
    if after["faults"] or before["text"] == after["text"]:
        raise RuntimeError(f"the ladder did not move, or failed: {after['faults']}")
    return {
        "rows": after["rows"],
        "updates": done,
        "updates_per_s": round(done / seconds, 1),
        "task_ms": round((busy_task - idle_task * busy_s / idle_s) * 1000 / done, 2),
        "task_ms_with_idle": round(busy_task * 1000 / done, 2),
        "fps": round((after["frames"] - before["frames"]) / seconds, 1),
    }


def spent(driver: webdriver.Chrome, work: Any) -> tuple[float, float]:
    """Seconds of wall clock and of the main thread's tasks that passed during `work`."""
    start, task = time.monotonic(), task_seconds(driver)
    work()
    return time.monotonic() - start, task_seconds(driver) - task


def task_seconds(driver: webdriver.Chrome) -> float:
    metrics = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))


def page() -> Dash:
    app = Dash("ladder_bench", assets_folder=str(ASSETS), assets_ignore=f"^(?!{NEEDED})", update_title="")
    desk: Any = SimpleNamespace(instruments={}, market=lambda _symbol: None)
    stores = [dcc.Store(id=name) for name in (Page.SYMBOL, Page.ACCOUNT, Page.LOOK)]
    app.layout = html.Div([html.Div(ladder.layout(desk), style={"height": "1000px"}), *stores], id=Page.DESK)
    ladder.register(app, desk)
    return app


def serve(app: Dash) -> tuple[Any, threading.Thread]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app.server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    return server, thread


def browser() -> webdriver.Chrome:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    for flag in (*FLAGS, f"--user-data-dir={tempfile.mkdtemp(prefix='ladder-bench-')}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver") or "chromedriver"))
    driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    return driver


def wait_for(driver: webdriver.Chrome, script: str, timeout_s: float = 20) -> None:
    end = time.monotonic() + timeout_s
    while not driver.execute_script(script):
        if time.monotonic() > end:
            raise TimeoutError(f"the page did not come to: {script}; {driver.execute_script(STATE)['faults']}")
        time.sleep(0.05)


if __name__ == "__main__":
    print(measure())
