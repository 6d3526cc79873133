"""The page on the simulated market: everything moves, nothing complains."""

import re

import pytest

from tests.browser.screen import NARROW, WIDE


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_wide_page_is_alive(desk, screen, theme):
    screen.open(desk.url, WIDE, theme)
    says_what_it_is(screen, theme)
    screen.wait_moving("#watchlist .watch-last", 5)
    screen.wait_moving("#watchlist .watch-touch", 5)
    screen.wait_moving("#ladder-rows .ladder-row", 5)
    chart_is_painted(screen)
    fits(screen)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_narrow_page_is_alive(desk, screen, theme):
    screen.open(desk.url, NARROW, theme)
    says_what_it_is(screen, theme)
    chart_is_painted(screen)
    fits(screen)
    screen.click("[data-sheet=watchlist]")
    screen.wait_moving("#watchlist .watch-last", 5)
    fits(screen)
    screen.click("#slot-watchlist .sheet-grip")
    screen.click("[data-sheet=middle]")
    screen.wait_moving("#ladder-rows .ladder-row", 5)
    fits(screen)


def test_depth_and_tape_are_alive(desk, screen):
    screen.open(desk.url)
    screen.click("#middle-tabs-depth")
    screen.wait_ink("#depth-under canvas", 2_000)
    screen.wait_moving("#depth-mid")
    screen.click("#middle-tabs-tape")
    screen.wait_moving("#tape-rows .tape-row", 5)


def test_another_symbol_moves_every_panel(desk, screen):
    screen.open(desk.url)
    screen.choose("BTC/USD")
    screen.wait_text("#chart-symbol", "BTC/USD")
    screen.wait_value("ts.live.state.book['BTC/USD']?.b.length > 0", "the book of BTC/USD came")
    screen.wait_moving("#ladder-rows .ladder-row", 5)
    chart_is_painted(screen)


def says_what_it_is(screen, theme):
    screen.until(lambda: "TradeSim" in screen.driver.title, "the title named TradeSim")
    assert screen.value("document.documentElement.dataset.theme") == theme
    assert screen.text("#header-source") == "SIMULATED"
    screen.until(
        lambda: re.fullmatch(r"(Connected )?\d+ ms", screen.text("#header-connection")), "the round trip was told"
    )
    assert screen.value("document.querySelector('#header-connection').dataset.state") == "live"
    screen.until(lambda: re.fullmatch(r"[\d,]+\.\d\d", screen.text("#header-equity")), "the equity was told")


def chart_is_painted(screen):
    screen.wait_ink("#chart-history", 5_000, 3)
    screen.wait_ink("#chart-live", 200, 2)


def fits(screen):
    wide, room = screen.value("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= room, f"the page is {wide} px wide in a window of {room} px"
