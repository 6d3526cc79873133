"""A live market of shares with stand-ins, vendor by vendor killed: the page follows, says what is true, and heals."""

import json
import time

import pytest

from tests.browser.screen import NARROW
from tests.browser.serving import Serving
from tests.fake_vendors import KEYS, FakeVendors
from tests.noon import VARIABLE, shift_s
from tests.waiting import PATIENCE_S
from tradesim.storage.preferences import PREFERENCES_FILE

CHIP = "#{} .source-chip"
SHOWN = ("watchlist", "chart", "ladder", "ticket")
TITLES = {"alpaca": "Alpaca", "polygon": "Polygon (Massive)", "finnhub": "Finnhub", "alphavantage": "Alpha Vantage"}
ORDER = "[...document.querySelectorAll('#providers-order section:last-of-type .providers-place')]"
WATCH_BADGE = """
window.badges = [];
const badge = document.getElementById("header-source");
const options = {childList: true, characterData: true, subtree: true};
new MutationObserver(() => window.badges.push(badge.textContent)).observe(badge, options);
"""
MARKET_ORDER = {
    "do": "submit",
    "symbol": "AAPL",
    "side": "buy",
    "type": "market",
    "tif": "day",
    "qty": "1",
    "source": "ticket",
}
STALE_MARK = "#blotter-positions .ag-row.is-stale .ag-cell[col-id=mark]"
STALE_S = 180
NEXT_TRY_S = 180
"""After failures in a row a line rests for up to a minute before it is tried again."""


@pytest.fixture(scope="module")
def shift() -> int:
    return shift_s(time.time())


@pytest.fixture(scope="module")
def vendors(shift):
    with FakeVendors(shift) as vendors:
        yield vendors


@pytest.fixture(scope="module")
def desk(vendors, shift, tmp_path_factory):
    """A noon in New York: outside of its session a share's silence proves nothing."""
    environment = {**vendors.environment, VARIABLE: str(shift)}
    with Serving(tmp_path_factory.mktemp("data"), program=("-m", "tests.noon"), environment=environment) as serving:
        yield serving


class Dialog:
    """Market data, by its tabs."""

    def __init__(self, screen) -> None:
        self.screen = screen

    def show(self, pane: str) -> None:
        if not self.screen.value("document.getElementById('providers-dialog').open"):
            self.screen.js(f"window.tradesim.page.emit('open-providers', {{pane: '{pane}'}})")
        self.screen.click(f"#providers-{pane}-tab")
        self.screen.until(lambda: self.screen.is_seen(f"#providers-{pane}"), f"the tab {pane} was seen")

    def close(self) -> None:
        self.screen.js("document.getElementById('providers-dialog').close()")

    def order(self) -> list[str]:
        return self.screen.value(f"{ORDER}.map((row) => row.dataset.provider)")

    def row(self, provider: str, part: str) -> str:
        return self.screen.text(f"#providers-list [data-provider={provider}] [data-part={part}]")

    def test(self, provider: str) -> None:
        self.screen.js(f"document.querySelector('[data-provider={provider}] [data-part=test]').click()")


def badge_is(screen, word: str, timeout_s: float = PATIENCE_S) -> None:
    screen.until(lambda: screen.text("#header-source") == word, f"the badge said {word}", timeout_s)


def chips_say(screen, name: str, timeout_s: float = PATIENCE_S) -> None:
    def all_do() -> bool:
        return all(screen.text(CHIP.format(panel) + " .source-name") == name for panel in SHOWN)

    told = [screen.text(CHIP.format(panel)) for panel in SHOWN]
    screen.until(all_do, f"every chip said {name} (at first: {told})", timeout_s)


def no_panel_is_dead(screen) -> None:
    assert screen.texts(".panel-fault") == []
    assert screen.texts(".panel-note") == [] or not any(screen.texts(".panel-note"))
    assert screen.console() == []


