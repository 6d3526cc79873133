"""Trading halts of a live market: they outlive the line that told of them.

Coins are halted by the exchange that is shown, shares by their one market, whoever tells of it. Not every provider says
on its next line what is halted still, and a stand-in may never say it. So a halt that was told on a line that is gone
stands until something else is said of the symbol, or a trade since is told.
"""

from collections.abc import Callable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from tradesim.model.feed import FeedHalt, FeedTrade
from tradesim.model.instrument import AssetClass, Instrument
from tradesim.model.venue import HaltedBy
from tradesim.venue.shadow import ShadowVenue

ONE_MARKET = ""
Key = tuple[str, str]


class Told(Struct, frozen=True):
    """What `by` said. `lost_at` is when its line was gone (UTC ns): the end of the halt may have been missed since."""

    by: str
    reason: str
    lost_at: int | None = None

    @property
    def words(self) -> str:
        missed = "" if self.lost_at is None else " (told before its line was gone: it stands until the symbol trades)"
        return (self.reason or "no reason was told") + missed


class Halts:
    """Of the market thread; `sentences` may be asked from any. `shown_by` says who shows a symbol, None: nobody."""

    def __init__(
        self, instruments: Mapping[str, Instrument], venue: ShadowVenue, shown_by: Callable[[str], str | None]
    ) -> None:
        self._instruments, self._venue, self._shown_by = instruments, venue, shown_by
        self._told: dict[Key, Told] = {}
        self._told_of: dict[Key, int] = {}
        self._standing: dict[str, Told] = {}

    def hear(self, event: FeedHalt) -> None:
        """What is told with a delay may be over since."""
        key, origin = self._key(event.origin.provider, event.symbol), event.origin
        if origin.ts_event < self._told_of.get(key, origin.ts_event):
            return
        self._told_of[key] = origin.ts_event
        if event.is_halted:
            self._told[key] = Told(origin.provider, event.reason)
        else:
            self._told.pop(key, None)
        self.judge(event.symbol, origin.ts_received)

    def line_is_gone(self, provider: str, symbol: str, now: int) -> None:
        key = self._key(provider, symbol)
        told = self._told.get(key)
        if told is not None and told.by == provider and told.lost_at is None:
            self._told[key] = replace(told, lost_at=now)
            self.judge(symbol, now)

    def traded(self, event: FeedTrade) -> None:
        """A halt is over when its symbol trades since its line was gone."""
        key = self._key(event.origin.provider, event.symbol)
        told = self._told.get(key)
        if told is not None and told.lost_at is not None and event.origin.ts_event > told.lost_at:
            del self._told[key]
            self.judge(event.symbol, event.origin.ts_received)

    def judge(self, symbol: str, now: int) -> None:
        shown_by = self._shown_by(symbol)
        if shown_by is None:
            return
        told = self._told.get(self._key(shown_by, symbol))
        if told is None:
            if self._standing.pop(symbol, None) is not None:
                self._venue.resume(symbol, now, HaltedBy.MARKET)
            return
        if symbol not in self._standing:
            self._venue.halt(symbol, now, HaltedBy.MARKET)
        self._standing[symbol] = told

    def sentences(self) -> list[str]:
        return [f"{symbol} is halted by its market: {told.words}" for symbol, told in self._standing.copy().items()]

    def _key(self, provider: str, symbol: str) -> Key:
        """Whose halt it is."""
        is_share = self._instruments[symbol].asset_class is AssetClass.US_EQUITY
        return ONE_MARKET if is_share else provider, symbol
