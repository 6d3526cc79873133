"""What is printed of a live market: bars and tape, told print by print, and what becomes of a print that never was."""

from collections.abc import Mapping

from tradesim.marketdata.merging import as_columns
from tradesim.marketdata.printed import Printed, PrintedBars
from tradesim.marketdata.screening import Undone, effects
from tradesim.model.feed import FeedBar, FeedQuote, FeedTrade
from tradesim.model.instrument import Instrument
from tradesim.model.market import Trade
from tradesim.model.series import Bars
from tradesim.model.venue import PrintVoided
from tradesim.providers.live.listing import tick_of_print
from tradesim.providers.live.trust import Standing
from tradesim.venue.impact import scale_of
from tradesim.venue.shadow import ShadowVenue


class Printing:
    """Of the market thread; `bars` may be read by any."""

    def __init__(self, instruments: Mapping[str, Instrument], venue: ShadowVenue) -> None:
        self._instruments, self._venue = instruments, venue
        self.bars = PrintedBars(instruments)
        self._trade_id = 0
        self._printed_at: dict[str, int] = {}

    def begin(self, now: int) -> None:
        """The past that is known by now is what the market begins with."""
        closes = {symbol: self.bars.last_close(symbol) for symbol in self._instruments}
        self._venue.reset(now, {symbol: price for symbol, price in closes.items() if price is not None})

    def take_up(self, instrument: Instrument) -> None:
        """One more that is traded from now on. It begins with the past that is known of it."""
        symbol = instrument.symbol
        self._venue.take_up(instrument, self.bars.last_close(symbol))
        self._scale(symbol)

    def merge(self, symbol: str, minutes: Bars, days: Bars) -> None:
        """Bars that were fetched."""
        self.bars.merge(symbol, minutes, days)
        if len(days) and symbol in self._instruments:
            self._scale(symbol)

    def print(self, event: FeedTrade, standing: Standing) -> None:
        printed = self._printed(event)
        self.bars.tell(event.symbol, printed)
        if printed.moves.last:
            self._trade_id += 1
            self._printed_at[event.symbol] = printed.time
            told = event.symbol, self._trade_id, printed.price, printed.qty, event.aggressor, printed.time
            _, is_between = self._tick_of(event)
            trade = Trade(*told, *standing, is_between)
            rested = event.aggressor.opposite if event.aggressor else None
            self._venue.on_trade(trade, rested)

    def price_update(self, quote: FeedQuote, standing: Standing) -> None:
        """A last price where no trades are told; told when it moved, and is not of before the latest print."""
        assert quote.last is not None
        ticks, _ = tick_of_print(self._instruments[quote.symbol], quote.last)
        is_news = quote.origin.ts_event >= self._printed_at.get(quote.symbol, 0)
        if is_news and ticks != self._venue.last_price(quote.symbol):
            self.print(FeedTrade(quote.symbol, quote.last, quote.last * 0, quote.origin), standing)

    def minute(self, event: FeedBar) -> None:
        """A streamed minute, where no trades are told."""
        self.bars.merge(event.symbol, as_columns([event], self._instruments[event.symbol]), Bars.empty())

    def undo(self, undone: Undone) -> None:
        """Nothing that came of the print is left, but what traded on it. Who was not told leaves nothing."""
        symbol, wrong = undone.symbol, self._printed(undone.print)
        right = self._printed(undone.replaced_by) if undone.replaced_by else None
        if self.bars.undo(symbol, wrong, right):
            better = (right.price, right.qty) if right and right.moves.last else None
            last = self.bars.last(symbol)
            self._venue.on_void(PrintVoided(symbol, wrong.time, wrong.price, wrong.qty, better, last))

    def _printed(self, event: FeedTrade) -> Printed:
        tick, _ = self._tick_of(event)
        lots = self._instruments[event.symbol].lots(event.qty)
        return Printed(event.origin.ts_event, tick, lots, effects(event))

    def _tick_of(self, event: FeedTrade) -> tuple[int, bool]:
        return tick_of_print(self._instruments[event.symbol], event.price)

    def _scale(self, symbol: str) -> None:
        self._venue.on_scale(symbol, scale_of(self.bars.history(symbol).days))