def tell_story(screen, dialog: Dialog, dead: str, title: str) -> None:
    """What the provider panel says of one that is gone, and of who serves instead."""
    dialog.show("state")
    refused = "The connection was refused."
    screen.until(lambda: dialog.row(dead, "error") == refused, f"the trouble of {dead} is told", NEXT_TRY_S)
    screen.until(lambda: f"from {title}" in screen.text("#providers-switches"), f"the timeline names {title}")
    assert dialog.row(dead, "role") == "stands by"
    dialog.close()


def test_the_page_follows_the_failover_to_the_last_and_heals(desk, vendors, screen) -> None:
    screen.open(desk.url, greeted=True)
    dialog = Dialog(screen)
    screen.wait_text("#providers-reach", "There seems to be no network: Kraken, Coinbase and Binance cannot be reached")
    screen.click("#welcome-close")
    put_in_order(screen, dialog, desk)
    open_alpaca(screen, dialog)
    screen.js(WATCH_BADGE)
    badge_is(screen, "LIVE")
    chips_say(screen, "IEX via Alpaca")
    every_word_is_compared(screen, dialog)
    vendors["alpaca"].kill()
    chips_say(screen, "Polygon")
    tell_story(screen, dialog, "alpaca", TITLES["polygon"])
    fills(screen)
    vendors["polygon"].kill()
    chips_say(screen, "Finnhub")
    tell_story(screen, dialog, "polygon", TITLES["finnhub"])
    assert set(screen.js("return window.badges")) <= {"LIVE", "STALE"}
    vendors["finnhub"].kill()
    badge_is(screen, "DELAYED")
    screen.wait_text(CHIP.format("ladder"), "Alpha Vantage, end of day")
    no_panel_is_dead(screen)
    vendors["alphavantage"].kill()
    screen.js("window.badges.length = 0")
    all_are_dead(screen)
    dialog.show("state")
    vendors["polygon"].start()
    dialog.test("polygon")
    screen.until(lambda: "answered in" in dialog.row("polygon", "said"), "Test said what came")
    dialog.close()
    badge_is(screen, "LIVE")
    chips_say(screen, "Polygon")
    fills(screen, 2)
    no_panel_is_dead(screen)


def put_in_order(screen, dialog: Dialog, desk: Serving) -> None:
    """By the arrows, by the pointer, and kept in the data folder."""
    dialog.show("order")
    assert dialog.order() == ["alpaca", "iex_alpaca", "finnhub", "polygon", "alphavantage"]
    screen.click("[data-provider=polygon] [data-by='-1']")
    screen.until(lambda: dialog.order()[2] == "polygon", "Polygon went up by its arrow")
    assert screen.value("document.activeElement.ariaLabel") == "Polygon (Massive) up"
    grip, last = (
        screen.box(f".providers-place[data-provider={name}] .providers-grip") for name in ("iex_alpaca", "alphavantage")
    )
    start = (grip["x"] + 8, grip["y"] + grip["height"] / 2)
    screen.drag(start, (start[0], start[1] + 40), (start[0], last["y"] + last["height"] / 2))
    screen.drop()
    wanted = ["alpaca", "polygon", "finnhub", "alphavantage", "iex_alpaca"]
    screen.until(lambda: dialog.order() == wanted, "IEX was dragged to the end")
    for name in wanted[1:4]:
        screen.click(f".providers-place[data-provider={name}] input")

    def is_kept() -> bool:
        file = desk.folder / PREFERENCES_FILE
        kept = json.loads(file.read_text()) if file.exists() else {"order": [], "stand_ins": []}
        return [each for each in kept["order"] if each in wanted] == wanted and kept["stand_ins"] == wanted[1:4]

    screen.until(is_kept, "the order was in the data folder")


