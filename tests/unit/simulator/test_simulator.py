from datetime import UTC, datetime
from statistics import mean

import pytest

from tests.unit.simulator.plain_venue import PlainVenue
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.market import Side
from tradesim.simulator.hours import AlwaysOpen, ExchangeHours
from tradesim.simulator.simulator import Simulator
from tradesim.simulator.universe import PROFILES, UNIVERSE

S = NS_PER_SECOND
START = int(datetime(2024, 11, 20, 15, 0, tzinfo=UTC).timestamp()) * S


def market(symbols=("AAPL",), seed=1, start=START, hours=None):
    venue = PlainVenue()
    hours = hours or AlwaysOpen()
    profiles = [UNIVERSE[symbol] for symbol in symbols]
    return venue, Simulator(venue, profiles, dict.fromkeys(symbols, hours), seed, start)


def mid(venue, symbol="AAPL"):
    return (venue.best_bid(symbol)[0] + venue.best_ask(symbol)[0]) / 2


def test_the_outcome_does_not_depend_on_how_the_time_is_cut():
    whole_venue, whole = market(("AAPL", "F", "META"))
    cut_venue, cut = market(("AAPL", "F", "META"))
    whole.advance(START + 60 * S)
    for step in range(1, 1_201):
        cut.advance(START + step * S // 20)
    assert whole_venue.trades == cut_venue.trades
    for symbol in ("AAPL", "F", "META"):
        assert whole_venue.top(symbol, 50) == cut_venue.top(symbol, 50)


def test_the_same_seed_gives_the_same_tape_and_another_a_different_one():
    tapes = []
    for seed in (7, 7, 8):
        venue, simulator = market(seed=seed)
        simulator.advance(START + 120 * S)
        tapes.append(venue.trades)
    assert tapes[0] == tapes[1] != tapes[2]
    assert len(tapes[0]) > 30


def test_what_happens_in_one_instrument_changes_nothing_in_another():
    calm_venue, calm = market(("AAPL", "META"))
    stormy_venue, stormy = market(("AAPL", "META"))
    for second in range(1, 61):
        stormy_venue.agent_market("AAPL", "client", Side.BUY, 2_000, stormy.now)
        for simulator in (calm, stormy):
            simulator.advance(START + second * S)
    tape = [
        [(t.price, t.qty, t.ts_event) for t in venue.trades if t.symbol == "META"]
        for venue in (calm_venue, stormy_venue)
    ]
    assert tape[0] == tape[1]


def test_nothing_due_at_or_before_the_moment_is_left():
    _, simulator = market()
    simulator.advance(START + 5 * S)
    assert simulator.next_due() > START + 5 * S
    assert simulator.now == START + 5 * S


@pytest.mark.parametrize("symbol", [profile.symbol for profile in PROFILES])
def test_the_book_is_deep_from_the_first_moment_on(symbol):
    venue, simulator = market((symbol,))
    for second in range(60):
        simulator.advance(START + second * S)
        bids, asks = venue.top(symbol, 50)
        assert len(bids) >= 20 and len(asks) >= 20
        assert 0 < asks[0].price - bids[0].price < 12 * UNIVERSE[symbol].spread + 12


def test_prices_stay_near_the_value():
    venue, simulator = market(("AAPL",))
    for second in range(600):
        simulator.advance(START + second * S)
        assert abs(mid(venue) - simulator.floors["AAPL"].value) < 60


def test_a_large_client_order_moves_the_price_and_part_of_it_stays():
    at_once, later, quiet = [], [], []
    for seed in range(16):
        for lots in (0, 1):
            venue, simulator = market(("AAPL",), seed)
            simulator.advance(START + 30 * S)
            before = mid(venue)
            depth = sum(level.qty for level in venue.top("AAPL", 10).asks)
            venue.agent_market("AAPL", "client", Side.BUY, lots * 2 * depth, simulator.now)
            hit = mid(venue) - before
            simulator.advance(START + 45 * S)
            if lots:
                at_once.append(hit)
                later.append(mid(venue) - before)
            else:
                quiet.append(mid(venue) - before)
    assert mean(at_once) > 3
    assert 1 < mean(later) - mean(quiet) < 0.9 * mean(at_once)


def test_a_large_resting_order_is_seen():
    drawn, quiet = [], []
    for seed in range(12):
        for share in (0, 6):
            venue, simulator = market(("AAPL",), seed)
            simulator.advance(START + 30 * S)
            before = mid(venue)
            bids = venue.top("AAPL", 5).bids
            if share:
                venue.agent_limit("AAPL", "client", Side.BUY, bids[0].price, share * sum(b.qty for b in bids), START)
            simulator.advance(START + 75 * S)
            (drawn if share else quiet).append(mid(venue) - before)
    assert mean(drawn) > mean(quiet) + 1


def test_after_a_sweep_the_book_is_full_again():
    venue, simulator = market(("META",))
    simulator.advance(START + 10 * S)
    venue.agent_market("META", "client", Side.SELL, 10**9, simulator.now)
    assert venue.best_bid("META") is None
    simulator.advance(START + 40 * S)
    assert len(venue.top("META", 50).bids) >= 20


def test_an_exchange_that_closes_has_empty_books_and_opens_with_a_fresh_quote():
    close = int(datetime(2024, 11, 21, 1, 0, tzinfo=UTC).timestamp()) * S
    opens = int(datetime(2024, 11, 21, 9, 0, tzinfo=UTC).timestamp()) * S
    venue, simulator = market(("AAPL", "F"), start=close - 60 * S, hours=ExchangeHours())
    simulator.advance(close - 1)
    assert venue.best_bid("AAPL") and venue.best_ask("F")
    before, printed = simulator.floors["AAPL"].value, len(venue.trades)
    simulator.advance(close)
    simulator.advance(opens - 1)
    assert venue.top("AAPL", 5) == venue.top("F", 5) == ((), ())
    assert len(venue.trades) == printed
    simulator.advance(opens)
    assert len(venue.top("AAPL", 50).bids) >= 20
    assert simulator.floors["AAPL"].value != before
    simulator.advance(opens + 120 * S)
    assert len(venue.trades) > printed


def test_before_and_after_the_regular_session_little_is_done():
    opens = int(datetime(2024, 11, 20, 14, 30, tzinfo=UTC).timestamp()) * S
    venue, simulator = market(("AAPL",), start=opens - 120 * S, hours=ExchangeHours())
    simulator.advance(opens - 1)
    before = len(venue.trades)
    simulator.advance(opens + 119 * S)
    assert 0 < before * 4 < len(venue.trades) - before


def test_a_market_that_begins_closed_waits_for_its_session():
    saturday = int(datetime(2024, 11, 23, 15, 0, tzinfo=UTC).timestamp()) * S
    venue, simulator = market(("AAPL",), start=saturday, hours=ExchangeHours())
    simulator.advance(saturday + 3_600 * S)
    assert venue.best_bid("AAPL") is None


def test_agents_remember_no_order_that_is_gone():
    venue, simulator = market(("F",))
    simulator.advance(START + 300 * S)
    resting = {order_id for order_id, (symbol, _, _) in venue._orders.items() if symbol == "F"}
    assert set(simulator.floors["F"].orders) == resting
