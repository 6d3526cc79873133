"""The shape of a day: how busy, how restless and how wide a market is at each minute of its own day."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

MINUTES_A_DAY = 1440

Curve = NDArray[np.float64]


class DayShape(Struct, frozen=True):
    """One value a minute from the midnight of the market's zone; 1.0 is an ordinary moment of the regular session."""

    activity: Curve
    volatility: Curve
    spread: Curve


def curve(knots: dict[float, float]) -> Curve:
    """Straight lines through `knots`, hour of day to level."""
    hours = np.arange(MINUTES_A_DAY) / 60.0
    return np.interp(hours, list(knots), list(knots.values()))


EQUITY_DAY = DayShape(
    activity=curve(
        {0: 0.5, 4: 0.5, 7: 0.6, 9.48: 0.8, 9.5: 2.3, 10: 1.45, 11: 1.05, 12.5: 0.8, 14: 0.85, 15: 1.1}
        | {15.5: 1.9, 15.98: 3.2, 16.02: 0.9, 18: 0.6, 20: 0.5, 24: 0.5}
    ),
    volatility=curve(
        {0: 0.4, 7: 0.45, 9.48: 0.55, 9.5: 1.9, 10: 1.35, 11: 1.05, 12.5: 0.8, 14.5: 0.85, 15.5: 0.95}
        | {15.98: 1.1, 16.02: 0.55, 18: 0.45, 24: 0.4}
    ),
    spread=curve(
        {0: 1.15, 9.48: 1.2, 9.5: 1.85, 10: 1.35, 11: 1.08, 12.5: 1.0, 15.5: 0.8, 15.98: 0.7, 16.02: 1.1, 24: 1.15}
    ),
)

CRYPTO_DAY = DayShape(
    activity=curve({0: 1.0, 5: 0.85, 9: 0.8, 13: 1.0, 15: 1.3, 17: 1.15, 21: 1.0, 24: 1.0}),
    volatility=curve({0: 1.0, 5: 0.9, 9: 0.85, 13: 1.0, 15: 1.2, 17: 1.1, 21: 1.0, 24: 1.0}),
    spread=curve({0: 1.0, 9: 1.1, 15: 0.95, 21: 1.0, 24: 1.0}),
)
