"""Prints that stops might have been reached by, had the market been trusted when they were told."""

from collections.abc import Collection

from msgspec.structs import replace

from tradesim.desk.market import Market
from tradesim.model.market import Trade


class Doubts:
    """The last one of each symbol."""

    def __init__(self) -> None:
        self._prints: dict[str, Trade] = {}

    def __bool__(self) -> bool:
        return bool(self._prints)

    def clear(self) -> None:
        self._prints.clear()

    def note(self, trade: Trade) -> None:
        self._prints[trade.symbol] = trade

    def resolved(self, symbols: Collection[str], market: Market) -> list[Trade]:
        """Those that count now: their market is trusted again, and nothing else is its last price."""
        trusted = [symbol for symbol in sorted(self._prints.keys() & symbols) if market.may_match(symbol)]
        prints = [self._prints.pop(symbol) for symbol in trusted]
        return [replace(each, is_doubtful=False) for each in prints if market.board.last(each.symbol) == each.price]
