"""What the companies of the simulated market pay: cash dividends, once a quarter, from the market's seed alone.

Three companies in four pay one, 0.08 % to 0.4 % of their first price, always the same; coins pay none. When the ex-day
begins the share is worth that much less, and everybody knows.
"""

import random
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from tradesim.model.corporate import Dividend
from tradesim.model.instrument import AssetClass
from tradesim.simulator.floor import Floor
from tradesim.simulator.hours import moment
from tradesim.simulator.simulator import Simulator
from tradesim.simulator.universe import Profile

PAYING = 0.75
LEAST_YIELD, MOST_YIELD = 0.0008, 0.004
QUARTER_DAYS = 91
"""Thirteen weeks: an ex-day falls on the same day of the week every time."""
CENT = Decimal("0.01")


class Payer(NamedTuple):
    """`first` is one of its ex-days; the others lie whole quarters before and after it."""

    symbol: str
    amount: Decimal
    first: date

    def ex_days(self, after: date, until: date) -> Iterable[date]:
        """Oldest first."""
        missed = (after - self.first).days // QUARTER_DAYS + 1
        day = self.first + timedelta(days=missed * QUARTER_DAYS)
        while day <= until:
            yield day
            day += timedelta(days=QUARTER_DAYS)


class Dividends:
    """The calendar of one market."""

    def __init__(self, seed: int, profiles: Mapping[str, Profile]) -> None:
        found = (payer(seed, each) for each in profiles.values())
        self.payers = tuple(each for each in found if each is not None)
        self._ticks = {
            each.symbol: float(each.amount / profiles[each.symbol].instrument.tick_size) for each in self.payers
        }

    def between(self, after: date, until: date) -> list[Dividend]:
        """Of the ex-days later than `after` and not later than `until`, oldest first."""
        found = [Dividend(each.symbol, day, each.amount) for each in self.payers for day in each.ex_days(after, until)]
        return sorted(found, key=lambda each: (each.day, each.symbol))

    def begin(self, simulator: Simulator, today: date) -> None:
        """From now on the shares fall on their ex-days."""
        for each in self.payers:
            self._wait(simulator, each, today)

    def _wait(self, simulator: Simulator, each: Payer, today: date) -> None:
        day = next(iter(each.ex_days(today, today + timedelta(days=QUARTER_DAYS))))
        floor = simulator.floors[each.symbol]

        def fall(now: int, paid_by: Floor) -> None:
            paid_by.hear(-self._ticks[each.symbol], True, now)
            self._wait(simulator, each, day)

        simulator.schedule(moment(day, time()), fall, floor)


def payer(seed: int, profile: Profile) -> Payer | None:
    """None for what pays nothing."""
    rng = random.Random(f"{seed}:dividends:{profile.symbol}")
    pays, share, offset = rng.random() < PAYING, rng.uniform(LEAST_YIELD, MOST_YIELD), rng.randrange(QUARTER_DAYS)
    instrument = profile.instrument
    if instrument.asset_class is not AssetClass.US_EQUITY or not pays:
        return None
    first = date(2024, 1, 1) + timedelta(days=offset)
    weekday = first + timedelta(days=max(0, first.weekday() - 4) and 7 - first.weekday())
    amount = (instrument.price(profile.price) * Decimal(repr(share))).quantize(CENT)
    return Payer(profile.symbol, max(amount, CENT), weekday)
