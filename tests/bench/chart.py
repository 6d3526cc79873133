"""The chart beside lightweight-charts in headless Chromium, in one run, on the same 5,000 bars with volume,
three averages and four order lines: main-thread time an update, frames a second live and panning.

The page is a real Dash page with the chart's panel and the browser's code of the desk; only the socket and the
orders are stood in for. The peer comes from npm into `node_modules` and is needed here only.
"""

import contextlib
import json
import logging
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from dash import Dash, dcc, html
from flask import Response
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from werkzeug.serving import make_server

from tradesim.model.instrument import Instrument
from tradesim.model.series import Bars
from tradesim.ui.panels import chart
from tradesim.ui.panels.chart.columns import columns

ROOT = Path(__file__).resolve().parents[2]
DRIVER = Path(__file__).with_suffix(".js")
PEER = "lightweight-charts"
PEER_VERSION = "5.2.1"
PEER_FILE = ROOT / "node_modules" / PEER / "dist" / "lightweight-charts.standalone.production.js"
BARS = 5_000
SIZE = (1_200, 640)
NEEDED = r"^(?!(chart.*|boundary|fingers|format|keys|page|painter|tokens|why_story)\.(js|css)$).*"
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
)


def measure(seconds: float = 3.0) -> dict[str, Any]:
    """Times in ms of main thread an update; `ratio` is ours over the peer's own default. `skipped`: why not."""
    missing = what_is_missing()
    if missing:
        return {"skipped": missing}
    with served() as address:
        ours = case(f"{address}/", "return bench.ours()", seconds)
        default = case(f"{address}/peer", peer_call(False), seconds)
        conflated = case(f"{address}/peer", peer_call(True), seconds)
    return {
        "bars": BARS,
        "task_ms": ours["update"]["task_ms"],
        "fps_live": ours["update"]["fps"],
        "fps_pan": ours["pan"]["fps"],
        "pan_task_ms": ours["pan"]["task_ms"],
        "idle_task_ms": ours["idle"]["task_ms"],
        "ratio": round(ours["update"]["task_ms"] / default["update"]["task_ms"], 3),
        "ratio_conflated": round(ours["update"]["task_ms"] / conflated["update"]["task_ms"], 3),
        "peer": f"{PEER} {PEER_VERSION}",
        "peer_task_ms": default["update"]["task_ms"],
        "peer_conflated_task_ms": conflated["update"]["task_ms"],
        "peer_fps_live": default["update"]["fps"],
        "peer_fps_pan": default["pan"]["fps"],
        "peer_pan_task_ms": default["pan"]["task_ms"],
        "script_ms": ours["update"]["script_ms"],
    }


def what_is_missing() -> str | None:
    if not browser_path() or not shutil.which("chromedriver"):
        return "Chromium and chromedriver were not found"
    if PEER_FILE.exists():
        return None
    npm = shutil.which("npm")
    if not npm:
        return f"npm was not found, and {PEER} is not in node_modules"
    flags = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(ROOT)]
    done = subprocess.run(
        [npm, "install", *flags, f"{PEER}@{PEER_VERSION}"], capture_output=True, text=True, check=False
    )
    return None if PEER_FILE.exists() else f"npm could not install {PEER}: {done.stderr.strip()[-200:]}"


def browser_path() -> str | None:
    return shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")


def walk() -> Bars:
    """The same random minute bars every time, around 230.00 in ticks of a cent."""
    rng = np.random.default_rng(5)
    path = (23_000 + np.cumsum(rng.normal(0, 2, BARS * 8))).round().astype(np.int64).reshape(BARS, 8)
    opened = np.concatenate([path[:1, 0], path[:-1, -1]])
    start = (1_795_446_000 + 60 * np.arange(BARS, dtype=np.int64)) * 1_000_000_000
    high, low = np.maximum(path.max(axis=1), opened), np.minimum(path.min(axis=1), opened)
    return Bars(start, opened, high, low, path[:, -1], rng.integers(100, 5_000, BARS))


class StillDesk:
    """A desk whose market stands still; what moves is made in the browser."""

    instruments = {"AAPL": Instrument("AAPL", "Apple")}  # noqa: RUF012

    def bars(self, _symbol: str, _timeframe: Any, limit: int = BARS, before: int | None = None) -> Bars:
        return Bars.empty() if before is not None else walk()[-limit:]

    def status(self) -> Any:
        return SimpleNamespace(zone="America/New_York")


