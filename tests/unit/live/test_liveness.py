"""A line is judged by all that it brings, a symbol by its own words: one that is quiet is stale alone."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from tests.live_house import SYMBOL, House, dec
from tradesim.model.feed import Capability
from tradesim.model.market import SourceKind

THIN = "AAPL"
"""A share, which may be silent for 60 s in the regular session."""
Say = Callable[[Any], Any]


def of_thin(event: Any) -> Any:
    return replace(event, symbol=THIN)


def of_both(event: Any) -> tuple[Any, Any]:
    return event, of_thin(event)


@pytest.fixture
def house() -> House:
    """Alpha is preferred, Beta stands in; both quote a busy and a thin symbol."""
    house = House("alpha", "beta").open((SYMBOL, THIN))
    for name in ("alpha", "beta"):
        house.say(*of_both(house[name].quote_of(100, "100.02")))
    house.wait(1)
    return house


def shown_by(house: House) -> tuple[str, str]:
    feeds = house.source.feeds(house.clock.now())
    return feeds[SYMBOL].shown_id, feeds[THIN].shown_id


def pass_time(house: House, seconds: int, *said: Callable[[], Any]) -> None:
    for _ in range(seconds):
        house.wait(1)
        house.say(*(each() for each in said))


def busy(house: House, name: str) -> Callable[[], Any]:
    return lambda: house[name].quote_of(100, "100.02")


def thin(house: House, name: str) -> Callable[[], Any]:
    return lambda: of_thin(house[name].quote_of(100, "100.02"))


def test_a_quiet_symbol_is_stale_alone_and_moves_nobody(house: House) -> None:
    pass_time(house, 70, busy(house, "alpha"), busy(house, "beta"))
    assert shown_by(house)[0] == "alpha" and house.source.timeline == []
    feeds = house.source.feeds(house.clock.now())
    assert (feeds[SYMBOL].freshness, feeds[THIN].freshness) == (SourceKind.LIVE, SourceKind.STALE)
    assert house.source.order_fault(SYMBOL, house.clock.now()) is None
    assert "AAPL is 7" in (house.source.order_fault(THIN, house.clock.now()) or "")


def test_a_quiet_symbol_goes_to_who_tells_of_it_and_returns_when_it_was_heard_for_a_while(house: House) -> None:
    pass_time(house, 70, busy(house, "alpha"), busy(house, "beta"), thin(house, "beta"))
    assert shown_by(house) == ("alpha", "beta")
    pass_time(house, 20, busy(house, "alpha"), thin(house, "alpha"), thin(house, "beta"))
    assert shown_by(house) == ("alpha", "beta"), "not at its first word"
    pass_time(house, 30, busy(house, "alpha"), thin(house, "alpha"), thin(house, "beta"))
    assert shown_by(house) == ("alpha", "alpha")
    assert [(each.kind, each.former, each.chosen, each.why) for each in house.source.timeline] == [
        (Capability.QUOTE, "alpha", "beta", "Alpha: the quote of AAPL is 61 s old"),
        (Capability.QUOTE, "beta", "alpha", "Alpha has told of AAPL again for a while"),
    ]


def test_a_line_that_is_silent_on_everything_moves_all_and_is_told_once(house: House) -> None:
    pass_time(house, 20, busy(house, "beta"), thin(house, "beta"), thin(house, "alpha"))
    pass_time(house, 65, busy(house, "beta"), thin(house, "beta"))
    assert shown_by(house) == ("beta", "beta")
    of_quotes = [(each.chosen, each.why) for each in house.source.timeline if each.kind is Capability.QUOTE]
    assert of_quotes == [
        ("beta", "Alpha: the quote of BTC/USD is 31 s old"),
        ("beta", "Alpha: the quote of AAPL is 61 s old, and no other is younger"),
    ]


def test_a_book_that_is_lost_is_lost_alone() -> None:
    house = House("alpha", "beta").open((SYMBOL, THIN))
    rows = ([(100, 2)], [("100.01", 1)])
    for name in ("alpha", "beta"):
        house.say(*of_both(house[name].book_of(*rows)))
    house.say(of_thin(house["alpha"].reset()))
    pass_time(
        house,
        3,
        lambda: house["alpha"].book_of(*rows),
        lambda: house["beta"].book_of(*rows),
        lambda: of_thin(house["beta"].book_of(*rows)),
    )
    assert shown_by(house) == ("alpha", "beta")
    assert [each.why for each in house.source.timeline] == ["Alpha: the book of AAPL was lost"]


def test_a_thin_share_of_a_provider_of_trades_alone_takes_nobody_with_it() -> None:
    house = House("alpha", "beta").open((SYMBOL, THIN))
    alpha, beta = house["alpha"], house["beta"]
    last = replace(alpha.quote_of(None, None), last=dec(100))
    house.say(*of_both(last), *of_both(alpha.trade(100)), *of_both(beta.quote_of(100, "100.02")))
    pass_time(house, 120, lambda: alpha.trade(100), busy(house, "beta"), thin(house, "beta"))
    assert shown_by(house) == ("alpha", "beta")
    feeds = house.source.feeds(house.clock.now())
    assert feeds[SYMBOL].told_by == "Alpha" and feeds[SYMBOL].freshness is SourceKind.LIVE
    assert {each.why for each in house.source.timeline} == {"Alpha: the quote of AAPL is 61 s old"}


def test_where_nothing_trades_at_all_a_line_of_trades_alone_is_not_called_dead() -> None:
    house = House("alpha", "beta").open((SYMBOL, THIN))
    alpha = house["alpha"]
    last = replace(alpha.quote_of(None, None), last=dec(100))
    house.say(*of_both(last), *of_both(alpha.trade(100)))
    house.wait(200)
    assert house.source.timeline == [] and house.source.kind is SourceKind.STALE
    house.say(alpha.trade(100))
    assert shown_by(house)[0] == "alpha" and house.source.kind is SourceKind.LIVE


def test_a_symbol_that_was_not_quoted_since_its_line_came_back_says_so(house: House) -> None:
    alpha = house["alpha"]
    house.say(house["beta"].reset(), of_thin(house["beta"].reset()), *of_both(alpha.reset()))
    house.wait(2)
    assert (house.source.order_fault(THIN, house.clock.now()) or "").startswith("the line of Alpha is gone")
    house.say(alpha.quote_of(100, "100.02"))
    house.wait(2)
    assert house.source.order_fault(SYMBOL, house.clock.now()) is None
    assert house.source.order_fault(THIN, house.clock.now()) == (
        "Alpha has not quoted AAPL since its line came back, and the quote of before is 5 s old: it is not live"
    )
