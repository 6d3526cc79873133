import numpy as np
import pytest

from tests.unit.simulator.plain_venue import PlainVenue
from tradesim.model.market import Side
from tradesim.simulator import score
from tradesim.simulator.universe import UNIVERSE


def test_autocorrelation_of_a_wave_and_of_a_constant():
    assert score.autocorrelation(np.tile([1.0, -1.0], 50), 1) == pytest.approx(-0.99)
    assert score.autocorrelation(np.ones(10), 1) == 0.0


def test_kurtosis_of_a_normal_and_of_a_coin():
    assert score.kurtosis(np.random.default_rng(1).standard_normal(100_000)) == pytest.approx(3, abs=0.1)
    assert score.kurtosis(np.tile([1.0, -1.0], 50)) == pytest.approx(1)


def test_the_size_ratio_is_per_factor_of_ten():
    sizes = np.array([100.0] * 90 + [10_000.0] * 10)
    assert score.decade_ratio(sizes, np.where(sizes > 100, 4.0, 1.0)) == pytest.approx(2.0)


def test_what_agents_do_is_written_down():
    recording = score.RecordingVenue(PlainVenue(), 0)
    first = recording.agent_limit("F", "~a", Side.SELL, 11, 100, 0)
    second = recording.agent_limit("F", "~a", Side.SELL, 12, 100, 0)
    recording.agent_limit("F", "~b", Side.BUY, 9, 50, 0)
    assert recording.agent_market("F", "~c", Side.BUY, 60, 10**9) == 60
    assert recording.agent_market("F", "~c", Side.BUY, 90, 2 * 10**9) == 90
    assert recording.agent_cancel("F", second, 3 * 10**9)
    assert not recording.agent_cancel("F", first, 3 * 10**9)
    run = recording.run
    assert (run.adds, run.fills, run.cancels, run.ended, run.cancelled_unfilled) == (3, 3, 1, 2, 0)
    assert run.sizes == [60, 90] and run.signs == [1, 1] and run.touch_before == [100, 40]
    assert run.mid_before == [10.0, 10.0] and run.mid_after == [10.0, 10.5]
    assert run.lives == [3.0]


def test_a_limit_order_that_crosses_counts_as_aggression():
    recording = score.RecordingVenue(PlainVenue(), 0)
    recording.agent_limit("F", "~a", Side.SELL, 11, 100, 0)
    recording.agent_limit("F", "~b", Side.BUY, 9, 50, 0)
    crossing = recording.agent_limit("F", "~b", Side.BUY, 11, 150, 0)
    assert crossing and recording.run.sizes == [100]
    assert recording.agent_market("F", "~c", Side.SELL, 50, 0) == 50
    assert recording.run.ended == 2


def test_a_short_run_is_scored_without_the_shape_of_the_day():
    rows = score.scorecard(UNIVERSE["META"], 900, 3, PlainVenue)
    names = [row.fact for row in rows]
    assert "adds per fill" in names and "volume of the first half hour over 12:30's" not in names
    assert [row.must for row in rows] == sorted((row.must for row in rows), reverse=True)
    assert all(
        str(row).startswith("ok" if row.ok else ("MISSED" if row.must else "off")) for row in rows if row.is_known
    )


def test_what_a_run_was_too_short_for_is_said_to_be_so():
    row = score.Row("kurtosis at 5 min", float("nan"), 2.5, 9.0, True)
    assert str(row).startswith("short") and "too short a run to say; wanted 2.5 to 9" in str(row)


def test_coins_are_not_asked_for_the_shape_of_an_exchange_day():
    measured = dict.fromkeys([*score.MUSTS, *score.EXCHANGE_DAY], 1.0)
    assert not {row.fact for row in score.rows(measured, UNIVERSE["BTC/USD"])} & set(score.EXCHANGE_DAY)
    assert {row.fact for row in score.rows(measured, UNIVERSE["F"])} >= set(score.EXCHANGE_DAY)