def page() -> Dash:
    desk = StillDesk()
    scripts = ["/bench/driver.js"]
    app = Dash(
        "bench", assets_folder=str(ROOT / "assets"), assets_ignore=NEEDED, external_scripts=scripts, update_title=None
    )
    panel = chart.layout(desk)
    app.layout = html.Div(
        [dcc.Store(id="symbol"), dcc.Store(id="fault"), panel], id="desk", style={"height": "100vh", "display": "grid"}
    )
    chart.register(app, desk)
    serve_peer(app)
    return app


def serve_peer(app: Dash) -> None:
    files = {"/bench/driver.js": DRIVER, "/bench/peer.js": PEER_FILE}
    for path, file in files.items():
        text = file.read_text(encoding="utf-8")
        app.server.add_url_rule(path, path, lambda text=text: Response(text, mimetype="text/javascript"))
    body = (
        "<!doctype html><style>html,body,#peer{height:100%;margin:0}</style><div id=peer></div>"
        "<script src=/bench/driver.js></script><script src=/bench/peer.js></script>"
    )
    app.server.add_url_rule("/peer", "peer", lambda: Response(body, mimetype="text/html"))


@contextlib.contextmanager
def served() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, page().server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()


def peer_call(conflated: bool) -> str:
    return f"return bench.peer({json.dumps(columns(walk()))}, {json.dumps(conflated)})"


@contextlib.contextmanager
def browser() -> Iterator[webdriver.Chrome]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = browser_path()
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
        try:
            metrics = {"width": SIZE[0], "height": SIZE[1], "deviceScaleFactor": 1, "mobile": False}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
            driver.execute_cdp_cmd("Performance.enable", {})
            yield driver
        finally:
            driver.quit()


def case(address: str, prepare: str, seconds: float) -> dict[str, dict[str, float]]:
    """One side in a fresh browser: at rest, one update a frame, one pan a frame."""
    with browser() as driver:
        driver.get(address)
        if not address.endswith("/peer"):
            until(driver, "return Boolean(document.querySelector('#chart-stage'))")
            driver.execute_script("bench.stub()")
            until(
                driver, "const p = tradesim.chart.panel(); return Boolean(p && p.chart.bars.n && p.stage.state.frame)"
            )
            until(
                driver,
                "return Boolean(document.querySelector('#chart-graph-slot[data-told] .cartesianlayer .subplot'))",
            )
        found = driver.execute_script(prepare)
        if found != {"bars": BARS, "averages": 3}:
            raise RuntimeError(f"the bench wanted {BARS} bars and 3 averages, was {found}")
        time.sleep(1.0)
        return {kind: run(driver, kind, seconds) for kind in ("idle", "update", "pan")}


def until(driver: webdriver.Chrome, question: str, patience_s: float = 20.0) -> None:
    deadline = time.monotonic() + patience_s
    while not driver.execute_script(question):
        if time.monotonic() > deadline:
            raise TimeoutError(f"the page did not come to: {question}")
        time.sleep(0.1)


def run(driver: webdriver.Chrome, kind: str, seconds: float) -> dict[str, float]:
    driver.execute_script("bench.start(arguments[0])", kind)
    time.sleep(0.5)
    before, counted, started = metrics(driver), counts(driver), time.perf_counter()
    time.sleep(seconds)
    after, recounted, took = metrics(driver), counts(driver), time.perf_counter() - started
    driver.execute_script("bench.stop()")
    work = max(1, recounted[1] - counted[1])
    return {
        "task_ms": round((after["TaskDuration"] - before["TaskDuration"]) / work * 1e3, 2),
        "script_ms": round((after["ScriptDuration"] - before["ScriptDuration"]) / work * 1e3, 2),
        "fps": round((recounted[0] - counted[0]) / took, 1),
    }


def metrics(driver: webdriver.Chrome) -> dict[str, float]:
    return {each["name"]: each["value"] for each in driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]}


def counts(driver: webdriver.Chrome) -> list[int]:
    return driver.execute_script("return [bench.frames, bench.work]")


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
