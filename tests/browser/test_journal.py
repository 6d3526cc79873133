"""From a trade to the journal and back: a note is written and is there after a reload; performance shows the trade."""

from selenium.webdriver.common.keys import Keys

from tests.waiting import PATIENCE_S

SYMBOL = "MSFT"
NOTE = "Bought the open, sold at once: no reason to hold."
ROW = "#journal-grid .ag-center-cols-container .ag-row"


def test_a_trade_is_noted_and_counted(desk, screen):
    screen.open(f"{desk.url}/?symbol={SYMBOL}")
    send(screen, "buy", 1)
    send(screen, "sell", 1)
    known = {trip["id"] for trip in desk.get("journal")}
    send(screen, "buy", 3)
    trip = screen.until(lambda: trade(desk, known), "the journal had the trade")
    screen.click(".rail-door[data-view=journal]")
    row = f"{ROW}[row-id='{trip['id']}']"
    screen.until(lambda: screen.is_seen(row), "the open trade was listed")
    assert "Open" in screen.text(row)
    first = f"document.querySelector(\"{ROW}[row-index='0']\").getAttribute('row-id')"
    screen.wait_value(f"{first} === '{trip['id']}'", "the open trade stood before the closed ones")
    send(screen, "sell", 3)
    screen.until(lambda: "Open" not in screen.text(row), "it was closed in the list")
    screen.click(f"{row} [col-id=symbol]")
    screen.wait_text("#journal-title", f"Long 3 {SYMBOL}")
    screen.wait_text("#journal-fills", "Met the best ask")
    screen.until(lambda: screen.is_seen("#journal-graph .plot-container"), "its chart was drawn")
    write(screen)
    said = screen.until(lambda: noted(desk, trip["id"]), "the desk had the note")
    assert (said["note"], said["tags"], said["setup"]) == (NOTE, ["setup:open", "calm"], "open")
    reload_and_find(screen, trip["id"])
    performance_has_it(desk, screen)


def test_what_is_typed_while_the_server_is_away_is_kept_and_saved_later(desk, screen):
    screen.forgiven = ("Callback failed: the server did not respond",)
    known = {trip["id"] for trip in desk.get("journal")}
    screen.open(f"{desk.url}/?symbol={SYMBOL}#journal")
    send(screen, "buy", 2)
    send(screen, "sell", 2)
    trip = screen.until(lambda: trade(desk, known), "the journal had the trade")
    screen.until(lambda: screen.is_seen(f"{ROW}[row-id='{trip['id']}']"), "the trade was listed")
    screen.js("window.tradesim.journal.open(arguments[0])", trip["id"])
    screen.js("window.fetched = window.fetch; window.fetch = () => Promise.reject(new TypeError('away'))")
    screen.type("#journal-note", NOTE)
    screen.click("#journal-save")
    screen.wait_text("#journal-state", "kept in this browser")
    assert noted(desk, trip["id"]) is None
    screen.driver.refresh()
    screen.wait_live()
    screen.until(lambda: noted(desk, trip["id"]), "the desk had the note after the reload")
    screen.wait_value("localStorage.getItem('tradesim:journal-drafts') === null", "nothing was left to save")


def send(screen, side, qty):
    order = {"do": "submit", "symbol": SYMBOL, "side": side, "type": "market", "qty": str(qty), "source": "ticket"}
    held = f"Number((ts.live.state.desk.positions.find(each => each.symbol === '{SYMBOL}') ?? {{qty: 0}}).qty)"
    before = screen.value(held)
    screen.send(**order)
    screen.wait_value(f"{held} !== {before}", f"the {side} filled")


def trade(desk, known):
    return next((trip for trip in desk.get("journal") if trip["id"] not in known and trip["symbol"] == SYMBOL), None)


def noted(desk, trip_id):
    return next((trip for trip in desk.get("journal") if trip["id"] == trip_id and trip["note"]), None)


def write(screen):
    screen.type("#journal-setup", "open")
    screen.type("#journal-tag-new", "calm")
    screen.keys(Keys.ENTER)
    screen.wait_text("#journal-tags", "calm")
    screen.type("#journal-note", NOTE)
    screen.browser.find_element("#journal-note").send_keys(Keys.CONTROL, Keys.ENTER)
    screen.wait_text("#journal-state", "Saved")


def reload_and_find(screen, trip_id):
    screen.driver.refresh()
    screen.wait_live()
    row = f"{ROW}[row-id='{trip_id}']"
    screen.until(lambda: screen.is_seen(row), "the trade was listed again")
    assert NOTE[:10] in screen.text(f"{row} [col-id=note]")
    screen.click(f"{row} [col-id=symbol]")
    screen.wait_value(
        "document.getElementById('journal-note').value === arguments[0]", "the note was there", PATIENCE_S, NOTE
    )
    assert "calm" in screen.text("#journal-tags")


def performance_has_it(desk, screen):
    screen.click(".rail-door[data-view=performance]")
    screen.until(lambda: screen.is_seen("#performance-results .plot-container"), "the results were drawn")
    closed = desk.get("performance")["figures"]["trips"]
    trades = "[...document.querySelectorAll('.tile')].find(each => each.querySelector('dt').textContent === 'Trades')"
    screen.wait_value(f"{trades}.querySelector('dd').textContent === '{closed}'", f"it counted {closed} trades")
    assert "calm" in screen.text("#performance-trades")
    assert SYMBOL in screen.text("#performance-trades")
