"""The curve, the ratios and the figures, against published examples and against pandas."""

import io
import json
import math
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from tests.fakes import a_fill, an_order, dec
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.commands import AnnotateTrip
from tradesim.model.market import Side
from tradesim.trading.performance import curve
from tradesim.trading.performance.curve import Mark
from tradesim.trading.performance.export import FORMATS
from tradesim.trading.performance.exposure import Held
from tradesim.trading.performance.figures import figures, grouped
from tradesim.trading.performance.notes import annotation_refusal
from tradesim.trading.performance.trips import RoundTrip, TripMatcher

ZONE = ZoneInfo("America/New_York")
DAY_NS = 86_400 * NS_PER_SECOND


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()) * NS_PER_SECOND


def marks(*rows):
    return [Mark(at(when), *rest) for when, *rest in rows]


def test_sortino_of_the_published_example():
    """Rollinger and Hoffman, Sortino: a "sharper" ratio (Red Rock Capital, 2013): 4.417, annual returns, target 0."""
    returns = np.array([0.17, 0.15, 0.23, -0.05, 0.12, 0.09, 0.13, -0.04])
    assert curve.sortino(returns, 0.0, 1) == pytest.approx(4.417, abs=5e-4)


def test_sharpe_by_its_definition():
    """Mean excess return over its standard deviation: 1, 2 and 3 % against 1 % a period give 1 / 1."""
    assert curve.sharpe(np.array([0.01, 0.02, 0.03]), 0.01, 1) == pytest.approx(1.0)
    assert curve.sharpe(np.array([0.01, 0.02, 0.03]), 0.01, 252) == pytest.approx(math.sqrt(252))


@pytest.mark.parametrize("seed", range(5))
def test_the_ratios_are_what_pandas_makes_of_the_same_returns(seed):
    returns = pd.Series(np.random.default_rng(seed).normal(0.0005, 0.01, 200))
    wealth = pd.concat([pd.Series([1.0]), (1 + returns).cumprod()], ignore_index=True)
    below = (wealth / wealth.cummax() - 1).min()
    found = curve.ratios(returns.tolist(), below, risk_free=0.02)
    excess = returns - 0.02 / 252
    downside = math.sqrt((excess.clip(upper=0) ** 2).mean())
    annual = wealth.iloc[-1] ** (252 / 200) - 1
    assert found.total_return == pytest.approx(wealth.iloc[-1] - 1)
    assert found.volatility == pytest.approx(returns.std() * math.sqrt(252))
    assert found.sharpe == pytest.approx(excess.mean() / returns.std() * math.sqrt(252))
    assert found.sortino == pytest.approx(excess.mean() / downside * math.sqrt(252))
    assert found.annual_return == pytest.approx(annual)
    assert found.calmar == pytest.approx(annual / abs(below))


def test_a_ratio_without_a_divisor_is_none():
    assert curve.ratios([], 0).sharpe is None
    flat = curve.ratios([0.0, 0.0], 0)
    assert (flat.sharpe, flat.sortino, flat.calmar, flat.total_return) == (None, None, None, 0.0)
    assert curve.ratios([0.01], 0).volatility is None


def test_drawdown_from_peak_to_trough_to_recovery():
    found = marks(
        ("2026-01-05T10:00", 100.0),
        ("2026-01-05T11:00", 120.0),
        ("2026-01-05T12:00", 90.0),
        ("2026-01-05T13:00", 125.0),
    )
    deepest = curve.deepest(found)
    assert deepest.fraction == pytest.approx(-0.25)
    assert deepest.money == pytest.approx(-30)
    assert (deepest.peak_at, deepest.trough_at, deepest.recovered_at) == (found[1].at, found[2].at, found[3].at)
    assert curve.deepest(found[:3]).recovered_at is None
    assert curve.deepest(found[:2]) == curve.Drawdown()
    assert curve.deepest([]) == curve.Drawdown()


def test_money_paid_in_is_no_profit_and_money_paid_out_no_loss():
    found = marks(
        ("2026-01-05T10:00", 100.0),
        ("2026-01-05T11:00", 210.0, 0.0, 100.0),
        ("2026-01-06T11:00", 115.0, 0.0, -105.0),
    )
    days = curve.daily_returns(found, ZONE)
    assert [(day.day, round(day.value, 9), day.pl) for day in days] == [
        (date(2026, 1, 5), 0.10, 10.0),
        (date(2026, 1, 6), round(220 / 210 - 1, 9), 10.0),
    ]
    assert curve.deepest(found) == curve.Drawdown()


