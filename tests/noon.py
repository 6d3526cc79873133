"""The desk at noon in New York, whatever the time is here: `python -m tests.noon [what app.py takes]`.

Outside New York's hours a share's silence proves nothing, so nothing fails over; here the exchange is always open. The
time is moved by TRADESIM_TEST_SHIFT_S seconds, or by what brings a session.
"""

import os
import sys
import time
from datetime import datetime, timedelta
from datetime import time as clock_time

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.marketdata.days import NEW_YORK, zone
from tradesim.marketdata.sessions import session_state
from tradesim.model.instrument import AssetClass
from tradesim.model.market import SessionState
from tradesim.providers.simulated.calendar import new_york_holidays

VARIABLE = "TRADESIM_TEST_SHIFT_S"
NOON = clock_time(12, 0)


def shift_s(now: float) -> int:
    """Seconds from now (Unix time) back to the last noon at which shares traded in New York."""
    local = datetime.fromtimestamp(now, zone(NEW_YORK))
    noons = (
        datetime.combine(local.date() - timedelta(days), NOON, zone(NEW_YORK)).timestamp() for days in range(1, 15)
    )
    return int(next(noon for noon in noons if is_open(noon)) - now)


def is_open(at: float) -> bool:
    found = session_state(AssetClass.US_EQUITY, int(at) * NS_PER_SECOND, new_york_holidays())
    return found is SessionState.REGULAR


def shift(seconds: int) -> None:
    """The clock of this process, and of what it forks, from now on."""
    wall, wall_ns = time.time, time.time_ns
    time.time = lambda: wall() + seconds
    time.time_ns = lambda: wall_ns() + seconds * NS_PER_SECOND


if __name__ == "__main__":
    shift(int(os.environ.get(VARIABLE) or shift_s(time.time())))
    from tradesim import cli

    sys.exit(cli.main())
