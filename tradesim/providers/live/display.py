"""What the venue of a live market shows: the book or the quote of the provider that serves."""

from collections.abc import Mapping

from tradesim.model.feed import FeedQuote
from tradesim.model.instrument import Instrument
from tradesim.model.market import Side
from tradesim.providers.live.listing import row_of_quote, touch_of
from tradesim.venue.shadow import ShadowVenue

Rows = list[tuple[int, int]]


class Display:
    """Of the market thread."""

    def __init__(self, instruments: Mapping[str, Instrument], venue: ShadowVenue) -> None:
        self._instruments, self._venue = instruments, venue

    def levels(self, symbol: str, bids: Rows, asks: Rows, now: int) -> None:
        """Those that changed, as price and lots."""
        on_level = self._venue.on_level
        for price, lots in bids:
            on_level(symbol, Side.BUY, price, lots, now)
        for price, lots in asks:
            on_level(symbol, Side.SELL, price, lots, now)

    def quote(self, quote: FeedQuote, now: int) -> None:
        """Displayed sizes where they are told, else the touch alone."""
        instrument, symbol = self._instruments[quote.symbol], quote.symbol
        bid, ask = touch_of(instrument, quote)
        has_sizes = quote.bid_qty is not None or quote.ask_qty is not None
        if has_sizes or self._venue.has_depth(symbol):
            rows = (row_of_quote(instrument, bid, quote.bid_qty), row_of_quote(instrument, ask, quote.ask_qty))
            self._venue.on_quote(symbol, *rows, now)
        elif bid is not None or ask is not None:
            self._venue.on_touch(symbol, bid, ask, now)
