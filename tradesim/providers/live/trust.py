"""Which words of a live market orders may trade on: those that are trusted, and not of before the order came."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from tradesim.marketdata.freshness import LATE_FEEDS, is_late, true_since
from tradesim.model.feed import FeedQuote, FeedTrade, TradeFlag
from tradesim.model.market import MEETS_NOBODY


class Standing(NamedTuple):
    """What a print is to orders, as in `Trade`."""

    meets_until: int
    is_doubtful: bool = False


FOR_THE_TAPE = Standing(MEETS_NOBODY)


class Trust:
    """Of the market thread. `is_doubtful` says whether nobody should trade on what is shown of a symbol at a moment,
    `is_overtaken` whether what was at a moment is older than what was shown live.
    """

    def __init__(self, is_doubtful: Callable[[str, int], bool], is_overtaken: Callable[[str, int], bool]) -> None:
        self._is_doubtful, self._is_overtaken = is_doubtful, is_overtaken
        self._doubted_at: dict[str, int] = {}

    def holds(self, symbol: str, now: int) -> bool:
        if self._is_doubtful(symbol, now):
            self._doubted_at[symbol] = now
            return False
        return True

    def judge(self, symbols: Iterable[str], now: int) -> None:
        """Called again and again, so that it is known until when there was doubt."""
        for symbol in symbols:
            self.holds(symbol, now)

    def standing(self, told: FeedTrade | FeedQuote) -> Standing:
        """Of a print, or of a last price. One that comes late, of a doubtful time, is for the tape alone."""
        if isinstance(told, FeedTrade) and TradeFlag.MISSED in told.flags:
            return FOR_THE_TAPE
        symbol, at = told.symbol, counts_from(told)
        if told.origin.feed in LATE_FEEDS and self._is_overtaken(symbol, told.origin.ts_event):
            return FOR_THE_TAPE
        doubted_at = self._doubted_at.get(symbol, at)
        if self.holds(symbol, told.origin.ts_received):
            return Standing(at) if at >= doubted_at else FOR_THE_TAPE
        return FOR_THE_TAPE if is_late(told.origin) else Standing(at, is_doubtful=True)


def counts_from(told: FeedTrade | FeedQuote) -> int:
    """A print happens at its own moment; what is delayed by its plan, and a price that stands, is heard.

    UTC ns, on our clock.
    """
    if isinstance(told, FeedTrade) and told.origin.feed not in LATE_FEEDS:
        return told.origin.ts_event
    return true_since(told.origin)
