"""Coinbase's book of one product: absolute sizes, no sequence number, no checksum.

What can be checked is checked: a book never crosses, and the ticker's best prices agree but for a moment.
"""

from decimal import Decimal

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.feed import Feed, FeedBook, FeedEvent, FeedQuote, FeedReset, Origin, PriceLevel
from tradesim.model.market import Side
from tradesim.providers.coinbase.limits import DISAGREES_FOR_S, DISAGREES_TIMES
from tradesim.providers.coinbase.parse import PROVIDER, BookSnapshot, BookUpdate
from tradesim.providers.levels import Levels, is_crossed, quote_of_top


class CoinbaseBook:
    """Void until a snapshot comes; void again when it cannot be true, which is told by a FeedReset."""

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self.is_live = False
        self.compared = self.agreed = 0
        self._disagrees_since: int | None = None
        self._disagreed = 0
        self._bids: Levels[Decimal] = Levels(is_bid=True)
        self._asks: Levels[Decimal] = Levels(is_bid=False)

    def best(self) -> tuple[PriceLevel | None, PriceLevel | None]:
        return self._bids.best(), self._asks.best()

    def snapshot(self, snapshot: BookSnapshot, received: int) -> tuple[FeedEvent, ...]:
        """Coinbase puts no time on it: ours stands for theirs."""
        self._bids = Levels(True, (level for level in snapshot.bids if level[1]))
        self._asks = Levels(False, (level for level in snapshot.asks if level[1]))
        self.is_live = True
        self._agree()
        origin = Origin(PROVIDER, Feed.CRYPTO, received, received)
        if is_crossed(*self.best()):
            return (self.void(f"the snapshot of {self.symbol} is crossed", origin),)
        book = FeedBook(self.symbol, snapshot.bids, snapshot.asks, True, origin)
        return book, quote_of_top(self.symbol, *self.best(), origin)

    def update(self, update: BookUpdate, received: int) -> tuple[FeedEvent, ...]:
        if not self.is_live:
            return ()
        origin = Origin(PROVIDER, Feed.CRYPTO, update.ts_event, received)
        before = self.best()
        for side, price, qty in update.changes:
            self._set(self._bids if side is Side.BUY else self._asks, price, qty)
        after = self.best()
        if is_crossed(*after):
            return (self.void(f"the book of {self.symbol} is crossed", origin),)
        book = FeedBook(self.symbol, _of(update, Side.BUY), _of(update, Side.SELL), False, origin)
        return (book,) if after == before else (book, quote_of_top(self.symbol, *after, origin))

    def ticker(self, quote: FeedQuote, received: int) -> FeedReset | None:
        """Held against the book; a reset only after disagreement that lasts."""
        if not self.is_live:
            return None
        self.compared += 1
        bid, ask = self.best()
        if (bid and bid[0], ask and ask[0]) == (quote.bid, quote.ask):
            self.agreed += 1
            self._agree()
            return None
        return self._disagree(quote, received)

    def void(self, reason: str, origin: Origin) -> FeedReset:
        self.is_live = False
        self._agree()
        self._bids, self._asks = Levels(is_bid=True), Levels(is_bid=False)
        return FeedReset(self.symbol, reason, origin)

    def _disagree(self, quote: FeedQuote, received: int) -> FeedReset | None:
        self._disagreed += 1
        if self._disagrees_since is None:
            self._disagrees_since = received
        lasted = received - self._disagrees_since
        if self._disagreed < DISAGREES_TIMES or lasted < DISAGREES_FOR_S * NS_PER_SECOND:
            return None
        reason = f"the book of {self.symbol} disagrees with Coinbase's ticker for {lasted / NS_PER_SECOND:.1f} s"
        return self.void(reason, quote.origin)

    def _agree(self) -> None:
        self._disagrees_since, self._disagreed = None, 0

    @staticmethod
    def _set(side: Levels[Decimal], price: Decimal, qty: Decimal) -> None:
        if qty:
            side.set(price, qty)
        else:
            side.remove(price)


def _of(update: BookUpdate, wanted: Side) -> tuple[PriceLevel, ...]:
    return tuple((price, qty) for side, price, qty in update.changes if side is wanted)
