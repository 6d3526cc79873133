"""The depth as rows of text, for when nothing can be drawn."""

from itertools import accumulate
from typing import NamedTuple

from tradesim.desk.views import MarketView
from tradesim.model.instrument import Instrument
from tradesim.model.market import Level

SHOWN = 10


class DepthRow(NamedTuple):
    bid_to: str
    bid: str
    ask: str
    ask_to: str


def depth_rows(view: MarketView, instrument: Instrument, shown: int = SHOWN) -> list[DepthRow]:
    """The best `shown` levels of both sides with the quantity up to and including each; a missing one is a dash."""
    bids = column(view.top.bids[:shown], instrument)
    asks = column(view.top.asks[:shown], instrument)
    count = max(len(bids), len(asks))
    bids += [("–", "–")] * (count - len(bids))
    asks += [("–", "–")] * (count - len(asks))
    return [DepthRow(sum_to, bid, ask, ask_sum_to) for (bid, sum_to), (ask, ask_sum_to) in zip(bids, asks, strict=True)]


def column(levels: tuple[Level, ...], instrument: Instrument) -> list[tuple[str, str]]:
    sums = accumulate(level.qty for level in levels)
    return [
        (
            f"{instrument.price(level.price):,.{instrument.price_decimals}f}",
            f"{instrument.qty(lots):,.{instrument.qty_decimals}f}",
        )
        for level, lots in zip(levels, sums, strict=True)
    ]
