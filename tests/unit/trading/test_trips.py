"""Fills become round trips, first in, first out."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.fakes import a_fill, an_order, dec
from tradesim.model.accounts import Position
from tradesim.model.corporate import Split
from tradesim.model.events import PositionSplit
from tradesim.model.market import Side
from tradesim.trading.corporate import conversion
from tradesim.trading.performance.excursions import MINUTE_NS, PricedBar, excursions
from tradesim.trading.performance.trips import TripMatcher, setup_of
from tradesim.trading.positions import apply_fill, apply_split


def fills(*rows):
    """Rows of side, quantity, price, and maybe fee; one a minute."""
    made = []
    for number, (side, qty, price, *fee) in enumerate(rows, 1):
        order = an_order(f"o{number}", Side(side), qty)
        made.append(a_fill(order, qty, price, *(fee or [0]), id_=f"f{number}", ts_event=number * MINUTE_NS))
    return made


def matched(*rows):
    matcher = TripMatcher()
    ended = [trip for seq, fill in enumerate(fills(*rows), 1) if (trip := matcher.take(fill, "api", "idea", seq))]
    return ended, matcher.open


def test_in_and_out_is_one_trip():
    (trip,), left = matched(("buy", 100, "10.00", "1"), ("sell", 100, "10.50", "2"))
    assert not left
    assert (trip.id, trip.side, trip.qty, trip.entry_price, trip.exit_price) == ("f1", Side.BUY, 100, 10, dec("10.50"))
    assert (trip.gross_pl, trip.fees, trip.net_pl) == (dec("50"), dec("3"), dec("47"))
    assert (trip.entry_at, trip.exit_at, trip.hold_ns) == (MINUTE_NS, 2 * MINUTE_NS, MINUTE_NS)
    assert (trip.source, trip.tag, trip.seq) == ("api", "idea", 1)
    assert trip.net_return == dec("0.047")


def test_a_short_trip_wins_when_the_price_falls():
    (trip,), _ = matched(("sell", 10, 100), ("buy", 10, 90))
    assert (trip.side, trip.gross_pl) == (Side.SELL, 100)


def test_scaling_in_and_out_is_matched_first_in_first_out():
    (trip,), _ = matched(("buy", 100, 10), ("buy", 100, 12), ("sell", 150, 13), ("sell", 50, 9))
    assert [(match.entry_id, match.exit_id, match.qty, match.pl) for match in trip.matches] == [
        ("f1", "f3", 100, 300),
        ("f2", "f3", 50, 50),
        ("f2", "f4", 50, -150),
    ]
    assert (trip.qty, trip.entry_price, trip.exit_price, trip.gross_pl) == (200, 11, 12, 200)


def test_a_fill_that_crosses_zero_ends_one_trip_and_begins_the_next():
    (trip,), (left,) = matched(("buy", 100, 10), ("sell", 150, 11, "3"))
    assert (trip.id, trip.gross_pl, trip.fees) == ("f1", 100, 2)
    assert (left.id, left.side, left.left, left.fees, left.is_closed) == ("f2", Side.SELL, -50, 1, False)


def test_an_open_trip_shows_what_is_realised():
    ended, (trip,) = matched(("buy", 100, 10), ("sell", 40, 12))
    assert not ended
    assert (trip.left, trip.gross_pl, trip.exit_qty, trip.hold_ns) == (60, 80, 40, None)


def test_symbols_are_matched_apart():
    matcher = TripMatcher()
    first, second = fills(("buy", 1, 10), ("sell", 1, 11))
    assert matcher.take(first) is None
    assert matcher.take(replace(second, symbol="MSFT")) is None
    assert [trip.symbol for trip in matcher.open] == ["AAPL", "MSFT"]


def test_a_split_changes_quantities_not_money():
    matcher = TripMatcher()
    bought, sold = fills(("buy", 10, 100), ("sell", 40, 30))
    matcher.take(bought)
    assert matcher.split(PositionSplit("s", "paper", "AAPL", dec(4), dec(40), dec(0), 5)) is None
    trip = matcher.take(sold)
    assert (trip.qty, trip.entry_price, trip.gross_pl, trip.net_pl) == (40, 25, 200, 200)


def test_what_a_reverse_split_pays_in_cash_counts():
    """15 at 10 become 1.5; one stays, half a share is paid out at 110: 55 for what cost 50."""
    matcher = TripMatcher()
    bought, sold = fills(("buy", 15, 10), ("sell", 1, 120))
    matcher.take(bought)
    matcher.split(PositionSplit("s", "paper", "AAPL", dec("0.1"), dec(1), dec(55), 5))
    trip = matcher.take(sold)
    assert trip.net_pl == 20 + 5


SIZES = st.one_of(st.integers(1, 300), st.decimals("0.000000001", 300, places=9))
DEEDS = st.lists(st.tuples(st.sampled_from(["buy", "sell", "split"]), SIZES, st.integers(1, 10), st.integers(1, 10)))


@given(DEEDS)
def test_whatever_splits_do_the_trip_is_as_long_as_the_position(deeds):
    """Thirds and sevenths of a share have no last digit; no trip may be left of what they round away."""
    matcher, position = TripMatcher(), Position("paper", "AAPL")
    for number, (deed, size, of, to) in enumerate(deeds, 1):
        if deed != "split":
            fill = replace(fills((deed, size, of))[0], id=f"f{number}")
            matcher.take(fill)
            position = apply_fill(position, fill)
        elif position.qty:
            done = conversion(position, Split("AAPL", date(2026, 1, 5), dec(of), dec(to)), dec(12))
            event = PositionSplit("s", "paper", "AAPL", done.ratio, done.qty, done.cash_in_lieu, number)
            matcher.split(event)
            position = apply_split(position, event)
        assert sum(trip.left for trip in matcher.open) == position.qty
    if position.qty:
        closing = fills(("buy" if position.qty < 0 else "sell", abs(position.qty), 9))[0]
        assert matcher.take(closing).is_closed
    assert not matcher.open


def test_what_a_split_into_thirds_leaves_is_sold_whole():
    matcher = TripMatcher()
    bought, sold = fills(("buy", 300, 10), ("sell", 100, 31))
    matcher.take(bought)
    matcher.split(PositionSplit("s", "paper", "AAPL", dec(1) / dec(3), dec(100), dec(0), 5))
    trip = matcher.take(sold)
    assert (trip.qty, trip.left, trip.gross_pl, matcher.open) == (100, 0, 100, [])
    assert str(trip.qty) == "100"


def test_setups_are_named_by_tags():
    assert setup_of("setup:fvg") == "fvg"
    assert setup_of("fomo", ("late", "setup: sweep ")) == "sweep"
    assert setup_of("fomo") == ""


def bars(*rows):
    return [PricedBar(start * MINUTE_NS, *(dec(each) for each in prices), dec(1)) for start, *prices in rows]


def test_excursions_are_measured_on_whole_bars_and_at_fills():
    (trip,), _ = matched(("buy", 10, 100), ("buy", 10, 102), ("sell", 20, 101))
    found = excursions(trip, bars((0, 1, 999, 1, 1), (1, 100, 105, 98, 101), (2, 101, 104, 99, 101), (3, 1, 999, 1, 1)))
    assert found.bars == 2
    assert found.favorable == 10 * 4 + 10 * 2
    assert found.adverse == 10 * -1 + 10 * -3


def test_excursions_of_a_short_and_without_bars():
    (trip,), _ = matched(("sell", 10, 100), ("buy", 10, 95))
    assert excursions(trip, []) == excursions(trip, bars((7, 1, 2, 3, 4)))
    assert (excursions(trip, []).adverse, excursions(trip, []).favorable) == (0, 50)
    found = excursions(trip, bars((1, 100, 110, 90, 95)))
    assert (found.adverse, found.favorable) == (-100, 100)


@pytest.mark.parametrize("until", [2 * MINUTE_NS, 4 * MINUTE_NS])
def test_excursions_of_an_open_trip_end_now(until):
    _, (trip,) = matched(("buy", 1, 100))
    found = excursions(trip, bars((1, 100, 101, 99, 100), (2, 100, 120, 80, 100), (3, 100, 130, 70, 100)), until)
    assert found.bars == until // MINUTE_NS - 1
