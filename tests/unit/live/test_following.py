"""What is wanted is listened to, the most wanted first; what nobody wants any more is let go after a while."""

from collections.abc import Collection

from tests.live_house import House
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.providers.live.following import Following

S = NS_PER_SECOND
BTC, AAPL, MSFT = "BTC/USD", "AAPL", "MSFT"


def order(following: Following, now_s: float, symbols: Collection[str] = ("A", "B", "C", "D")) -> str:
    return "".join(following.in_order(symbols, int(now_s * S)))


def test_what_the_market_was_opened_with_is_wanted_for_good_and_after_what_is_looked_at() -> None:
    following = Following("AB")
    assert order(following, 0) == "AB"
    following.want([(), "B"], 0)
    assert order(following, 1) == "BA" and order(following, 61) == "AB" and order(following, 9_999) == "AB"


def test_what_was_added_is_let_go_a_minute_after_the_last_one_wanted_it() -> None:
    following = Following("A")
    following.want([(), (), "D"], 0)
    following.want([(), (), "D"], 30 * S)
    assert order(following, 89) == "DA" and order(following, 91) == "A"
    following.want([(), (), "D"], 100 * S)
    assert order(following, 100) == "DA"


def test_a_symbol_is_as_wanted_as_by_whom_it_is_wanted_most() -> None:
    following = Following("ABCD")
    following.want(["C", "BD", "ABCD"], 0)
    assert order(following, 0) == "CBDA"
    following.want(["", "C", "ABCD"], 30 * S)
    assert order(following, 30) == "CBDA", "who looks away for a moment loses no place"
    assert order(following, 61) == "CABD"


def test_the_lines_are_asked_for_what_is_wanted_most_first_and_for_the_rest_no_more() -> None:
    house = House("alpha", "beta").open((BTC, AAPL, MSFT))
    alpha, source = house["alpha"], house.source
    assert alpha.wanted == (BTC, AAPL, MSFT)
    source.follow(([], [AAPL], []))
    house.wait(0.25)
    assert alpha.wanted == house["beta"].wanted == (AAPL, BTC, MSFT)
    house.wait(61)
    assert alpha.wanted == (BTC, AAPL, MSFT)
