"""What hands do on the desk: every key of the list, and the watchlist by mouse, by keyboard and by finger."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

ROWS = "[...document.querySelectorAll('#watchlist-rows .watch-row')].map(row => row.dataset.symbol)"
FRAMES = ("1s", "5s", "15s", "1m", "5m", "15m", "1h", "4h", "1D")
VIEWS = {"p": "performance", "j": "journal", "r": "risk", "o": "bots", "k": "keys", "d": "desk"}
OPEN = "document.querySelector('dialog[open]')?.textContent ?? ''"
WORKING = "Object.values(ts.live.state.desk.orders).filter(order => order.status === 'new').length"
FOCUS = "document.activeElement.id"
HOLDS = "ts.live.state.desk.positions.filter(each => Number(each.qty)).length"


@pytest.fixture
def page(desk, screen):
    """Of a desk that holds nothing and has no order at work, whoever was there before."""
    desk.delete("orders")
    desk.delete("positions")
    screen.open(f"{desk.url}/?symbol=AAPL")
    screen.wait_value(f"{HOLDS} + {WORKING} === 0", "the desk was at rest")
    screen.wait_text("#ticket-symbol", "AAPL")
    screen.wait_value(f"{ROWS}.length > 3", "the watchlist had rows")
    return screen


def held(page, *keys: str) -> None:
    """The last key with those before it held down."""
    chain = ActionChains(page.driver)
    for key in keys[:-1]:
        chain.key_down(key)
    chain.send_keys(keys[-1])
    for key in keys[:-1]:
        chain.key_up(key)
    chain.perform()


def closes(page) -> None:
    page.keys(Keys.ESCAPE)
    page.wait_value(f"{OPEN} === ''", "it was closed")


def test_the_list_of_keys_has_every_key_and_each_does_what_it_says(page):
    page.keys("?")
    page.wait_value(f"{OPEN}.startsWith('Keys')", "the list was open")
    listed = page.value("ts.keys.list().flatMap(([, rows]) => rows.map(([, words]) => words))")
    assert len(listed) == len(page.texts("dialog[open] .key-row")) and all(listed)
    closes(page)
    for at, frame in enumerate(FRAMES, 1):
        page.keys(str(at))
        page.wait_value("ts.chart.panel().chart.frame === arguments[0]", f"{frame} was shown", 60, frame)
    theme = page.value("ts.page.theme")
    page.keys("t")
    page.wait_value("ts.page.theme !== arguments[0]", "the theme was the other one", 60, theme)
    page.keys("t")
    for key, side in (("s", "sell"), ("b", "buy")):
        page.keys(key)
        chosen = f"document.querySelector('#ticket-side [aria-checked=true]').dataset.value === '{side}'"
        page.wait_value(f"{FOCUS} === 'ticket-qty' && {chosen}", f"the ticket was to {side}")
        page.keys(Keys.ESCAPE)
        page.wait_value(f"{FOCUS} !== 'ticket-qty'", "the field was left")
    page.keys("e")
    page.until(lambda: page.is_seen("#ticket-exits .payoff"), "exits were open")
    page.keys("m")
    page.wait_value("document.querySelector('#chart.is-max') !== null", "the chart filled the desk")
    page.keys(Keys.ESCAPE)
    page.wait_value("document.querySelector('.is-max') === null", "it was as before")
    page.keys("o")
    page.wait_value(f"{OPEN}.includes('Replay a recording')", "recordings were offered")
    closes(page)
    page.keys("f")
    page.wait_value("document.querySelector('.notice')?.textContent.includes('Nothing to stop')", "it said so")
    page.keys(Keys.ESCAPE)
    held(page, Keys.SHIFT, "m")
    page.until(lambda: page.is_seen("#providers-market-tab"), "markets were offered")
    page.keys(Keys.ESCAPE)
    page.until(lambda: not page.is_seen("#providers-market-tab"), "the dialog was closed")
    held(page, Keys.SHIFT, "a")
    page.wait_value("document.querySelector('.popup') !== null", "accounts were listed")
    page.keys(Keys.ESCAPE)
    page.wait_value("document.querySelector('.popup') === null", "the list was closed")
    for key, view in VIEWS.items():
        held(page, Keys.SHIFT, key)
        page.wait_value("ts.views.open === arguments[0]", f"{view} was open", 60, view)


def test_orders_are_cancelled_by_keys(desk, page):
    for off in (500, 600):
        price = (page.value("ts.live.state.book.AAPL.b[0][0]") - off) / 100
        desk.post("orders", symbol="AAPL", side="buy", qty="1", type="limit", limit_price=f"{price:.2f}")
    page.wait_value(f"{WORKING} === 2", "both were there")
    held(page, Keys.SHIFT, "x")
    page.until(lambda: page.value(OPEN), "it asked")
    page.keys(Keys.ENTER)
    page.wait_value(f"{WORKING} === 0", "both were cancelled")


def test_the_watchlist_is_arranged_by_mouse_and_kept(page):
    first, second, third = page.value(ROWS)[:3]
    row = page.box(f"[data-symbol='{first}']")
    other = page.box(f"[data-symbol='{third}']")
    hover(page, row["right"] - 30, row["top"] + row["height"] / 2)
    grip = f"[data-symbol='{first}'] .watch-grip"
    page.until(lambda: page.is_seen(grip), "the tools were there")
    box = page.box(grip)
    start = (box["left"] + box["width"] / 2, box["top"] + box["height"] / 2)
    below = other["top"] + other["height"] - 3
    page.drag(start, (start[0], (start[1] + below) / 2), (start[0], below))
    page.drop()
    page.wait_value(f"{ROWS}.slice(0, 3).join() === arguments[0]", "it was moved", 60, f"{second},{third},{first}")
    box = page.box(f"[data-symbol='{second}']")
    hover(page, box["right"] - 12, box["top"] + box["height"] / 2)
    page.click(f"[data-symbol='{second}'] .watch-remove")
    page.wait_value(f"!{ROWS}.includes(arguments[0])", "it was taken out", 60, second)
    kept(page)
    page.click("#watchlist-add")
    page.wait_value(f"{FOCUS} === 'watchlist-search'", "the search had the focus")
    page.keys(second, Keys.ENTER)
    page.wait_value(f"{ROWS}.at(-1) === arguments[0]", "it was added", 60, second)
    kept(page)


def test_the_watchlist_is_arranged_by_keyboard_and_kept(page):
    first, second = page.value(ROWS)[:2]
    page.js("document.querySelector(`[data-symbol='${arguments[0]}'] .watch-main`).focus()", first)
    held(page, Keys.ALT, Keys.ARROW_DOWN)
    page.wait_value(f"{ROWS}.slice(0, 2).join() === arguments[0]", "it was moved", 60, f"{second},{first}")
    page.keys(Keys.DELETE)
    page.wait_value(f"!{ROWS}.includes(arguments[0])", "it was taken out", 60, first)
    kept(page)
    assert page.value("document.querySelectorAll('#watchlist-rows [tabindex=\"0\"]').length") == 1


def kept(page) -> None:
    """What is shown is shown again after the page was loaded anew."""
    rows = page.value(ROWS)
    page.driver.refresh()
    page.wait_live()
    page.wait_value(f"{ROWS}.join() === arguments[0]", "the rows were as they were left", 60, ",".join(rows))


def hover(page, x: float, y: float) -> None:
    chain = ActionChains(page.driver)
    chain.w3c_actions.pointer_action.move_to_location(round(x) - 3, round(y))
    chain.w3c_actions.pointer_action.move_to_location(round(x), round(y))
    chain.w3c_actions.perform()


def test_the_watchlist_is_arranged_by_finger_and_kept(desk, screen):
    screen.open(f"{desk.url}/?symbol=AAPL", size=(1024, 1366), touch=True)
    screen.wait_value(f"{ROWS}.length > 3", "the watchlist had rows")
    first, second, third = screen.value(ROWS)[:3]
    screen.open_sheet("watchlist")
    screen.tap("#watchlist-edit")
    grip = f"[data-symbol='{first}'] .watch-grip"
    screen.until(lambda: screen.is_seen(grip), "the tools were there")
    box, next_box, last_box = (
        screen.box(at) for at in (grip, *(f"[data-symbol='{each}']" for each in (second, third)))
    )
    x, y = box["left"] + box["width"] / 2, box["top"] + box["height"] / 2
    screen.finger((x, y), (x, next_box["bottom"] - 4), (x, last_box["bottom"] - 4))
    screen.lift()
    screen.wait_value(f"{ROWS}.slice(0, 3).join() === arguments[0]", "it was moved", 60, f"{second},{third},{first}")
    screen.tap(f"[data-symbol='{second}'] .watch-remove")
    screen.wait_value(f"!{ROWS}.includes(arguments[0])", "it was taken out", 60, second)
    kept(screen)
