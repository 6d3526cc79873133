"""Trading halts of a live market: they belong to who is shown, and end with the line that told of them."""

from tradesim.model.feed import FeedHalt
from tradesim.venue.shadow import ShadowVenue


class Halts:
    """Of the market thread; `sentences` may be asked from any."""

    def __init__(self, venue: ShadowVenue) -> None:
        self._venue = venue
        self._told: dict[tuple[str, str], str] = {}
        self._standing: dict[str, str] = {}

    def hear(self, event: FeedHalt) -> None:
        key = event.origin.provider, event.symbol
        if event.is_halted:
            self._told[key] = event.reason
        else:
            self._told.pop(key, None)

    def line_is_gone(self, provider: str, symbol: str) -> None:
        """What it told is not known any more: its end may have been missed."""
        self._told.pop((provider, symbol), None)

    def judge(self, symbol: str, shown_by: str, now: int) -> None:
        """What the desk's owner halted is left as it is."""
        reason = self._told.get((shown_by, symbol))
        if reason is None:
            if self._standing.pop(symbol, None) is not None:
                self._venue.resume(symbol, now)
            return
        if symbol not in self._standing:
            self._venue.halt(symbol, now)
        self._standing[symbol] = reason

    def sentences(self) -> list[str]:
        return [
            f"{symbol} is halted: {reason or 'no reason was told'}" for symbol, reason in self._standing.copy().items()
        ]
