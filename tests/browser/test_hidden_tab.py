"""A tab that nobody sees costs nothing, and is right again in one frame when it is seen."""

from decimal import Decimal

SYMBOL = "AAPL"
LISTEN = """
window.frames_heard = [];
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", (event) => {
      const topics = JSON.parse(event.data).map((message) => message.t);
      window.frames_heard.push({topics, isHidden: document.hidden});
    });
  }
};
"""
CONTROL = {"hb", "pong", "welcome"}
NEWS = """
window.frames_heard
  .filter((frame) => frame.isHidden === arguments[0])
  .map((frame) => frame.topics.filter((topic) => !["hb", "pong", "welcome"].includes(topic)))
  .filter((topics) => topics.length)
"""


def test_a_hidden_tab_costs_nothing_and_is_right_in_one_frame(desk, screen):
    script = screen.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": LISTEN})
    try:
        screen.open(f"{desk.url}/?symbol={SYMBOL}")
        hide_and_return(desk, screen)
    finally:
        screen.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)


def hide_and_return(desk, screen):
    driver = screen.driver
    page = driver.current_window_handle
    driver.switch_to.new_window("tab")
    other = driver.current_window_handle
    try:
        while_hidden(desk, screen, page, other)
    finally:
        driver.switch_to.window(other)
        driver.close()
        driver.switch_to.window(page)


def while_hidden(desk, screen, page, other):
    ...
