"""The venue of a live market: as the shadow venue, but orders wait while nobody should trade on what is shown."""

from collections.abc import Callable, Mapping

from tradesim.model.instrument import Instrument
from tradesim.venue.mirror import Mirror
from tradesim.venue.shadow import ShadowVenue


class LiveVenue(ShadowVenue):
    """`trusts` is asked of a symbol and a moment (UTC ns) before anything happens to an order that was here already.

    `has_matched` says that it went on to happen, since it was last set to False.
    """

    def __init__(self, instruments: Mapping[str, Instrument], trusts: Callable[[str, int], bool]) -> None:
        super().__init__(instruments)
        self._trusts = trusts
        self._kept_waiting: dict[str, None] = {}
        self._late: set[str] = set()
        self.has_matched = False

    def speaks(self, symbol: str, moment: int, now: int) -> None:
        """What is shown of `symbol` from `now` on is word of `moment` (both UTC ns).

        Orders that a late word was nothing to look at the next one whole, though it may say the same.
        """
        self._listings[symbol].shown_of = moment
        if moment < now:
            self._late.add(symbol)
        elif symbol in self._late:
            self._late.remove(symbol)
            self._kept_waiting[symbol] = None

    def look_again(self, now: int) -> None:
        """Orders that had to wait meet the market as it is now, where it can be trusted again."""
        for symbol in [symbol for symbol in self._kept_waiting if self._trusts(symbol, now)]:
            del self._kept_waiting[symbol]
            self._meet(self._listings[symbol], now)

    def _is_barred(self, mirror: Mirror, now: int) -> bool:
        if super()._is_barred(mirror, now):
            return True
        if not self._trusts(mirror.symbol, now):
            self._kept_waiting[mirror.symbol] = None
            return True
        self.has_matched = True
        return False
