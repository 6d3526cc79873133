"""Bars that a vendor tells without splits, told as others do: prices before a split's day less by its ratio."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.marketdata.days import date_of
from tradesim.model.corporate import Split, ratio_after
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
