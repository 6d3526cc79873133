"""What we trade of a provider's listing, what its quotes are to the venue, what a badge calls it."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from tradesim.kernel.errors import Refused
from tradesim.model.feed import Feed, Listing
from tradesim.model.instrument import AssetClass, Instrument

FEED_NOTES = {Feed.DELAYED: "delayed", Feed.END_OF_DAY: "end of day"}
TICK_BY_CLASS = {AssetClass.US_EQUITY: "0.01", AssetClass.CRYPTO: "0.01", AssetClass.FOREX: "0.00001"}


class Listed(Mapping[str, Instrument]):
    """The instruments of a market that may grow. Who looks through them goes on with what there was."""

    def __init__(self, instruments: Mapping[str, Instrument]) -> None:
        self._known = dict(instruments)

    def add(self, instruments: Mapping[str, Instrument]) -> None:
        self._known = {**self._known, **instruments}

    def __getitem__(self, symbol: str) -> Instrument:
        return self._known[symbol]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def instrument_of(listing: Listing) -> Instrument:
    """What we trade of a listing. Raises Refused for steps that are not above zero."""
    is_crypto = listing.asset_class is AssetClass.CRYPTO
    tick = listing.tick_size or Decimal(TICK_BY_CLASS[listing.asset_class])
    lot = listing.lot_size or Decimal("0.00000001" if is_crypto else "1")
    try:
        return Instrument(
            listing.symbol,
            listing.name,
            listing.asset_class,
            tick,
            lot,
            shortable=not is_crypto,
            fractionable=listing.asset_class is AssetClass.US_EQUITY,
        )
    except ValueError as error:
        raise Refused(str(error)) from None


def row_of_quote(instrument: Instrument, ticks: int | None, qty: Decimal | None) -> tuple[int, int] | None:
    """A side of a quote as the venue takes it: at least one lot, one where the size is not told."""
    return None if ticks is None else (ticks, max(1, instrument.lots(qty or instrument.lot_size)))


def badge_of(title: str, feed: Feed) -> str:
    """Few words for a panel's head: `Kraken`, `IEX via Alpaca`, `Polygon, delayed`."""
    name = short(title)
    if feed is Feed.IEX and not name.startswith("IEX"):
        name = f"IEX via {name}"
    return f"{name}, {FEED_NOTES[feed]}" if feed in FEED_NOTES else name


def short(title: str) -> str:
    """A provider's name without what is said of it beside: `Polygon`, `IEX via Alpaca`."""
    return title.partition(",")[0].partition(" (")[0]


def finished(sentence: str) -> str:
    """With its full stop."""
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."
