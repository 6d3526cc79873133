"""Between the providers' threads and the market thread."""

import threading
import time

from tests.live_house import NOON, SYMBOL, FakeProvider
from tradesim.kernel.clock import ManualClock
from tradesim.providers.live.intake import Intake, Missed

CLOCK = ManualClock(NOON)
A = FakeProvider("a", CLOCK)


def test_what_came_is_taken_in_order() -> None:
    intake, trades = Intake(CLOCK), [A.trade(price) for price in (1, 2, 3)]
    intake.put(trades[:2])
    intake.put(trades[2:])
    assert intake.take(NOON) == trades and intake.take(NOON) == []


def test_what_does_not_fit_is_dropped_and_told_as_missed() -> None:
    intake = Intake(CLOCK, capacity=2, patience_s=0.05)
    intake.put([A.trade(1), A.trade(2)])
    intake.put([A.trade(3), A.trade(4)])
    taken = intake.take(NOON)
    assert len(taken) == 3 and taken[2] == Missed("a", SYMBOL, NOON)
    assert intake.dropped == 2 and intake.take(NOON) == []


def test_of_what_does_not_fit_the_last_quote_and_a_lost_line_are_kept() -> None:
    intake, lost, quote = Intake(CLOCK, capacity=1, patience_s=0.05), A.reset("the line broke"), A.quote_of(9, 10)
    intake.put([A.trade(1)])
    intake.put([A.quote_of(7, 8), lost, quote, A.trade(2)])
    assert intake.take(NOON)[1:] == [Missed("a", SYMBOL, NOON), lost, quote] and intake.take(NOON) == []


def test_a_full_intake_holds_the_provider_back_until_there_is_room() -> None:
    intake = Intake(CLOCK, capacity=1, patience_s=60.0)
    intake.put([A.trade(1)])
    putting = threading.Thread(target=intake.put, args=([A.trade(2)],), daemon=True)
    putting.start()
    time.sleep(0.05)
    assert len(intake.take(NOON)) == 1
    putting.join(60)
    assert len(intake.take(NOON)) == 1 and not intake.dropped
