"""What one provider last said of one symbol."""

from dataclasses import dataclass
from decimal import Decimal

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.marketdata.freshness import LATE_FEEDS, is_late, true_since
from tradesim.marketdata.ladder import Ladder
from tradesim.model.feed import Capability, Feed, FeedBook, FeedQuote, FeedTrade
from tradesim.model.instrument import Instrument
from tradesim.providers.live.listing import touch_of

STANDS_NS = 900 * NS_PER_SECOND
"""A quote that is older than that is not believed to stand, whatever an answer says."""


@dataclass(slots=True)
class Word:
    """What one provider last said of one symbol. `…_at` is from when it counts (`true_since`), on our clock."""

    ladder: Ladder
    spoke_at: int | None = None
    """When anything of it was last heard, of whatever moment that was."""
    quote: FeedQuote | None = None
    book_at: int | None = None
    book_of: int | None = None
    """The moment that a late book is about; None where it was heard as it happened."""
    quote_at: int | None = None
    trade_at: int | None = None
    trade_of: int | None = None
    """The moment that a delayed or late trade is about; None where it was heard as it happened."""
    feed: Feed = Feed.CRYPTO
    void_since: int | None = None
    quote_void_since: int | None = None
    trade_void_since: int | None = None
    is_line_gone: bool = False
    """Nothing was heard of it since its line went."""
    distrusted_at: int | None = None
    """A message was lost then, so neither the book nor a quote that is made of it is right until something newer."""
    held_back: FeedQuote | None = None
    """A quote that cannot be shown: the one before it stands no more, until one as young is sound."""
    last: Decimal | None = None

    def heard(self, kind: Capability) -> int | None:
        """A last price alone is kept young by trades."""
        if kind is Capability.QUOTE and self.quote_at is not None and not self.has_touch:
            return max(self.quote_at, self.trade_at or 0)
        return {Capability.BOOK: self.book_at, Capability.QUOTE: self.quote_at}.get(kind, self.trade_at)

    def believe(self, since: int) -> None:
        """What it says now counts from `since`."""
        if self.distrusted_at is not None and since >= self.distrusted_at:
            self.distrusted_at = None

    def quoted(self, quote: FeedQuote) -> None:
        self.quote, self.quote_at, self.quote_void_since = quote, stands_since(quote), None
        self.believe(self.quote_at - 1)  # A quote of the very message that was lost is as wrong.
        if self.held_back is not None and moment_told(quote) >= moment_told(self.held_back):
            self.held_back = None
        self.last = quote.last if quote.last is not None else self.last

    def wrong_since(self, kind: Capability) -> int | None:
        """When its book, or its quote, was found wrong; None while it stands."""
        if kind is Capability.QUOTE and self.held_back is not None and self.distrusted_at is None:
            return self.held_back.origin.ts_received
        return self.distrusted_at

    @property
    def is_told_alone(self) -> bool:
        """Whether its trades are all that its line brings."""
        return self.trade_at is not None and self.book_at is None and not self.has_touch

    def is_void(self, now: int, longer_than: int, kind: Capability = Capability.BOOK) -> bool:
        """Whether the book has not been whole, or no quote followed the loss of the line, for that long."""
        since = self.void_since if kind is Capability.BOOK else self.quote_void_since
        return since is not None and now - since > longer_than

    @property
    def shown_at(self) -> int | None:
        return max((at for at in (self.book_at, self.quote_at) if at is not None), default=None)

    @property
    def heard_at(self) -> int | None:
        return max((at for at in (self.book_at, self.quote_at, self.trade_at) if at is not None), default=None)

    @property
    def quote_of(self) -> int | None:
        """The moment that a delayed, late or end-of-day quote is about; None where it is of when it was heard."""
        return None if self.quote is None else moment_of(self.quote)

    def late_of(self, kind: Capability) -> int | None:
        """The moment that its book or quote is about, where that is not of when it was heard."""
        return self.book_of if kind is Capability.BOOK else self.quote_of

    @property
    def said_of(self) -> int | None:
        """Of when the latest word is, for an age that is true of delayed ones too."""
        late = [of for of in (self.quote_of, self.trade_of) if of is not None]
        return max(late) if late else self.heard_at

    @property
    def has_touch(self) -> bool:
        """Whether its quote has a side; where it has none, the last price is all that is shown."""
        return self.quote is not None and (self.quote.bid is not None or self.quote.ask is not None)

    def touch(self, instrument: Instrument) -> tuple[int | None, int | None]:
        """Best bid and ask in ticks: of the book when it is whole, else of the quote."""
        if self.ladder.is_whole or self.quote is None:
            return self.ladder.bids.best(), self.ladder.asks.best()
        return touch_of(instrument, self.quote)

    def book_middle(self, instrument: Instrument) -> Decimal | None:
        """Of a whole book that is of now and has both sides, not crossed."""
        bid, ask = self.ladder.bids.best(), self.ladder.asks.best()
        if not self.ladder.is_whole or self.feed in LATE_FEEDS or bid is None or ask is None or bid > ask:
            return None
        return instrument.price(bid + ask) / 2


def stands_since(quote: FeedQuote) -> int:
    """From when it counts."""
    return quote.origin.ts_received if is_confirmed(quote) else true_since(quote.origin)


def is_confirmed(quote: FeedQuote) -> bool:
    """Whether it stood when it was heard, since somebody asked, though nobody quoted for minutes; not a last price."""
    has_touch = quote.bid is not None or quote.ask is not None
    return quote.is_answer and has_touch and quote.origin.ts_received - quote.origin.ts_event <= STANDS_NS


def moment_told(quote: FeedQuote) -> int:
    """Its own moment; that of its hearing where it claims to be of the future."""
    return min(quote.origin.ts_event, quote.origin.ts_received)


def moment_of(event: FeedQuote | FeedTrade | FeedBook) -> int | None:
    origin = event.origin
    if isinstance(event, FeedQuote) and is_confirmed(event) and origin.feed not in LATE_FEEDS:
        return None
    return origin.ts_event if origin.feed in LATE_FEEDS or is_late(origin) else None
