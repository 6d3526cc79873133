"""A live market from the first visit to a fill, with a Kraken on this machine."""

import pytest

from tests.browser.serving import Serving


@pytest.fixture(scope="module")
def desk(kraken, tmp_path_factory):
    urls = f"kraken={kraken.http_url} {kraken.ws_url}, coinbase=http://127.0.0.1:9 ws://127.0.0.1:9"
    with Serving(tmp_path_factory.mktemp("live"), environment={"TRADESIM_PROVIDER_URLS": urls}) as serving:
        yield serving


def choose(screen, provider: str) -> None:
    screen.js(f"document.querySelector('input[name=providers-choice][value={provider}]').click()")
    screen.js("document.getElementById('providers-open').click()")


def test_from_the_first_visit_to_a_fill_on_a_live_book(desk, screen, kraken) -> None:
    screen.open(desk.url, greeted=True)
    screen.until(lambda: screen.is_seen("#welcome"), "the first visit is greeted")
    screen.click(".welcome-choices button")
    screen.until(lambda: screen.is_seen("input[value=kraken]"), "the first visit is offered a market")
    choose(screen, "coinbase")
    screen.until(lambda: screen.text("#providers-answer").startswith("Refused: Coinbase: "), "the refusal is told")
    assert screen.state("status.source") == "simulated"
    choose(screen, "kraken")
    screen.until(lambda: screen.text("#header-source") == "LIVE", "the badge said LIVE")
    assert not screen.value("document.getElementById('providers-dialog').open")
    assert screen.text("#header-title") == "Kraken live"
    screen.until(lambda: screen.value("ts.page.symbol") == "BTC/USD", "the page moved to a symbol of the market")
    screen.send(do="submit", symbol="BTC/USD", side="buy", type="market", tif="day", qty="0.1", source="ticket")
    screen.until(lambda: len(screen.state("desk.fills")) > 0, "the order filled")
    assert screen.state("desk.fills")[0]["price"].startswith("97000.")
    screen.js("window.tradesim.page.emit('open-providers', {pane: 'state'})")
    kraken_row = "[data-provider=kraken]"
    screen.until(lambda: screen.text(f"{kraken_row} [data-part=state]") == "Live", "the panel says that Kraken is live")
    screen.js(f"document.querySelector('{kraken_row} [data-part=test]').click()")
    screen.until(lambda: "answered in" in screen.text(f"{kraken_row} [data-part=said]"), "Test said what came")


def test_the_greeting_comes_once(desk, screen) -> None:
    screen.open(desk.url, greeted=True)
    screen.send(do="open_simulated")
    screen.until(lambda: screen.state("status.source") == "simulated", "the simulated market is back")
    screen.js("window.tradesim.page.store('welcomed', null)")
    screen.driver.refresh()
    screen.wait_live()
    screen.until(lambda: screen.is_seen("#welcome"), "the first visit is greeted")
    assert not screen.value("document.querySelector('dialog[open]')"), "nothing hides the market"
    screen.driver.refresh()
    screen.wait_live()
    screen.until(lambda: screen.is_seen("#welcome"), "it stays until it is put away")
    screen.click("#welcome-close")
    screen.driver.refresh()
    screen.wait_live()
    assert not screen.value("document.getElementById('welcome')")
