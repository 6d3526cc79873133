"""A tab that nobody sees costs nothing, and is right again in one frame when it is seen."""

import re
from contextlib import contextmanager
from decimal import Decimal

import requests

from tests.browser.agreement import book_of, told_by_page, told_by_server

SYMBOL = "ACME"
TICK = Decimal("0.01")
WATCH = """
const asked = {hb: 1, pong: 1, welcome: 1};
const seen = (window.seen_by_test = {heard: 0, hidden: null, shown: null, first: null});
const frames = () => window.tradesim.painter.cost.frames;
document.addEventListener("visibilitychange", () => {
  if (document.hidden) seen.hidden = frames();
  else Object.assign(seen, {shown: frames(), isBack: true});
});
function look(topics) {
  const {desk, book} = window.tradesim.live.state;
  const text = (selector) => [...document.querySelectorAll(selector)].map((e) => e.textContent.trim()).join(" ");
  seen.first = {topics, desk, book, equity: text("#header-equity"), own: text(".ladder-own:not([hidden])")};
  seen.first = JSON.parse(JSON.stringify(seen.first));
}
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", (event) => {
      const topics = JSON.parse(event.data).map((message) => message.t).filter((topic) => !asked[topic]);
      if (!topics.length || !seen.isBack) return;
      seen.heard += 1;
      if (seen.heard === 1) requestAnimationFrame(() => setTimeout(look, 0, topics));
    });
  }
};
"""


def test_a_hidden_tab_costs_nothing_and_is_right_in_one_frame(replay, screen):
    replay.post("speed", speed=5)
    replay.post("play")
    open_watched(replay, screen)
    screen.wait_moving("#ladder-rows .ladder-row", 3)
    with another_tab_in_front(screen):
        screen.until(lambda: messages_per_s(replay) <= 1, "the server said next to nothing")
        before = prints(replay)
        order = trade(screen, replay)
        screen.until(lambda: prints(replay) != before, "the recording printed something unseen")
        replay.post("pause")
    first = screen.wait("return window.seen_by_test.first", "the first frame was painted")
    hidden, shown = screen.value("[window.seen_by_test.hidden, window.seen_by_test.shown]")
    assert shown == hidden, "nothing is painted while nobody looks"
    agrees(replay, first, order)
    assert screen.state("connection.faults") == 0
    replay.post("play")
    screen.wait_moving("#ladder-rows .ladder-row", 3)
    replay.post("speed", speed=1)


def open_watched(replay, screen):
    devtools = screen.driver.execute_cdp_cmd
    script = devtools("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
    try:
        screen.open(replay.url)
    finally:
        devtools("Page.removeScriptToEvaluateOnNewDocument", script)


@contextmanager
def another_tab_in_front(screen):
    driver = screen.driver
    page = driver.current_window_handle
    driver.switch_to.new_window("tab")
    try:
        yield
    finally:
        driver.close()
        driver.switch_to.window(page)


def messages_per_s(replay):
    return requests.get(f"{replay.url}/healthz", timeout=60).json()["stream"]["messages_per_s"]


def prints(replay):
    """The last bar of seconds, which every print changes."""
    return replay.get(f"bars/{SYMBOL}?timeframe=1s&limit=1")


def trade(screen, replay):
    """Buy some, and let an order rest in the ladder's sight; its id."""
    bought = replay.post("orders", symbol=SYMBOL, side="buy", qty="9")
    best = Decimal(replay.get(f"book/{SYMBOL}")["bids"][0]["price"])
    rests = replay.post("orders", symbol=SYMBOL, side="buy", qty="4", type="limit", limit_price=str(best - 3 * TICK))
    wanted = {bought["id"]: "filled", rests["id"]: "new"}
    screen.until(lambda: all(status_of(replay, each) == wanted[each] for each in wanted), "one filled and one rested")
    return rests["id"]


def status_of(replay, order_id):
    return replay.get(f"orders/{order_id}")["status"]


def agrees(replay, first, order_id):
    """One frame brought what changed of everything, and what it led to is what the server has."""
    assert {"desk", "market", f"book:{SYMBOL}", f"tape:{SYMBOL}"} <= set(first["topics"])
    told = told_by_server(replay)
    assert told_by_page(first["desk"]) == told
    assert first["desk"]["orders"][order_id]["status"] == "new"
    book = first["book"][SYMBOL]
    assert {side: [(price, qty) for price, qty, _ in book[side]] for side in "ba"} == book_of(replay, SYMBOL)
    assert first["equity"] == f"{told['equity']:,.2f}"
    assert re.search(r"●\s4\b", first["own"]), "the ladder shows the order that rests"
