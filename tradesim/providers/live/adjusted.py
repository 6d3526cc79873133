"""What companies did, where nobody keeps records of it: as the days of a provider that adjusts them itself show it.

Asked for when somebody wants it, once a day for each symbol and basis.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

import numpy as np

from tradesim.kernel.clock import NS_PER_SECOND, Clock
from tradesim.marketdata.days import NEW_YORK, date_of
from tradesim.marketdata.merging import start_of
from tradesim.model.corporate import Basis, DayFactors
from tradesim.model.feed import FeedBar
from tradesim.providers.background import in_background
from tradesim.providers.live.answers import Answers
from tradesim.providers.live.past import DAYS_BACK_NS

logger = logging.getLogger(__name__)

RETRY_NS = 60 * NS_PER_SECOND
"""So long nobody is asked again who did not answer."""
PATIENCE_S = 3.0
"""So long who wants it waits for one who hangs; what comes later is there when it is wanted again."""

Place = tuple[str, Basis]


class Adjusted:
    """Of shares. Safe from any thread but the market's: it waits for a provider."""

    def __init__(self, answers_of: Callable[[str], Answers], clock: Clock) -> None:
        self._answers_of, self._clock = answers_of, clock
        self._known: dict[Place, tuple[date, DayFactors]] = {}
        self._asking: dict[Place, tuple[int, threading.Thread]] = {}
        self._lock = threading.Lock()

    def factors(self, symbol: str, basis: Basis) -> DayFactors | None:
        """From prices with their splits to `basis`; None where nobody can tell."""
        place, now = (symbol, basis), self._clock.now()
        known = self._known.get(place)
        if known is None or known[0] != new_york_day(now):
            self._being_asked(place, now).join(PATIENCE_S)
            known = self._known.get(place)
        return known[1] if known is not None else None

    def _being_asked(self, place: Place, now: int) -> threading.Thread:
        with self._lock:
            asked_at, asking = self._asking.get(place, (now - RETRY_NS, None))
            if asking is None or now - asked_at >= RETRY_NS:
                asking = threading.Thread(target=self._learn, args=(place, now), name="adjusted", daemon=True)
                self._asking[place] = now, asking
                asking.start()
            return asking

    def _learn(self, place: Place, now: int) -> None:
        found = self._asked(*place, now)
        if found is not None:
            self._known[place] = new_york_day(now), found

    def _asked(self, symbol: str, basis: Basis, now: int) -> DayFactors | None:
        """Of the first provider that tells both bases: its own prices are divided by its own."""
        answers, today = self._answers_of(symbol), new_york_day(now)

        def days_on(name: str, wanted: Basis) -> list[FeedBar]:
            """Without today's, which still moves."""
            told = answers.days_on(name, symbol, wanted, now - DAYS_BACK_NS, now, new_york_day)
            return [bar for bar in told or () if new_york_day(bar.start) < today]

        with in_background():
            for name in answers.adjusting():
                if (told := days_on(name, Basis.SPLIT)) and (wanted := days_on(name, basis)):
                    return factors_between(told, wanted)
        logger.info("nobody tells the days of %s on the basis %s", symbol, basis)
        return None


def new_york_day(moment: int) -> date:
    return date_of(moment // NS_PER_SECOND, NEW_YORK)


def factors_between(told: Sequence[FeedBar], wanted: Sequence[FeedBar]) -> DayFactors:
    """Of the days that both have. Four prices together are rounded less than one."""
    by_start = {start_of(bar, NEW_YORK): bar for bar in told}
    pairs = [(start, by_start[start], bar) for bar in wanted if (start := start_of(bar, NEW_YORK)) in by_start]
    rows = [(start, float(prices(to) / prices(of)), shares(of, to)) for start, of, to in sorted(pairs, key=first)]
    starts, price, share = zip(*rows, strict=True) if rows else ((), (), ())
    return DayFactors(np.array(starts, np.int64), np.array(price, np.float64), np.array(share, np.float64))


def first(pair: tuple[int, FeedBar, FeedBar]) -> int:
    return pair[0]


def prices(bar: FeedBar) -> Decimal:
    return bar.open + bar.high + bar.low + bar.close


def shares(of: FeedBar, to: FeedBar) -> float:
    """1 on a day without volume."""
    return float(of.volume / to.volume) if of.volume and to.volume else 1.0
