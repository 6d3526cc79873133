"""What splits and dividends do to bars of the past.

Prices before an ex-day are less by the share that the dividend was of the close before it, or by a split's ratio. Where
the market's past comes split-adjusted, as live providers tell it, splits are taken out of what is wanted without them.
Where nothing is known of a company, a provider that adjusts days itself shows by them what it did.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeGuard

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tradesim.api.alpaca.data.columns import columns
from tradesim.api.alpaca.data.times import DAY_FRAME, NEW_YORK, local
from tradesim.desk.desk import Desk
from tradesim.desk.zones import midnight
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.corporate import Basis, Dividend, Split, ratio_after

Action = Dividend | Split
FEW_DAYS_NS = 15 * 86_400 * NS_PER_SECOND
"""Within these some day traded."""


class Adjusting(Struct, frozen=True):
    """By bar: what its prices are multiplied by, and what its volume is divided by."""

    prices: NDArray[np.float64]
    shares: NDArray[np.float64]


def adjusting(desk: Desk, symbol: str, starts: NDArray[np.int64], wanted: frozenset[str], now: int) -> Adjusting | None:
    """For bars that begin at `starts`; None when nothing changes. A bar counts to the day on which it begins."""
    if not len(starts):
        return None
    today = local(now).date()
    every = [each for each in desk.corporate_actions(local(int(starts[0])).date(), today) if each.symbol == symbol]
    until = desk.split_adjusted_until()
    changed = [each for each in every if is_wanted(each, wanted) is not is_done(each, until)]
    if not changed:
        return by_days(desk, symbol, starts, basis_of(wanted), today)
    prices, shares = np.ones(len(starts)), np.ones(len(starts))
    done = [each for each in every if is_done(each, until)]
    for action, (price, share) in zip(changed, factors(desk, symbol, changed, done, now), strict=True):
        before = starts < midnight(action.day, NEW_YORK) * NS_PER_SECOND
        prices[before] *= price
        shares[before] *= share
    return Adjusting(prices, shares)


def by_days(desk: Desk, symbol: str, starts: NDArray[np.int64], basis: Basis, today: date) -> Adjusting | None:
    """Each bar by the factors of its day: of the last day before where that one is missing, of the first before all.

    Of today nothing is to be adjusted.
    """
    is_past = starts < midnight(today, NEW_YORK) * NS_PER_SECOND
    factors = desk.day_factors(symbol, basis) if is_past.any() else None
    if factors is None or not len(factors.start):
        return None
    place = np.maximum(np.searchsorted(factors.start, starts, side="right") - 1, 0)
    return Adjusting(np.where(is_past, factors.prices[place], 1.0), np.where(is_past, factors.shares[place], 1.0))


def basis_of(wanted: frozenset[str]) -> Basis:
    has_split, has_dividend = (bool(wanted & {"all", each}) for each in ("split", "dividend"))
    if has_split:
        return Basis.ALL if has_dividend else Basis.SPLIT
    return Basis.DIVIDEND if has_dividend else Basis.RAW


def is_wanted(action: Action, wanted: frozenset[str]) -> bool:
    return bool(wanted & {"all", "dividend" if isinstance(action, Dividend) else "split"})


def is_done(action: Action, until: date | None) -> TypeGuard[Split]:
    """Whether the market's past has it already."""
    return isinstance(action, Split) and until is not None and action.day <= until


def factors(
    desk: Desk, symbol: str, actions: Sequence[Action], done: Sequence[Split], now: int
) -> Iterable[tuple[float, float]]:
    """Of the prices before each, and of the shares. A split that the past has already (`done`) is undone."""
    first = midnight(actions[0].day, NEW_YORK) * NS_PER_SECOND
    days = columns(desk, symbol, DAY_FRAME, first - FEW_DAYS_NS, now, now).bars
    instrument = desk.instruments[symbol]
    for action in actions:
        if isinstance(action, Split):
            ratio = float(action.to / action.of if action in done else action.of / action.to)
            yield ratio, ratio
            continue
        place = int(days.start.searchsorted(midnight(action.day, NEW_YORK) * NS_PER_SECOND)) - 1
        close = float(instrument.price(int(days.close[place]))) if place >= 0 else 0.0
        close *= float(ratio_after(done, action.day))
        yield (max(0.0, 1 - float(action.amount) / close) if close else 1.0), 1.0
