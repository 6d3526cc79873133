"""The desk as a person sees and touches it, through dash.testing's browser; facts are read from the page itself."""

import contextlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from dash.testing.browser import Browser
from dash.testing.errors import TestingTimeoutError
from dash.testing.wait import until
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    StaleElementReferenceException,
)
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.waiting import PATIENCE_S

WIDE = (1440, 900)
NARROW = (390, 844)
PANELS = ("header", "watchlist", "chart", "replay", "ladder", "depth", "tape", "ticket", "blotter", "why")

TEXTS = "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)"
SEEN = """
const at = document.querySelector(arguments[0]);
return Boolean(at && at.checkVisibility({visibilityProperty: true}) && at.getClientRects().length);
"""
INK = """
const canvas = document.querySelector(arguments[0]);
if (!canvas || !canvas.width || !canvas.height) return [0, 0];
const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", {willReadFrequently: true});
copy.drawImage(canvas, 0, 0);
const {data} = copy.getImageData(0, 0, canvas.width, canvas.height);
const colors = new Set();
let painted = 0;
for (let at = 0; at < data.length; at += 4) {
  if (!data[at + 3]) continue;
  painted += 1;
  colors.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
}
return [painted, colors.size];
"""
MOVED_AWAY = (ElementClickInterceptedException, ElementNotInteractableException, StaleElementReferenceException)
"""What a driver says of an element that was moved, covered or drawn anew before it was clicked: nothing was done."""
NEVER_ON_PAGE = "about:blank"


# How much of a canvas's row of pixels, and of the two beside it, has a colour of the theme.
RULE = """
const [selector, y, name] = arguments;
const canvas = document.querySelector(selector);
const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", {willReadFrequently: true});
copy.fillStyle = window.tradesim.page.color(name);
copy.fillRect(0, 0, 1, 1);
const wanted = copy.getImageData(0, 0, 1, 1).data;
copy.clearRect(0, 0, 1, 1);
copy.drawImage(canvas, 0, 0);
const counts = [-1, 0, 1].map((by) => {
  const {data} = copy.getImageData(0, Math.round(y * devicePixelRatio) + by, canvas.width, 1);
  let found = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] > 60 && [0, 1, 2].every((c) => Math.abs(data[at + c] - wanted[c]) < 24)) found += 1;
  }
  return found / canvas.width;
});
return Math.max(...counts);
"""