def test_a_day_ends_at_midnight_in_new_york_and_quiet_weekends_are_no_days():
    found = marks(
        ("2026-01-08T12:00", 100.0),
        ("2026-01-09T23:59", 110.0),
        ("2026-01-10T00:00", 110.0),
        ("2026-01-11T00:00", 110.0),
        ("2026-01-12T15:00", 99.0),
    )
    days = curve.daily_returns(found, ZONE)
    assert [(day.day.isoformat(), round(day.value, 6)) for day in days] == [("2026-01-09", 0.1), ("2026-01-12", -0.1)]


def test_daily_and_monthly_returns_are_what_pandas_makes_of_the_same_curve():
    rng = random.Random(1)
    when, equity, found = at("2026-01-05T09:30"), 100_000.0, []
    for _ in range(3_000):
        found.append(Mark(when, equity))
        when += rng.randint(60, 3_000) * NS_PER_SECOND
        equity *= 1 + rng.gauss(0, 0.001)
    index = pd.to_datetime([mark.at for mark in found], utc=True).tz_convert(ZONE)
    series = pd.Series([mark.equity for mark in found], index)
    closes = series.groupby(series.index.date).last()
    opens = closes.shift().fillna(series.iloc[0])
    wanted = (closes / opens - 1).to_dict()
    days = curve.daily_returns(found, ZONE)
    assert {day.day: pytest.approx(day.value) for day in days} == wanted
    months = pd.Series(wanted)
    months.index = pd.to_datetime(months.index)
    by_month = months.groupby(months.index.strftime("%Y-%m")).apply(lambda each: (1 + each).prod() - 1)
    assert {month: pytest.approx(value) for month, value, _ in curve.monthly_returns(days)} == by_month.to_dict()
    wealth = series / series.iloc[0]
    assert curve.deepest(found).fraction == pytest.approx((wealth / wealth.cummax() - 1).min())
    assert sum(pl for _, _, pl in curve.monthly_returns(days)) == pytest.approx(found[-1].equity - found[0].equity)


def test_exposure_is_weighted_by_time():
    found = [Mark(0, 100.0), Mark(DAY_NS, 100.0, held=Held(DAY_NS, DAY_NS / 2)), Mark(4 * DAY_NS, 100.0)]
    assert curve.mean_exposure(found) == pytest.approx(0.125)
    assert curve.time_in_market(found) == pytest.approx(0.25)
    assert curve.mean_exposure(found[:1]) == 0.0


def test_a_thinned_curve_keeps_its_ends_and_its_money():
    found = [Mark(number, 100.0 + number, 0.0, 1.0 if number else 0.0) for number in range(10_001)]
    shown = curve.thinned(found, 500)
    assert len(shown) <= 501
    assert (shown[0], shown[-1].equity) == (found[0], found[-1].equity)
    assert sum(mark.flow for mark in shown) == 10_000
    assert curve.thinned(found[:5], 500) == found[:5]


def random_trips(seed: int, count: int = 300) -> list[RoundTrip]:
    """A trader who more often goes back to flat than away from it, and crosses it now and then."""
    rng, matcher, ended = random.Random(seed), TripMatcher(), []
    when, held = 0, 0
    for number in range(count):
        away = Side.BUY if held > 0 else Side.SELL
        side, qty = rng.choice((away, away.opposite, away.opposite)), rng.choice((1, 2, 3))
        when += rng.randint(1, 600) * NS_PER_SECOND
        price = Decimal(rng.randint(9_000, 11_000)) / 100
        fill = a_fill(an_order(f"o{number}", side, qty), qty, price, "0.01", f"f{number}", when)
        held += qty * side.sign
        trip = matcher.take(fill, "api", rng.choice(("", "setup:fvg", "gap")), number)
        ended += [trip] if trip else []
    assert len(ended) > 5
    return ended


@pytest.mark.parametrize("seed", range(5))
def test_the_figures_are_what_pandas_makes_of_the_same_trips(seed):
    trips = random_trips(seed)
    frame = pd.DataFrame({"net": [float(trip.net_pl) for trip in trips], "hold": [trip.hold_ns for trip in trips]})
    wins, losses = frame.net[frame.net > 0], frame.net[frame.net < 0]
    found = figures(trips)
    assert (found.trips, found.wins, found.losses) == (len(frame), len(wins), len(losses))
    assert float(found.win_rate) == pytest.approx(len(wins) / len(frame))
    assert float(found.expectancy) == pytest.approx(frame.net.mean())
    assert float(found.profit_factor) == pytest.approx(wins.sum() / -losses.sum())
    assert float(found.payoff) == pytest.approx(wins.mean() / -losses.mean())
    assert (float(found.best), float(found.worst)) == (pytest.approx(frame.net.max()), pytest.approx(frame.net.min()))
    assert found.median_hold_ns == int(frame.hold.median())
    signs = np.sign(frame.net[frame.net != 0])
    runs = signs.groupby((signs != signs.shift()).cumsum()).agg(["first", "size"])
    assert found.most_wins_in_a_row == runs["size"][runs["first"] > 0].max()
    assert found.most_losses_in_a_row == runs["size"][runs["first"] < 0].max()


