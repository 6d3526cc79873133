"""What the venue of a live market shows: the book or the quote of the provider that serves."""

from collections.abc import Mapping

from tradesim.marketdata.ladder import Ladder
from tradesim.model.feed import FeedQuote
from tradesim.model.instrument import Instrument
from tradesim.model.market import Side
from tradesim.providers.live.listing import row_of_quote, touch_of
from tradesim.providers.live.venue import LiveVenue
from tradesim.providers.live.words import stands_since

Rows = list[tuple[int, int]]


class Display:
    """Of the market thread. `of` is the moment that a book counts from, `now` when it is shown (UTC ns)."""

    def __init__(self, instruments: Mapping[str, Instrument], venue: LiveVenue) -> None:
        self._instruments, self._venue = instruments, venue

    def book(self, symbol: str, ladder: Ladder, of: int, now: int) -> None:
        """The whole of it."""
        self._venue.speaks(symbol, of, now)
        self._venue.on_book_snapshot(symbol, ladder.bids.rows(), ladder.asks.rows(), now)

    def levels(self, symbol: str, bids: Rows, asks: Rows, of: int, now: int) -> None:
        """Those that changed, as price and lots."""
        self._venue.speaks(symbol, of, now)
        on_level = self._venue.on_level
        for price, lots in bids:
            on_level(symbol, Side.BUY, price, lots, now)
        for price, lots in asks:
            on_level(symbol, Side.SELL, price, lots, now)

    def nothing(self, symbol: str, now: int) -> None:
        """What was shown cannot be trusted."""
        self._venue.on_book_snapshot(symbol, (), (), now)

    def quote(self, quote: FeedQuote, now: int) -> None:
        """Displayed sizes where they are told, else the touch alone."""
        instrument, symbol = self._instruments[quote.symbol], quote.symbol
        bid, ask = touch_of(instrument, quote)
        self._venue.speaks(symbol, stands_since(quote), now)
        if quote.has_sizes:
            rows = (row_of_quote(instrument, bid, quote.bid_qty), row_of_quote(instrument, ask, quote.ask_qty))
            self._venue.on_quote(symbol, *rows, now)
        else:
            self._venue.on_touch(symbol, bid, ask, now)
