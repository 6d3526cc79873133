"""A symbol that a live market does not have yet: found while one types, added, watched and traded."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.screen import NARROW
from tests.browser.serving import Serving

SEARCH, ROWS = "#symbol-search", "#symbol-search-list .option"


@pytest.fixture(scope="module")
def desk(kraken, tmp_path_factory):
    environment = {"TRADESIM_PROVIDER_URLS": f"kraken={kraken.http_url} {kraken.ws_url}"}
    with Serving(tmp_path_factory.mktemp("growing"), environment=environment) as serving:
        yield serving


def look_for(screen, text: str, row: str) -> None:
    screen.type(SEARCH, text)
    screen.until(lambda: any(row in each for each in screen.texts(ROWS)), f"{row!r} was offered for {text!r}")


def test_a_symbol_is_found_added_and_traded_without_opening_the_market_anew(desk, screen) -> None:
    screen.open(desk.url)
    assert screen.send(do="open_live", provider="kraken", symbols=["BTC/USD"])["ok"]
    screen.until(lambda: screen.text("#header-source") == "LIVE", "the badge said LIVE")
    session = screen.state("status.session")
    look_for(screen, "eth", "ETH/USD")
    screen.keys(Keys.ENTER)
    screen.wait_value("ts.page.symbol === 'ETH/USD'", "the page moved to what was added")
    screen.until(lambda: screen.state("market")["ETH/USD"].get("b"), "it is quoted")
    assert screen.state("status.symbols") == ["BTC/USD", "ETH/USD"] and screen.state("status.session") == session
    assert screen.texts("#watchlist .watch-symbol") == ["BTC/USD", "ETH/USD"]
    screen.send(do="submit", symbol="ETH/USD", side="buy", type="market", tif="day", qty="0.1", source="ticket")
    screen.until(lambda: len(screen.state("desk.fills")) > 0, "the order filled")
    assert screen.texts(".panel-fault") == [] and screen.console() == []


def test_what_is_not_listed_is_refused_with_the_sentence(desk, screen) -> None:
    screen.open(desk.url)
    look_for(screen, "nope/usd", "NOPE/USD")
    screen.keys(Keys.ENTER)
    screen.wait_text("#toasts", "NOPE/USD is not listed there")
    assert "NOPE/USD" not in screen.state("status.symbols")


def test_the_watchlists_finder_adds_too_and_a_phone_finds_it(desk, screen) -> None:
    screen.open(desk.url, NARROW)
    screen.open_sheet("watchlist")
    screen.click("#watchlist-add")
    screen.type("#watchlist-search", "sol")
    screen.until(lambda: "SOL/USD" in "".join(screen.texts("#watchlist-search-list .option")), "SOL/USD is offered")
    screen.keys(Keys.ENTER)
    screen.until(lambda: "SOL/USD" in screen.texts("#watchlist .watch-symbol"), "SOL/USD is watched")
    screen.until(lambda: screen.state("market").get("SOL/USD", {}).get("b"), "it is quoted")
    assert screen.console() == []
