"""The server dies under an open page and comes back: the page heals by itself and agrees with it to the cent."""

import re
from decimal import Decimal

import pytest

from tests.browser.agreement import told_by_page, told_by_server
from tests.browser.serving import Serving

SYMBOL = "AAPL"
WHAT_A_DEAD_SERVER_CAUSES = (
    "WebSocket connection to",
    "net::ERR_",
    "Callback failed: the server did not respond",
)


@pytest.fixture
def desk(tmp_path):
    """One of its own, to be killed."""
    with Serving(tmp_path / "data") as serving:
        yield serving


def test_the_page_heals_after_a_kill_and_agrees_with_the_server(desk, screen):
    screen.forgiven = WHAT_A_DEAD_SERVER_CAUSES
    trade(desk)
    screen.open(f"{desk.url}/?symbol={SYMBOL}")
    screen.wait_value("ts.live.state.desk.fills.length > 0", "the fill had come")
    screen.until(
        lambda: screen.is_seen("#chart .plot-container"), "the axes were drawn, so that nothing is left to fetch"
    )
    before = agreed(desk, screen)
    desk.kill()
    badge_counts_down(screen)
    screen.wait_text("#ticket-submit", "Not connected")
    assert not screen.value("document.querySelector('#ticket-submit').matches(':enabled')"), (
        "prices that stand still take no order"
    )
    desk.start()
    screen.wait_live()
    screen.wait_text("#header-connection", "Connected")
    screen.until(lambda: screen.text("#header-source") == "SIMULATED", "the badge said SIMULATED again")
    screen.wait_text("#ticket-submit", f"Buy 100 {SYMBOL}")
    after = agreed(desk, screen)
    assert after == before, "what was there before the kill is there after it, and nothing more"
    screen.wait_moving("#watchlist .watch-last", 3)
    nothing_is_doubled(desk, screen)


def trade(desk):
    """A position, an order that rests far away, and one that was canceled."""
    bought = desk.post("orders", symbol=SYMBOL, side="buy", qty="7")
    resting = {"symbol": SYMBOL, "side": "buy", "type": "limit", "time_in_force": "gtc"}
    best = Decimal(desk.get(f"book/{SYMBOL}")["bids"][0]["price"])
    desk.post("orders", **resting, qty="3", limit_price=str(best - 5))
    canceled = desk.post("orders", **resting, qty="2", limit_price=str(best - 6))
    desk.delete(f"orders/{canceled['id']}")
    assert bought["symbol"] == SYMBOL


def agreed(desk, screen):
    """What both say of fills, orders, position and equity, once they say the same; trading is halted meanwhile."""
    desk.post("halt")
    try:
        agree = lambda: told_by_page(screen.state("desk")) == (told := told_by_server(desk)) and told  # noqa: E731
        found = screen.until(agree, "page and server agreed")
    finally:
        desk.post("resume")
    return {key: found[key] for key in ("cash", "fills", "orders", "positions")}


def badge_counts_down(screen):
    """It says that it is reconnecting, which try this is and in how many seconds the next comes; the tries go on."""
    told = re.compile(r"^Reconnecting, try (\d+) (?:in \d+ s|now)$")
    screen.until(lambda: told.match(screen.text("#header-connection")), "the badge said reconnecting")
    assert screen.value("document.querySelector('#header-connection').dataset.state") == "reconnecting"
    assert screen.text("#header-source") == "CUT OFF"
    screen.until(lambda: re.search(r"try \d+ in \d+ s", screen.text("#header-connection")), "the badge counted seconds")
    screen.until(lambda: int(told.match(screen.text("#header-connection"))[1]) >= 3, "the third try")


def nothing_is_doubled(desk, screen):
    fills = screen.value("ts.live.state.desk.fills.map(fill => fill.id)")
    assert len(fills) == len(set(fills))
    assert fills == [fill["id"] for fill in reversed(desk.get("fills"))]
    tape = screen.value("ts.live.state.tape[arguments[0]].map(print => print[0])", SYMBOL)
    assert tape == sorted(set(tape)), "every print stands once and in order"
    bars = screen.value("Object.values(ts.live.state.bars).map(rows => rows.map(row => row[0]))")
    assert bars
    for starts in bars:
        assert starts == sorted(set(starts)), "every bar stands once and in order"
