"""One provider's book of one instrument in ticks and lots: whole after a snapshot, void after a reset.

Levels between two steps of ours are merged outwards: bids at the step below, asks at the step above, their lots added.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable
from decimal import Decimal

from tradesim.model.feed import FeedBook, PriceLevel
from tradesim.model.instrument import Instrument

Row = tuple[int, int]


class LadderSide:
    """Levels by price; `keys` are prices times `sign`, ascending, so the last is the best.

    `parts` are the levels as they were told, by the one that they are merged into, where one is between two steps.
    """

    __slots__ = ("keys", "levels", "parts", "sign")

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.keys: list[int] = []
        self.levels: dict[int, int] = {}
        self.parts: dict[int, dict[Decimal, int]] = {}

    def row_of(self, price: Decimal, lots: int, tick: Decimal) -> Row:
        """The level of ours that `price` belongs to, and what it holds once there are `lots` at `price`."""
        below, rest = divmod(price, tick)
        at = int(below) + (1 if rest and self.sign < 0 else 0)
        parts = self.parts.get(at)
        if parts is None:
            if not rest:
                return at, lots
            parts = self.parts[at] = {at * tick: self.levels[at]} if at in self.levels else {}
        parts[price] = lots
        return at, sum(parts.values())

    def set(self, price: int, lots: int) -> None:
        """0 lots remove the level, which need not be there."""
        if lots:
            if price not in self.levels:
                insort(self.keys, price * self.sign)
            self.levels[price] = lots
        elif self.levels.pop(price, None) is not None:
            del self.keys[bisect_left(self.keys, price * self.sign)]

    def best(self) -> int | None:
        return self.keys[-1] * self.sign if self.keys else None

    def rows(self) -> list[Row]:
        """Best first."""
        return [(key * self.sign, self.levels[key * self.sign]) for key in reversed(self.keys)]


class Ladder:
    """`is_whole` is False until a snapshot came: what changed before it means nothing."""

    def __init__(self, instrument: Instrument) -> None:
        self._instrument = instrument
        self.void()

    def void(self) -> None:
        self.bids, self.asks = LadderSide(1), LadderSide(-1)
        self.is_whole = False

    def apply(self, book: FeedBook) -> tuple[list[Row], list[Row]]:
        """What the message changed as ticks and lots, bids and asks, in its order; of a snapshot all, best first.

        [] of a change before a snapshot.
        """
        if book.is_snapshot:
            self.void()
            self.is_whole = True
        if not self.is_whole:
            return [], []
        changed = self._taken(self.bids, book.bids), self._taken(self.asks, book.asks)
        return (self.bids.rows(), self.asks.rows()) if book.is_snapshot else changed

    def _taken(self, side: LadderSide, levels: Iterable[PriceLevel]) -> list[Row]:
        """A size below one lot cannot be traded and counts as none."""
        tick, lots = self._instrument.tick_size, self._instrument.lots
        rows = []
        for price, qty in levels:
            row = side.row_of(price, lots(qty), tick)
            side.set(*row)
            rows.append(row)
        return rows
