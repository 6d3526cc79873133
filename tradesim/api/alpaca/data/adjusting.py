"""What splits and dividends do to bars of the past.

Prices before an ex-day are less by the share that the dividend was of the close before it, or by a split's ratio.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradesim.api.alpaca.data.columns import columns
from tradesim.api.alpaca.data.times import DAY_FRAME, NEW_YORK, local
from tradesim.desk.desk import Desk
from tradesim.desk.zones import midnight
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.corporate import Dividend, Split

Action = Dividend | Split
FEW_DAYS_NS = 15 * 86_400 * NS_PER_SECOND
"""Within these some day traded."""


@dataclass(frozen=True, slots=True)
class Adjusting:
    """By bar: what its prices are multiplied by, and what its volume is divided by."""

    prices: NDArray[np.float64]
    shares: NDArray[np.float64]


def adjusting(desk: Desk, symbol: str, starts: NDArray[np.int64], wanted: frozenset[str], now: int) -> Adjusting | None:
    """For bars that begin at `starts`; None when nothing changes. A bar counts to the day on which it begins."""
    if not len(starts) or not wanted & {"split", "dividend", "all"}:
        return None
    today = local(now).date()
    actions = [
        each
        for each in desk.corporate_actions(local(int(starts[0])).date(), today)
        if each.symbol == symbol and wanted & {"all", "dividend" if isinstance(each, Dividend) else "split"}
    ]
    if not actions:
        return None
    prices, shares = np.ones(len(starts)), np.ones(len(starts))
    for action, (price, share) in zip(actions, factors(desk, symbol, actions, now), strict=True):
        before = starts < midnight(action.day, NEW_YORK) * NS_PER_SECOND
        prices[before] *= price
        shares[before] *= share
    return Adjusting(prices, shares)


def factors(desk: Desk, symbol: str, actions: Sequence[Action], now: int) -> Iterable[tuple[float, float]]:
    """Of the prices before each, and of the shares."""
    first = midnight(actions[0].day, NEW_YORK) * NS_PER_SECOND
    days = columns(desk, symbol, DAY_FRAME, first - FEW_DAYS_NS, now, now).bars
    instrument = desk.instruments[symbol]
    for action in actions:
        if isinstance(action, Split):
            ratio = float(action.of / action.to)
            yield ratio, ratio
            continue
        place = int(days.start.searchsorted(midnight(action.day, NEW_YORK) * NS_PER_SECOND)) - 1
        close = float(instrument.price(int(days.close[place]))) if place >= 0 else 0.0
        yield (max(0.0, 1 - float(action.amount) / close) if close else 1.0), 1.0