def test_a_worked_example_of_the_figures():
    """Two wins of 100 and 50, one loss of 50: 2 of 3 won, 33.33 expected, 150 / 50 = 3, mean win 75 / mean loss 50."""
    matcher, trips = TripMatcher(), []
    for number, exit_price in enumerate((20, 15, 5)):
        for side, price in ((Side.BUY, 10), (Side.SELL, exit_price)):
            fill = a_fill(an_order(f"{number}{side}", side, 10), 10, price, id_=f"{number}{side}", ts_event=number)
            trip = matcher.take(fill)
            trips += [trip] if trip else []
    found = figures(trips)
    assert (found.wins, found.losses, found.net_pl) == (2, 1, 100)
    assert (found.profit_factor, found.payoff) == (3, dec("1.5"))
    assert round(found.expectancy, 2) == dec("33.33")
    assert found.turnover == 100 * 3 + 200 + 150 + 50


def test_groups_are_named_and_may_overlap():
    trips = random_trips(9)
    by_tag = grouped(trips, lambda trip: (trip.tag, "all"))
    assert by_tag["all"] == figures(trips)
    assert sum(by_tag[tag].trips for tag in ("", "setup:fvg", "gap")) == len(trips)
    assert figures([]).win_rate is None


@pytest.mark.parametrize("seed", range(10))
def test_what_trips_bring_is_what_the_cash_says(seed):
    """Every trip's gross profit is the signed sum of its legs, and nothing is left of it."""
    for trip in random_trips(seed):
        assert sum(leg.qty for leg in trip.legs) == trip.left == 0
        assert trip.gross_pl == -sum(leg.qty * leg.price for leg in trip.legs)
        assert trip.fees == sum(leg.fee for leg in trip.legs)
        assert sum(match.qty for match in trip.matches) == trip.qty == trip.exit_qty


MAE = dec("-1.5")


@dataclass
class Row:
    trip: RoundTrip
    mae: Decimal | None = MAE
    mfe: Decimal | None = None
    note: str = '=SUM(A1), "quoted"'
    tags: tuple[str, ...] = ("late", "setup:fvg")
    setup: str = "fvg"


ROWS = [Row(trip) for trip in random_trips(3, 40)]


def test_csv_and_json_and_parquet_say_the_same():
    csv = pd.read_csv(io.BytesIO(FORMATS["csv"](ROWS)), dtype=str)
    told = json.loads(FORMATS["json"](ROWS))
    parquet = pd.read_parquet(io.BytesIO(FORMATS["parquet"](ROWS)))
    assert list(csv.columns) == list(parquet.columns) == list(told[0])
    assert len(csv) == len(told) == len(parquet) == len(ROWS)
    for number, row in enumerate(ROWS):
        assert Decimal(told[number]["net_pl"]) == row.trip.net_pl == Decimal(csv.net_pl[number])
        assert parquet.net_pl[number] == row.trip.net_pl
        assert parquet.entry_at[number] == pd.Timestamp(row.trip.entry_at, tz=UTC)
        assert pd.Timestamp(csv.exit_at[number]) == pd.Timestamp(row.trip.exit_at, tz=UTC)
        assert told[number]["note"] == row.note == parquet.note[number]
        assert csv.note[number] == "'" + row.note


def test_no_trips_make_files_without_rows():
    assert FORMATS["json"]([]) == b"[]"
    assert pd.read_parquet(io.BytesIO(FORMATS["parquet"]([]))).empty
    assert len(FORMATS["csv"]([]).splitlines()) == 1


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ({"note": "x" * 4_001}, "a note may have at most 4,000 characters, had 4,001"),
        ({"tags": ("a",) * 21}, "a round trip may have at most 20 tags, had 21"),
        ({"tags": (" ",)}, "a tag must have 1 to 40 characters, was ' '"),
    ],
    ids=["note", "tags", "tag"],
)
def test_what_cannot_be_said_of_a_trip_is_refused(command, message):
    assert annotation_refusal(AnnotateTrip("paper", "f1", **command)).message == message
    assert annotation_refusal(AnnotateTrip("paper", "f1", "fine", ("late",))) is None