def open_alpaca(screen, dialog: Dialog) -> None:
    """Found by the search of others, as Alpaca has none."""
    dialog.show("market")
    screen.js("document.querySelector('input[name=providers-choice][value=alpaca]').click()")
    boxes = screen.js("return [...document.querySelectorAll('.providers-backups input')].map((box) => box.checked)")
    assert boxes == [True, True, True]
    for symbol in ("MSFT", "NVDA", "SPY"):
        screen.click(f"[aria-label='Leave out {symbol}']")
    screen.type("#providers-symbol", "micro")
    screen.js(
        "[...document.querySelectorAll('.providers-add button')].find((each) => each.textContent === 'Find').click()"
    )
    screen.wait_text("#providers-found-list", "MSFT")
    screen.click("#providers-found-list .providers-find")
    assert screen.texts(".providers-chip") == ["AAPL", "MSFT"]
    screen.js("document.getElementById('providers-open').click()")
    screen.until(lambda: not screen.value("document.getElementById('providers-dialog').open"), "the market opened")
    screen.wait_value("ts.page.symbol === 'AAPL'", "the page moved to AAPL")


def every_word_is_compared(screen, dialog: Dialog) -> None:
    dialog.show("state")
    strip = "table.providers-words tbody tr"
    screen.until(lambda: len(screen.texts(strip)) == 4, "four providers are compared")
    assert screen.texts("table.providers-words thead th") == ["What each says", "Last", "Bid", "Ask", "Off", "Age"]
    screen.until(lambda: "0.0" in screen.texts(f"{strip} td:nth-of-type(4)")[1], "Polygon agrees")
    assert (dialog.row("alpaca", "role"), dialog.row("polygon", "role")) == ("serves", "stands by")
    for part in ("Gives", "Last heard", "Latency", "Questions left", "Questions asked", "Failures"):
        assert part in dialog.row("alpaca", "facts")
    dialog.close()


def fills(screen, count: int = 1) -> None:
    screen.send(**MARKET_ORDER | {"qty": "10"})
    screen.until(lambda: len(screen.state("desk.fills")) >= count, "the order filled")


def all_are_dead(screen) -> None:
    """Stale with its age, never live, and nothing may be ordered on it."""
    badge_is(screen, "STALE", STALE_S)
    screen.until(lambda: "stale, " in screen.text(CHIP.format("ladder")), "the ladder's chip said that it is stale")
    for panel in ("ladder", "ticket"):
        assert screen.value(f"document.querySelector('#{panel} .source-chip').dataset.tone") == "stale"
    screen.js("window.tradesim.blotter.show('positions')")
    screen.until(lambda: screen.texts(STALE_MARK), "the position's mark was marked as old")
    screen.js("window.tradesim.blotter.show('orders')")
    screen.wait_text("#header-banner", "they are not live")
    receipt = screen.send(**MARKET_ORDER)
    assert not receipt["ok"] and "the quote of AAPL is" in receipt["message"] and "not live" in receipt["message"]
    assert "LIVE" not in screen.js("return window.badges")
    no_panel_is_dead(screen)


def test_no_key_is_on_the_page(desk, screen) -> None:
    screen.open(desk.url)
    dialog = Dialog(screen)
    for pane in ("market", "state", "order", "keys"):
        dialog.show(pane)
        time.sleep(0.5)
    page = screen.value("document.documentElement.outerHTML")
    stores = screen.value("JSON.stringify([ts.live.state, {...localStorage}])")
    assert not [name for name, key in KEYS.items() if key in page or key in stores]


def test_a_narrow_window_is_greeted_by_a_strip_that_fits(desk, screen) -> None:
    screen.open(desk.url, NARROW, greeted=True)
    screen.send(do="open_simulated")
    screen.until(lambda: screen.state("status.source") == "simulated", "the simulated market is back")
    screen.js("window.tradesim.page.store('welcomed', null)")
    screen.driver.refresh()
    screen.wait_live()
    screen.until(lambda: screen.is_seen("#welcome"), "the first visit is greeted")
    screen.wait_text("#providers-reach", "There seems to be no network")
    box = screen.box("#welcome")
    assert (box["left"], box["right"]) == (0, NARROW[0])
    assert box["height"] < NARROW[1] * 0.25
    assert screen.box("#chart")["height"] > NARROW[1] * 0.3, "the market is seen below it"
    screen.click("#welcome-close")
    screen.until(lambda: screen.text(CHIP.format("chart")) == "Simulated", "the chart said whose word it is")
