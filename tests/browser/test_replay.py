"""A recorded market in the page: controls and keys move its clock, orders fill in it, and there is a way back."""

import os
import re
from decimal import Decimal
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.serving import Serving
from tests.unit.replay.samples import random_bars
from tests.waiting import PATIENCE_S

DATA = Path(os.environ.get("TRADESIM_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
AMZN = DATA / "market" / "lobster" / "LOBSTER_SampleFile_AMZN_2012-06-21_5.zip"
SECOND = 1_000
# What a person's click on the place for files does before the system's own window opens, which a test cannot use.
PRESS = """
const place = document.querySelector(arguments[0]);
place.addEventListener("click", (event) => event.preventDefault(), {once: true});
place.dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true}));
"""


@pytest.fixture
def page(replay, screen):
    screen.open(replay.url)
    screen.until(lambda: screen.is_seen("#replay-bar"), "the replay's bar was seen")
    return screen


def test_the_badge_says_replay_and_the_panels_are_alive(replay, page):
    assert page.text("#header-source") == "REPLAY"
    assert page.value("ts.page.symbol") == "ACME"
    play(page)
    page.wait_moving("#replay-now")
    page.wait_moving("#ladder-rows .ladder-row", 2)
    page.click("#middle-tabs-tape")
    page.wait_moving("#tape-rows .tape-row", 2)
    assert page.value("ts.live.state.tape.ACME.length") > 0


def test_the_spread_of_a_book_that_stands_is_there_again_after_another_view(replay, page):
    pause(page)
    page.click("#middle-tabs-ladder")
    page.wait_value("/^Spread \\d/.test(document.querySelector('#ladder-spread').textContent)", "there is a spread")
    page.chord(Keys.SHIFT, "r")
    page.wait_value("!ts.live.state.book.ACME", "nobody looks at the book")
    page.chord(Keys.SHIFT, "d")
    page.wait_value("document.querySelector('#ladder-grid').dataset.phase === 'live'", "the book is there again")
    page.wait_value("/^Spread \\d/.test(document.querySelector('#ladder-spread').textContent)", "so is its spread")


def test_buttons_and_keys_play_pause_step_and_set_the_speed(replay, page):
    pause(page)
    page.click("#replay-play")
    page.until(lambda: page.state("status.playing"), "the button played")
    page.keys(" ")
    page.until(lambda: not page.state("status.playing"), "space paused")
    page.wait_text("#replay-state", "Paused")
    at = now(replay)
    page.keys(".")
    page.until(lambda: now(replay) > at, "the key stepped to the next event")
    at = now(replay)
    page.click("#replay-second")
    page.until(lambda: now(replay) == at + SECOND, "one second passed")
    speed = page.state("status.speed")
    page.keys("]")
    page.until(lambda: page.state("status.speed") > speed, "] was faster")
    page.wait_value(
        "document.querySelector('#replay-speed').value === String(ts.live.state.status.speed)", "it is shown"
    )
    page.keys("[")
    page.until(lambda: page.state("status.speed") <= speed, "[ was as slow as before")
    page.keys("[")
    page.until(lambda: page.state("status.speed") < speed, "[ was slower")
    page.js("const at = document.querySelector('#replay-speed'); at.value = '1'; at.dispatchEvent(new Event('change'))")
    page.until(lambda: page.state("status.speed") == 1, "the choice set the speed")


def test_the_track_seeks_and_going_back_asks_first(replay, page):
    pause(page)
    status = page.state("status")
    box = page.box("#replay-scrubber .replay-track")
    at = (box["left"] + box["width"] * 0.5, box["top"] + box["height"] / 2)
    page.drag(at)
    page.drop()
    middle = (status["start"] + status["end"]) / 2
    near = (status["end"] - status["start"]) * 0.02
    page.until(lambda: abs(now(replay) - middle) < near, "the middle was reached")
    page.wait_value(
        "Math.abs(ts.live.marketNow() - arguments[0]) < arguments[1]", "the page knew", PATIENCE_S, middle, near
    )
    page.wait_ink("#chart-history", 500)
    page.drag((box["left"] + box["width"] * 0.2, at[1]))
    page.drop()
    page.answer("Go back to", "Stay")
    assert abs(now(replay) - middle) < near
    page.drag((box["left"] + box["width"] * 0.2, at[1]))
    page.drop()
    page.answer("Go back to", "Go back")
    page.until(lambda: now(replay) < middle - near, "the clock went back")
    page.wait_value("ts.live.marketNow() < arguments[0]", "the page knew", PATIENCE_S, middle - near)


def test_an_order_fills_while_replaying(replay, page):
    pause(page)
    before = held(replay)
    page.click("#ticket-type-market")
    page.type("#ticket-qty", "3")
    page.click("#ticket-one-click")
    page.wait_text("#ticket-submit", "Buy 3 ACME")
    page.click("#ticket-submit")
    play(page)
    page.until(lambda: held(replay) == before + 3, "the order filled")
    page.wait_value(
        "Number(ts.live.state.desk.positions[0]?.qty) === arguments[0]", "the page knew", PATIENCE_S, before + 3
    )
    page.wait_text("#ticket-receipt", "filled: 3 at ")


def test_a_recording_is_chosen_in_the_page_and_a_foreign_file_is_refused_by_name(page, tmp_path):
    bars, notes = tmp_path / "ZED_1m.csv", tmp_path / "notes.csv"
    bars.write_text(random_bars(3))
    notes.write_text("dear diary\nnothing was traded\n")
    page.keys("o")
    give(page, notes)
    page.click("#replay-start")
    page.wait_text("#replay-answer", "notes.csv")
    assert page.text("#header-source") == "REPLAY"
    assert page.value("ts.page.symbol") == "ACME", "the market stays what it was"
    page.js("document.querySelector('#replay-list input:checked').click()")
    give(page, bars)
    page.click("#replay-start")
    page.wait_value("ts.page.symbol === 'ZED'", "the bars were opened")
    page.wait_value(
        "document.querySelector('#replay-speed').selectedOptions[0].textContent === '1 bar/s'", "by the bar"
    )
    page.wait_value("ts.chart.panel().chart.frame === '1m'", "the chart took the file's timeframe")
    page.wait_value("document.querySelector('#replay-step').title === 'Next bar (.)'", "a step is a bar")
    page.click("#ticket-type-market")
    page.wait_text("#ticket-now", "at the next print")
    assert not page.is_seen("#replay-dialog")
    play(page)
    page.wait_moving("#replay-now")
    page.wait_ink("#chart-history", 300)


def test_leaving_asks_and_returns_to_the_simulated_market(replay, page):
    page.click("#replay-exit")
    page.answer("Leave the replay?", "Leave")
    page.until(lambda: page.text("#header-source") == "SIMULATED", "the badge said SIMULATED")
    assert not page.is_seen("#replay-bar")
    page.wait_live()
    assert page.value("ts.page.symbol") != "ACME"
    page.wait_moving("#watchlist .watch-last", 3)
    page.wait_moving("#ladder-rows .ladder-row", 3)
    page.wait_ink("#chart-history", 5_000, 3)


@pytest.fixture
def amzn(tmp_path):
    with Serving(tmp_path / "data", "replay", AMZN) as serving:
        yield serving


@pytest.mark.skipif(not AMZN.is_file(), reason="the AMZN day (TRADESIM_TEST_DATA) is not here")
def test_the_recorded_amzn_day_is_alive(amzn, screen):
    screen.open(amzn.url)
    assert screen.text("#header-source") == "REPLAY"
    assert screen.value("ts.page.symbol") == "AMZN"
    play(screen)
    screen.keys("]", "]")
    screen.wait_moving("#replay-now")
    screen.wait_moving("#ladder-rows .ladder-row", 5)
    screen.keys("1")
    screen.wait_text("#chart .chart-frames [aria-pressed=true]", "1s")
    screen.wait_ink("#chart-history", 300)
    screen.click("#middle-tabs-tape")
    screen.wait_moving("#tape-rows .tape-row", 5)
    assert re.fullmatch(r"2012-06-21 09:3\d:\d\d\.\d{3} ET", screen.text("#replay-now"))


def give(page, file):
    """Through the dialog's own place for files; it is ticked once it is taken in."""
    place = "#replay-drop input[type=file]"
    page.wait_value("document.querySelector(arguments[0]) !== null", "the dialog took files", PATIENCE_S, place)
    page.js(PRESS, place)
    page.browser.find_element(place).send_keys(str(file))
    page.wait_text("#replay-answer", f"Taken in: {file.name}.")
    page.wait_value("document.querySelectorAll('#replay-list input:checked').length === 1", "it was ticked")


def play(page):
    if not page.state("status.playing"):
        page.click("#replay-play")
    page.until(lambda: page.state("status.playing"), "it played")


def pause(page):
    if page.state("status.playing"):
        page.click("#replay-play")
    page.until(lambda: not page.state("status.playing"), "it paused")


def held(serving):
    """What the fills of this replay's account come to."""
    return int(sum(Decimal(fill["qty"]) for fill in serving.get("fills")))


def now(serving):
    """Market time in whole milliseconds."""
    return serving.get("status")["now"] // 1_000_000
