"""Trading halts of a live market: they belong to who is shown, and outlive the line that told of them.

Not every provider says on its next line what is halted still. So one that was told on a line that is gone stands until
its provider says something else of the symbol, or tells of a trade since.
"""

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from tradesim.model.feed import FeedHalt, FeedTrade
from tradesim.venue.shadow import ShadowVenue


class Told(Struct, frozen=True):
    """`lost_at` is when the line that told it was gone (UTC ns): its end may have been missed since."""

    reason: str
    lost_at: int | None = None

    @property
    def words(self) -> str:
        missed = "" if self.lost_at is None else " (told before its line was gone: it stands until the symbol trades)"
        return (self.reason or "no reason was told") + missed


class Halts:
    """Of the market thread; `sentences` may be asked from any. `shown_by` says who shows a symbol, None: nobody."""

    def __init__(self, venue: ShadowVenue, shown_by: Callable[[str], str | None]) -> None:
        self._venue, self._shown_by = venue, shown_by
        self._told: dict[tuple[str, str], Told] = {}
        self._standing: dict[str, Told] = {}

    def hear(self, event: FeedHalt) -> None:
        key = event.origin.provider, event.symbol
        if event.is_halted:
            self._told[key] = Told(event.reason)
        else:
            self._told.pop(key, None)
        self.judge(event.symbol, event.origin.ts_received)

    def line_is_gone(self, provider: str, symbol: str, now: int) -> None:
        told = self._told.get((provider, symbol))
        if told is not None and told.lost_at is None:
            self._told[provider, symbol] = replace(told, lost_at=now)
            self.judge(symbol, now)

    def traded(self, event: FeedTrade) -> None:
        """A halt is over when its symbol trades since its line was gone."""
        key = event.origin.provider, event.symbol
        told = self._told.get(key)
        if told is not None and told.lost_at is not None and event.origin.ts_event > told.lost_at:
            del self._told[key]
            self.judge(event.symbol, event.origin.ts_received)

    def judge(self, symbol: str, now: int) -> None:
        """What the desk's owner halted is left as it is."""
        shown_by = self._shown_by(symbol)
        if shown_by is None:
            return
        told = self._told.get((shown_by, symbol))
        if told is None:
            if self._standing.pop(symbol, None) is not None:
                self._venue.resume(symbol, now)
            return
        if symbol not in self._standing:
            self._venue.halt(symbol, now)
        self._standing[symbol] = told

    def sentences(self) -> list[str]:
        return [f"{symbol} is halted: {told.words}" for symbol, told in self._standing.copy().items()]
