"""Binance's book of one symbol: a REST snapshot joined to the stream of changes, without a gap.

The rule that recordings prove: changes that the snapshot holds already are dropped, the first one applied has
`first_id <= last + 1 <= last_id`, each next one begins right after the one before. (The documents ask the first
change to hold the snapshot's own id, which no recorded symbol does.) What was buffered is kept when the snapshot
turns out too old and must be fetched again. The best bid and ask told apart from the book are the check on it.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable
from decimal import Decimal

from tradesim.model.feed import Feed, FeedBook, FeedEvent, FeedQuote, FeedReset, Origin, PriceLevel
from tradesim.providers.binance.parse import PROVIDER, DepthDiff, DepthSnapshot, Rows
from tradesim.providers.levels import Levels, is_crossed

MOST_BUFFERED = 5_000
MOST_QUOTES = 2_000

Top = tuple[PriceLevel | None, PriceLevel | None]


class BinanceBook:
    """Give it changes, snapshots and quotes as they come; `wants_snapshot` says when REST must be asked."""

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self.is_live = False
        self.last_id = 0
        self.compared = 0
        self._is_joined = False
        self._waiting: deque[DepthDiff] = deque(maxlen=MOST_BUFFERED)
        self._quotes: OrderedDict[int, Top] = OrderedDict()
        self._bids: Levels[Decimal] = Levels(is_bid=True)
        self._asks: Levels[Decimal] = Levels(is_bid=False)

    @property
    def wants_snapshot(self) -> bool:
        return not self.is_live

    def best(self) -> Top:
        return self._bids.best(), self._asks.best()

    def change(self, diff: DepthDiff, received: int) -> tuple[FeedEvent, ...]:
        if not self.is_live:
            self._waiting.append(diff)
            return ()
        return self._next(diff, received)

    def snapshot(self, snapshot: DepthSnapshot, received: int) -> tuple[FeedEvent, ...]:
        """Nothing when it is older than what was buffered: it must be fetched again."""
        if self.is_live or self._is_too_old(snapshot):
            return ()
        self._begin(snapshot)
        origin = Origin(PROVIDER, Feed.CRYPTO, received, received, snapshot.last_id)
        events: list[FeedEvent] = [FeedBook(self.symbol, snapshot.bids, snapshot.asks, True, origin)]
        waiting, self._waiting = list(self._waiting), deque(maxlen=MOST_BUFFERED)
        for number, diff in enumerate(waiting):
            events += self._next(diff, received)
            if not self.is_live:
                self._waiting.extend(waiting[number + 1 :])
                break
        return tuple(events)

    def quote(self, quote: FeedQuote, received: int) -> FeedReset | None:
        """The best prices after change `sequence`; held against the book when it stands at the same change."""
        number = quote.origin.sequence
        if number is None or not self.is_live:
            return None
        top = _top_of(quote)
        if number == self.last_id:
            return self._compared(top, received)
        if number > self.last_id:
            self._quotes[number] = top
            if len(self._quotes) > MOST_QUOTES:
                self._quotes.popitem(last=False)
        return None

    def void(self, reason: str, received: int) -> FeedReset:
        self.is_live = self._is_joined = False
        self._waiting.clear()
        self._quotes.clear()
        return FeedReset(self.symbol, reason, Origin(PROVIDER, Feed.CRYPTO, received, received, self.last_id))

    def _is_too_old(self, snapshot: DepthSnapshot) -> bool:
        return bool(self._waiting) and not _joins(self._first_useful(snapshot), snapshot)

    def _first_useful(self, snapshot: DepthSnapshot) -> DepthDiff | None:
        return next((diff for diff in self._waiting if not _is_held(diff, snapshot.last_id)), None)

    def _begin(self, snapshot: DepthSnapshot) -> None:
        self._bids = Levels(True, _present(snapshot.bids))
        self._asks = Levels(False, _present(snapshot.asks))
        self.last_id = snapshot.last_id
        self.is_live, self._is_joined = True, False
        self._quotes.clear()

    def _next(self, diff: DepthDiff, received: int) -> tuple[FeedEvent, ...]:
        if diff.last_id <= self.last_id:
            return ()
        if not self._follows(diff):
            reason = f"changes of {self.symbol} were to go on after {self.last_id}, went on at {diff.first_id}"
            reset = self.void(reason, received)
            self._waiting.append(diff)
            return (reset,)
        return self._applied(diff, received)

    def _follows(self, diff: DepthDiff) -> bool:
        if not self._is_joined:
            return _reaches(diff, self.last_id)
        if diff.previous_id is not None:
            return diff.previous_id == self.last_id
        return diff.first_id == self.last_id + 1

    def _applied(self, diff: DepthDiff, received: int) -> tuple[FeedEvent, ...]:
        _apply(self._bids, diff.bids)
        _apply(self._asks, diff.asks)
        self.last_id, self._is_joined = diff.last_id, True
        if is_crossed(*self.best()):
            return (self.void(f"the book of {self.symbol} is crossed", received),)
        told = self._told()
        if told and (reset := self._compared(told, received)):
            return (reset,)
        origin = Origin(PROVIDER, Feed.CRYPTO, diff.ts_event, received, diff.last_id)
        return (FeedBook(self.symbol, diff.bids, diff.asks, False, origin),)

    def _told(self) -> Top | None:
        """The quote at this very change; those of earlier changes are spent."""
        while self._quotes and next(iter(self._quotes)) < self.last_id:
            self._quotes.popitem(last=False)
        return self._quotes.pop(self.last_id, None)

    def _compared(self, told: Top, received: int) -> FeedReset | None:
        self.compared += 1
        if self.best() == told:
            return None
        return self.void(f"the book of {self.symbol} disagrees with Binance's own best bid and ask", received)


def _is_held(diff: DepthDiff, last_id: int) -> bool:
    return diff.last_id <= last_id


def _joins(diff: DepthDiff | None, snapshot: DepthSnapshot) -> bool:
    return diff is None or _reaches(diff, snapshot.last_id)


def _reaches(diff: DepthDiff, last_id: int) -> bool:
    """Futures number by transaction, not by change: there the first one must hold the snapshot's own id."""
    if diff.previous_id is not None:
        return diff.previous_id <= last_id <= diff.last_id
    return diff.first_id <= last_id + 1 <= diff.last_id


def _present(rows: Rows) -> Iterable[PriceLevel]:
    return ((price, qty) for price, qty in rows if qty)


def _apply(side: Levels[Decimal], rows: Rows) -> None:
    for price, qty in rows:
        if qty:
            side.set(price, qty)
        else:
            side.remove(price)


def _top_of(quote: FeedQuote) -> Top:
    return _level(quote.bid, quote.bid_qty), _level(quote.ask, quote.ask_qty)


def _level(price: Decimal | None, qty: Decimal | None) -> PriceLevel | None:
    return None if price is None or qty is None else (price, qty)
