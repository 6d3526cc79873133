"""What we trade of a provider's listing, what its quotes are to the venue, what a badge calls it."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import gcd

from msgspec.structs import replace

from tradesim.kernel.errors import Refused
from tradesim.model.feed import Feed, FeedQuote, Listing
from tradesim.model.instrument import AssetClass, Instrument, decimals_of

FEED_NOTES = {Feed.DELAYED: "delayed", Feed.END_OF_DAY: "end of day"}
CENT, SUBPENNY, DOLLAR = Decimal("0.01"), Decimal("0.0001"), Decimal(1)
"""US shares are quoted in cents from a dollar on, below it in hundredths of one (Regulation NMS, rule 612)."""
COIN_STEP = Decimal("0.00000001")
TICK_BY_CLASS = {AssetClass.US_EQUITY: CENT, AssetClass.CRYPTO: COIN_STEP, AssetClass.FOREX: Decimal("0.00001")}
LOT_BY_CLASS = {AssetClass.US_EQUITY: Decimal(1), AssetClass.CRYPTO: COIN_STEP, AssetClass.FOREX: Decimal(1)}
MOST_DIGITS, USUAL_DIGITS = 13, 9
"""Of a price in the finest steps that are made of what was told: more are noise, and would not be counted exactly; and
in those that a coin has at least that nobody lists."""


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


def instrument_of(listing: Listing, *others: Listing) -> Instrument:
    """What we trade of a listing, in steps that carry what the `others` list too.

    Raises Refused for steps that are not above zero.
    """
    is_crypto, every = listing.asset_class is AssetClass.CRYPTO, (listing, *others)
    try:
        tick = common_step(each.tick_size for each in every) or TICK_BY_CLASS[listing.asset_class]
        lot = common_step(each.lot_size for each in every) or LOT_BY_CLASS[listing.asset_class]
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


def with_steps(listing: Listing, prices: Iterable[Decimal | None]) -> Listing:
    """With a price step that carries the `prices` that were told of it; without one where none can be made of them."""
    told = [price for price in prices if price is not None and price.is_finite() and price > 0]
    if not told or listing.asset_class is AssetClass.FOREX:
        return listing
    if listing.asset_class is AssetClass.US_EQUITY:
        return replace(listing, tick_size=listing.tick_size or (CENT if min(told) >= DOLLAR else SUBPENNY))
    own = listing.tick_size or max(COIN_STEP, finest_step(max(told), USUAL_DIGITS))
    return replace(listing, tick_size=common_step([own, *{digit_step(price) for price in set(told)}]))


def digit_step(price: Decimal) -> Decimal:
    """The step of its last digit behind the point, 1 where it has none."""
    return max(Decimal(1).scaleb(-decimals_of(price)), finest_step(price))


def finest_step(price: Decimal, digits: int = MOST_DIGITS) -> Decimal:
    return Decimal(1).scaleb(price.adjusted() + 1 - digits)


def common_step(steps: Iterable[Decimal | None]) -> Decimal | None:
    """The largest of which all that are told are multiples. Raises ValueError for one that is not above zero."""
    told = {step for step in steps if step is not None}
    if not all(step > 0 for step in told):
        raise ValueError(f"steps must be above zero, one was {min(told)}")
    decimals = max(map(decimals_of, told), default=0)
    return Decimal(gcd(*(int(step.scaleb(decimals)) for step in told))).scaleb(-decimals) if told else None


def touch_of(instrument: Instrument, quote: FeedQuote) -> tuple[int | None, int | None]:
    """Bid and ask in ticks. Between two steps they are shown further apart than told, never better."""
    bid = None if quote.bid is None else instrument.ticks(quote.bid, ROUND_FLOOR)
    return bid, None if quote.ask is None else instrument.ticks(quote.ask, ROUND_CEILING)


def tick_of_print(instrument: Instrument, price: Decimal) -> tuple[int, bool]:
    """At or below `price`, and whether it is below."""
    return instrument.ticks(price, ROUND_FLOOR), not instrument.is_on_tick(price)


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
