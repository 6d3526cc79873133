import random

from tradesim.providers.patience import Patience

S = 1_000_000_000


def test_attempts_are_further_apart_the_more_fail_and_never_beyond_the_cap():
    patience = Patience(random.Random(1), base_s=1.0, cap_s=8.0)
    now, waits = 0, []
    for _ in range(200):
        at = patience.failed("BTC/USD", now)
        waits.append((at - now) / S)
        assert patience.due(at) == ["BTC/USD"]
        now = at
    assert waits[0] <= 1.0
    assert 2.0 < max(waits) <= 8.0


def test_a_plan_that_stands_is_kept_and_is_due_once():
    patience = Patience(random.Random(1))
    first = patience.failed("a", 0)
    assert patience.failed("a", 1) == first
    assert patience.due(first - 1) == []
    assert patience.due(first) == ["a"]
    assert patience.due(first) == []


def test_thirty_good_seconds_forgive():
    patience = Patience(random.Random(1), cap_s=60)
    now = 0
    for _ in range(8):
        now = patience.failed("a", now)
        patience.due(now)
    patience.good("a", now)
    patience.good("a", now + 30 * S)
    assert patience.failed("a", now + 31 * S) <= now + 32 * S


def test_what_a_vendor_asked_to_wait_is_waited():
    assert Patience(random.Random(1)).failed("a", 0, least_s=120) == 120 * S
