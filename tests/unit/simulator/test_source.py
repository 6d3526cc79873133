from datetime import UTC, datetime

import numpy as np
import pytest
from msgspec.structs import replace

from tradesim.desk.ports import DrawnPast, MarketSource
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import Refused
from tradesim.marketdata.bars import BarStore
from tradesim.model.market import SessionState, Side, SourceKind, Timeframe, Trade
from tradesim.model.orders import OrderType, TimeInForce
from tradesim.model.venue import Execution, VenueOrder
from tradesim.providers.simulated import scoring
from tradesim.providers.simulated.source import Saved, SimulatedSource
from tradesim.simulator.hours import NS_PER_MINUTE
from tradesim.simulator.universe import UNIVERSE

S = NS_PER_SECOND
START = int(datetime(2024, 11, 20, 15, 0, 17, tzinfo=UTC).timestamp()) * S
SATURDAY = int(datetime(2024, 11, 23, 15, 0, tzinfo=UTC).timestamp()) * S
FEW = {symbol: UNIVERSE[symbol] for symbol in ("AAPL", "F", "BTC/USD")}


def source(seed=1, start=START, hours="always", saved=None):
    return SimulatedSource(seed, start, hours, saved, FEW)


@pytest.fixture(scope="module")
def fresh():
    return source()


def test_it_says_what_it_is(fresh):
    market: MarketSource = fresh
    assert (market.kind, market.title, market.start, market.end) == (SourceKind.SIMULATED, "seed 1", START, None)
    assert list(market.instruments) == list(FEW)
    assert market.session("AAPL", START) is SessionState.ALWAYS


@pytest.mark.parametrize("symbol", FEW)
def test_the_past_ends_inside_the_present_spread(fresh, symbol):
    (bid, _), (ask, _) = fresh.venue.best_bid(symbol), fresh.venue.best_ask(symbol)
    past = fresh.history(symbol)
    spread = ask - bid
    assert bid - spread <= past.seconds.close[-1] <= ask + spread
    assert past.seconds.start[-1] == START - S


def test_the_past_that_it_drew_stands_for_trades_the_size_of_those_to_come():
    market = source()
    assert isinstance(market, DrawnPast)
    minutes = market.history("AAPL").minutes
    drawn = minutes.volume.sum() / market.traded("AAPL", minutes).trades.sum()
    market.advance(START + 600 * S)
    heard = [each.qty for each in market.venue.drain().items if isinstance(each, Trade) and each.symbol == "AAPL"]
    assert 0.7 < drawn / np.mean(heard) < 1.4
    with pytest.raises(Refused, match="was ZZZZ"):
        market.traded("ZZZZ", minutes)


@pytest.mark.parametrize("symbol", FEW)
def test_seconds_minutes_and_days_tell_the_same_past(fresh, symbol):
    past = fresh.history(symbol)
    store = BarStore(fresh.instruments)
    store.load(symbol, replace(past, minutes=past.minutes[:0], days=past.days[:0]))
    minutes = store.bars(symbol, Timeframe.M1)
    known = past.minutes[-30:]
    rows = slice(
        int(np.searchsorted(minutes.start, known.start[0])), int(np.searchsorted(minutes.start, known.start[-1])) + 1
    )
    assert [c.tolist() for c in minutes[rows].columns()] == [c.tolist() for c in known.columns()]
    store.load(symbol, replace(past, seconds=past.seconds[:0], days=past.days[:0]))
    days = store.bars(symbol, Timeframe.D1)
    overlap = past.days[-20:]
    first = int(np.searchsorted(days.start, overlap.start[0]))
    assert [c.tolist() for c in days[first : first + 20].columns()] == [c.tolist() for c in overlap.columns()]


def test_the_past_reaches_back_weeks_and_years(fresh):
    past = fresh.history("AAPL")
    assert START - past.seconds.start[0] > 1.9 * 3_600 * S
    assert START - past.minutes.start[0] > 23 * 86_400 * S
    assert START - past.days.start[0] > 5 * 365 * 86_400 * S
    assert past.minutes.start[-1] + NS_PER_MINUTE <= START
    assert (np.diff(past.days.start) > 0).all()


