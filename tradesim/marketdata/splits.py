"""Bars that a vendor tells without splits, told as others do: prices before a split's day less by its ratio."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import prod

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.marketdata.days import date_of
from tradesim.model.corporate import Split
from tradesim.model.feed import FeedBar


def split_adjusted(bars: Iterable[FeedBar], splits: Sequence[Split], zone: str) -> list[FeedBar]:
    """A bar counts to the day on which it begins."""
    return [adjusted(bar, splits, zone) for bar in bars]


def adjusted(bar: FeedBar, splits: Sequence[Split], zone: str) -> FeedBar:
    day = date_of(bar.start // NS_PER_SECOND, zone)
    ratio = ratio_after(splits, day)
    if ratio == 1:
        return bar
    return replace(
        bar,
        open=bar.open / ratio,
        high=bar.high / ratio,
        low=bar.low / ratio,
        close=bar.close / ratio,
        volume=bar.volume * ratio,
        vwap=None if bar.vwap is None else bar.vwap / ratio,
    )


def ratio_after(splits: Iterable[Split], day: date) -> Decimal:
    """What became of one share of that day by the splits after it."""
    return prod((each.to / each.of for each in splits if each.day > day), start=Decimal(1))
