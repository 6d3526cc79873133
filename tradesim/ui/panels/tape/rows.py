"""The tape as rows of text, for when the live one cannot be drawn."""

from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tradesim.desk.views import MarketView
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.instrument import Instrument
from tradesim.model.market import Side, Trade

SHOWN = 20
SIGN_BY_SIDE = {Side.BUY: "▲ buy", Side.SELL: "▼ sell", None: "–"}


class PrintRow(NamedTuple):
    time: str
    price: str
    size: str
    by: str


def print_rows(view: MarketView, instrument: Instrument, zone: str, shown: int = SHOWN) -> list[PrintRow]:
    """The newest `shown` prints, newest first, with times in `zone`."""
    return [row_of(trade, instrument, ZoneInfo(zone)) for trade in reversed(view.tape[-shown:])]


def row_of(trade: Trade, instrument: Instrument, zone: ZoneInfo) -> PrintRow:
    return PrintRow(
        time_text(trade.ts_event, zone),
        f"{instrument.price(trade.price):,.{instrument.price_decimals}f}",
        f"{instrument.qty(trade.qty):,.{instrument.qty_decimals}f}",
        SIGN_BY_SIDE[trade.aggressor],
    )


def time_text(at: int, zone: ZoneInfo) -> str:
    """`at` in UTC ns as wall time of `zone` with milliseconds."""
    moment = datetime.fromtimestamp(at // NS_PER_SECOND, UTC).astimezone(zone)
    return f"{moment:%H:%M:%S}.{at % NS_PER_SECOND // 1_000_000:03d}"
