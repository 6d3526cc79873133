"""Between the providers' threads and the market thread."""

import threading
import time

from tests.live_house import NOON, SYMBOL, FakeProvider
from tradesim.kernel.clock import ManualClock
from tradesim.model.feed import FeedReset
from tradesim.providers.live.intake import Intake

CLOCK = ManualClock(NOON)
A = FakeProvider("a", CLOCK)


def test_what_came_is_taken_in_order() -> None:
    intake, trades = Intake(CLOCK), [A.trade(price) for price in (1, 2, 3)]
    intake.put(trades[:2])
    intake.put(trades[2:])
    assert intake.take(NOON) == trades and intake.take(NOON) == []


def test_what_does_not_fit_is_dropped_and_its_books_are_void() -> None:
    intake = Intake(CLOCK, capacity=2, patience_s=0.05)
    intake.put([A.trade(1), A.trade(2)])
    intake.put([A.trade(3), A.trade(4)])
    taken = intake.take(NOON)
    assert len(taken) == 3 and isinstance(taken[2], FeedReset) and taken[2].symbol == SYMBOL
    assert intake.dropped == 2 and intake.take(NOON) == []


def test_a_full_intake_holds_the_provider_back_until_there_is_room() -> None:
    intake = Intake(CLOCK, capacity=1, patience_s=60.0)
    intake.put([A.trade(1)])
    putting = threading.Thread(target=intake.put, args=([A.trade(2)],), daemon=True)
    putting.start()
    time.sleep(0.05)
    assert len(intake.take(NOON)) == 1
    putting.join(60)
    assert len(intake.take(NOON)) == 1 and not intake.dropped
