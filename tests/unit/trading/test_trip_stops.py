from decimal import Decimal

from msgspec.structs import replace

from tests.fakes import a_fill, an_order, dec
from tradesim.model.events import PositionSplit
from tradesim.model.market import Side
from tradesim.model.orders import LegRole, OrderType
from tradesim.trading.performance.stops import Stops, r_multiple
from tradesim.trading.performance.trips import TripMatcher

ENTRY = an_order("entry", Side.BUY, 10, 100)
LEG = replace(an_order("leg", Side.SELL, 10, None), type=OrderType.STOP, stop_price=dec(98), parent_id="entry")
STOP_LOSS = replace(LEG, role=LegRole.STOP_LOSS)
IN, OUT = a_fill(ENTRY, 10, 100, 1, "in"), a_fill(replace(ENTRY, side=Side.SELL), 10, 103, 1, "out", 5)


def test_the_stop_loss_of_the_order_that_began_the_trip_counts():
    stops, matcher = Stops(), TripMatcher()
    stops.plan(STOP_LOSS, None)
    matcher.take(IN)
    stops.enter(IN, matcher.opened("AAPL"))
    stops.plan(replace(STOP_LOSS, id="moved", stop_price=dec(99)), IN)
    assert stops.first == {"in": dec(98)}


def test_the_first_stop_that_would_close_the_trip_counts():
    stops = Stops()
    stops.plan(replace(LEG, parent_id=None, side=Side.BUY), IN)
    assert stops.first == {}
    stops.plan(replace(LEG, parent_id=None), IN)
    stops.plan(replace(LEG, parent_id=None, stop_price=dec(99)), IN)
    assert stops.first == {"in": dec(98)}


def test_a_split_moves_the_stop_with_the_price():
    stops = Stops(first={"in": dec(98)})
    stops.split(PositionSplit("s", "paper", "AAPL", dec(4), dec(40), dec(0), 5), IN)
    assert stops.first == {"in": dec("24.5")}


def test_r_is_net_profit_over_what_was_risked():
    matcher = TripMatcher()
    matcher.take(IN)
    trip = matcher.take(OUT)
    assert trip is not None
    assert r_multiple(trip, dec(98)) == Decimal(28) / Decimal(20)
    assert r_multiple(trip, None) is None
    assert r_multiple(trip, dec(101)) is None
