"""What every store of budgets must let two processes do."""

from collections.abc import Callable

import pytest

from tradesim.kernel.clock import ManualClock
from tradesim.kernel.errors import RateLimited
from tradesim.providers.budget import Budget


def spend_from_one(made: Callable[[ManualClock], Budget]) -> None:
    """Two budgets of 23 questions a day that `made` gives, with one store behind them, are one budget."""
    clock = ManualClock(10**18)
    desk, doctor = made(clock), made(clock)
    for spender in (desk, doctor, doctor, desk, doctor):
        spender.spend()
        clock.advance(10**9)
    assert desk.left() == doctor.left() == {"day": 18}
    doctor.close_for(3_600, "it says that this was all")
    with pytest.raises(RateLimited, match="this was all"):
        desk.spend()
