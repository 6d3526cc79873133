from datetime import UTC, date, datetime

import numpy as np
import pytest

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.series import Bars
from tradesim.simulator import past
from tradesim.simulator.hours import NS_PER_MINUTE, AlwaysOpen, ExchangeHours
from tradesim.simulator.simulator import second_vol
from tradesim.simulator.universe import UNIVERSE

UNTIL = int(datetime(2024, 11, 20, 18, 0, tzinfo=UTC).timestamp()) * NS_PER_SECOND
HOURS = {"always": AlwaysOpen(), "exchange": ExchangeHours(frozenset({date(2024, 11, 11)}))}


def minutes_of(symbol, hours, seed=1, price=None):
    profile = UNIVERSE[symbol]
    sessions = past.sessions_before(hours, UNTIL)
    vol = second_vol(profile, hours)
    return past.minutes_ending_at(profile, seed, sessions, vol, UNTIL, price or profile.price), sessions


def assert_sound(bars):
    assert (np.diff(bars.start) > 0).all()
    assert (bars.high >= np.maximum(bars.open, bars.close)).all()
    assert (bars.low <= np.minimum(bars.open, bars.close)).all()
    assert (bars.low >= 1).all()
    assert (bars.volume >= 0).all()


@pytest.mark.parametrize("symbol", ["META", "F", "BTC/USD"])
@pytest.mark.parametrize("hours", HOURS.values(), ids=HOURS)
def test_minutes_are_sound_and_end_at_the_price(symbol, hours):
    minutes, _ = minutes_of(symbol, hours, price=12_345)
    assert_sound(minutes)
    assert minutes.close[-1] == 12_345
    assert minutes.start[-1] == UNTIL - NS_PER_MINUTE


def test_minutes_are_continuous_where_trading_never_stops():
    minutes, _ = minutes_of("AAPL", HOURS["always"])
    assert (np.diff(minutes.start) == NS_PER_MINUTE).all()
    assert np.abs(minutes.open[1:] - minutes.close[:-1]).max() <= 1
    assert len(minutes) > 24 * 1_440


def test_minutes_lie_in_the_sessions_of_an_exchange():
    minutes, sessions = minutes_of("AAPL", HOURS["exchange"])
    assert all(any(each.open <= start < each.close for each in sessions) for start in minutes.start[::97])
    nights = np.flatnonzero(np.diff(minutes.start) > NS_PER_MINUTE) + 1
    assert np.abs(minutes.open[nights] - minutes.close[nights - 1]).max() > 10


def test_the_same_seed_tells_the_same_past_and_another_a_different_one():
    same = [minutes_of("AAPL", HOURS["always"], seed)[0].close.tolist() for seed in (1, 1, 2)]
    assert same[0] == same[1] != same[2]


@pytest.mark.parametrize("hours", HOURS.values(), ids=HOURS)
def test_a_day_is_what_its_minutes_join_to(hours):
    minutes, sessions = minutes_of("TSLA", hours)
    days = past.days_of(minutes, sessions, UNTIL)
    for row in range(len(days)):
        session = next(each for each in sessions if each.day == days.start[row])
        part = minutes[slice(*np.searchsorted(minutes.start, [session.open, session.close]))]
        assert days.open[row] == part.open[0] and days.close[row] == part.close[-1]
        assert days.high[row] == part.high.max() and days.low[row] == part.low.min()
        assert days.volume[row] == part.volume.sum()
    assert days.start[-1] < UNTIL - 86_400 * NS_PER_SECOND / 2


def test_days_before_end_at_the_first_minutes_open():
    profile = UNIVERSE["MSFT"]
    minutes, sessions = minutes_of("MSFT", HOURS["exchange"])
    first = next(session for session in sessions if session.close > minutes.start[0])
    days = past.days_ending_at(profile, 1, sessions, first.day, float(minutes.open[0]), 1e6)
    assert_sound(days)
    assert days.close[-1] == minutes.open[0]
    assert days.start[-1] < minutes.start[0]
    assert len(days) > 1_250


@pytest.mark.parametrize("symbol", ["META", "F", "BTC/USD"])
def test_seconds_join_to_exactly_their_minutes(symbol):
    minutes = minutes_of(symbol, HOURS["always"])[0][-120:]
    seconds = past.seconds_within(minutes, 1, symbol, 0.5)
    assert_sound(seconds)
    joined = past.joined_by(seconds, seconds.start - seconds.start % NS_PER_MINUTE)
    for wanted, found in zip(minutes.columns(), joined.columns(), strict=True):
        assert wanted.tolist() == found.tolist()


