"""The book as a table of text, for when the live ladder cannot be drawn."""

from typing import NamedTuple

from tradesim.desk.views import MarketView
from tradesim.model.instrument import Instrument
from tradesim.model.market import Level

SHOWN = 10


class BookRow(NamedTuple):
    bid_size: str
    bid: str
    ask: str
    ask_size: str


def book_rows(view: MarketView, instrument: Instrument, shown: int = SHOWN) -> list[BookRow]:
    """The best `shown` levels of both sides, best first; a missing level is a dash."""
    bids, asks = view.top.bids[:shown], view.top.asks[:shown]
    return [
        BookRow(size_at(bids, i, instrument), price_at(bids, i, instrument), *ask_of(asks, i, instrument))
        for i in range(max(len(bids), len(asks)))
    ]


def ask_of(asks: tuple[Level, ...], i: int, instrument: Instrument) -> tuple[str, str]:
    return price_at(asks, i, instrument), size_at(asks, i, instrument)


def price_at(levels: tuple[Level, ...], i: int, instrument: Instrument) -> str:
    return f"{instrument.price(levels[i].price):,.{instrument.price_decimals}f}" if i < len(levels) else "–"


def size_at(levels: tuple[Level, ...], i: int, instrument: Instrument) -> str:
    return f"{instrument.qty(levels[i].qty):,.{instrument.qty_decimals}f}" if i < len(levels) else "–"