class Screen:
    """One window on one desk."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.driver = browser.driver
        self.forgiven: tuple[str, ...] = ()
        """Parts of console messages that a journey brings about on purpose."""
        self._said: list[str] = []

    # What is opened

    def open(
        self,
        url: str,
        size: tuple[int, int] = WIDE,
        theme: str = "dark",
        settings: dict | None = None,
        greeted: bool = False,
        touch: bool = False,
    ) -> None:
        """Load the desk at `url` as somebody who has never been there, with the system's `theme`, until it is live."""
        self.driver.get(NEVER_ON_PAGE)
        self.driver.get_log("browser")
        width, height = size
        self._devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=touch
        )
        self._devtools("Emulation.setTouchEmulationEnabled", enabled=touch)
        self._devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        self._devtools("Storage.clearDataForOrigin", origin=origin, storageTypes="local_storage")
        self.browser.wait_for_page(url, PATIENCE_S)
        self.wait_live()
        if not greeted:
            self.js("window.tradesim.welcome.leave()")

    def wait_live(self, timeout_s: float = PATIENCE_S) -> None:
        """Until the page is built, connected, and has a price for its symbol."""
        self.wait(
            """
            const ts = window.tradesim;
            if (!ts || !ts.live || !ts.page || !document.querySelector("#desk")) return false;
            const {connection, market, desk} = ts.live.state;
            return connection.state === "live" && Boolean(desk.account.id) && Boolean(market[ts.page.symbol]);
            """,
            "the page is live",
            timeout_s,
        )

    def leave(self) -> None:
        """End the page; its console must have been silent."""
        said = self.console()
        self.driver.get(NEVER_ON_PAGE)
        assert not said, f"the console said: {said}"

    def console(self) -> list[str]:
        """Warnings and errors so far, without the forgiven ones."""
        entries = self.driver.get_log("browser")
        self._said += [
            f"{each['level']}: {each['message']}" for each in entries if each["level"] in ("WARNING", "SEVERE")
        ]
        return [text for text in self._said if not any(part in text for part in self.forgiven)]

    # What is read

    def js(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def value(self, expression: str, *arguments: Any) -> Any:
        """The value of a JavaScript expression; `ts` is the page's namespace."""
        return self.js(f"const ts = window.tradesim; return {expression};", *arguments)

    def send(self, **wish: Any) -> dict[str, Any]:
        """A wish as the page's own code sends it; its receipt."""
        script = "const [wish, done] = arguments; window.tradesim.intents.send(wish, {quiet: true}).then(done);"
        receipt: dict[str, Any] = self.driver.execute_async_script(script, wish)
        return receipt

    def state(self, path: str) -> Any:
        """Part of what came over the socket: `state("desk.account.equity")`."""
        return self.value(f"ts.live.state.{path}")

    def text(self, selector: str) -> str:
        return " ".join(self.texts(selector)).strip()

    def texts(self, selector: str) -> list[str]:
        return self.js(TEXTS, selector)

    def is_seen(self, selector: str) -> bool:
        return self.js(SEEN, selector)

    def ink(self, selector: str) -> tuple[int, int]:
        """Painted pixels and different colours of a canvas."""
        painted, colors = self.js(INK, selector)
        return painted, colors

    def rule(self, selector: str, y: float, color: str) -> float:
        """Share of a canvas's width that is painted at `y` in a colour of the theme."""
        return self.js(RULE, selector, y, color)

    def box(self, selector: str) -> dict[str, float]:
        return self.js("return document.querySelector(arguments[0]).getBoundingClientRect().toJSON()", selector)

    # What is waited for

    def until(self, fact: Callable[[], Any], what: str, timeout_s: float = PATIENCE_S) -> Any:
        """Wait for a fact, and give it; `what` completes the sentence `waited … s until`."""

        def settled() -> Any:
            with contextlib.suppress(StaleElementReferenceException):
                return fact()
            return False

        try:
            return until(settled, timeout_s)
        except TestingTimeoutError:
            raise AssertionError(f"waited {timeout_s} s until {what}") from None

    def wait(self, script: str, what: str, timeout_s: float = PATIENCE_S, *arguments: Any) -> Any:
        """Wait for a script that returns something true."""
        return self.until(lambda: self.js(script, *arguments), what, timeout_s)

    def wait_value(self, expression: str, what: str, timeout_s: float = PATIENCE_S, *arguments: Any) -> Any:
        return self.until(lambda: self.value(expression, *arguments), what, timeout_s)

    def wait_text(self, selector: str, part: str, timeout_s: float = PATIENCE_S) -> None:
        try:
            self.until(lambda: part in self.text(selector), f"{selector} said {part!r}", timeout_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; it said {self.text(selector)!r}") from None

    def wait_moving(
        self,
        selector: str,
        count: int = 1,
        timeout_s: float = PATIENCE_S,
        meanwhile: Callable[[], Any] | None = None,
    ) -> None:
        """Until `count` of the elements show another text than now; `meanwhile` is done once they were looked at."""
        before = self.texts(selector)
        assert len(before) >= count, f"wanted {count} of {selector}, found {len(before)}"
        if meanwhile:
            meanwhile()
        moved: set[int] = set()

        def have_moved() -> bool:
            after = self.texts(selector)
            moved.update(at for at, (old, new) in enumerate(zip(before, after, strict=False)) if old != new)
            return len(moved) >= count

        self.until(have_moved, f"{count} of {selector} changed ({len(moved)} did)", timeout_s)

    def wait_ink(self, selector: str, pixels: int, colors: int = 2) -> None:
        def is_painted() -> bool:
            found = self.ink(selector)
            return found[0] >= pixels and found[1] >= colors

        self.until(is_painted, f"{selector} had {pixels} painted pixels in {colors} colours, has {self.ink(selector)}")

    # What is done

    def click(self, selector: str) -> None:
        """A real click, where the element is seen and takes it."""
        self.until(lambda: self.is_seen(selector), f"{selector} was seen")
        self.until(lambda: self._took_click(selector), f"{selector} took a click")

    def choose(self, symbol: str) -> None:
        """As a person does: the key, the name, Enter."""
        self.keys("/")
        self.until(
            lambda: self.value("document.activeElement.closest('#header-search') !== null"), "search had the focus"
        )
        self.keys(symbol, Keys.ENTER)
        self.wait_value("ts.page.symbol === arguments[0]", f"{symbol} was chosen", PATIENCE_S, symbol)

    def keys(self, *keys: str) -> None:
        """To whatever has the focus."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def chord(self, held: str, key: str) -> None:
        """A key while another one is held."""
        ActionChains(self.driver).key_down(held).send_keys(key).key_up(held).perform()

    def type(self, selector: str, text: str) -> None:
        """Replace what stands in a field."""
        field = self.browser.find_element(selector)
        field.click()
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(text)

    def tap(self, selector: str) -> None:
        """A finger on the middle of what is seen."""
        self.until(lambda: self.is_seen(selector), f"{selector} was seen")
        box = self.box(selector)
        self.finger((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))
        self.lift()

    def finger(self, start: tuple[float, float], *stops: tuple[float, float]) -> None:
        """One finger down at `start` and over `stops`, in pixels of the window; it is still there."""
        self._touch("touchStart", start)
        self.slide(*stops)

    def slide(self, *stops: tuple[float, float]) -> None:
        """The finger that is down."""
        for stop in stops:
            self._touch("touchMove", stop)

    def lift(self) -> None:
        self._touch("touchEnd")

    def _touch(self, kind: str, *points: tuple[float, float]) -> None:
        self._devtools("Input.dispatchTouchEvent", type=kind, touchPoints=[{"x": x, "y": y} for x, y in points])

    def open_sheet(self, sheet: str) -> None:
        """With the bar at the bottom, until the sheet stands still; an open one stays open."""
        button = f".bar-button[data-sheet={sheet}]"
        if self.value("document.querySelector(arguments[0]).getAttribute('aria-expanded')", button) != "true":
            self.tap(button)
        self.wait_value(
            "document.querySelector(arguments[0]).getAnimations().length === 0"
            " && document.querySelector(arguments[0]).classList.contains('is-open')",
            f"{sheet} was open",
            30,
            f"#slot-{sheet}",
        )

    def rest_pointer(self) -> None:
        """Where it hovers over nothing that minds."""
        chain = ActionChains(self.driver)
        chain.w3c_actions.pointer_action.move_to_location(1, 1)
        chain.w3c_actions.perform()

    def drag(self, start: tuple[float, float], *stops: tuple[float, float]) -> None:
        """Press at `start` and move over `stops`, in pixels of the window; the button is still down."""
        chain = ActionChains(self.driver)
        pointer = chain.w3c_actions.pointer_action
        pointer.move_to_location(*map(round, start))
        pointer.pointer_down()
        for stop in stops:
            pointer.move_to_location(*map(round, stop))
        chain.w3c_actions.perform()

    def drop(self) -> None:
        ActionChains(self.driver).release().perform()

    def answer(self, question: str, word: str) -> None:
        """Wait for the question and press `word` in it."""
        self.wait_text("dialog[open]", question)
        buttons = self.browser.find_elements("dialog[open] button")
        next(button for button in buttons if button.text == word).click()

    def _took_click(self, selector: str) -> bool:
        try:
            self.browser.find_element(selector).click()
        except MOVED_AWAY:
            return False
        return True

    def _devtools(self, command: str, **parameters: Any) -> Any:
        return self.driver.execute_cdp_cmd(command, parameters)