def test_parts_of_minutes_have_seconds_only_inside_their_part():
    minutes = minutes_of("AAPL", HOURS["always"])[0][-5:]
    since, until = int(minutes.start[0]) + 17 * NS_PER_SECOND, int(minutes.start[-1]) + 3 * NS_PER_SECOND
    seconds = past.seconds_within(minutes, 1, "AAPL", 0.5, since, until)
    assert_sound(seconds)
    assert (seconds.start[0], seconds.start[-1]) == (since, until - NS_PER_SECOND)
    joined = past.joined_by(seconds, seconds.start - seconds.start % NS_PER_MINUTE)
    assert [c.tolist() for c in joined.columns()] == [c.tolist() for c in minutes.columns()]


def test_a_part_of_one_minute_is_enough():
    minutes = minutes_of("AAPL", HOURS["always"])[0][-1:]
    since = int(minutes.start[0]) + 30 * NS_PER_SECOND
    seconds = past.seconds_within(minutes, 1, "AAPL", 0.5, since, since + NS_PER_SECOND)
    assert seconds.start.tolist() == [since]
    assert seconds.volume.tolist() == minutes.volume.tolist()


@pytest.mark.parametrize("symbol", ["META", "F", "BTC/USD"])
def test_bars_stand_for_trades_of_about_the_usual_size(symbol):
    minutes, _ = minutes_of(symbol, HOURS["always"])
    traded = past.traded_in(minutes, UNIVERSE[symbol])
    assert (traded.trades >= 1).all() and (traded.trades <= minutes.volume).all()
    assert (traded.value >= minutes.low * minutes.volume).all()
    assert (traded.value <= minutes.high * minutes.volume).all()
    assert minutes.volume.sum() / traded.trades.sum() == pytest.approx(UNIVERSE[symbol].print_lots, rel=0.1)
    assert len(set(np.rint(minutes.volume / traded.trades).tolist())) > 10


def test_a_bar_stands_for_the_same_trades_alone_as_among_others():
    minutes, _ = minutes_of("AAPL", HOURS["always"])
    among, alone = (past.traded_in(bars, UNIVERSE["AAPL"]) for bars in (minutes, minutes[7:8]))
    assert (among.trades[7], among.value[7]) == (alone.trades[0], alone.value[0])


def test_each_price_that_is_seen_was_traded():
    bars = Bars(*(np.array([value]) for value in (0, 100, 103, 98, 101, 4)))
    assert past.traded_in(bars, UNIVERSE["SPY"]).trades.tolist() == [4]


def test_returns_cluster_and_have_fat_tails():
    minutes, _ = minutes_of("META", HOURS["exchange"])
    inside = np.diff(np.log(minutes.close))[np.diff(minutes.start) == NS_PER_MINUTE]
    centred = np.abs(inside) - np.abs(inside).mean()
    assert (centred[5:] * centred[:-5]).mean() / centred.var() > 0.05
    assert (inside**4).mean() / (inside**2).mean() ** 2 > 4


def test_volume_is_u_shaped_over_the_day():
    minutes, sessions = minutes_of("META", HOURS["exchange"])
    after_open = np.array(
        [start - next(s.open for s in sessions if s.open <= start < s.close) for start in minutes.start]
    )
    half_hour = after_open // (30 * NS_PER_MINUTE)
    volume = [minutes.volume[half_hour == n].mean() for n in range(13)]
    assert volume[0] > 1.25 * volume[6] and volume[12] > 1.25 * volume[6]


def test_the_bridge_begins_at_the_saved_price_in_the_middle_of_a_minute():
    profile, hours = UNIVERSE["AAPL"], HOURS["always"]
    since = UNTIL - 1_000 * NS_PER_SECOND
    sessions = past.sessions_before(hours, UNTIL)
    bridge = past.minutes_from(profile, 1, sessions, second_vol(profile, hours), since, 23_456, UNTIL)
    assert_sound(bridge)
    assert bridge.open[0] == 23_456
    assert bridge.start[0] == since - since % NS_PER_MINUTE
    assert bridge.start[-1] == UNTIL - NS_PER_MINUTE


def test_bars_with_the_same_start_become_one():
    earlier = Bars(*(np.array(column, np.int64) for column in ([0, 60], [5, 6], [7, 8], [4, 5], [6, 7], [10, 20])))
    later = Bars(*(np.array(column, np.int64) for column in ([60, 120], [7, 9], [11, 9], [3, 9], [9, 9], [5, 1])))
    joined = past.continued(earlier, later)
    assert [column.tolist() for column in joined.columns()] == [
        [0, 60, 120],
        [5, 6, 9],
        [7, 11, 9],
        [4, 3, 9],
        [6, 9, 9],
        [10, 25, 1],
    ]


def test_bars_from_trades_hold_every_lot():
    bars = past.bars_from_trades([1, 5, 12, 29], [10, 12, 9, 9], [1, 2, 3, 4], 10)
    assert [column.tolist() for column in bars.columns()] == [
        [0, 10, 20],
        [10, 9, 9],
        [12, 9, 9],
        [10, 9, 9],
        [12, 9, 9],
        [3, 3, 4],
    ]