def test_the_live_tape_follows_the_past_without_a_gap(fresh):
    market = source()
    market.advance(START + 30 * S)
    prints = [item for item in market.venue.drain().items if isinstance(item, Trade)]
    for symbol in FEW:
        first = next(each for each in prints if each.symbol == symbol)
        assert first.ts_event >= START
        last = fresh.history(symbol).seconds.close[-1]
        assert abs(first.price - last) < 40 + 0.001 * last


def test_two_markets_of_one_seed_are_the_same_and_of_two_are_not():
    tapes = []
    for seed in (5, 5, 6):
        market = source(seed)
        market.advance(START + 20 * S)
        tapes.append((market.venue.drain().items, market.history("F").days.close.tolist()))
    assert tapes[0] == tapes[1]
    assert tapes[0] != tapes[2]


def test_a_client_trades_with_the_agents():
    market = source()
    market.advance(START + S)
    market.venue.drain()
    order = VenueOrder("o1", "paper", "AAPL", Side.BUY, OrderType.MARKET, TimeInForce.IOC, 50)
    market.venue.submit(order, START + S)
    fills = [item for item in market.venue.drain().items if isinstance(item, Execution)]
    assert sum(fill.qty for fill in fills) == 50


def test_it_cannot_jump_and_says_why(fresh):
    with pytest.raises(Refused, match="speed it up"):
        fresh.seek(START + 3_600 * S)


def test_unknown_hours_and_symbols_are_refused(fresh):
    with pytest.raises(Refused, match="hours must be `always` or `exchange`, were 'never'"):
        source(hours="never")
    with pytest.raises(Refused, match="symbol must be one of AAPL, F, BTC/USD, was IBM"):
        fresh.history("IBM")


def test_a_restart_goes_on_from_the_saved_price_and_bars():
    first = source()
    store = BarStore(first.instruments)
    for symbol in FEW:
        store.load(symbol, first.history(symbol))
    stop = START + 100 * S
    first.advance(stop)
    for item in first.venue.drain().items:
        if isinstance(item, Trade):
            store.add(item)
    bars = {
        symbol: replace(
            first.history(symbol),
            seconds=store.bars(symbol, Timeframe.S1, 20_000),
            minutes=store.bars(symbol, Timeframe.M1, 50_000),
            days=store.bars(symbol, Timeframe.D1),
        )
        for symbol in FEW
    }
    saved = {symbol: each._replace(history=bars[symbol]) for symbol, each in first.save().items()}
    saved["F"] = saved["F"]._replace(ts=int(bars["F"].seconds.start[-1]) + S)
    again = source(start=stop + 2_000 * S, saved=saved)
    for symbol in FEW:
        past, kept = again.history(symbol), bars[symbol]
        whole = int(np.searchsorted(kept.minutes.start, stop - NS_PER_MINUTE, side="right"))
        assert [c.tolist() for c in past.minutes[:whole].columns()] == [
            c.tolist() for c in kept.minutes[:whole].columns()
        ]
        joint = int(np.searchsorted(past.minutes.start, stop - stop % NS_PER_MINUTE))
        assert past.minutes.open[joint] == kept.minutes.open[whole]
        assert abs(past.minutes.close[joint] - saved[symbol].price) < 0.01 * saved[symbol].price
        assert past.seconds.start[-1] == again.start - S
        assert (np.diff(past.minutes.start) == NS_PER_MINUTE).all()
        assert past.days.start.tolist() == sorted(set(past.days.start.tolist()))
        assert again.history(symbol).days.close.tolist()[: len(kept.days) - 1] == kept.days.close.tolist()[:-1]


