"""The equity curve, and the ratios that are made of its daily returns. Floats: figures, not money.

Returns leave out money paid in or out: between two marks r = (equity - flow) / equity before - 1, and a day's return is
the product of those within it (time-weighted). Ratios are annualised by `days_a_year` (252) trading days:

    Sharpe   mean(r - f) / std(r - f) x sqrt(252), std with n - 1          Sharpe (1994), The Sharpe Ratio
    Sortino  mean(r - f) / sqrt(mean(min(r - f, 0)^2)) x sqrt(252)         Sortino and Price (1994); over all n days
    CAGR     product(1 + r) ^ (252 / n) - 1
    Calmar   CAGR / largest drawdown                                       Young (1991), here over the period shown

where f is the risk-free rate of a day. A ratio without what it is divided by is None.
"""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise
from math import sqrt
from zoneinfo import ZoneInfo

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.trading.performance.exposure import Held

DAYS_A_YEAR = 252
SATURDAY = 5
Floats = NDArray[np.float64]


class Mark(Struct, frozen=True):
    """What an account was worth, and the gross value of what it held.

    Since the mark before: `flow` is what was paid in (negative: out), `held` how much was held, for how long.
    """

    at: int
    equity: float
    exposure: float = 0.0
    flow: float = 0.0
    held: Held = Held()


class DayReturn(Struct, frozen=True):
    """`value` is a fraction; `pl` money, without what was paid in or out; `equity` at the end of the day."""

    day: date
    value: float
    pl: float
    equity: float


class Drawdown(Struct, frozen=True):
    """The deepest fall: a fraction (at most 0) and money, from `peak_at` to `trough_at`; None before it recovered."""

    fraction: float = 0.0
    money: float = 0.0
    peak_at: int = 0
    trough_at: int = 0
    recovered_at: int | None = None


class Ratios(Struct, frozen=True):
    total_return: float
    annual_return: float | None
    volatility: float | None
    sharpe: float | None
    sortino: float | None
    calmar: float | None


def growth(marks: Sequence[Mark]) -> Floats:
    """What one unit of money became, at each mark: 1 at the first."""
    if not marks:
        return np.empty(0)
    equity = np.array([mark.equity for mark in marks])
    flows = np.array([mark.flow for mark in marks])
    before = equity[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.where(before > 0, (equity[1:] - flows[1:]) / before, 1.0)
    return np.concatenate(([1.0], np.cumprod(steps)))


def drawdowns(marks: Sequence[Mark]) -> Floats:
    """At each mark, how far below the highest so far: 0 or a negative fraction."""
    index = growth(marks)
    return index / np.maximum.accumulate(index) - 1 if len(index) else index


def deepest(marks: Sequence[Mark]) -> Drawdown:
    below = drawdowns(marks)
    if not len(below) or below.min() >= 0:
        return Drawdown()
    index = growth(marks)
    trough = int(below.argmin())
    peak = int(index[: trough + 1].argmax())
    later = np.flatnonzero(index[trough:] >= index[peak])
    lost = profit(marks[peak : trough + 1])
    return Drawdown(
        float(below[trough]),
        float(lost),
        marks[peak].at,
        marks[trough].at,
        marks[trough + int(later[0])].at if len(later) else None,
    )


def profit(marks: Sequence[Mark]) -> float:
    """From the first to the last, without what was paid in or out."""
    return float(sum(mark.equity - before.equity - mark.flow for before, mark in pairwise(marks)))


def daily_returns(marks: Sequence[Mark], zone: ZoneInfo) -> list[DayReturn]:
    """One for each day with a mark, the first mark being where it began; quiet days at weekends are left out."""
    index, days = growth(marks), [day_of(mark.at, zone) for mark in marks]
    found: list[DayReturn] = []
    at = 0
    for position, day in enumerate(days):
        is_last_of_day = position + 1 == len(days) or days[position + 1] != day
        if not is_last_of_day or (position == 0 and len(days) > 1):
            continue
        earned = profit(marks[at : position + 1])
        value = float(index[position] / index[at] - 1) if index[at] > 0 else 0.0
        if earned or day.weekday() < SATURDAY:
            found.append(DayReturn(day, value, earned, marks[position].equity))
        at = position
    return found


def monthly_returns(days: Sequence[DayReturn]) -> list[tuple[str, float, float]]:
    """Month (`2026-01`), return compounded from its days, money."""
    months: dict[str, tuple[float, float]] = {}
    for each in days:
        value, pl = months.get(f"{each.day:%Y-%m}", (1.0, 0.0))
        months[f"{each.day:%Y-%m}"] = (value * (1 + each.value), pl + each.pl)
    return [(month, value - 1, pl) for month, (value, pl) in months.items()]


def ratios(
    returns: Sequence[float], largest_drawdown: float, risk_free: float = 0.0, days_a_year: int = DAYS_A_YEAR
) -> Ratios:
    """`returns` of days as fractions; `largest_drawdown` a fraction (its sign does not matter); `risk_free` a year."""
    daily = np.array(returns, np.float64)
    if not len(daily):
        return Ratios(0.0, None, None, None, None, None)
    total = float(np.prod(1 + daily))
    annual = total ** (days_a_year / len(daily)) - 1 if total > 0 else None
    return Ratios(
        total_return=total - 1,
        annual_return=annual,
        volatility=float(daily.std(ddof=1)) * sqrt(days_a_year) if len(daily) > 1 else None,
        sharpe=sharpe(daily, risk_free / days_a_year, days_a_year),
        sortino=sortino(daily, risk_free / days_a_year, days_a_year),
        calmar=annual / abs(largest_drawdown) if annual is not None and largest_drawdown else None,
    )


def sharpe(returns: Floats, risk_free: float, periods_a_year: float) -> float | None:
    """`risk_free` for one period."""
    excess = returns - risk_free
    spread = float(excess.std(ddof=1)) if len(excess) > 1 else 0.0
    return float(excess.mean()) / spread * sqrt(periods_a_year) if spread > 0 else None


def sortino(returns: Floats, target: float, periods_a_year: float) -> float | None:
    """`target` for one period."""
    excess = returns - target
    downside = float(np.sqrt(np.mean(np.minimum(excess, 0.0) ** 2))) if len(excess) else 0.0
    return float(excess.mean()) / downside * sqrt(periods_a_year) if downside > 0 else None


def mean_exposure(marks: Sequence[Mark]) -> float:
    """Gross exposure over equity, weighted by time."""
    return over_time(marks, sum(mark.held.exposure for mark in marks[1:]))


def time_in_market(marks: Sequence[Mark]) -> float:
    """The share of the time in which anything was held."""
    return over_time(marks, sum(mark.held.time for mark in marks[1:]))


def over_time(marks: Sequence[Mark], held: float) -> float:
    passed = marks[-1].at - marks[0].at if marks else 0
    return held / passed if passed > 0 else 0.0


def thinned(marks: Sequence[Mark], most: int) -> list[Mark]:
    """At most about `most` marks, the last of each stretch, flows added up: the curve keeps its end and its money."""
    if len(marks) <= most:
        return list(marks)
    step = -(-len(marks) // most)
    chunks = [marks[1:][at : at + step] for at in range(0, len(marks) - 1, step)]
    last = [Mark(each[-1].at, each[-1].equity, each[-1].exposure, sum(mark.flow for mark in each)) for each in chunks]
    return [marks[0], *last]


def day_of(at: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(at // NS_PER_SECOND, zone).date()
