"""Which bars are kept with an account's trades, so that they can be drawn again when the market is long gone.

One-minute bars of every symbol that the account holds, or traded in the last quarter of an hour, from an hour before
the first. They are events of the journal: one row for a symbol every quarter of an hour, however many trades there
were.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from tradesim.desk.board import BarKeeper
from tradesim.desk.market import Market
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.events import BarsKept
from tradesim.model.instrument import Instrument
from tradesim.model.market import Timeframe
from tradesim.trading.performance.excursions import PricedBar
from tradesim.trading.portfolio import Portfolio

MINUTE_NS = 60 * NS_PER_SECOND
EVERY_NS = 15 * MINUTE_NS
BEFORE, MOST = 60, 240
"""Bars kept from before the first trade, and at once after a pause."""


def bars_due(portfolio: Portfolio, market: Market, kept: Mapping[tuple[str, str], int]) -> list[BarsKept]:
    """What is to be kept at this minute."""
    account_id, last_fill = portfolio.account.id, last_fills(portfolio, market.reached - EVERY_NS - MINUTE_NS)
    held = {position.symbol for position in portfolio.open_positions}
    due = []
    for symbol in sorted(held | last_fill.keys()):
        newest, instrument = kept.get((account_id, symbol), 0), market.instrument(symbol)
        is_over = symbol not in held and market.reached - last_fill[symbol] >= EVERY_NS
        if instrument and (is_over or market.reached - newest >= EVERY_NS + MINUTE_NS):
            event = kept_bars(account_id, instrument, market, newest)
            due += [event] if event.rows else []
    return due


def last_fills(portfolio: Portfolio, since: int) -> dict[str, int]:
    """When each symbol was last traded, of those traded after `since`."""
    found: dict[str, int] = {}
    for fill in reversed(portfolio.fills):
        if fill.ts_event < since:
            break
        found.setdefault(fill.symbol, fill.ts_event)
    return found


def kept_bars(account_id: str, instrument: Instrument, market: Market, newest: int) -> BarsKept:
    """The closed bars after `newest`."""
    bars = market.board.bars.bars(instrument.symbol, Timeframe.M1, MOST if newest else BEFORE + 1)
    columns = (column.tolist() for column in bars.columns())
    rows = tuple(row for row in zip(*columns, strict=True) if row[0] > newest and row[0] + MINUTE_NS <= market.reached)
    return BarsKept(account_id, instrument.symbol, instrument.tick_size, instrument.lot_size, rows, market.reached)


def present_bars(keeper: BarKeeper, instrument: Instrument, limit: int) -> Iterable[PricedBar]:
    """What the open market still has of a symbol."""
    bars = keeper.bars(instrument.symbol, Timeframe.M1, limit)
    columns = (column.tolist() for column in bars.columns())
    return [priced(row, instrument.tick_size, instrument.lot_size) for row in zip(*columns, strict=True)]


def priced(row: tuple[int, ...], tick_size: Decimal, lot_size: Decimal) -> PricedBar:
    start, open_, high, low, close, volume = row
    return PricedBar(start, open_ * tick_size, high * tick_size, low * tick_size, close * tick_size, volume * lot_size)