@pytest.mark.parametrize("gap_s", [2, 40, 2_000, 90_000])
@pytest.mark.parametrize("with_bars", [True, False], ids=["with bars", "without bars"])
def test_after_a_restart_every_second_joins_to_its_minute(gap_s, with_bars):
    first = source()
    stop = START + 33 * S + 500_000_000
    first.advance(stop)
    saved = {}
    for n, symbol in enumerate(FEW):
        kept = first.history(symbol) if with_bars else None
        ts = int(kept.seconds.start[-1]) + S if kept else stop - n * 3 * S
        saved[symbol] = Saved(int(kept.seconds.close[-1]) if kept else 1_000, ts, kept)
    again = source(start=stop + gap_s * S, saved=saved)
    for symbol in FEW:
        past = again.history(symbol)
        assert (np.diff(past.seconds.start) > 0).all() and (np.diff(past.minutes.start) > 0).all()
        minute = past.seconds.start - past.seconds.start % NS_PER_MINUTE
        for row in range(len(past.minutes) - 20, len(past.minutes)):
            part = past.seconds[np.flatnonzero(minute == past.minutes.start[row])[0] :]
            part = part[: int(np.searchsorted(part.start, past.minutes.start[row] + NS_PER_MINUTE))]
            assert (part.open[0], part.close[-1]) == (past.minutes.open[row], past.minutes.close[row])
            assert (part.high.max(), part.low.min()) == (past.minutes.high[row], past.minutes.low[row])
            assert part.volume.sum() == past.minutes.volume[row]


def test_a_restart_at_once_has_no_gap():
    first = source()
    first.advance(START + 10 * S)
    saved = first.save()
    again = source(start=START + 12 * S, saved=saved)
    for symbol in FEW:
        middle = (again.venue.best_bid(symbol)[0] + again.venue.best_ask(symbol)[0]) / 2
        assert abs(middle - saved[symbol].price) < 0.002 * saved[symbol].price
        assert again.history(symbol).seconds.start[-1] == again.start - S


def test_a_restart_without_bars_draws_a_past_that_meets_the_saved_price():
    saved = {"AAPL": Saved(20_000, START - 3_600 * S)}
    past = source(saved=saved).history("AAPL")
    row = int(np.searchsorted(past.minutes.start, START - 3_600 * S - NS_PER_MINUTE))
    assert abs(past.minutes.close[row] - 20_000) < 100
    assert (np.diff(past.minutes.start) == NS_PER_MINUTE).all()


def test_after_a_long_time_only_the_price_is_taken_up():
    saved = {"AAPL": Saved(20_000, START - 400 * 86_400 * S)}
    market = source(saved=saved)
    assert abs(market.history("AAPL").seconds.close[-1] - 20_000) < 150
    assert len(market.history("AAPL").minutes) > 20_000


def test_a_clock_that_went_back_is_no_trouble():
    saved = {"AAPL": Saved(20_000, START + 3_600 * S)}
    past = source(saved=saved).history("AAPL")
    assert past.seconds.start[-1] < START
    assert abs(past.seconds.close[-1] - 20_000) < 150


def test_with_exchange_hours_shares_rest_at_the_weekend_and_coins_do_not():
    market = source(start=SATURDAY, hours="exchange")
    assert market.session("AAPL", SATURDAY) is SessionState.CLOSED
    assert market.session("BTC/USD", SATURDAY) is SessionState.ALWAYS
    assert market.venue.best_bid("AAPL") is None
    assert market.venue.best_bid("BTC/USD") is not None
    past = market.history("AAPL")
    friday_close = int(datetime(2024, 11, 22, 21, 0, tzinfo=UTC).timestamp()) * S
    assert past.minutes.start[-1] == friday_close - NS_PER_MINUTE
    assert past.days.close[-1] == past.minutes.close[-1]


def test_thanksgiving_is_a_holiday_of_the_exchange():
    thanksgiving = int(datetime(2024, 11, 28, 16, 0, tzinfo=UTC).timestamp()) * S
    market = source(start=thanksgiving, hours="exchange")
    assert market.session("AAPL", thanksgiving) is SessionState.CLOSED
    short_day = thanksgiving + 86_400 * S
    assert market.session("AAPL", short_day + 3_600 * S) is SessionState.REGULAR
    assert market.session("AAPL", short_day + 2 * 3_600 * S) is SessionState.POST


def test_the_scorecard_runs_on_the_real_venue_and_refuses_nonsense():
    rows = scoring.scorecard("F", 600, 1)
    assert next(row for row in rows if row.fact == "impact at once below the touch, ticks").ok
    with pytest.raises(Refused, match="was XXX"):
        scoring.scorecard("XXX", 600, 1)
    with pytest.raises(Refused, match="at least 600 seconds, had 10"):
        scoring.scorecard("F", 10, 1)
