"""One provider's book of one instrument in ticks and lots: whole after a snapshot, void after a reset."""

from bisect import bisect_left, insort
from collections.abc import Iterable

from tradesim.model.feed import FeedBook, PriceLevel
from tradesim.model.instrument import Instrument

Row = tuple[int, int]


class LadderSide:
    """Levels by price; `keys` are prices times `sign`, ascending, so the last is the best."""

    __slots__ = ("keys", "levels", "sign")

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.keys: list[int] = []
        self.levels: dict[int, int] = {}

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
        """The rows of the message as ticks and lots, bids and asks, in its order; [] of a change before a snapshot."""
        if book.is_snapshot:
            self.void()
            self.is_whole = True
        if not self.is_whole:
            return [], []
        bids, asks = self._rows(book.bids), self._rows(book.asks)
        for price, lots in bids:
            self.bids.set(price, lots)
        for price, lots in asks:
            self.asks.set(price, lots)
        return bids, asks

    def _rows(self, levels: Iterable[PriceLevel]) -> list[Row]:
        """A size below one lot cannot be traded and counts as none."""
        ticks, lots = self._instrument.ticks, self._instrument.lots
        return [(ticks(price), lots(qty)) for price, qty in levels]
