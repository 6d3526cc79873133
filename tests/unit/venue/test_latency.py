import random

import pytest

from tradesim.venue.latency import LatencyModel, Wire


def test_without_jitter_every_order_takes_the_same_time():
    assert LatencyModel(5_000).delay(random.Random(1)) == 5_000


def test_jitter_has_its_mean_and_a_longest():
    model, rng = LatencyModel(1_000, 500), random.Random(1)
    delays = [model.delay(rng) for _ in range(20_000)]
    assert min(delays) >= 1_000
    assert max(delays) <= 6_000
    assert sum(delays) / len(delays) == pytest.approx(1_500, rel=0.02)


def test_the_same_seed_gives_the_same_delays():
    first, second = (Wire(LatencyModel(10, 1_000), random.Random(3)) for _ in range(2))
    assert [first.arrival(t) for t in range(50)] == [second.arrival(t) for t in range(50)]


def test_orders_of_one_client_never_overtake_each_other():
    wire = Wire(LatencyModel(10, 1_000), random.Random(3))
    arrivals = [wire.arrival(sent) for sent in range(0, 5_000, 10)]
    assert arrivals == sorted(arrivals)


def test_a_negative_latency_is_refused():
    with pytest.raises(ValueError, match="jitter_ns must be at least 0, was -1"):
        LatencyModel(0, -1)
